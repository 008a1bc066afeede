import { describe, expect, it } from 'vitest';
import { loadKeys } from '../../../emulator/adapters/key-files.js';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import {
  type DecodedMessage,
  decodeMessage,
  encodeMessage,
} from '../../../protocols/gbcs/decoded-message.js';
import { RingVerificationKeys } from '../../../protocols/gbcs/key-ring.js';
import { annotate, annotateDecrypted } from '../../../protocols/gbcs/notes/annotate.js';
import { verifyMessage } from '../../../protocols/gbcs/verify-message.js';
import {
  loadRtdsIndex,
  readRtdsMessage,
  rtdsAvailable,
  rtdsDirectory,
} from '../../support/rtds.js';

// Worked example E9 of gbcs-message.md 10: published test data.
const alert =
  'df090300000000000007d00800db1234567890a00890b3d51f3001000000021000190f200007d0000202128f30090c07df0101ff000000008000ff4037df02944805650fcece8b3f9a0cd53bc9cdab4a72015283e8d1ddd393eab645bc38d9b9d2135dcf6a83e470a2a9b4c8306ebc28649639d6f2b15cb03c28d21f';

function named(pattern: RegExp): Uint8Array {
  const entry = loadRtdsIndex().find(({ file }) => pattern.test(file));
  if (entry === undefined) throw new Error(`no ${String(pattern)}`);
  return readRtdsMessage(entry);
}

describe('annotation', () => {
  it('gives an alert its title and time', () => {
    const { payload } = annotate(decodeMessage(fromHex(alert)));
    expect(payload).toMatchObject({
      kind: 'data-notification',
      body: {
        value: [
          { type: 'long-unsigned', value: 0x8f30, name: 'alertCode', code: '0x8f30' },
          { type: 'octet-string', name: 'timestamp', utc: '2015-01-01T00:00:00Z' },
        ],
      },
    });
  });

  it('leaves what was decoded alone', () => {
    const decoded = decodeMessage(fromHex(alert));
    const before = JSON.stringify(decoded);
    annotate(decoded);
    expect(JSON.stringify(decoded)).toBe(before);
  });
});

describe.skipIf(!rtdsAvailable)('annotation of the official messages', () => {
  it('is ignored by encoding', () => {
    for (const entry of loadRtdsIndex()) {
      const bytes = readRtdsMessage(entry);
      const json = JSON.stringify(annotate(decodeMessage(bytes)));
      const again = encodeMessage(JSON.parse(json) as DecodedMessage);
      expect(toHex(again) === toHex(bytes), entry.file).toBe(true);
    }
  });

  it('names results by the request of their use case, value and unit beside each other', () => {
    const { payload } = annotate(decodeMessage(named(/ECS17a.*RESPONSE/)));
    if (payload.kind !== 'access-response') throw new Error('not a response');
    const [value, unit] = payload.items;
    expect(value).toMatchObject({
      name: 'ActiveExportRegister: value',
      classId: 3,
      instanceId: '1-0:2.8.0.255',
      memberId: 2,
      data: { unit: 'Wh' },
    });
    expect(value?.data).toHaveProperty('scaled');
    expect(unit).toMatchObject({ data: { type: 'structure', unit: 'Wh' } });
  });

  it('names nearly all results of the data set', () => {
    let results = 0;
    const unnamed: Record<string, number> = {};
    for (const entry of loadRtdsIndex()) {
      if (entry.payload !== 'dlms-access-response') continue;
      const { payload, useCase = '' } = annotate(decodeMessage(readRtdsMessage(entry)));
      if (payload.kind !== 'access-response') continue;
      for (const item of payload.items) {
        results++;
        if (!('name' in item)) unnamed[useCase] = (unnamed[useCase] ?? 0) + 1;
      }
    }
    expect(results).toBe(901);
    // Its command leaves a choice among registers of unlike names.
    expect(unnamed).toEqual({ ECS57: 4 });
  });

  it('scales what was encrypted, too', () => {
    const { ring } = loadKeys(`${rtdsDirectory}/keys.json`);
    const keys = new RingVerificationKeys(ring, new NodeCrypto());
    const parts = (pattern: RegExp) => {
      const bytes = named(pattern);
      return annotateDecrypted(decodeMessage(bytes), verifyMessage(bytes, keys).decrypted);
    };
    // Plaintexts E10 and E11 of gbcs-message.md 10: 10 Wh and 10 varh; 12,345 thousandths of a cubic metre.
    expect(parts(/ECS17b_4.1.1_SINGLE_SUCCESS_RESPONSE/)[0]?.value).toMatchObject({
      value: [
        {
          name: 'ImportRegisterCollection',
          instanceId: '0-0:94.44.34.10',
          value: [{ scaled: 10, unit: 'Wh' }, {}, { scaled: 10, unit: 'varh' }, {}],
        },
      ],
    });
    expect(parts(/GCS13a.*RELIABLE_GPF_RESPONSE/)[0]?.value).toMatchObject({
      attributes: [{}, {}, {}, { attributeId: 0, value: 12_345, scaled: 12.345, unit: 'm³' }],
    });
  });

  it('shows times of ZCL fields and of profile entries as UTC', () => {
    const texts = loadRtdsIndex()
      .filter(({ payload, role }) => payload === 'gbz' && role === 'command')
      .map((entry) => JSON.stringify(annotate(decodeMessage(readRtdsMessage(entry)))));
    expect(texts.filter((text) => text.includes('Utc"')).length).toBeGreaterThan(10);
    const log = JSON.stringify(annotate(decodeMessage(named(/ECS35d.*SUCCESS.*RESPONSE/))));
    expect(log).toMatch(/"utc":"20\d\d-/);
  });
});
