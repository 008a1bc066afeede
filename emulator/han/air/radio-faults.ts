import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { UsageError } from '../../ports/errors.js';
import type { RadioChannel } from './radio.js';

/** Most entries of each table: more links or channels than any home has. */
const entriesMax = 1_024;

/** JSON-safe. */
export interface FaultReport {
  readonly attenuated: readonly { readonly a: string; readonly b: string; readonly db: number }[];
  readonly jammed: readonly ChannelLevel[];
  readonly noise: readonly ChannelLevel[];
  readonly blocked: readonly Eui64[];
}

interface ChannelLevel extends RadioChannel {
  readonly dbm: number;
}

/** What testers do to the air of a home. Nothing of it happens by itself. */
export class RadioFaults {
  private readonly attenuations = new Map<string, number>();
  private readonly jammers = new Map<number, number>();
  private readonly noises = new Map<number, number>();
  private readonly blocked = new Set<Eui64>();

  get any(): boolean {
    const { attenuations, jammers, noises, blocked } = this;
    return attenuations.size + jammers.size + noises.size + blocked.size > 0;
  }

  /** Puts so many dB more between two radios; 0 takes them away. @throws UsageError */
  attenuate(a: Eui64, b: Eui64, db: number): void {
    put(this.attenuations, linkKey(a, b), db === 0 ? undefined : db, 'attenuation');
  }

  /** A jammer that every radio of the home receives so strongly; undefined ends it. */
  jam(on: RadioChannel, dbm: number | undefined): void {
    put(this.jammers, channelKey(on), dbm, 'jammer');
  }

  /** Background noise instead of the seeded one; undefined brings that back. */
  setNoise(on: RadioChannel, dbm: number | undefined): void {
    put(this.noises, channelKey(on), dbm, 'noise');
  }

  /** A blocked radio neither hears nor is heard, as if in a tin. */
  block(eui: Eui64, blocked: boolean): void {
    if (!blocked) this.blocked.delete(eui);
    else if (this.blocked.size < entriesMax) this.blocked.add(eui);
    else throw new UsageError(`more than ${entriesMax} blocked radios`);
  }

  attenuationDb(a: Eui64, b: Eui64): number {
    return this.attenuations.size === 0 ? 0 : (this.attenuations.get(linkKey(a, b)) ?? 0);
  }

  jammerDbm(on: RadioChannel): number {
    return this.jammers.get(channelKey(on)) ?? Number.NEGATIVE_INFINITY;
  }

  noiseDbm(on: RadioChannel): number | undefined {
    return this.noises.get(channelKey(on));
  }

  isBlocked(eui: Eui64): boolean {
    return this.blocked.has(eui);
  }

  describe(): FaultReport {
    const channels = (table: ReadonlyMap<number, number>) =>
      [...table].map(([key, dbm]) => ({ page: key >> 8, channel: key & 0xff, dbm }));
    return {
      attenuated: [...this.attenuations].map(([key, db]) => ({
        a: key.slice(0, 16),
        b: key.slice(16),
        db,
      })),
      jammed: channels(this.jammers),
      noise: channels(this.noises),
      blocked: [...this.blocked],
    };
  }
}

function put<Key>(
  table: Map<Key, number>,
  key: Key,
  value: number | undefined,
  what: string,
): void {
  if (value === undefined) {
    table.delete(key);
    return;
  }
  if (!Number.isFinite(value)) throw new UsageError(`${what} of ${value} dB is not a number`);
  if (table.size >= entriesMax && !table.has(key)) {
    throw new UsageError(`more than ${entriesMax} entries of ${what}`);
  }
  table.set(key, value);
}

function linkKey(a: Eui64, b: Eui64): string {
  return a < b ? a + b : b + a;
}

function channelKey({ page, channel }: RadioChannel): number {
  return (page << 8) | (channel & 0xff);
}
