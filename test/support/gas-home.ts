import { Gpf } from '../../emulator/devices/gpf/device.js';
import { Gsme } from '../../emulator/devices/gsme/device.js';
import { eui64 } from '../../protocols/codec/eui64.js';
import { decodeZclFrame } from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, zclCommand } from '../../protocols/zigbee/zcl/payload.js';
import { deviceParts } from './device-parts.js';
import { type RecordedFrame, TestHome } from './test-home.js';

export const gpfEui = eui64('02fe110000000001');
export const hubEui = eui64('02fe110000000002');
export const gsmeEui = eui64('02fe110000000004');
export const displayEui = eui64('02fe110000000006');
export const metering = 0x0702;
export const minuteMs = 60_000;
export const halfHourMs = 30 * minuteMs;
export const dayMs = 24 * 60 * minuteMs;
/** A January morning: the boiler is on. */
export const start = Date.UTC(2026, 0, 14, 6, 10);

export function gasHome(atMs = start, household = 4711) {
  const home = new TestHome(atMs);
  const gpf = home.attach(new Gpf({ ...deviceParts(home, gpfEui), household, gsme: gsmeEui }));
  const gsme = home.attach(
    new Gsme({ ...deviceParts(home, gsmeEui), household, gpf: gpfEui, hub: hubEui }),
  );
  return { home, gpf, gsme };
}

export function nameOf({ clusterId, frame }: RecordedFrame): string {
  const { frameControl, commandId } = decodeZclFrame(frame);
  return zclCommand(clusterId, frameControl, commandId).name;
}

export function fieldsOf({ clusterId, frame }: RecordedFrame): Record<string, unknown> {
  const { frameControl, commandId, payload } = decodeZclFrame(frame);
  return decodeZclPayload(clusterId, frameControl, commandId, payload);
}

/** What meter and mirror said to each other from frame `from` on. */
export function talk(home: TestHome, from = 0): string[] {
  return home.frames
    .slice(from)
    .filter((frame) => frame.to !== hubEui && frame.from !== hubEui)
    .map((frame) => `${frame.from === gsmeEui ? 'meter' : 'mirror'} ${nameOf(frame)}`);
}

export const nextTurn = (gsme: Gsme) => Date.parse(String(gsme.describe().nextWakeAt));

/** Lets the time pass until just after the next wake; returns what was said in it. */
export function nextWake(home: TestHome, gsme: Gsme): string[] {
  const before = home.frames.length;
  home.clock.advanceTo(nextTurn(gsme));
  return talk(home, before);
}
