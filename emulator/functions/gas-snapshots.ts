import { msOfSecondsSince2000, secondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { metering } from '../../protocols/zigbee/clusters/metering.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { answering, type ClusterRows, serverRows } from './cluster-rows.js';
import { ProtocolError } from './protocol-error.js';

/** Bits of a snapshot's cause. */
export const snapshotCauses = { general: 0x1, endOfBillingPeriod: 0x2 } as const;

/** A gas meter's registers at one moment; volumes in dm³. */
export interface GasSnapshot {
  readonly id: number;
  readonly atMs: number;
  readonly cause: number;
  readonly total: number;
  /** By time of use. */
  readonly tiers: readonly number[];
  readonly blocks: readonly number[];
}

/** Registers that a gas meter has of each kind (device-behaviour.md 4.1). */
export const gasTiers = 4;
export const gasBlocks = 4;

/** Without what was billed: the form of the official daily readings. */
const tiersAndBlocks = 6;
/** One set of blocks, for all tiers. */
const blockSets = 1;

/** A GB gas meter keeps so many (device-behaviour.md 3.2). */
export const snapshotsMax = { general: 31, endOfBillingPeriod: 12 } as const;

/** The daily and billing readings of one gas meter, or of its mirror; each kind bounded, the oldest goes first. */
export class GasSnapshotLog {
  private readonly daily: GasSnapshot[] = [];
  private readonly billing: GasSnapshot[] = [];

  /** False for one that is known, or older than what is kept. */
  add(snapshot: GasSnapshot): boolean {
    const isDaily = (snapshot.cause & snapshotCauses.general) !== 0;
    const kept = isDaily ? this.daily : this.billing;
    const max = isDaily ? snapshotsMax.general : snapshotsMax.endOfBillingPeriod;
    let at = kept.length;
    while (at > 0 && (kept[at - 1] as GasSnapshot).atMs > snapshot.atMs) at--;
    if (kept[at - 1]?.atMs === snapshot.atMs || (at === 0 && kept.length === max)) return false;
    kept.splice(at, 0, snapshot);
    if (kept.length > max) kept.shift();
    return true;
  }

  get size(): number {
    return this.daily.length + this.billing.length;
  }

  newestMs(cause: keyof typeof snapshotCauses): number | undefined {
    return (cause === 'general' ? this.daily : this.billing).at(-1)?.atMs;
  }

  /** Oldest first. */
  between(fromMs: number, toMs: number, causes: number): readonly GasSnapshot[] {
    const found = [
      ...((causes & snapshotCauses.general) !== 0 ? this.daily : []),
      ...((causes & snapshotCauses.endOfBillingPeriod) !== 0 ? this.billing : []),
    ].filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    return found.sort((a, b) => a.atMs - b.atMs);
  }
}

/** Fields of PublishSnapshot; `found` is how many answer the same question. */
export function snapshotFields(snapshot: GasSnapshot, found = 1): GbzFields {
  const { id, atMs, cause, total, tiers, blocks } = snapshot;
  return {
    snapshotId: id,
    snapshotTime: secondsSince2000(atMs),
    totalSnapshotsFound: Math.min(found, 0xff),
    commandIndex: 0,
    totalNumberOfCommands: 1,
    snapshotCause: cause,
    snapshotPayloadType: tiersAndBlocks,
    snapshot: {
      currentSummationDelivered: total,
      numberOfTiersInUse: tiers.length,
      tierSummations: tiers,
      numberOfTiersAndBlockThresholdsInUse: (blockSets << 4) | blocks.length,
      tierBlockSummations: blocks,
    },
  };
}

/** Undefined for a form that no GB gas meter sends. */
export function snapshotOf(fields: GbzFields): GasSnapshot | undefined {
  if (fields.snapshotPayloadType !== tiersAndBlocks) return undefined;
  const held = fields.snapshot as GbzFields;
  const tiers = held.tierSummations as readonly number[];
  const blocks = held.tierBlockSummations as readonly number[];
  if (tiers.length > gasTiers || blocks.length > gasBlocks) return undefined;
  return {
    id: fields.snapshotId as number,
    atMs: msOfSecondsSince2000(fields.snapshotTime as number),
    cause: fields.snapshotCause as number,
    total: held.currentSummationDelivered as number,
    tiers,
    blocks,
  };
}

const publishSnapshot = answering(metering, 'PublishSnapshot');

/** GetSnapshot: one snapshot at a time, the oldest that fits at offset 0. */
export function snapshotServer<S>(logOf: (device: S) => GasSnapshotLog): ClusterRows<S> {
  return serverRows(
    metering,
    logOf,
    {},
    {
      GetSnapshot: (log, fields) => {
        const { earliestStartTime, latestEndTime, snapshotOffset, snapshotCause } =
          fields as Readonly<
            Record<
              'earliestStartTime' | 'latestEndTime' | 'snapshotOffset' | 'snapshotCause',
              number
            >
          >;
        const from = msOfSecondsSince2000(earliestStartTime);
        const to = msOfSecondsSince2000(latestEndTime);
        const found = log.between(from, to, snapshotCause);
        const snapshot = found[snapshotOffset];
        if (snapshot === undefined)
          throw new ProtocolError(zclStatuses.notFound, 'no such snapshot');
        return [publishSnapshot(snapshotFields(snapshot, found.length))];
      },
    },
  );
}
