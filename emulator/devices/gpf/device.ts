import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msToIso } from '../../../protocols/codec/utc.js';
import { clockStatuses } from '../../../protocols/dlms/time.js';
import { Asn1Processor, type Asn1UseCase } from '../../functions/asn1-processor.js';
import { DeviceCounters } from '../../functions/counters.js';
import { DeviceClock } from '../../functions/device-clock.js';
import { gasEnergyKwh } from '../../functions/gas-demand.js';
import { gasMetering, meteringCluster } from '../../functions/gas-metering.js';
import { GbzProcessor } from '../../functions/gbz-processor.js';
import { provideCredentials } from '../../functions/provide-credentials.js';
import { supplyStateOfStatus } from '../../functions/supply-state.js';
import { decodeAttributeReport } from '../attribute-report.js';
import type { Device, DeviceDescription, DeviceFault } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { RemotePartyDesk } from '../remote-party-desk.js';
import { ZclServer } from '../zcl-server.js';
import { GpfState } from './state.js';
import { gpfGbzUseCases, gpfZclModel } from './zcl.js';

export interface GpfParts extends DeviceParts {
  /** The gas meter whose reports fill the mirror; undefined in a home without gas. */
  readonly gsme: Eui64 | undefined;
}

const asn1UseCases = new Map<string, Asn1UseCase<GpfState>>([['CS02a', provideCredentials]]);

/**
 * Gas proxy function: the part of the hub that answers for a gas meter asleep. It has an identity and keys of its own.
 */
export class Gpf implements Device {
  readonly type = 'gpf';
  readonly state: GpfState;
  private readonly desk: RemotePartyDesk;
  private readonly zcl: ZclServer<GpfState>;
  private reports = 0;
  private framesDropped = 0;

  constructor(private readonly parts: GpfParts) {
    const { host } = parts;
    const clock = new DeviceClock(() => host.nowMs());
    const counters = new DeviceCounters(parts.store, parts.entity, parts.counterGranularity);
    this.state = new GpfState({ clock, counters, trustAnchors: parts.trustAnchors });
    const nowMs = () => clock.nowMs();
    this.desk = new RemotePartyDesk(parts, this.type, this.state, {
      gbz: new GbzProcessor({
        model: gpfZclModel,
        device: this.state,
        useCases: gpfGbzUseCases,
        clockStatus,
        dateTimeMs: ({ mirror: { stamp } }) => (stamp?.byMeter ? stamp.atMs : undefined),
      }),
      asn1: new Asn1Processor({ device: this.state, useCases: asn1UseCases }),
    });
    this.zcl = new ZclServer({ model: gpfZclModel, device: this.state, host, nowMs });
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
  }

  receiveMessage(message: Uint8Array): void {
    this.desk.receive(message);
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    try {
      const report = decodeAttributeReport(clusterId, frame);
      if (report === undefined) {
        this.zcl.receive(from, clusterId, frame);
      } else if (from !== this.parts.gsme || clusterId !== meteringCluster) {
        this.drop(from, clusterId, 'a report that is not the gas meter’s');
      } else if (this.state.mirror.accept(report, this.state.clock.nowMs()) > 0) {
        this.reports++;
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.drop(from, clusterId, error.message);
    }
  }

  private drop(from: Eui64, clusterId: number, reason: string): void {
    this.framesDropped++;
    this.parts.host.event('frame-dropped', { from, clusterId, reason });
  }

  wake(): void {
    // The hub is mains-powered and answers when asked; it asks for no wake-up.
  }

  disturb(fault: DeviceFault): void {
    disturbDevice(this.state, fault);
  }

  describe(): DeviceDescription {
    const { mirror } = this.state;
    const consumptionDm3 = mirror.valueOf(gasMetering.currentSummationDelivered);
    const supplyStatus = mirror.valueOf(gasMetering.supplyStatus);
    return {
      ...(typeof consumptionDm3 === 'number'
        ? { consumptionDm3, energyKwh: Number(gasEnergyKwh(consumptionDm3).toFixed(3)) }
        : {}),
      ...(typeof supplyStatus === 'number' ? { supply: supplyStateOfStatus(supplyStatus) } : {}),
      ...(mirror.stamp === undefined
        ? {}
        : {
            stampedAt: msToIso(mirror.stamp.atMs),
            stampedBy: mirror.stamp.byMeter ? 'gsme' : 'gpf',
          }),
      reports: this.reports,
      ...this.desk.totals,
      framesDropped: this.framesDropped + this.zcl.dropped,
      last: this.desk.last,
    };
  }
}

/** Whose time the header of a response gives: the meter's where it stamped the readings (gbcs-message.md 1.4). */
function clockStatus({ mirror, clock }: GpfState): number {
  if (mirror.stamp?.byMeter) return clockStatuses.differentClockBase;
  return clock.reliability === 'reliable' ? clockStatuses.reliable : clockStatuses.doubtful;
}
