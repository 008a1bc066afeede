import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { RecordTable } from '../../../protocols/crypto/record-table.js';
import { type AgreementKeyPair, SharedSecrets } from '../../../protocols/crypto/shared-secrets.js';
import { flipBit } from './crypto-suite.js';

const crypto = new NodeCrypto();

/** Counts what it computes. */
function counted(): { readonly secrets: (max?: number) => SharedSecrets; computed: number } {
  const state = {
    computed: 0,
    secrets: (max?: number) =>
      new SharedSecrets(
        {
          sharedSecret: (privateKey, publicKey) => {
            state.computed++;
            return crypto.sharedSecret(privateKey, publicKey);
          },
        },
        max,
      ),
  };
  return state;
}

function pair(fill: number): AgreementKeyPair {
  // Hashed: with scalars in proportion, Z(1, 4) and Z(2, 2) would be equal.
  const privateKey = crypto.sha256(Uint8Array.of(fill));
  const publicKey = crypto.publicKey(privateKey);
  return { agreementPublicKey: () => publicKey, agreementPrivateKey: () => privateKey };
}

it('computes Z once for both ends of a pair', () => {
  const state = counted();
  const secrets = state.secrets();
  const [a, b] = [pair(1), pair(2)];
  const z = crypto.sharedSecret(a.agreementPrivateKey(), b.agreementPublicKey());
  expect(secrets.of(a, b.agreementPublicKey())).toEqual(z);
  expect(secrets.of(b, a.agreementPublicKey())).toEqual(z);
  expect(secrets.of(a, b.agreementPublicKey().slice())).toEqual(z);
  expect(state.computed).toBe(1);
  expect(secrets.size).toBe(1);
});

it('keeps the pairs of many entities apart', () => {
  const state = counted();
  const secrets = state.secrets();
  const entities = Array.from({ length: 24 }, (_, i) => pair(i + 1));
  const seen = new Set<string>();
  for (let round = 0; round < 2; round++) {
    for (const [i, a] of entities.entries()) {
      for (const b of entities.slice(i)) seen.add(toHex(secrets.of(a, b.agreementPublicKey())));
    }
  }
  expect(seen.size).toBe(300);
  expect(state.computed).toBe(300);
});

it('hands out copies: spoiling one does no harm', () => {
  const secrets = counted().secrets();
  const [a, b] = [pair(1), pair(2)];
  const z = toHex(secrets.of(a, b.agreementPublicKey()));
  for (let i = 0; i < 3; i++) {
    const got = secrets.of(a, b.agreementPublicKey());
    expect(toHex(got)).toBe(z);
    got.fill(0);
  }
});

it('never finds an entry for a damaged key', () => {
  const secrets = counted().secrets();
  const [a, b] = [pair(1), pair(2)];
  secrets.of(a, b.agreementPublicKey());
  for (let bit = 0; bit < 65 * 8; bit++) {
    expect(() => secrets.of(a, flipBit(b.agreementPublicKey(), bit))).toThrow(CodecError);
  }
  expect(() => secrets.of(a, new Uint8Array(3))).toThrow(CodecError);
  expect(secrets.size).toBe(1);
});

it('holds no more pairs than it may', () => {
  const state = counted();
  const secrets = state.secrets(5);
  const hub = pair(99);
  for (let round = 0; round < 2; round++) {
    for (let i = 1; i <= 12; i++) {
      const device = pair(i);
      const z = secrets.of(device, hub.agreementPublicKey());
      expect(z).toEqual(secrets.of(hub, device.agreementPublicKey()));
      expect(secrets.size).toBeLessThanOrEqual(5);
    }
  }
  expect(state.computed).toBe(24);
});

it('RecordTable finds what was put, as a Map does', () => {
  const key = fc.uint8Array({ minLength: 3, maxLength: 3, max: 7 });
  const value = fc.uint8Array({ minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 400 }), (entries) => {
      const table = new RecordTable(3, 2);
      const map = new Map<string, string>();
      for (const [k, v] of entries) {
        expect(table.find(k) >= 0).toBe(map.has(toHex(k)));
        map.set(toHex(k), toHex(v));
        expect(table.put(k, v)).toBe(table.find(k));
      }
      expect(table.size).toBe(map.size);
      for (const [k] of entries) expect(toHex(table.value(table.find(k)))).toBe(map.get(toHex(k)));
      table.clear();
      for (const [k] of entries) expect(table.find(k)).toBe(-1);
    }),
    { seed: 20261122, numRuns: 60 },
  );
});
