import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { decodeDlmsApdu, encodeDlmsApdu } from '../../../protocols/dlms/apdu.js';
import type { DlmsApdu } from '../../../protocols/dlms/apdu-types.js';
import { loadRtdsIndex, rtdsAvailable } from '../../support/rtds.js';
import { loadDlmsPayloads } from './rtds-payloads.js';

const kinds = {
  'dlms-access-request': 'access-request',
  'dlms-access-response': 'access-response',
  'dlms-data-notification': 'data-notification',
} as const;

/** Decodes, or is refused with CodecError; what decodes must be what was read. */
function check(bytes: Uint8Array): 'decoded' | 'refused' {
  let apdu: DlmsApdu;
  try {
    apdu = decodeDlmsApdu(bytes);
  } catch (error) {
    if (error instanceof CodecError) return 'refused';
    throw error;
  }
  if (toHex(encodeDlmsApdu(apdu)) !== toHex(bytes)) throw new Error(`differs: ${toHex(bytes)}`);
  return 'decoded';
}

describe.skipIf(!rtdsAvailable)('official DLMS payloads', () => {
  const index = rtdsAvailable ? loadRtdsIndex() : [];
  const payloads = rtdsAvailable ? loadDlmsPayloads() : [];

  it('decode and re-encode byte-identically, also through JSON', () => {
    const decoded: Record<string, number> = {};
    for (const { entry, content } of payloads) {
      const apdu = decodeDlmsApdu(content);
      expect(apdu.kind).toBe(kinds[entry.payload as keyof typeof kinds]);
      expect(toHex(encodeDlmsApdu(apdu)), entry.file).toBe(toHex(content));
      const fromJson = JSON.parse(JSON.stringify(apdu)) as DlmsApdu;
      expect(toHex(encodeDlmsApdu(fromJson)), entry.file).toBe(toHex(content));
      decoded[entry.payload] = (decoded[entry.payload] ?? 0) + 1;
    }
    const inIndex: Record<string, number> = {};
    for (const { payload } of index) inIndex[payload] = (inIndex[payload] ?? 0) + 1;
    const { gbz, asn1, ...dlms } = inIndex;
    expect(decoded).toEqual(dlms);
    if (index.length === 939) {
      expect(decoded).toEqual({
        'dlms-access-request': 277,
        'dlms-access-response': 204,
        'dlms-data-notification': 49,
      });
      expect({ gbz, asn1 }, 'skipped').toEqual({ gbz: 268, asn1: 141 });
    }
  });

  it('carry the counter in the long-invoke-id (dlms.md 1)', () => {
    for (const { entry, content } of payloads) {
      const low = entry.counter % 0x100_0000;
      expect(decodeDlmsApdu(content).longInvokeIdAndPriority).toBe(0x20000000 + low);
    }
  });

  it('break on error: 0* 1 250* where the file is named ERROR, values only on success', () => {
    const outcomes = { success: 0, error: 0 };
    for (const { entry, content } of payloads) {
      const apdu = decodeDlmsApdu(content);
      if (apdu.kind !== 'access-response') continue;
      const results = apdu.items.map(({ result }) => result).join(' ');
      const outcome = entry.file.includes('ERROR') ? 'error' : 'success';
      expect(results).toMatch(outcome === 'error' ? /^(0 )*1( 250)*$/ : /^0( 0)*$/);
      outcomes[outcome]++;
      for (const item of apdu.items) {
        if (item.result !== 0) expect(item.data.type).toBe('null-data');
      }
    }
    if (index.length === 939) expect(outcomes).toEqual({ success: 162, error: 42 });
  });

  it('are refused at every truncation', () => {
    for (const { content } of payloads) {
      const step = content.length > 200 ? 7 : 1;
      for (let length = 0; length < content.length; length += step) {
        expect(check(content.subarray(0, length))).toBe('refused');
      }
    }
  });

  it('with a bit flipped anywhere decode to those bytes or throw CodecError', () => {
    const outcomes = { decoded: 0, refused: 0 };
    for (const { content } of payloads) {
      const bytes = content.slice();
      const step = bytes.length > 160 ? 7 : 1;
      for (let i = 0; i < bytes.length; i += step) {
        const bit = 1 << ((i * 5 + bytes.length) % 8);
        bytes[i] = (bytes[i] as number) ^ bit;
        outcomes[check(bytes)]++;
        bytes[i] = (bytes[i] as number) ^ bit;
      }
    }
    expect(Math.min(outcomes.decoded, outcomes.refused)).toBeGreaterThan(5_000);
  });

  it('with any JSON node replaced encode or throw CodecError', () => {
    const junk = [null, 0, -1, 1.5, 2 ** 53, true, '', 'zz', '0-0:1.0.0.255', [], [[]], {}];
    const hostile = { toString: 1, valueOf: 1, type: { toString: 1 } };
    const all = [...junk, hostile, { type: 'structure', value: [hostile] }];
    let next = 0;
    let tried = 0;
    const replaceEach = (root: object, node: Record<string, unknown>) => {
      for (const key of Object.keys(node)) {
        const kept = node[key];
        node[key] = all[next++ % all.length];
        try {
          encodeDlmsApdu(root as DlmsApdu);
        } catch (error) {
          if (!(error instanceof CodecError)) throw error;
        }
        tried++;
        node[key] = kept;
        if (typeof kept === 'object' && kept !== null) {
          replaceEach(root, kept as Record<string, unknown>);
        }
      }
    };
    for (const { content } of payloads) {
      if (content.length > 400) continue;
      const json = JSON.parse(JSON.stringify(decodeDlmsApdu(content))) as Record<string, unknown>;
      replaceEach(json, json);
      expect(toHex(encodeDlmsApdu(json as unknown as DlmsApdu))).toBe(toHex(content));
    }
    expect(tried).toBeGreaterThan(20_000);
  });
});
