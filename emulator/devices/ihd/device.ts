import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { basic } from '../../../protocols/zigbee/clusters/basic.js';
import { DeviceClock } from '../../functions/device-clock.js';
import { Overrides } from '../../functions/overrides.js';
import type { RandomStream } from '../../ports/random.js';
import { type BasicDesk, basicDesk } from '../basic-desk.js';
import type { Device, DeviceDescription } from '../device.js';
import { Display, type DisplayParts } from '../display/display.js';
import { earliest, HubUpkeep } from '../hub-upkeep.js';

export interface IhdParts extends DisplayParts {
  /** The hub, whose time it shows; without it nobody tells the time. */
  readonly hub?: { readonly entity: Eui64; readonly random: RandomStream } | undefined;
}

/**
 * In-home display. It takes part in no remote party message: it asks the electricity meter and the gas proxy over the
 * home network and shows what they said.
 */
export class Ihd implements Device {
  readonly type = 'ihd';
  private readonly display: Display;
  private readonly basic: BasicDesk;
  private readonly upkeep: HubUpkeep | undefined;
  private messagesDropped = 0;
  private wakeMs: number | undefined;

  constructor(private readonly parts: IhdParts) {
    const { host, hub } = parts;
    this.basic = basicDesk({ zcl: new Overrides() }, host);
    const clock = new DeviceClock(() => host.nowMs());
    this.upkeep =
      hub && new HubUpkeep({ host, hub: hub.entity, random: hub.random, clock, showsTime: true });
    const { upkeep } = this;
    this.display = new Display({ ...parts, clockText: upkeep && (() => upkeep.clockText()) });
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
    this.display.start();
    this.upkeep?.start();
    this.wakeWhenDue();
  }

  wake(): void {
    this.wakeMs = undefined;
    this.display.poll();
    this.upkeep?.poll();
    this.wakeWhenDue();
  }

  private wakeWhenDue(): void {
    const nextMs = earliest(this.display.nextMs, this.upkeep?.nextMs);
    if (nextMs === undefined || nextMs === this.wakeMs) return;
    this.wakeMs = nextMs;
    this.parts.host.wakeAt(nextMs);
  }

  /** Displays hold no credentials: nothing is sent to them. */
  receiveMessage(): void {
    this.messagesDropped++;
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    const isHubs = this.upkeep?.receive(from, clusterId, frame) ?? false;
    if (clusterId === basic.id) this.basic.receive(from, clusterId, frame);
    else if (!isHubs) this.display.receiveZcl(from, clusterId, frame);
    // An answer may make something else due.
    this.wakeWhenDue();
  }

  render(): readonly string[] {
    return this.display.lines();
  }

  describe(): DeviceDescription {
    return {
      ...this.display.describe(),
      ...this.upkeep?.describe(),
      messagesDropped: this.messagesDropped,
    };
  }
}
