import { type Eui64, eui64FromBytes } from '../../../protocols/codec/eui64.js';
import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import { peekRecipient } from '../../../protocols/gbcs/message.js';
import { AccessRequestProcessor } from '../../functions/access-request-processor.js';
import { Asn1Processor } from '../../functions/asn1-processor.js';
import { DeviceCounters } from '../../functions/counters.js';
import { DeviceClock } from '../../functions/device-clock.js';
import { Overrides } from '../../functions/overrides.js';
import { provideCredentials } from '../../functions/provide-credentials.js';
import { zclModel } from '../../functions/zcl-model.js';
import type { Device, DeviceDescription, DeviceFault, DeviceHost } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { RemotePartyDesk } from '../remote-party-desk.js';
import { ZclServer } from '../zcl-server.js';
import {
  ChfState,
  chfCosemModel,
  chfDlmsUseCases,
  type DeviceLogEntry,
  deviceLogEntriesMax,
} from './state.js';

/** What the hub can do besides: hand a message to a device of its home. */
export interface HubHost extends DeviceHost {
  /** 'sent', or why not (a tunnel that is closed, a message that is too long…). */
  deliver(to: Eui64, message: Uint8Array): string;
}

export interface ChfParts extends DeviceParts {
  readonly host: HubHost;
  readonly deviceLog: readonly DeviceLogEntry[];
}

const asn1UseCases = new Map([['CS02a', provideCredentials]]);
const firmwareVersion = '01000000';
const time = 0x000a;
const utc = 0xe2;

const hanModel = zclModel([[time, 0x0000, utc, ({ nowMs }) => secondsSince2000(nowMs)]]);

/**
 * Communications hub function: the door between WAN and home. It routes by the recipient in the grouping header, lets
 * through only what concerns devices of its log, and answers for itself.
 */
export class Chf implements Device {
  readonly type = 'chf';
  readonly state: ChfState;
  private readonly desk: RemotePartyDesk;
  private readonly zcl: ZclServer<{ readonly zcl: Overrides<never> }>;
  private routedDown = 0;
  private routedUp = 0;
  private undeliverable = 0;

  constructor(private readonly parts: ChfParts) {
    const { host } = parts;
    const clock = new DeviceClock(() => host.nowMs());
    const counters = new DeviceCounters(parts.store, parts.entity, parts.counterGranularity);
    this.state = new ChfState(clock, counters, parts.trustAnchors, firmwareVersion);
    for (const entry of parts.deviceLog.slice(0, deviceLogEntriesMax)) {
      this.state.deviceLog.set(entry.entity, entry);
    }
    this.desk = new RemotePartyDesk(parts, this.type, this.state, {
      dlms: new AccessRequestProcessor({
        model: chfCosemModel,
        device: this.state,
        useCases: chfDlmsUseCases,
      }),
      asn1: new Asn1Processor({ device: this.state, useCases: asn1UseCases }),
    });
    this.zcl = new ZclServer({
      model: hanModel,
      device: { zcl: new Overrides() },
      host,
      nowMs: () => clock.nowMs(),
    });
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
  }

  /** From the WAN: for this hub, or for a device behind it. */
  receiveMessage(message: Uint8Array): void {
    const octets = peekRecipient(message);
    if (octets === undefined) {
      // Not even a recipient: nobody to route to. The gate says what is wrong with it.
      this.desk.receive(message);
      return;
    }
    const recipient = eui64FromBytes(octets);
    if (recipient === this.entity) {
      this.desk.receive(message);
    } else if (this.state.deviceLog.has(recipient)) {
      const verdict = this.parts.host.deliver(recipient, message);
      if (verdict === 'sent' || verdict === 'queued') this.routedDown++;
      else this.report(recipient, verdict);
    } else {
      this.report(recipient, 'not-in-device-log');
    }
  }

  /** From a device of the home, to the WAN, unchanged; only devices of the log are heard. */
  forward(from: Eui64, message: Uint8Array): void {
    if (!this.state.deviceLog.has(from)) {
      this.report(from, 'not-in-device-log');
      return;
    }
    this.routedUp++;
    this.parts.host.sendMessage(message);
  }

  private report(entity: Eui64, reason: string): void {
    this.undeliverable++;
    this.parts.host.event('message-undeliverable', { entity, reason });
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    this.zcl.receive(from, clusterId, frame);
  }

  wake(): void {
    // Nothing to do by itself.
  }

  disturb(fault: DeviceFault): void {
    disturbDevice(this.state, fault);
  }

  describe(): DeviceDescription {
    return {
      devices: this.state.deviceLog.size,
      routedDown: this.routedDown,
      routedUp: this.routedUp,
      undeliverable: this.undeliverable,
      ...this.desk.totals,
      last: this.desk.last,
    };
  }
}
