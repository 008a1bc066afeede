import { halfHourMs } from '../../functions/demand.js';
import { type GasSnapshot, GasSnapshotLog, snapshotCauses } from '../../functions/gas-snapshots.js';
import { sampleNotKnown } from '../../functions/mirroring.js';
import { SlotRing } from '../../functions/slot-ring.js';
import { startOfDay } from '../../functions/tariff.js';

/** Entries kept (device-behaviour.md 3.2). */
export const gasLogEntriesMax = { profile: 19_056, dailyConsumption: 731 } as const;

const dayMs = 86_400_000;

/** Half hours from `slot` on, counted from 1970. */
export interface SlotRun {
  readonly slot: number;
  readonly count: number;
}

/**
 * The register as a meter reported it at the beginning of half hours, kept as what a proxy owes remote parties: the
 * profile (differences of totals), the consumption of days, and the readings that the meter published. What was not heard
 * is known to be missing until the meter is asked for it.
 *
 * @see device-behaviour.md 3.2
 */
export class GasLogs {
  readonly snapshots = new GasSnapshotLog();
  /** dm³ by half hour. */
  private readonly profile = new SlotRing(2, gasLogEntriesMax.profile);
  /** Register at midnights, by day; one more than there are days between them. */
  private readonly midnights = new SlotRing(4, gasLogEntriesMax.dailyConsumption + 1);
  private lastSlot: number | undefined;
  private lastTotal = 0;
  /** Of the profile: everything before is there, or not to be had. */
  private knownToSlot = 0;
  /** The first midnight whose reading has not come and may still be had. */
  private awaitedMidnightMs = Number.POSITIVE_INFINITY;

  /** Total at the beginning of the half hour that begins at `atMs`; later than the last, or it is ignored. */
  take(atMs: number, total: number): void {
    if (atMs % halfHourMs !== 0) return;
    const slot = atMs / halfHourMs;
    const { lastSlot } = this;
    if (startOfDay(atMs) === atMs) this.midnights.set(atMs / dayMs, total);
    if (lastSlot === undefined || total < this.lastTotal) this.begin(slot);
    else if (slot <= lastSlot) return;
    else if (slot === lastSlot + 1) this.profile.set(lastSlot, total - this.lastTotal);
    else this.profile.reach(slot);
    this.lastSlot = slot;
    this.lastTotal = total;
  }

  /** The first word of a meter, or of another one. */
  private begin(slot: number): void {
    this.profile.begin(slot);
    this.profile.reach(slot);
    this.knownToSlot = slot;
    this.awaitedMidnightMs = startOfDay(slot * halfHourMs) + dayMs;
  }

  /** dm³ of the half hour that begins at `atMs`. */
  halfHour(atMs: number): number | undefined {
    return this.profile.get(atMs / halfHourMs);
  }

  /** Half hours kept, those not heard included. */
  get halfHours(): number {
    return this.profile.endSlot - this.profile.firstSlot;
  }

  /** When the oldest half hour begins, and when the last ends. */
  get profileSpan(): readonly [fromMs: number, toMs: number] {
    return [this.profile.firstSlot * halfHourMs, this.profile.endSlot * halfHourMs];
  }

  /** dm³ of the UTC day that begins at `atMs`. */
  dayConsumption(atMs: number): number | undefined {
    const day = atMs / dayMs;
    const [from, to] = [this.midnights.get(day), this.midnights.get(day + 1)];
    return from === undefined || to === undefined ? undefined : to - from;
  }

  addSnapshot(snapshot: GasSnapshot): void {
    this.snapshots.add(snapshot);
    const { atMs, cause, total } = snapshot;
    if ((cause & snapshotCauses.general) === 0 || startOfDay(atMs) !== atMs) return;
    this.midnights.set(atMs / dayMs, total);
    while (
      this.snapshots.between(this.awaitedMidnightMs, this.awaitedMidnightMs, cause).length > 0
    ) {
      this.awaitedMidnightMs += dayMs;
    }
  }

  /**
   * The oldest reading that the meter has from `snapshotsFromMs` on: older ones are not to be had. Returns whether it is
   * one that was waited for.
   */
  addAsked(snapshot: GasSnapshot): boolean {
    if (snapshot.atMs < this.awaitedMidnightMs) return false;
    this.awaitedMidnightMs = snapshot.atMs;
    this.addSnapshot(snapshot);
    return this.awaitedMidnightMs > snapshot.atMs;
  }

  /** Whether a midnight has passed whose reading the meter has not published, as far as its reports tell. */
  get lacksSnapshot(): boolean {
    return this.lastSlot !== undefined && this.awaitedMidnightMs <= this.lastSlot * halfHourMs;
  }

  /** A second after the last reading before which none is missing. */
  get snapshotsFromMs(): number {
    return this.awaitedMidnightMs - dayMs + 1000;
  }

  /** The meter has no such readings: they are waited for no longer. */
  forgoSnapshots(): void {
    if (this.lastSlot !== undefined) {
      this.awaitedMidnightMs = startOfDay(this.lastSlot * halfHourMs) + dayMs;
    }
  }

  /** The oldest half hours that were not heard, at most so many. */
  missing(countMax: number): SlotRun | undefined {
    const end = this.profile.endSlot;
    let slot = Math.max(this.knownToSlot, this.profile.firstSlot);
    while (slot < end && this.profile.get(slot) !== undefined) slot++;
    this.knownToSlot = slot;
    if (slot === end) return undefined;
    let count = 1;
    while (count < countMax && slot + count < end && this.profile.get(slot + count) === undefined) {
      count++;
    }
    return { slot, count };
  }

  /** What the meter says of half hours that were asked for; those that it does not have stay unknown for good. */
  fill({ slot, count }: SlotRun, samples: readonly number[]): void {
    for (let index = 0; index < count; index++) {
      const sample = samples[index];
      if (sample === undefined || sample === sampleNotKnown) continue;
      if (this.profile.get(slot + index) === undefined) this.profile.set(slot + index, sample);
    }
    this.knownToSlot = Math.max(this.knownToSlot, slot + count);
  }
}
