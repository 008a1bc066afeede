import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { FixedKeyStore, FixedKeys } from '../../../emulator/functions/fixed-keys.js';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { SharedSecrets } from '../../../protocols/crypto/shared-secrets.js';
import { nistEcdh, rfc6979 } from '../../protocols/crypto/published-vectors.js';
import { rtdsAvailable } from '../../support/rtds.js';
import { rtdsKeyRing } from '../../support/rtds-keys.js';

const crypto = new NodeCrypto();
const entity = eui64('00db1234567890a0');
const signingPrivateKey = fromHex(rfc6979.privateKey);
const peer = fromHex(nistEcdh.peerPublicKey);

describe('FixedKeys', () => {
  it('works from private scalars', () => {
    for (const cache of [undefined, new SharedSecrets(crypto)]) {
      const material = {
        entity,
        signingPrivateKey,
        agreementPrivateKey: fromHex(nistEcdh.privateKey),
      };
      const keys = new FixedKeys(material, crypto, cache);
      expect(toHex(keys.signingPublicKey())).toBe(rfc6979.publicKey);
      expect(toHex(keys.sharedSecret(peer))).toBe(nistEcdh.z);
      expect(toHex(keys.sharedSecret(peer))).toBe(nistEcdh.z);
      const data = Uint8Array.of(1, 2, 3);
      expect(crypto.verify(keys.signingPublicKey(), data, keys.sign(data))).toBe(true);
    }
  });

  it('works from shared secrets where no private key is known', () => {
    const agreementPublicKey = crypto.publicKey(fromHex(nistEcdh.privateKey));
    const sharedSecrets = [{ peerPublicKey: peer, z: fromHex(nistEcdh.z) }];
    const keys = new FixedKeys(
      { entity, signingPrivateKey, agreementPublicKey, sharedSecrets },
      crypto,
    );
    expect(keys.agreementPublicKey()).toEqual(agreementPublicKey);
    expect(toHex(keys.sharedSecret(peer.slice()))).toBe(nistEcdh.z);
    expect(() => keys.sharedSecret(keys.signingPublicKey())).toThrow(CodecError);
  });

  it('refuses material that does not fit or is not enough', () => {
    expect(() => new FixedKeys({ entity, signingPrivateKey }, crypto)).toThrow(/needed/);
    const agreementPrivateKey = fromHex(nistEcdh.privateKey);
    expect(
      () =>
        new FixedKeys(
          { entity, signingPrivateKey, agreementPrivateKey, agreementPublicKey: peer },
          crypto,
        ),
    ).toThrow(/does not belong/);
    expect(() => new FixedKeys({ entity, signingPrivateKey: new Uint8Array(32) }, crypto)).toThrow(
      CodecError,
    );
  });

  it('stands in front of another key store', () => {
    const material = { entity, signingPrivateKey, agreementPublicKey: peer };
    const keys = new FixedKeys(material, crypto);
    const pki = new TestPki({ seed: 'x', crypto });
    const other = eui64('00db1234567890a1');
    const store = new FixedKeyStore([keys], pki);
    expect(store.keysOf(entity)).toBe(keys);
    expect(store.keysOf(other)).toBe(pki.keysOf(other));
    expect(new FixedKeyStore([keys]).keysOf(other)).toBeUndefined();
  });

  it.skipIf(!rtdsAvailable)(
    'puts the official ESME on the bus: Z with the parties (gbcs-message.md 10)',
    () => {
      const ring = rtdsKeyRing();
      const agreementPublicKey = ring.publicKey(entity, 'keyAgreement') as Uint8Array;
      const sharedSecrets = ['90b3d51f30000002', '90b3d51f30010000'].map((party) => ({
        peerPublicKey: ring.publicKey(party, 'keyAgreement') as Uint8Array,
        z: crypto.sharedSecret(
          ring.privateKey(party, 'keyAgreement') as Uint8Array,
          agreementPublicKey,
        ),
      }));
      const keys = new FixedKeys(
        { entity, signingPrivateKey, agreementPublicKey, sharedSecrets },
        crypto,
      );
      expect(
        sharedSecrets.map(({ peerPublicKey }) => toHex(keys.sharedSecret(peerPublicKey))),
      ).toEqual([
        'ed342441df01551a6beaff3b54adc981f4c6a7e71dff4c3e1cc80b3c9f4e5ac0',
        '42da8fad4c8c9d613976f39f1e79ccc88571efa43933d57146b533bc6d253e0f',
      ]);
    },
  );
});
