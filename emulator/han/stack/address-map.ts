import type { Eui64 } from '../../../protocols/codec/eui64.js';

/**
 * More nodes than a home network has; beyond it somebody is forgotten: the one known longest of those
 * who only said who they are, so that whoever makes up names drives out none but the like. Our choice.
 */
const nodesMax = 64;

/** Which radio has which short address, as far as one node knows. */
export class AddressMap {
  private readonly shorts = new Map<Eui64, number>();
  private readonly euis = new Map<number, Eui64>();
  private hearsay: Set<Eui64> | undefined;

  shortOf(eui: Eui64): number | undefined {
    return this.shorts.get(eui);
  }

  euiOf(shortAddress: number): Eui64 | undefined {
    return this.euis.get(shortAddress);
  }

  entries(): IterableIterator<[Eui64, number]> {
    return this.shorts.entries();
  }

  get size(): number {
    return this.shorts.size;
  }

  /** Replaces what was known of either. `told`: by the node itself, and by nobody else. */
  add(eui: Eui64, shortAddress: number, told = false): void {
    const isHearsay = told && (this.hearsay?.has(eui) === true || !this.shorts.has(eui));
    this.remove(eui);
    const other = this.euis.get(shortAddress);
    if (other !== undefined) this.remove(other);
    if (this.shorts.size >= nodesMax) this.forgetOne();
    this.shorts.set(eui, shortAddress);
    this.euis.set(shortAddress, eui);
    if (!isHearsay) return;
    this.hearsay ??= new Set();
    this.hearsay.add(eui);
  }

  private forgetOne(): void {
    const [told] = this.hearsay ?? [];
    const [known] = this.shorts.keys();
    const gone = told ?? known;
    if (gone !== undefined) this.remove(gone);
  }

  remove(eui: Eui64): void {
    const shortAddress = this.shorts.get(eui);
    if (shortAddress === undefined) return;
    this.shorts.delete(eui);
    this.euis.delete(shortAddress);
    this.hearsay?.delete(eui);
  }

  clear(): void {
    this.shorts.clear();
    this.euis.clear();
    this.hearsay = undefined;
  }
}
