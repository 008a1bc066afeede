import type { Beacon } from '../../../protocols/zigbee/beacon.js';
import type { RadioChannel } from '../air/radio.js';

/** A network found by a scan. */
export interface HeardBeacon {
  readonly panId: number;
  readonly shortAddress: number;
  readonly channel: RadioChannel;
  readonly lqi: number;
  readonly beacon: Beacon;
  readonly associationPermit: boolean;
}

/** Networks that one scan remembers. */
export const heardBeaconsMax = 64;

/** An active scan: on one channel after the other, ask for beacons and listen. */
export class Scan {
  private readonly heard: HeardBeacon[] = [];
  private index = -1;
  private untilMs = 0;

  constructor(
    private readonly channels: readonly RadioChannel[],
    private readonly durationMs: number,
    private readonly request: (channel: RadioChannel) => void,
    private readonly done: (heard: readonly HeardBeacon[], nowMs: number) => void,
  ) {}

  /** What the radio is tuned to. */
  get channel(): RadioChannel | undefined {
    return this.channels[this.index];
  }

  /** False when there is no channel left to listen on. */
  next(nowMs: number): boolean {
    this.index++;
    const channel = this.channel;
    if (channel === undefined) return false;
    this.untilMs = nowMs + this.durationMs;
    this.request(channel);
    return true;
  }

  /** A coordinator may answer more than once; its last word counts. */
  add(beacon: HeardBeacon): void {
    const known = this.heard.findIndex((one) => sameNetwork(one, beacon));
    if (known >= 0) this.heard[known] = beacon;
    else if (this.heard.length < heardBeaconsMax) this.heard.push(beacon);
  }

  nextDeadlineMs(): number {
    return this.untilMs;
  }

  finish(nowMs: number): void {
    this.done(this.heard, nowMs);
  }
}

function sameNetwork(a: HeardBeacon, b: HeardBeacon): boolean {
  return (
    a.panId === b.panId &&
    a.shortAddress === b.shortAddress &&
    a.channel === b.channel &&
    a.beacon.extendedPanId === b.beacon.extendedPanId
  );
}
