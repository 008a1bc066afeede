import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msToIso } from '../../../protocols/codec/utc.js';
import { clockStatuses } from '../../../protocols/dlms/time.js';
import { decodeZclFrame, isServerToClient } from '../../../protocols/zigbee/zcl/frame.js';
import { Asn1Processor, type Asn1UseCase } from '../../functions/asn1-processor.js';
import { DeviceCounters } from '../../functions/counters.js';
import { DeviceClock } from '../../functions/device-clock.js';
import { prepaymentCluster } from '../../functions/gas-account.js';
import { gasAttributeSets } from '../../functions/gas-attribute-sets.js';
import { GasDemand, gasEnergyKwh } from '../../functions/gas-demand.js';
import { gasMetering, meteringCluster } from '../../functions/gas-metering.js';
import { GbzProcessor } from '../../functions/gbz-processor.js';
import { gasMeterFlags } from '../../functions/mirroring.js';
import { provideCredentials } from '../../functions/provide-credentials.js';
import { waitingMessage } from '../../functions/supplier-messages.js';
import { supplyStateOfStatus } from '../../functions/supply-state.js';
import { gasTariffOf, meteredInDm3, type Tariff } from '../../functions/tariff.js';
import { decodeAttributeReport, type ReportedAttribute } from '../attribute-report.js';
import type { Device, DeviceDescription, DeviceFault } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { RemotePartyDesk } from '../remote-party-desk.js';
import { ZclServer } from '../zcl-server.js';
import { MirrorService } from './mirror-service.js';
import { GpfState } from './state.js';
import { TapOff } from './tap-off.js';
import { gpfGbzUseCases, gpfZclModel } from './zcl.js';

export interface GpfParts extends DeviceParts {
  /** The gas meter whose reports fill the mirror; undefined in a home without gas. */
  readonly gsme: Eui64 | undefined;
  /** Endpoint of the mirror on the hub. */
  readonly mirrorEndpoint?: number | undefined;
  /** Default: drawn by the household's seed. */
  readonly tariff?: Tariff | undefined;
}

const asn1UseCases = new Map<string, Asn1UseCase<GpfState>>([['CS02a', provideCredentials]]);

/** What a gas meter reports of: its readings, its account where it is paid in advance, and what it is. */
const reportedClusters: ReadonlySet<number> = new Set([
  meteringCluster,
  prepaymentCluster,
  gasAttributeSets.staticBasic.clusterId,
]);

/** Where vendors' hubs have the mirror (device-behaviour.md 3.1). */
const defaultMirrorEndpoint = 2;

/**
 * Gas proxy function: the part of the hub that answers for a gas meter asleep. It has an identity and keys of its own.
 */
export class Gpf implements Device {
  readonly type = 'gpf';
  readonly state: GpfState;
  private readonly desk: RemotePartyDesk;
  private readonly zcl: ZclServer<GpfState>;
  private readonly mirroring: MirrorService;
  private readonly tapOff: TapOff;
  private reports = 0;
  private framesDropped = 0;
  private messagesPending = 0;

  constructor(private readonly parts: GpfParts) {
    const { host } = parts;
    const clock = new DeviceClock(() => host.nowMs());
    const counters = new DeviceCounters(parts.store, parts.entity, parts.counterGranularity);
    const { household, trustAnchors } = parts;
    this.state = new GpfState({
      clock,
      counters,
      trustAnchors,
      tariff: meteredInDm3(parts.tariff ?? gasTariffOf(household)),
      demand: new GasDemand(household),
    });
    const message = waitingMessage(household, 'gas', host.nowMs());
    if (message !== undefined) this.state.messages.add(message);
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
    const { gsme, mirrorEndpoint: endpoint = defaultMirrorEndpoint } = parts;
    this.tapOff = new TapOff(gsme, this.state.zcl, nowMs);
    this.mirroring = new MirrorService({ host, gsme, endpoint, logs: this.state.logs });
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
      const decoded = decodeZclFrame(frame);
      const report = decodeAttributeReport(clusterId, frame);
      if (report !== undefined) {
        this.takeReport(from, clusterId, report, decoded.sequenceNumber);
      } else if (
        !isServerToClient(decoded.frameControl) ||
        !this.mirroring.receive(from, clusterId, decoded)
      ) {
        this.zcl.receive(from, clusterId, frame);
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.drop(from, clusterId, error.message);
    }
  }

  private takeReport(
    from: Eui64,
    clusterId: number,
    report: readonly ReportedAttribute[],
    sequenceNumber: number,
  ): void {
    if (from !== this.parts.gsme || !reportedClusters.has(clusterId)) {
      this.drop(from, clusterId, 'a report that is not the gas meter’s');
      return;
    }
    if (clusterId === prepaymentCluster) this.state.account.accept(report);
    else if (clusterId === meteringCluster) this.takeMetering(report);
    const attributeIds = report.map(({ attributeId }) => attributeId);
    this.mirroring.reported(clusterId, attributeIds, sequenceNumber);
  }

  /** Readings count as a report; what a meter tells once does not. */
  private takeMetering(report: readonly ReportedAttribute[]): void {
    const { stamp } = this.state.mirror;
    this.state.acceptReport(report, this.state.clock.nowMs());
    if (this.state.mirror.stamp !== stamp) this.reports++;
  }

  /** How many messages wait at the hub for the gas meter. */
  setMessagesPending(pending: number): void {
    this.messagesPending = pending;
    this.setFlags(gasMeterFlags.tunnelMessagePending, pending > 0);
  }

  /** A message for the gas meter passes the hub on its way down, or one of the meter's on its way up. */
  tapCommand(message: Uint8Array): void {
    this.tapOff.command(message);
  }

  tapResponse(message: Uint8Array): void {
    this.tapOff.response(message);
  }

  /** Functional notification flags for the gas meter, which it reads at its next wake. */
  setFlags(mask: number, on: boolean): void {
    this.mirroring.setFlags(mask, on);
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
      mirror: this.mirroring.granted ? 'granted' : 'none',
      messagesPending: this.messagesPending,
      halfHoursLogged: this.state.logs.halfHours,
      tappedOff: this.tapOff.totals.applied,
      snapshotsLogged: this.state.logs.snapshots.size,
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
