import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msToIso } from '../../../protocols/codec/utc.js';
import { clockStatuses } from '../../../protocols/dlms/time.js';
import { Asn1Processor, type Asn1UseCase } from '../../functions/asn1-processor.js';
import { DeviceCounters } from '../../functions/counters.js';
import { DeviceClock } from '../../functions/device-clock.js';
import { GasDemand } from '../../functions/gas-demand.js';
import { gasMetering, gasMeteringNames, meteringCluster } from '../../functions/gas-metering.js';
import { GbzProcessor } from '../../functions/gbz-processor.js';
import { CumulativeRegister, startingValue } from '../../functions/meter-registers.js';
import { provideCredentials } from '../../functions/provide-credentials.js';
import { setClock } from '../../functions/set-clock.js';
import { readAttribute } from '../../functions/zcl-interpreter.js';
import { zclKey } from '../../functions/zcl-model.js';
import { encodeAttributeReport, type ReportedAttribute } from '../attribute-report.js';
import type { Device, DeviceDescription, DeviceFault } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { RemotePartyDesk } from '../remote-party-desk.js';
import { ZclServer } from '../zcl-server.js';
import { GsmeState } from './state.js';
import { gsmeGbzModel, gsmeGbzUseCases, gsmeHanModel } from './zcl.js';

export interface GsmeParts extends DeviceParts {
  /** The gas proxy function that keeps this meter's mirror. */
  readonly gpf: Eui64;
  /** How often the mirror is brought up to date; default half an hour (device-behaviour.md 3.4). */
  readonly reportIntervalMs?: number;
}

const asn1UseCases = new Map<string, Asn1UseCase<GsmeState>>([
  ['CS02a', provideCredentials],
  ['GCS28', setClock],
]);
const firmwareVersion = '01000000';
const defaultReportIntervalMs = 1_800_000;
const dayMs = 86_400_000;
/** A meter's battery lasts some 15 years; the oldest meters here have been in for 8. */
const batteryDays = { min: 7 * 365, max: 15 * 365 } as const;

/** Gas meter with a valve, credit mode. */
export class Gsme implements Device {
  readonly type = 'gsme';
  readonly state: GsmeState;
  private readonly desk: RemotePartyDesk;
  private readonly zcl: ZclServer<GsmeState>;
  private readonly reportIntervalMs: number;
  private nextReportMs = 0;
  private sequenceNumber = 0;

  constructor(private readonly parts: GsmeParts) {
    const { host } = parts;
    this.reportIntervalMs = parts.reportIntervalMs ?? defaultReportIntervalMs;
    this.state = this.makeState();
    const { clock } = this.state;
    const nowMs = () => clock.nowMs();
    this.desk = new RemotePartyDesk(parts, this.type, this.state, {
      gbz: new GbzProcessor({
        model: gsmeGbzModel,
        device: this.state,
        useCases: gsmeGbzUseCases,
        clockStatus: () =>
          clock.reliability === 'reliable' ? clockStatuses.reliable : clockStatuses.doubtful,
      }),
      asn1: new Asn1Processor({ device: this.state, useCases: asn1UseCases }),
    });
    this.zcl = new ZclServer({ model: gsmeHanModel, device: this.state, host, nowMs });
  }

  private makeState(): GsmeState {
    const { host, random, household, store, entity, counterGranularity } = this.parts;
    const demand = new GasDemand(household);
    const clock = new DeviceClock(() => host.nowMs());
    return new GsmeState({
      demand,
      consumption: new CumulativeRegister(demand, {
        value: startingValue(household, demand.annualDm3),
        atMs: host.nowMs(),
      }),
      clock,
      counters: new DeviceCounters(store, entity, counterGranularity),
      trustAnchors: this.parts.trustAnchors,
      onSupplyChange: (supply) => {
        host.event('supply-changed', { supply });
        this.report();
      },
      onClockSet: () => host.event('clock-set', { deviceTime: msToIso(clock.nowMs()) }),
      firmwareVersion,
      batteryEndMs: host.nowMs() + random.int(batteryDays.min, batteryDays.max) * dayMs,
    });
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
    this.reportAndRepeat();
  }

  receiveMessage(message: Uint8Array): void {
    this.desk.receive(message);
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    this.zcl.receive(from, clusterId, frame);
  }

  wake(): void {
    const { host } = this.parts;
    if (host.nowMs() >= this.nextReportMs) this.reportAndRepeat();
    else host.wakeAt(this.nextReportMs);
  }

  /** The button on an armed meter: opens the valve. Returns whether there was anything to open. */
  enableByConsumer(): boolean {
    if (this.state.supplyState !== 'armed') return false;
    this.state.setSupply('enabled', this.state.clock.nowMs());
    return true;
  }

  /** A clock that is off shows another time but runs no slower, so the interval is one of the home's time. */
  private reportAndRepeat(): void {
    const { host } = this.parts;
    this.report();
    this.nextReportMs = host.nowMs() + this.reportIntervalMs;
    host.wakeAt(this.nextReportMs);
  }

  /** Brings the mirror up to date. What has a fault is left out: the mirror keeps what it had. */
  private report(): void {
    const { host, gpf } = this.parts;
    const attributes = this.reportedAttributes();
    if (attributes.length === 0) return;
    try {
      const frame = encodeAttributeReport(meteringCluster, this.sequenceNumber, attributes);
      this.sequenceNumber = (this.sequenceNumber + 1) & 0xff;
      host.sendZcl(gpf, meteringCluster, frame);
    } catch (error) {
      // A tester may pin any value, even one that no frame can carry.
      if (!(error instanceof CodecError)) throw error;
      host.event('fault', { reason: error.message });
    }
  }

  private reportedAttributes(): readonly ReportedAttribute[] {
    const call = { device: this.state, nowMs: this.state.clock.nowMs() };
    const attributes: ReportedAttribute[] = [];
    for (const name of gasMeteringNames) {
      // A time that is not to be trusted is not handed on; the mirror then stamps the reading itself.
      if (name === 'readingSnapShotTime' && this.state.clock.reliability !== 'reliable') continue;
      const { attributeId } = gasMetering[name];
      const record = readAttribute(gsmeHanModel, call, zclKey(meteringCluster, attributeId));
      if (!('value' in record)) continue;
      attributes.push({ attributeId, dataType: record.dataType, value: record.value });
    }
    return attributes;
  }

  disturb(fault: DeviceFault): void {
    disturbDevice(this.state, fault);
  }

  describe(): DeviceDescription {
    const nowMs = this.state.clock.nowMs();
    return {
      consumptionDm3: this.state.consumptionDm3(nowMs),
      flowM3PerHour: this.state.flowM3PerHour(nowMs),
      supply: this.state.supplyState,
      batteryDays: this.state.remainingBatteryDays(nowMs),
      clock: this.state.clock.reliability,
      ...this.desk.totals,
      framesDropped: this.zcl.dropped,
      last: this.desk.last,
    };
  }
}
