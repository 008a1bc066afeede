import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import {
  confirmationCode,
  deriveKeys,
  keyPair,
  sharedSecret,
} from '../../../../protocols/zigbee/cbke/key-agreement.js';
import { suites } from '../../../../protocols/zigbee/cbke/suite.js';
import { nodeCryptoForTests } from '../../../support/test-crypto.js';
import { type PublishedParty, publishedExchanges } from './published.js';

const crypto = nodeCryptoForTests();

describe.each(publishedExchanges)('the published exchange of suite $suite', (exchange) => {
  const { curve } = suites[exchange.suite];
  const { initiator, responder } = exchange;

  function secretOf(own: PublishedParty, peer: PublishedParty): string {
    const { privateKey } = keyPair(curve, fromHex(own.privateKey));
    const ephemeral = keyPair(curve, fromHex(own.ephemeralPrivateKey));
    const publicKey = curve.decompress(fromHex(peer.publicKey));
    const ephemeralPublicKey = curve.decompress(fromHex(peer.ephemeralPublicKey));
    return toHex(sharedSecret(curve, { privateKey, ephemeral }, { publicKey, ephemeralPublicKey }));
  }

  it.each([initiator, responder])('has the key pairs of $address', (party) => {
    const { publicKey } = keyPair(curve, fromHex(party.privateKey));
    expect(toHex(curve.compress(publicKey))).toBe(party.publicKey);
    const ephemeral = keyPair(curve, fromHex(party.ephemeralPrivateKey));
    expect(toHex(curve.compress(ephemeral.publicKey))).toBe(party.ephemeralPublicKey);
  });

  it('comes to the secret from both sides', () => {
    expect(secretOf(initiator, responder)).toBe(exchange.secret);
    expect(secretOf(responder, initiator)).toBe(exchange.secret);
  });

  it('comes to the keys and the codes', () => {
    const { macKey, linkKey } = deriveKeys(crypto, fromHex(exchange.secret));
    expect(toHex(macKey)).toBe(exchange.macKey);
    expect(linkKey).not.toEqual(macKey);
    const [u, v] = [initiator, responder].map(({ address, ephemeralPublicKey }) => ({
      address,
      ephemeralPublicKey: fromHex(ephemeralPublicKey),
    })) as [Parameters<typeof confirmationCode>[3], Parameters<typeof confirmationCode>[4]];
    const macu = toHex(confirmationCode(crypto, macKey, 'initiator', u, v));
    const macv = toHex(confirmationCode(crypto, macKey, 'responder', v, u));
    expect(exchange.macu ?? macu).toBe(macu);
    expect(exchange.macv ?? macv).toBe(macv);
    expect(exchange.macu ?? exchange.macv).toBeDefined();
  });

  it('takes keys modulo the order, but not 0', () => {
    const beyond = (curve.order + 5n).toString(16).padStart(2 * curve.scalarOctets, '0');
    expect(keyPair(curve, fromHex(beyond)).privateKey).toBe(5n);
    expect(() => keyPair(curve, new Uint8Array(8))).toThrow(CodecError);
    expect(() => keyPair(curve, new Uint8Array(0))).toThrow(CodecError);
  });

  it('refuses keys that cancel out', () => {
    const { privateKey, publicKey } = keyPair(curve, Uint8Array.of(7));
    const ephemeral = keyPair(curve, Uint8Array.of(9));
    const weightless = { publicKey, ephemeralPublicKey: curve.generator };
    // The secret of the peer is chosen so that both parts of its key are each other's negative.
    const x = BigInt(`0x${toHex(curve.abscissa(curve.generator))}`);
    const bits = Math.ceil(curve.order.toString(2).length / 2);
    const weight = BigInt.asUintN(bits, x) + (1n << BigInt(bits));
    const cancelling = inverse(weight, curve.order) * -1n;
    const peer = { ...weightless, publicKey: curve.multiplyGenerator(cancelling) ?? publicKey };
    expect(() => sharedSecret(curve, { privateKey, ephemeral }, peer)).toThrow('infinity');
    expect(() => sharedSecret(curve, { privateKey, ephemeral }, weightless)).not.toThrow();
  });
});

/** Of `value` modulo a prime, by Fermat. */
function inverse(value: bigint, prime: bigint): bigint {
  let result = 1n;
  let base = value % prime;
  for (let exponent = prime - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % prime;
    base = (base * base) % prime;
  }
  return result;
}
