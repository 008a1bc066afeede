import { beforeAll, describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import {
  type KeyRing,
  MemoryKeyRing,
  RingVerificationKeys,
} from '../../../protocols/gbcs/key-ring.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import { type Verification, verifyMessage } from '../../../protocols/gbcs/verify-message.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { rtdsKeyRing } from '../../support/rtds-keys.js';

const crypto = new NodeCrypto();
const broker = eui64('90b3d51f30000002');

/** Published keys, read with node:crypto and not with the code under test. */
function officialRing(): KeyRing {
  const keys = rtdsKeyRing();
  const one = (key: Uint8Array | undefined): readonly Uint8Array[] =>
    key === undefined ? [] : [key];
  return {
    publicKeys: (entity, usage, prepayment) =>
      prepayment === true ? [] : one(keys.publicKey(entity, usage)),
    privateKeys: (entity, usage, prepayment) =>
      prepayment === true ? [] : one(keys.privateKey(entity, usage)),
    accessControlBrokers: () => [broker],
  };
}

function passed({ signature, mac, decryption }: Verification): boolean {
  return ![signature, mac, decryption].some((verdict) => verdict === 'invalid');
}

// Worked example E10 of gbcs-message.md 10: published test data.
const e10 =
  'dd00000000000081ae1100000000df090200000000000003e80800db1234567890a00890b3d51f300100000c07df0101ff000000008000ff0200276eda200003e80000010202010102021602020509090400000000000003e8090800db1234567890a0090890b3d51f3001000009000202160202020901020900092b3100000000e3035372ddd0648adedb866dff001f09450debd034c36c6101dc1d3cb50d35311b344436f88301030000486af3df46acbc45a5217e08';

describe.skipIf(!rtdsAvailable)('verification with the published keys', () => {
  let keys: RingVerificationKeys;
  beforeAll(() => {
    keys = new RingVerificationKeys(officialRing(), crypto);
  });

  it('finds all signatures, MACs and encrypted parts of the data set right', () => {
    const index = loadRtdsIndex();
    const counts: Record<string, number> = {};
    const noKey: string[] = [];
    let parts = 0;
    for (const entry of index) {
      const { decrypted, ...verdicts } = verifyMessage(readRtdsMessage(entry), keys);
      for (const [check, verdict] of Object.entries(verdicts)) {
        counts[`${check} ${verdict}`] = (counts[`${check} ${verdict}`] ?? 0) + 1;
        if (verdict === 'no-key') noKey.push(entry.file);
      }
      expect(verdicts.signature !== 'absent', entry.file).toBe(entry.signed);
      expect(verdicts.mac !== 'absent', entry.file).toBe(entry.mac);
      for (const part of decrypted) {
        parts++;
        expect(part.verdict, entry.file).toBe('valid');
        expect(JSON.stringify(part.value), entry.file).not.toContain('unparsed');
      }
    }
    expect(counts).toEqual({
      'signature valid': 372,
      'signature absent': 567,
      'mac valid': 573,
      'mac no-key': 4,
      'mac absent': 362,
      'decryption valid': 41,
      'decryption absent': 898,
    });
    expect(parts).toBe(50);
    expect(noKey.every((file) => /PCS0[12]/.test(file))).toBe(true);
  });

  it('opens worked example E10 to its plaintext', () => {
    const { decrypted, ...verdicts } = verifyMessage(fromHex(e10), keys);
    expect(verdicts).toEqual({ signature: 'absent', mac: 'valid', decryption: 'valid' });
    expect(decrypted).toHaveLength(1);
    expect(decrypted[0]).toMatchObject({
      path: 'payload.items[0].data',
      plaintext: '02010204060000000a02020f00161e060000000a02020f001620',
      value: { type: 'structure', value: [{ type: 'structure' }] },
    });
  });

  it('takes the supplementary party and counter where a message carries them (E12)', () => {
    const entry = loadRtdsIndex().find(({ file }) => /ECS21b.*URP.*RESPONSE/.test(file));
    const bytes = readRtdsMessage(entry?.file ?? 'ECS21b URP response: not in the data set');
    const { header } = decodeGbcsMessage(bytes);
    expect(header.otherInformation.supplementaryOriginatorCounter).toBeDefined();
    expect(verifyMessage(bytes, keys).decryption).toBe('valid');
  });

  it.each([
    ['a signed and MACed command', /ECS42_7.1_SUCCESS_COMMAND/],
    ['a signed response', /ECS42_7.1_SUCCESS_RESPONSE/],
    ['a response with an encrypted attribute', /ECS17b_4.1.1_SINGLE_SUCCESS_RESPONSE/],
    ['a GBZ response with an encrypted component', /GCS13a.*GPF_RESPONSE/],
  ])('tells of any flipped bit in %s', (_, pattern) => {
    const entry = loadRtdsIndex().find(({ file }) => pattern.test(file));
    const bytes = readRtdsMessage(entry?.file ?? `${pattern}: not in the data set`);
    expect(passed(verifyMessage(bytes, keys))).toBe(true);
    let judged = 0;
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] as number) ^ (1 << (at & 7));
      let verdict: Verification;
      try {
        verdict = verifyMessage(flipped, keys);
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        continue;
      }
      judged++;
      const { signature, mac } = verdict;
      // A changed title asks for other keys, which there may be none of: never for a pass.
      expect([signature, mac].some((one) => one === 'invalid' || one === 'no-key')).toBe(true);
    }
    expect(judged).toBeGreaterThan(20);
  });

  it('says no-key where it has none, and tries every candidate', () => {
    const nothing = new RingVerificationKeys(new MemoryKeyRing(), crypto);
    const { decrypted, ...verdicts } = verifyMessage(fromHex(e10), nothing);
    expect(verdicts).toEqual({ signature: 'absent', mac: 'no-key', decryption: 'no-key' });
    expect(decrypted).toEqual([{ path: 'payload.items[0].data', verdict: 'no-key' }]);
    const official = officialRing();
    const stranger = crypto.publicKey(fromHex('11'.repeat(32)));
    const several = new RingVerificationKeys(
      {
        ...official,
        publicKeys: (...of) => [stranger, ...official.publicKeys(...of)],
      },
      crypto,
    );
    expect(verifyMessage(fromHex(e10), several).mac).toBe('valid');
    const wrong = new RingVerificationKeys({ ...official, publicKeys: () => [stranger] }, crypto);
    expect(verifyMessage(fromHex(e10), wrong)).toMatchObject({
      mac: 'invalid',
      decryption: 'invalid',
    });
  });
});

describe('key ring', () => {
  const a = eui64('00db1234567890a0');
  const b = eui64('90b3d51f30010000');
  const [privateA, privateB] = [fromHex('01'.repeat(32)), fromHex('02'.repeat(32))];
  const key = (entity: Eui64, own: Uint8Array, secret: boolean) => ({
    entity,
    usage: 'keyAgreement' as const,
    prepayment: false,
    publicKey: crypto.publicKey(own),
    privateKey: secret ? own : undefined,
  });

  it('has Z of a pair from either private key', () => {
    const fromA = new MemoryKeyRing([key(a, privateA, true), key(b, privateB, false)]);
    const fromB = new MemoryKeyRing([key(a, privateA, false), key(b, privateB, true)]);
    const both = new MemoryKeyRing([key(a, privateA, true), key(b, privateB, true)]);
    const z = [fromA, fromB, both].map((ring) => {
      const secrets = new RingVerificationKeys(ring, crypto).sharedSecrets(b, a);
      expect(secrets).toHaveLength(1);
      return toHex(secrets[0]?.z as Uint8Array);
    });
    expect(new Set(z).size).toBe(1);
    const neither = new MemoryKeyRing([key(a, privateA, false), key(b, privateB, false)]);
    expect(new RingVerificationKeys(neither, crypto).sharedSecrets(a, b)).toEqual([]);
  });

  it('keeps prepayment keys apart, the same key once, and knows brokers by role', () => {
    const ring = new MemoryKeyRing([
      { ...key(a, privateA, true), prepayment: true },
      key(b, privateB, true),
      { ...key(b, privateB, true), role: 4 },
    ]);
    expect(ring.publicKeys(a, 'keyAgreement')).toEqual([]);
    expect(ring.publicKeys(a, 'keyAgreement', true)).toHaveLength(1);
    expect(ring.publicKeys(b, 'keyAgreement')).toHaveLength(1);
    expect(ring.accessControlBrokers()).toEqual([b]);
    expect(() => ring.add({ ...key(a, privateA, true), publicKey: new Uint8Array(3) })).toThrow(
      CodecError,
    );
  });
});
