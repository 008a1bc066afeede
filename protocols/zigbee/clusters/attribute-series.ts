import type { AttributeTable } from '../zcl/layout.js';
import type { ZclTypeName } from '../zcl/types.js';

/** `count` attributes from `first`, `stride` apart, named by their 1-based number. */
export function series(
  first: number,
  count: number,
  name: (number: number) => string,
  type: ZclTypeName,
  stride = 1,
): AttributeTable {
  const table: Record<number, readonly [string, ZclTypeName]> = {};
  for (let i = 0; i < count; i++) table[first + i * stride] = [name(i + 1), type];
  return table;
}

/** Rows of 16 attribute numbers, one row a tier: blocks 1 to `blocks` in tiers 1 to 15. */
export function tiersOfBlocks(
  first: number,
  blocks: number,
  name: (tier: number, block: number) => string,
  type: ZclTypeName,
): AttributeTable {
  let table: AttributeTable = {};
  for (let tier = 1; tier <= 15; tier++) {
    const row = series(first + 16 * (tier - 1), blocks, (block) => name(tier, block), type);
    table = Object.assign(table, row);
  }
  return table;
}

/**
 * Consumption of past days, weeks and months, delivered and received in turn. `what` is put before
 * Delivered and Received; numbering starts at 2, the first one back having an attribute of its own.
 */
export function history(
  first: number,
  period: string,
  last: number,
  what: string,
  type: ZclTypeName,
): AttributeTable {
  const table: Record<number, readonly [string, ZclTypeName]> = {};
  for (let back = 2; back <= last; back++) {
    const at = first + 2 * (back - 2);
    table[at] = [`Previous${period}${back}${what}Delivered`, type];
    table[at + 1] = [`Previous${period}${back}${what}Received`, type];
  }
  return table;
}
