import { msOfSecondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import type { DeviceCounters } from '../../functions/counters.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import { DeviceEventLog } from '../../functions/device-event-log.js';
import { halfHourUnderWay } from '../../functions/gas-attribute-sets.js';
import { GasDayLog } from '../../functions/gas-day-log.js';
import type { GasDemand } from '../../functions/gas-demand.js';
import { gasMetering } from '../../functions/gas-metering.js';
import { Overrides } from '../../functions/overrides.js';
import { SupplierMessages } from '../../functions/supplier-messages.js';
import type { MeteredTariff } from '../../functions/tariff.js';
import type { TrustAnchorCells } from '../../functions/trust-anchor-cells.js';
import type { ReportedAttribute } from '../attribute-report.js';
import { AccountMirror } from './account-mirror.js';
import { GasLogs } from './gas-logs.js';
import { GasMirror } from './mirror.js';

export interface GpfStateParts {
  /** The hub's. */
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
  readonly tariff: MeteredTariff;
  /** What the household drew before the proxy's own records begin. */
  readonly demand: GasDemand;
}

/** All that one gas proxy function knows; its behaviour is in the models over it. */
export class GpfState {
  readonly zcl = new Overrides<GbzValue>();
  readonly mirror = new GasMirror();
  readonly account = new AccountMirror();
  readonly logs = new GasLogs();
  readonly messages = new SupplierMessages();
  readonly eventLog = new DeviceEventLog();
  readonly securityLog = new DeviceEventLog();
  readonly history: GasDayLog;
  readonly tariff: MeteredTariff;
  readonly demand: GasDemand;
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;

  constructor(parts: GpfStateParts) {
    this.clock = parts.clock;
    this.counters = parts.counters;
    this.trustAnchors = parts.trustAnchors;
    this.tariff = parts.tariff;
    this.demand = parts.demand;
    this.history = new GasDayLog(parts.demand, parts.tariff);
  }

  /** Takes a report of the meter; returns how many of its attributes were taken. */
  acceptReport(report: readonly ReportedAttribute[], nowMs: number): number {
    const taken = this.mirror.accept(report, nowMs);
    const dm3 = this.mirror.valueOf(gasMetering.currentSummationDelivered);
    const { stamp } = this.mirror;
    if (taken > 0 && stamp !== undefined && typeof dm3 === 'number') {
      this.history.take(dm3, stamp.atMs);
      this.takeHalfHour(report);
    }
    return taken;
  }

  /** A meter says with its register how much of it belongs to the half hour under way. */
  private takeHalfHour(report: readonly ReportedAttribute[]): void {
    const reported = (wanted: number): number | undefined => {
      const value = report.find(({ attributeId }) => attributeId === wanted)?.value;
      return typeof value === 'number' ? value : undefined;
    };
    const total = reported(gasMetering.currentSummationDelivered.attributeId);
    const startSeconds = reported(halfHourUnderWay.start);
    const since = reported(halfHourUnderWay.value);
    if (total === undefined || startSeconds === undefined || since === undefined) return;
    this.logs.take(msOfSecondsSince2000(startSeconds), total - since);
  }
}
