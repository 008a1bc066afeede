import { type Eui64, eui64FromBytes } from '../../../protocols/codec/eui64.js';
import { deviceLogTypes, isDeviceLogType } from '../../../protocols/gbcs/device-log-types.js';
import { peekRecipient } from '../../../protocols/gbcs/message.js';
import type { DeviceType } from '../../../protocols/gbcs/use-cases/use-case.js';
import { AccessRequestProcessor } from '../../functions/access-request-processor.js';
import { type Alert, dlmsAlert } from '../../functions/alert-sender.js';
import { Asn1Processor } from '../../functions/asn1-processor.js';
import { DeviceCounters } from '../../functions/counters.js';
import { DeviceClock } from '../../functions/device-clock.js';
import {
  DeviceLog,
  type DeviceLogChange,
  type HistoricKeyRule,
  type RestoredNetwork,
} from '../../functions/device-log.js';
import { type UpgradableType, upgradableTypeOf } from '../../functions/firmware-image.js';
import { Overrides } from '../../functions/overrides.js';
import { provideCredentials } from '../../functions/provide-credentials.js';
import type { SubGhzRadio } from '../../functions/sub-ghz-radio.js';
import type { Device, DeviceDescription, DeviceFault, DeviceHost } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { RemotePartyDesk } from '../remote-party-desk.js';
import { ZclServer } from '../zcl-server.js';
import { backupOf, chfCosemModel, chfDlmsUseCases } from './cosem.js';
import { type HubHan, hubHanModel } from './han.js';
import { type FirmwareReceipt, OtaServer, type OtaServerOptions } from './ota-server.js';
import { ChfState } from './state.js';
import { ChfSubGhz, type MeterFlag, type SubGhzOptions } from './sub-ghz.js';

/** What the hub can do besides: hand a message to a device of its home, and form a network anew. */
export interface HubHost extends DeviceHost {
  /** 'sent', or why not (a tunnel that is closed, a message that is too long…). */
  deliver(to: Eui64, message: Uint8Array): string;
  /** The network of another hub is to go on here: its extended PAN id, and devices with the hashes of their keys. */
  restoreNetwork?(network: RestoredNetwork): void;
  /** The hub's sub-GHz radio; undefined in a home that has no devices there. */
  readonly subGhz?: SubGhzRadio | undefined;
  /** Raises or takes down a flag by which the gas meter, when it wakes, learns what waits for it. */
  flagGasMeter?(flag: MeterFlag, raised: boolean): void;
}

/** A device that is in the log when the hub starts for the first time. */
export interface KnownDevice {
  readonly entity: Eui64;
  readonly type: DeviceType;
  /** Its trust centre link key (16 octets) in a home whose devices have joined; asked for when it is needed. */
  readonly linkKey?: (() => Uint8Array) | undefined;
}

export interface ChfParts extends DeviceParts {
  readonly host: HubHost;
  /** What the store holds of a former run counts more. */
  readonly deviceLog: readonly KnownDevice[];
  /**
   * The gas proxy function of this hub. It is no other device: the hub reaches it whether the log names it or not, and
   * its identifier is the extended PAN id of the home.
   */
  readonly gpf?: Eui64 | undefined;
  readonly historicKeyRule?: HistoricKeyRule | undefined;
  readonly subGhz?: SubGhzOptions | undefined;
  readonly ota?: Partial<OtaServerOptions> | undefined;
}

const asn1UseCases = new Map([['CS02a', provideCredentials]]);
const firmwareVersion = '01000000';
/** Alert of CS14. */
const deviceLogChanged = {
  messageCode: 0x0018,
  alertCode: 0x8f12,
  to: 'accessControlBroker',
} as const;
/**
 * Communications hub function: the door between WAN and home. It routes by the recipient in the grouping header, lets
 * through only what concerns devices of its log, and answers for itself.
 */
export class Chf implements Device {
  readonly type = 'chf';
  readonly state: ChfState;
  private readonly desk: RemotePartyDesk;
  private readonly zcl: ZclServer<HubHan>;
  private readonly ota: OtaServer;
  private routedDown = 0;
  private routedUp = 0;
  private routedWithin = 0;
  private undeliverable = 0;
  private alerts = 0;
  /** While a command is executed: what it changes is told after its response. */
  private executing = false;
  private logChanged = false;
  /** When a wake-up is asked for. */
  private wakesMs: number | undefined;

  constructor(private readonly parts: ChfParts) {
    const { host } = parts;
    const clock = new DeviceClock(() => host.nowMs());
    const counters = new DeviceCounters(parts.store, parts.entity, parts.counterGranularity);
    const deviceLog = new DeviceLog({
      hub: parts.entity,
      crypto: parts.crypto,
      store: parts.store,
      hanIdentifier: parts.gpf ?? parts.entity,
      preset: parts.deviceLog.map(({ entity, type, linkKey }) => ({
        entity,
        typeCode: isDeviceLogType(type) ? deviceLogTypes[type] : undefined,
        linkKey,
      })),
      historicKeyRule: parts.historicKeyRule,
    });
    deviceLog.onChange((change) => this.onLogChange(change));
    this.state = new ChfState({
      clock,
      counters,
      trustAnchors: parts.trustAnchors,
      deviceLog,
      firmwareVersion,
      onRestore: (network) => host.restoreNetwork?.(network),
    });
    this.desk = new RemotePartyDesk(parts, this.type, this.state, {
      dlms: new AccessRequestProcessor({
        model: chfCosemModel,
        device: this.state,
        useCases: chfDlmsUseCases,
      }),
      asn1: new Asn1Processor({ device: this.state, useCases: asn1UseCases }),
    });
    if (host.subGhz !== undefined) this.state.subGhz = this.makeSubGhz(host.subGhz);
    this.ota = this.makeOta();
    this.zcl = new ZclServer({
      model: hubHanModel,
      device: { zcl: new Overrides(), time: { clock, lastSetMs: host.nowMs() }, ota: this.ota },
      host,
      nowMs: () => clock.nowMs(),
    });
  }

  private makeSubGhz(radio: SubGhzRadio): ChfSubGhz {
    const { host, subGhz: options } = this.parts;
    const { clock, eventLog } = this.state;
    return new ChfSubGhz({
      radio,
      host,
      deviceMs: () => clock.nowMs(),
      eventLog,
      raise: (alert) => {
        if (this.desk.raise(alert)) this.alerts++;
      },
      flagMeter: (flag, raised) => host.flagGasMeter?.(flag, raised),
      options,
    });
  }

  private makeOta(): OtaServer {
    const { host, ota: options } = this.parts;
    const { deviceLog, clock } = this.state;
    const typeOf = (device: Eui64): UpgradableType | undefined => {
      const typeCode = deviceLog.typeCodeOf(device);
      return typeCode === undefined ? undefined : upgradableTypeOf(typeCode);
    };
    return new OtaServer({
      nowMs: () => clock.nowMs(),
      typeOf,
      devicesOf: (type) =>
        deviceLog.list().flatMap(({ entity }) => (typeOf(entity) === type ? [entity] : [])),
      send: (to, clusterId, frame) => host.sendZcl(to, clusterId, frame),
      announceToGasMeter: (isThere) => host.flagGasMeter?.('newOtaFirmware', isThere),
      raise: (alert) => this.desk.raise(alert),
      options,
    });
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  /** Who may be on the home network: what its trust centre asks. */
  get deviceLog(): DeviceLog {
    return this.state.deviceLog;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
    this.state.subGhz?.start();
    this.wakeWhenDue();
  }

  /** From the WAN: for this hub, or for a device behind it. */
  receiveMessage(message: Uint8Array): void {
    const octets = peekRecipient(message);
    if (octets === undefined) {
      // Not even a recipient: nobody to route to. The gate says what is wrong with it.
      this.execute(message);
      return;
    }
    const recipient = eui64FromBytes(octets);
    if (recipient === this.entity) {
      this.execute(message);
    } else if (this.belongsHere(recipient)) {
      if (this.state.subGhz?.discards(recipient, message) === true) {
        this.report(recipient, 'suspended');
        return;
      }
      const verdict = this.parts.host.deliver(recipient, message);
      if (verdict === 'sent' || verdict === 'queued') this.routedDown++;
      else this.report(recipient, verdict);
    } else {
      this.report(recipient, 'not-in-device-log');
    }
  }

  private belongsHere(entity: Eui64): boolean {
    return entity === this.parts.gpf || this.deviceLog.isWhitelisted(entity);
  }

  private execute(message: Uint8Array): void {
    this.executing = true;
    try {
      this.desk.receive(message);
    } finally {
      this.executing = false;
    }
    this.state.subGhz?.answered();
    this.wakeWhenDue();
    if (!this.logChanged) return;
    this.logChanged = false;
    this.sendDeviceLog();
  }

  private onLogChange(change: DeviceLogChange): void {
    const { host } = this.parts;
    host.event('device-log-changed', { ...change, devices: this.deviceLog.size });
    this.state.securityLog.add(deviceLogChanged.alertCode, this.state.clock.nowMs());
    if (this.executing) this.logChanged = true;
    else this.sendDeviceLog();
  }

  /** CS14: the whole log, to the access control broker. */
  private sendDeviceLog(): void {
    const { deviceLog } = this.state;
    const alert: Alert = {
      ...deviceLogChanged,
      payload: (stamp) =>
        dlmsAlert(
          deviceLogChanged.alertCode,
          stamp,
          backupOf(deviceLog.hanIdentifier, deviceLog.keyHashes(), stamp.nowMs),
        ),
    };
    if (this.desk.raise(alert)) this.alerts++;
  }

  /**
   * From a device of the home, unchanged: to the WAN, or to another device of the home (a prepayment display speaks to
   * the gas meter). Only devices of the log are heard.
   */
  forward(from: Eui64, message: Uint8Array): void {
    if (!this.belongsHere(from)) {
      this.report(from, 'not-in-device-log');
      return;
    }
    const octets = peekRecipient(message);
    const recipient = octets && eui64FromBytes(octets);
    if (recipient !== undefined && recipient !== from && this.belongsHere(recipient)) {
      const verdict = this.parts.host.deliver(recipient, message);
      if (verdict === 'sent' || verdict === 'queued') this.routedWithin++;
      else this.report(recipient, verdict);
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
    const { subGhz } = this.state;
    if (subGhz?.receiveZcl(from, clusterId, frame) === true) this.wakeWhenDue();
    else this.zcl.receive(from, clusterId, frame);
  }

  /** Looks at each frame for an entity on the hub's radio; true where it goes no further. */
  screensZcl(from: Eui64, clusterId: number, frame: Uint8Array): boolean {
    return this.state.subGhz?.screens(from, clusterId, frame) === true;
  }

  /** Whether one more device may join on the hub's sub-GHz radio. */
  admitsToSubGhz(device: Eui64): boolean {
    return this.state.subGhz?.admits(device) !== false;
  }

  /** Firmware for a device of the home, from the WAN: a whole file of OTA Upgrade. Never throws for any octets. */
  receiveFirmware(image: Uint8Array): FirmwareReceipt {
    const receipt = this.ota.receive(image);
    this.wakeWhenDue();
    return receipt;
  }

  wake(): void {
    this.wakesMs = undefined;
    this.ota.expire();
    this.state.subGhz?.wake();
    this.wakeWhenDue();
  }

  /** A hub without firmware to forget, and without a sub-GHz band to look after, asks for no wake-up. */
  private wakeWhenDue(): void {
    const firmwareMs = this.ota.nextMs ?? Number.POSITIVE_INFINITY;
    const bandMs = this.state.subGhz?.nextDeadlineMs() ?? Number.POSITIVE_INFINITY;
    const dueMs = Math.min(firmwareMs, bandMs);
    if (dueMs === this.wakesMs || dueMs === Number.POSITIVE_INFINITY) return;
    this.wakesMs = dueMs;
    this.parts.host.wakeAt(dueMs);
  }

  disturb(fault: DeviceFault): void {
    disturbDevice(this.state, fault);
  }

  describe(): DeviceDescription {
    return {
      devices: this.deviceLog.size,
      joining: this.deviceLog.joiningOpen(this.state.clock.nowMs()),
      routedDown: this.routedDown,
      routedUp: this.routedUp,
      routedWithin: this.routedWithin,
      undeliverable: this.undeliverable,
      alerts: this.alerts,
      firmware: this.ota.describe(),
      ...(this.state.subGhz === undefined ? {} : { subGhz: this.state.subGhz.describe() }),
      ...this.desk.totals,
      last: this.desk.last,
    };
  }
}
