import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { concatBytes, equalBytes, fromHex, toHex } from '../../../protocols/codec/hex.js';
import type { Crypto } from '../../../protocols/crypto/crypto.js';
import { aesBlock, ccmStar, gcm, nistEcdh, rfc6979, topUpToken } from './published-vectors.js';

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
  return flipped;
}

/** First 16 bytes of SHA-256( 00000001 ‖ Z ‖ other-info ) (gbcs-message.md 4). */
export function kdf(crypto: Crypto, z: Uint8Array, otherInfo: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(Uint8Array.of(0, 0, 0, 1), z, otherInfo)).subarray(0, 16);
}

const groupOrder = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const privateKey = fromHex(rfc6979.privateKey);
const publicKey = fromHex(rfc6979.publicKey);
const badPrivateKeys = {
  'of 31 bytes': privateKey.subarray(1),
  'of 33 bytes': concatBytes(Uint8Array.of(0), privateKey),
  'of no bytes': new Uint8Array(0),
  zero: new Uint8Array(32),
  'equal to the group order': fromHex(groupOrder),
  'all ones': new Uint8Array(32).fill(0xff),
};
const badPublicKeys = {
  'off the curve': flipBit(publicKey, 8 * 64),
  'with x above the prime': concatBytes(
    Uint8Array.of(4),
    new Uint8Array(32).fill(0xff),
    publicKey.subarray(33),
  ),
  'all zero': concatBytes(Uint8Array.of(4), new Uint8Array(64)),
  compressed: concatBytes(Uint8Array.of(3), publicKey.subarray(1, 33)),
  'with a tag other than 04': concatBytes(Uint8Array.of(6), publicKey.subarray(1)),
  'of 64 bytes': publicKey.subarray(0, 64),
  'of no bytes': new Uint8Array(0),
};

/** What every making of `Crypto` must do, judged by vectors of others. */
export function cryptoSuite(crypto: Crypto): void {
  describe(`Crypto by ${crypto.name}`, () => {
    digestAndKeys(crypto);
    signatures(crypto);
    authenticatedEncryption(crypto);
    blocksAndCcmStar(crypto);
    badKeys(crypto);
  });
}

function digestAndKeys(crypto: Crypto): void {
  it('hashes with SHA-256 (FIPS 180-4)', () => {
    expect(toHex(crypto.sha256(utf8('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(toHex(crypto.sha256(new Uint8Array(0)))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('makes the public key of a scalar (RFC 6979 A.2.5)', () => {
    expect(toHex(crypto.publicKey(privateKey))).toBe(rfc6979.publicKey);
  });

  it('agrees on Z (NIST CAVS)', () => {
    const z = crypto.sharedSecret(fromHex(nistEcdh.privateKey), fromHex(nistEcdh.peerPublicKey));
    expect(toHex(z)).toBe(nistEcdh.z);
  });

  it('gives plain byte arrays, not Buffers', () => {
    const key = new Uint8Array(16);
    const nonce = new Uint8Array(13);
    const sealed = crypto.gcmSeal(key, new Uint8Array(12), key, key);
    const ccmSealed = crypto.ccmStarSeal(key, nonce, key, key);
    const results = [
      crypto.aesEncryptBlock(key, key),
      ccmSealed,
      crypto.ccmStarOpen(key, nonce, key, ccmSealed),
      crypto.sha256(key),
      crypto.publicKey(privateKey),
      crypto.sign(privateKey, key),
      crypto.sharedSecret(privateKey, publicKey),
      crypto.gmac(key, new Uint8Array(12), key),
      sealed,
      crypto.gcmOpen(key, new Uint8Array(12), key, sealed),
    ];
    for (const result of results) expect(result?.constructor).toBe(Uint8Array);
  });
}

function signatures(crypto: Crypto): void {
  it.each(rfc6979.signatures)('verifies the signature of "$text" (RFC 6979 A.2.5)', (row) => {
    const signature = fromHex(row.signature);
    expect(crypto.verify(publicKey, utf8(row.text), signature)).toBe(true);
    expect(crypto.verify(publicKey, utf8(`${row.text} `), signature)).toBe(false);
    for (let bit = 0; bit < 512; bit += 37) {
      expect(crypto.verify(publicKey, utf8(row.text), flipBit(signature, bit))).toBe(false);
    }
  });

  it('takes high and low s alike, as peers make both', () => {
    let high = 0;
    for (let i = 0; i < 24; i++) {
      const signature = fromHex((rfc6979.signatures[i % 2] as { signature: string }).signature);
      const text = utf8((rfc6979.signatures[i % 2] as { text: string }).text);
      const s = BigInt(`0x${toHex(signature, 32)}`);
      const otherS = (BigInt(`0x${groupOrder}`) - s).toString(16).padStart(64, '0');
      const other = concatBytes(signature.subarray(0, 32), fromHex(otherS));
      expect(crypto.verify(publicKey, text, i < 12 ? signature : other)).toBe(true);
      if (s > BigInt(`0x${groupOrder}`) / 2n) high++;
    }
    expect(high).toBe(12);
  });

  it('does not normalise s when it signs', () => {
    let high = 0;
    for (let i = 0; i < 40; i++) {
      const signature = crypto.sign(privateKey, Uint8Array.of(i));
      expect(signature.length).toBe(64);
      if ((signature[32] as number) >= 0x80) high++;
    }
    expect(high).toBeGreaterThan(5);
    expect(high).toBeLessThan(35);
  });

  it('answers false, and does not throw, for what cannot be a signature', () => {
    const order = fromHex(groupOrder);
    const one = concatBytes(new Uint8Array(31), Uint8Array.of(1));
    const wrong = [
      new Uint8Array(0),
      new Uint8Array(63),
      new Uint8Array(64),
      new Uint8Array(65),
      new Uint8Array(64).fill(0xff),
      concatBytes(order, one),
      concatBytes(one, order),
      concatBytes(one, new Uint8Array(32)),
      fromHex(`3006020101020101${'00'.repeat(56)}`),
    ];
    for (const signature of wrong) expect(crypto.verify(publicKey, one, signature)).toBe(false);
  });

  it(`signs ${crypto.deterministicSignatures ? 'as RFC 6979 says' : 'at random'}`, () => {
    const { text, signature } = rfc6979.signatures[0];
    const made = crypto.sign(privateKey, utf8(text));
    expect(toHex(made) === signature).toBe(crypto.deterministicSignatures);
    expect(crypto.verify(publicKey, utf8(text), made)).toBe(true);
  });
}

function authenticatedEncryption(crypto: Crypto): void {
  it.each(gcm)('seals and opens with AES-128-GCM, tag $tag', (row) => {
    const [key, iv] = [fromHex(row.key), fromHex(row.iv)];
    const additionalData = fromHex(row.additionalData);
    const sealed = crypto.gcmSeal(key, iv, additionalData, fromHex(row.plaintext));
    expect(toHex(sealed)).toBe(row.ciphertext + row.tag.slice(0, 24));
    const opened = crypto.gcmOpen(key, iv, additionalData, sealed);
    expect(opened === undefined ? opened : toHex(opened)).toBe(row.plaintext);
  });

  it('makes the full GMAC tag', () => {
    const { key, iv, tag } = gcm[0];
    expect(toHex(crypto.gmac(fromHex(key), fromHex(iv), new Uint8Array(0)))).toBe(tag);
  });

  it('derives the key and makes the MAC of a top-up token (gbcs-message.md 6)', () => {
    const key = kdf(crypto, fromHex(topUpToken.z), fromHex(topUpToken.otherInfo));
    expect(toHex(key)).toBe(topUpToken.key);
    const tag = crypto.gmac(key, fromHex(topUpToken.iv), fromHex(topUpToken.additionalData));
    expect(toHex(tag)).toBe(topUpToken.tag);
  });

  it('opens nothing whose tag, data or additional data were touched, or whose tag is cut short', () => {
    const [key, iv, data] = [new Uint8Array(16).fill(7), new Uint8Array(12), utf8('header')];
    const sealed = crypto.gcmSeal(key, iv, data, utf8('attribute'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      expect(crypto.gcmOpen(key, iv, data, flipBit(sealed, bit))).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(crypto.gcmOpen(key, iv, data, sealed.slice(0, length))).toBeUndefined();
    }
    expect(crypto.gcmOpen(key, iv, flipBit(data, 0), sealed)).toBeUndefined();
    expect(crypto.gcmOpen(flipBit(key, 0), iv, data, sealed)).toBeUndefined();
  });
}

function blocksAndCcmStar(crypto: Crypto): void {
  const [key, nonce, data] = [new Uint8Array(16).fill(7), new Uint8Array(13), utf8('header')];

  it('enciphers a block (FIPS 197 C.1)', () => {
    const enciphered = crypto.aesEncryptBlock(fromHex(aesBlock.key), fromHex(aesBlock.block));
    expect(toHex(enciphered)).toBe(aesBlock.enciphered);
  });

  it.each(ccmStar)('seals and opens with CCM* (RFC 3610, IEEE 802.15.4), code $mic', (row) => {
    const [k, n, a] = [fromHex(row.key), fromHex(row.nonce), fromHex(row.additionalData)];
    const sealed = crypto.ccmStarSeal(k, n, a, fromHex(row.message), 8);
    expect(toHex(sealed)).toBe(row.ciphertext + row.mic);
    expect(crypto.ccmStarOpen(k, n, a, sealed, 8)).toEqual(fromHex(row.message));
    expect(crypto.ccmStarOpen(k, n, a, sealed)).toBeUndefined();
  });

  it('takes messages and additional data of any length, none too', () => {
    for (const length of [0, 1, 13, 14, 15, 16, 17, 31, 32, 33, 300, 0xfeff]) {
      for (const extra of [0, 1, 14, 15, 0xfeff]) {
        const message = new Uint8Array(length).fill(length);
        const additionalData = new Uint8Array(extra).fill(extra);
        const sealed = crypto.ccmStarSeal(key, nonce, additionalData, message);
        expect(sealed.length).toBe(length + 4);
        const opened = crypto.ccmStarOpen(key, nonce, additionalData, sealed) ?? data;
        expect(equalBytes(opened, message)).toBe(true);
      }
    }
  });

  it.each(['', 'attribute'])('opens nothing of "%s" that was touched or cut', (text) => {
    for (const micLength of [4, 8, 16] as const) {
      const sealed = crypto.ccmStarSeal(key, nonce, data, utf8(text), micLength);
      const open = (k: Uint8Array, n: Uint8Array, a: Uint8Array, s: Uint8Array) =>
        crypto.ccmStarOpen(k, n, a, s, micLength);
      expect(open(key, nonce, data, sealed)).toEqual(utf8(text));
      for (let bit = 0; bit < sealed.length * 8; bit++) {
        expect(open(key, nonce, data, flipBit(sealed, bit))).toBeUndefined();
      }
      for (let length = 0; length < sealed.length; length++) {
        expect(open(key, nonce, data, sealed.slice(0, length))).toBeUndefined();
      }
      expect(open(key, nonce, flipBit(data, 0), sealed)).toBeUndefined();
      expect(open(key, flipBit(nonce, 0), data, sealed)).toBeUndefined();
      expect(open(flipBit(key, 0), nonce, data, sealed)).toBeUndefined();
    }
  });

  it('goes by the octets of a key, not by the array that holds them', () => {
    const reused = key.slice();
    const first = crypto.ccmStarSeal(reused, nonce, data, data);
    reused.fill(8);
    const second = crypto.ccmStarSeal(reused, nonce, data, data);
    expect(toHex(second)).not.toBe(toHex(first));
    expect(crypto.ccmStarOpen(key, nonce, data, first)).toEqual(data);
    expect(crypto.ccmStarOpen(new Uint8Array(16).fill(8), nonce, data, second)).toEqual(data);
  });

  it('refuses blocks, nonces, keys and lengths that AES and CCM* cannot take', () => {
    const long = new Uint8Array(0xff00);
    const bad = [
      [data, nonce, data, data],
      [key, data, data, data],
      [key, nonce, long, data],
      [key, nonce, data, long],
    ] as const;
    for (const [k, n, a, m] of bad) {
      expect(() => crypto.ccmStarSeal(k, n, a, m)).toThrow(CodecError);
      const sealed = concatBytes(m, new Uint8Array(4));
      expect(() => crypto.ccmStarOpen(k, n, a, sealed)).toThrow(CodecError);
    }
    const micLength = 6 as never;
    expect(() => crypto.ccmStarSeal(key, nonce, data, data, micLength)).toThrow(CodecError);
    expect(() => crypto.ccmStarOpen(key, nonce, data, data, micLength)).toThrow(CodecError);
    expect(() => crypto.aesEncryptBlock(key, data)).toThrow(CodecError);
    expect(() => crypto.aesEncryptBlock(data, key)).toThrow(CodecError);
  });
}

function badKeys(crypto: Crypto): void {
  it.each(Object.entries(badPrivateKeys))('refuses a private key %s', (_, bad) => {
    expect(() => crypto.publicKey(bad)).toThrow(CodecError);
    expect(() => crypto.sign(bad, new Uint8Array(1))).toThrow(CodecError);
    expect(() => crypto.sharedSecret(bad, publicKey)).toThrow(CodecError);
  });

  it.each(Object.entries(badPublicKeys))('refuses a public key %s', (_, bad) => {
    expect(() => crypto.verify(bad, new Uint8Array(1), new Uint8Array(64))).toThrow(CodecError);
    expect(() => crypto.sharedSecret(privateKey, bad)).toThrow(CodecError);
  });

  it('refuses AES keys and IVs of another length', () => {
    const [key, iv, none] = [new Uint8Array(16), new Uint8Array(12), new Uint8Array(0)];
    for (const [k, i] of [
      [new Uint8Array(32), iv],
      [none, iv],
      [key, new Uint8Array(16)],
      [key, none],
    ] as const) {
      expect(() => crypto.gcmSeal(k, i, none, none)).toThrow(CodecError);
      expect(() => crypto.gcmOpen(k, i, none, new Uint8Array(12))).toThrow(CodecError);
      expect(() => crypto.gmac(k, i, none)).toThrow(CodecError);
    }
  });
}
