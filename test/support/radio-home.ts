import type { Radio, Reception } from '../../emulator/han/air/radio.js';
import type { Environment, Place } from '../../emulator/han/air/radio-environments.js';
import { type FrameMeta, SharedAir } from '../../emulator/han/air/shared-air.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';

export interface TestRadio extends Radio {
  shortAddress: number;
  awake: boolean;
  tuned: number;
  readonly heard: { readonly psdu: Uint8Array; readonly reception: Reception }[];
  /** Called after a frame was noted. */
  onFrame: (psdu: Uint8Array) => void;
}

export function testRadio(shortAddress: number, eui: string): TestRadio {
  const radio: TestRadio = {
    shortAddress,
    eui: eui64(eui),
    awake: true,
    tuned: 20,
    heard: [],
    onFrame: () => undefined,
    listens: (_page, channel) => radio.awake && radio.tuned === channel,
    receive: (psdu, reception) => {
      radio.heard.push({ psdu: psdu.slice(), reception });
      radio.onFrame(psdu);
    },
  };
  return radio;
}

export interface RadioHomeOptions {
  readonly seed?: number;
  readonly environment?: Environment;
  readonly places?: ReadonlyMap<Eui64, Place>;
  /** Whether a frame comes back from the bus at once; otherwise the test brings it. */
  readonly loop?: boolean;
}

/** A hub, a meter and a display on the air of one home. */
export function radioHome({ seed = 1, environment, places, loop = true }: RadioHomeOptions = {}) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const published: { readonly psdu: Uint8Array; readonly meta: FrameMeta }[] = [];
  const air: SharedAir = new SharedAir({
    publish: (psdu, meta) => {
      published.push({ psdu, meta });
      if (loop) air.receive(psdu, meta.sender, meta);
    },
    random: new SeededRandom(seed).stream('home', 'air'),
    clock,
    ...(environment && { environment }),
    ...(places && { places }),
  });
  const hub = testRadio(0x0000, '02fe110000000001');
  const meter = testRadio(0x4f21, '02fe110000000003');
  const display = testRadio(0xc354, '02fe110000000006');
  for (const radio of [hub, meter, display]) air.attach(radio);
  return { air, clock, published, hub, meter, display };
}

export const counts = (...radios: TestRadio[]) => radios.map((radio) => radio.heard.length);
