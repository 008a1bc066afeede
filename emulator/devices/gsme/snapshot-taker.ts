import { type Period, periodStart } from '../../functions/calendar-periods.js';
import {
  type GasSnapshot,
  gasBlocks,
  gasTiers,
  snapshotCauses,
  snapshotsMax,
} from '../../functions/gas-snapshots.js';
import type { MeteredTariff } from '../../functions/tariff.js';
import type { GsmeState } from './state.js';

/** When a meter's readings are due; billing by the calendar month until commands can set it. */
const calendars: readonly (readonly [kind: keyof typeof snapshotCauses, period: Period])[] = [
  ['general', 'day'],
  ['endOfBillingPeriod', 'month'],
];

/**
 * Takes a gas meter's readings: at each midnight UTC, and where a billing period ends. A meter that is asleep at that
 * moment knows afterwards what its register showed, so all that fell due is taken at the next wake.
 *
 * @see device-behaviour.md 3.2, 4.6
 */
export class SnapshotTaker {
  private nextId = 0;
  /** Nothing before the meter began is made up. */
  private takenToMs: number;

  constructor(
    private readonly state: GsmeState,
    private readonly tariff: MeteredTariff,
  ) {
    this.takenToMs = state.clock.nowMs();
  }

  /** Takes what has fallen due since it was last asked, and returns it, oldest first. */
  takeDue(nowMs: number): readonly GasSnapshot[] {
    const due: GasSnapshot[] = [];
    for (const [kind, period] of calendars) {
      for (const atMs of this.dueMoments(kind, period, nowMs)) {
        const snapshot = this.at(atMs, snapshotCauses[kind], nowMs);
        if (this.state.snapshots.add(snapshot)) due.push(snapshot);
      }
    }
    this.takenToMs = Math.max(this.takenToMs, nowMs);
    return due.sort((a, b) => a.atMs - b.atMs);
  }

  private dueMoments(
    kind: keyof typeof snapshotCauses,
    period: Period,
    nowMs: number,
  ): readonly number[] {
    const moments: number[] = [];
    for (let back = 0; back < snapshotsMax[kind]; back++) {
      const atMs = periodStart(period, nowMs, back);
      if (atMs <= this.takenToMs) break;
      moments.push(atMs);
    }
    return moments.reverse();
  }

  private at(atMs: number, cause: number, nowMs: number): GasSnapshot {
    const total = this.state.totalDm3At(atMs, nowMs);
    const id = this.nextId;
    this.nextId = (id + 1) >>> 0;
    const tiers = [total, ...new Array<number>(gasTiers - 1).fill(0)];
    return { id, atMs, cause, total, tiers, blocks: this.blocksOfDayTo(atMs, nowMs, total) };
  }

  /** Block counters begin anew each day; a tariff without blocks counts in none. */
  private blocksOfDayTo(atMs: number, nowMs: number, total: number): readonly number[] {
    const { blockThresholds } = this.tariff;
    const blocks = new Array<number>(gasBlocks).fill(0);
    if (blockThresholds.length === 0) return blocks;
    const used = total - this.state.totalDm3At(periodStart('day', atMs, 1), nowMs);
    let below = 0;
    for (let block = 0; block < gasBlocks && below < used; block++) {
      const end = Math.min(used, blockThresholds[block] ?? used);
      blocks[block] = end - below;
      below = end;
    }
    return blocks;
  }
}
