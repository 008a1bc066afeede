import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { HubHost } from '../devices/chf/device.js';
import type { MeterFlag } from '../devices/chf/sub-ghz.js';
import type { Device, DeviceEventName, ZclEndpoints } from '../devices/device.js';
import type { RestoredNetwork } from '../functions/device-log.js';
import type { SubGhzRadio } from '../functions/sub-ghz-radio.js';
import type { HanEntity } from '../han/stack/han-entity.js';
import type { Clock, Timer } from '../ports/clock.js';

/** What a host needs of its home. */
export interface HostedHome {
  readonly clock: Clock;
  /** A message of the hub itself, to the WAN. */
  sendUp(message: Uint8Array): void;
  deliver(to: Eui64, message: Uint8Array): string;
  wakeRadio(entity: Eui64): void;
  fetchMessages(meter: Eui64): void;
  parentLost(entity: Eui64): void;
  restoreNetwork(network: RestoredNetwork): void;
  readonly subGhz: SubGhzRadio | undefined;
  flagGasMeter(flag: MeterFlag, raised: boolean): void;
  event(device: Device, name: DeviceEventName, detail: object): void;
}

/** One device's host: its way to the home network, the hub, the clock and the events plane. */
export class HomeHost implements HubHost {
  device!: Device;
  /** Where its remote party messages go; the hub's own go to the WAN. */
  up: ((message: Uint8Array) => string) | undefined;
  private timer: Timer | undefined;

  constructor(
    private readonly home: HostedHome,
    private readonly han: HanEntity,
  ) {}

  nowMs(): number {
    return this.home.clock.nowMs();
  }

  sendMessage(message: Uint8Array): void {
    if (this.up === undefined) {
      this.home.sendUp(message);
      return;
    }
    const verdict = this.up(message);
    if (verdict !== 'sent') {
      this.event('message-undeliverable', { entity: this.device.entity, reason: verdict });
    }
  }

  sendZcl(to: Eui64, clusterId: number, frame: Uint8Array, endpoints?: ZclEndpoints): void {
    const verdict = this.han.sendZcl(to, clusterId, frame, endpoints?.to, endpoints?.from);
    // A device that has not joined, or has no key of its partner yet, tries in vain: nothing to report.
    if (verdict === 'sent' || verdict === 'not-joined' || verdict === 'no-key') return;
    this.event('frame-dropped', { to, clusterId, reason: verdict });
  }

  wakeAt(atMs: number): void {
    this.timer?.cancel();
    this.timer = this.home.clock.at(atMs, () => {
      this.timer = undefined;
      this.device.wake();
    });
  }

  wakeRadio(): void {
    this.home.wakeRadio(this.device.entity);
  }

  fetchMessages(): void {
    this.home.fetchMessages(this.device.entity);
  }

  parentLost(): void {
    this.home.parentLost(this.device.entity);
  }

  restoreNetwork(network: RestoredNetwork): void {
    this.home.restoreNetwork(network);
  }

  event(name: DeviceEventName, detail: object): void {
    this.home.event(this.device, name, detail);
  }

  get subGhz(): SubGhzRadio | undefined {
    return this.home.subGhz;
  }

  flagGasMeter(flag: MeterFlag, raised: boolean): void {
    this.home.flagGasMeter(flag, raised);
  }

  deliver(to: Eui64, message: Uint8Array): string {
    return this.home.deliver(to, message);
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
