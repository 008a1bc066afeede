import { describe, expect, it } from 'vitest';
import { type Codec, decodeWith, encodeWith } from '../../protocols/codec/codec.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import { fromHex, toHex } from '../../protocols/codec/hex.js';

export interface CodecRow<T> {
  readonly name: string;
  /** Spaces are for the eye. */
  readonly wire: string;
  readonly value: T;
}

export interface RefusalRow {
  readonly name: string;
  readonly wire: string;
  readonly reason: RegExp;
}

export function bytesOf(wire: string): Uint8Array {
  return fromHex(wire.replace(/ /g, ''));
}

/** True if `body` ended, false if it threw a CodecError; anything else goes on rising. */
export function endsInCodecError(body: () => unknown): boolean {
  try {
    body();
    return false;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return true;
  }
}

/**
 * The table test of one wire file: each row both ways, cut at every length, with every bit flipped;
 * and what is refused with its reason. `wholeOnly` tells that every shorter wire is an error (false
 * where the tail is free).
 */
export function codecTable<T>(
  name: string,
  codec: Codec<T>,
  rows: readonly CodecRow<T>[],
  refusals: readonly RefusalRow[],
  wholeOnly = true,
): void {
  describe(name, () => {
    it.each(rows)('$name decodes and encodes', ({ wire, value }) => {
      expect(decodeWith(codec, bytesOf(wire))).toEqual(value);
      expect(toHex(encodeWith(codec, value))).toBe(wire.replace(/ /g, ''));
    });

    it.each(refusals)('refuses $name', ({ wire, reason }) => {
      expect(() => decodeWith(codec, bytesOf(wire))).toThrow(reason);
      expect(endsInCodecError(() => decodeWith(codec, bytesOf(wire)))).toBe(true);
    });

    it.each(rows)('$name: truncated and flipped input ends in CodecError or re-encodes', (row) => {
      const wire = bytesOf(row.wire);
      for (let length = 0; length < wire.length; length++) {
        const refused = endsInCodecError(() => decodeWith(codec, wire.slice(0, length)));
        if (wholeOnly) expect(refused).toBe(true);
      }
      for (let bit = 0; bit < wire.length * 8; bit++) {
        const flipped = wire.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        endsInCodecError(() => {
          const value = decodeWith(codec, flipped);
          expect(toHex(encodeWith(codec, value))).toBe(toHex(flipped));
        });
      }
    });
  });
}
