import type { Medium, Radio, RadioChannel } from '../../emulator/han/air/radio.js';
import { Mac } from '../../emulator/han/mac/mac.js';
import type { HeardBeacon } from '../../emulator/han/mac/mac-scan.js';
import type { MacTiming } from '../../emulator/han/mac/mac-timing.js';
import type { MacUpper } from '../../emulator/han/mac/mac-upper.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import type { MacAddress } from '../../protocols/zigbee/ieee802154.js';

export interface AirFrame {
  readonly atMs: number;
  readonly from: Eui64;
  readonly on: RadioChannel;
  readonly psdu: Uint8Array;
}

interface Delivery {
  readonly atMs: number;
  readonly frame: AirFrame;
}

/**
 * The least medium that a MAC can be tried on, in virtual time: every other radio that listens hears
 * a frame a while after it was sent, unless `loses` says that it is lost.
 */
export class ToyMedium implements Medium {
  nowMs = 0;
  /** 0 delivers within the call that transmits. */
  delayMs = 2;
  readonly frames: AirFrame[] = [];
  loses: (frame: AirFrame, index: number) => boolean = () => false;
  private readonly radios: Radio[] = [];
  private readonly macs: Mac[] = [];
  private readonly deliveries: Delivery[] = [];

  attach(radio: Radio): void {
    this.radios.push(radio);
    if (radio instanceof Mac) this.macs.push(radio);
  }

  detach(radio: Radio): void {
    this.radios.splice(this.radios.indexOf(radio), 1);
  }

  energyOn(): number {
    return 0;
  }

  transmit(radio: Radio, psdu: Uint8Array, on: RadioChannel): void {
    const frame = { atMs: this.nowMs, from: radio.eui, on, psdu: psdu.slice() };
    this.frames.push(frame);
    if (this.loses(frame, this.frames.length - 1)) return;
    if (this.delayMs === 0) this.deliver(frame);
    else this.deliveries.push({ atMs: this.nowMs + this.delayMs, frame });
  }

  /** Lets radio time pass. */
  run(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    for (;;) {
      const delivery = this.deliveries[0];
      const deadlines = this.macs.map((mac) => mac.nextDeadlineMs() ?? Number.POSITIVE_INFINITY);
      const nextMs = Math.min(delivery?.atMs ?? Number.POSITIVE_INFINITY, ...deadlines);
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      if (delivery !== undefined && delivery.atMs <= this.nowMs) {
        this.deliveries.shift();
        this.deliver(delivery.frame);
      } else {
        for (const mac of this.macs) if (isDue(mac, this.nowMs)) mac.expire(this.nowMs);
      }
    }
    this.nowMs = untilMs;
  }

  /** All that was on the air: who sent it, and the octets in hex. */
  log(): string[] {
    return this.frames.map(({ psdu }) => toHex(psdu));
  }

  private deliver({ from, on, psdu }: AirFrame): void {
    const reception = { page: on.page, channel: on.channel, lqi: 200, rssiDbm: -50 };
    for (const radio of [...this.radios]) {
      if (radio.eui === from || !radio.listens(on.page, on.channel)) continue;
      radio.receive(psdu, reception);
    }
  }
}

function isDue(mac: Mac, nowMs: number): boolean {
  return (mac.nextDeadlineMs() ?? Number.POSITIVE_INFINITY) <= nowMs;
}

/** A network layer that writes down what it is told. */
export class ToyUpper implements MacUpper {
  readonly data: { nsdu: string; source: MacAddress; destination: MacAddress }[] = [];
  readonly asked: { device: Eui64; capability: number }[] = [];
  readonly answered: { device: Eui64; shortAddress: number; status: string }[] = [];
  readonly polled: MacAddress[] = [];
  answer = { status: 0, shortAddress: 0x4f21 };
  whenPolled: (source: MacAddress, nowMs: number) => void = () => undefined;
  extendedPanId = hubEui;

  onMacData(nsdu: Uint8Array, source: MacAddress, destination: MacAddress): void {
    this.data.push({ nsdu: toHex(nsdu), source, destination });
  }

  onAssociationRequest(device: Eui64, capability: number) {
    this.asked.push({ device, capability });
    return this.answer;
  }

  onAssociationAnswered(device: Eui64, shortAddress: number, status: string): void {
    this.answered.push({ device, shortAddress, status });
  }

  onPolled(source: MacAddress, nowMs: number): void {
    this.polled.push(source);
    this.whenPolled(source, nowMs);
  }

  beacon(): HeardBeacon['beacon'] {
    return {
      superframe: 0x4fff,
      protocolId: 0,
      stackProfile: 2,
      protocolVersion: 2,
      routerCapacity: true,
      deviceDepth: 0,
      endDeviceCapacity: true,
      extendedPanId: this.extendedPanId,
      transmitOffset: 0xffffff,
      updateId: 0,
    };
  }
}

export const hubEui = eui64('02fe110000000001');
export const meterEui = eui64('02fe110000000003');
export const displayEui = eui64('02fe110000000006');
export const toyPanId = 0x1a62;
export const channel20: RadioChannel = { page: 0, channel: 20 };

export interface ToyNode {
  readonly mac: Mac;
  readonly upper: ToyUpper;
}

export function toyNode(
  medium: ToyMedium,
  eui: Eui64,
  timing: Partial<MacTiming> = {},
  seed: string | number = 1,
): ToyNode {
  const upper = new ToyUpper();
  const random = new SeededRandom(seed).stream(eui);
  const mac = new Mac({ eui, medium, upper, random, nowMs: () => medium.nowMs, timing });
  mac.channels = [channel20];
  medium.attach(mac);
  return { mac, upper };
}

export function toyHub(medium: ToyMedium, timing: Partial<MacTiming> = {}, seed = 1): ToyNode {
  const hub = toyNode(medium, hubEui, timing, seed);
  hub.mac.coordinator = true;
  hub.mac.associationPermit = true;
  hub.mac.panId = toyPanId;
  hub.mac.shortAddress = 0x0000;
  return hub;
}

export function toyJoined(
  medium: ToyMedium,
  eui: Eui64,
  shortAddress: number,
  timing: Partial<MacTiming> = {},
  seed = 1,
): ToyNode {
  const node = toyNode(medium, eui, timing, seed);
  node.mac.panId = toyPanId;
  node.mac.shortAddress = shortAddress;
  return node;
}
