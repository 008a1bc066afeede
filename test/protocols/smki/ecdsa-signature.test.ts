import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { concatBytes, fromHex, toHex } from '../../../protocols/codec/hex.js';
import {
  decodeEcdsaSignature,
  encodeEcdsaSignature,
} from '../../../protocols/smki/ecdsa-signature.js';
import { endsInCodecError } from '../../support/codec-table.js';

const pad = (hex: string) => hex.padStart(64, '0');
const rows = [
  ['short scalars', pad('01') + pad('7f'), '300602010102017f'],
  ['a scalar with its top bit set', pad('80') + pad('ff00'), '3009020200800203 00ff00'],
  ['zero', pad('00') + pad('02'), '3006020100020102'],
  [
    'full length, both with top bits',
    `${'f1'.repeat(32)}${'81'.repeat(32)}`,
    `3046022100${'f1'.repeat(32)}022100${'81'.repeat(32)}`,
  ],
] as const;
const refused = [
  ['a negative integer', '3006020180020101', /positive/],
  ['an empty integer', '300502000201 01', /positive/],
  ['an integer padded for nothing', '300702020001020101', /shortest/],
  ['an integer of 257 bits', `3026022101${'00'.repeat(32)}020101`, /256 bits/],
  ['a third integer', '3009020101020101020101', /trailing/],
  ['a trailing byte', '300602010102010100', /trailing/],
  ['another tag', '3106020101020101', /tag/],
  ['a long length that need not be', '308106020101020101', /shortest/],
] as const;

describe('ECDSA signatures of certificates', () => {
  it.each(rows)('%s', (_, raw, der) => {
    const bytes = fromHex(der.replaceAll(' ', ''));
    expect(toHex(encodeEcdsaSignature(fromHex(raw)))).toBe(toHex(bytes));
    expect(toHex(decodeEcdsaSignature(bytes))).toBe(raw);
    for (let length = 0; length < bytes.length; length++) {
      expect(endsInCodecError(() => decodeEcdsaSignature(bytes.slice(0, length)))).toBe(true);
    }
  });

  it.each(refused)('refuses %s', (_, der, reason) => {
    expect(() => decodeEcdsaSignature(fromHex(der.replaceAll(' ', '')))).toThrow(reason);
  });

  it('refuses to encode what is not 64 bytes', () => {
    expect(() => encodeEcdsaSignature(new Uint8Array(63))).toThrow(CodecError);
  });

  it('round trips', () => {
    const half = fc
      .uint8Array({ maxLength: 32 })
      .map((bytes) => concatBytes(new Uint8Array(32 - bytes.length), bytes));
    fc.assert(
      fc.property(half, half, (r, s) => {
        const raw = concatBytes(r, s);
        expect(decodeEcdsaSignature(encodeEcdsaSignature(raw))).toEqual(raw);
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });
});
