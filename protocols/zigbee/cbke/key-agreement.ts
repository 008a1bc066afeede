import { CodecError } from '../../codec/codec-error.js';
import { type Eui64, eui64ToBytes } from '../../codec/eui64.js';
import { concatBytes, toHex } from '../../codec/hex.js';
import { type BlockCipher, hmacMmo, mmoHash } from '../security/mmo.js';
import type { CurvePoint, KoblitzCurve } from './koblitz-curve.js';

export interface KeyPair {
  /** From 1 to the curve's order less 1. */
  readonly privateKey: bigint;
  readonly publicKey: CurvePoint;
}

/**
 * The key pair of a big-endian secret of any length, taken modulo the order: one of the standard's
 * own ephemeral keys is above it. CodecError where that leaves 0.
 */
export function keyPair(curve: KoblitzCurve, secret: Uint8Array): KeyPair {
  const privateKey = BigInt(`0x0${toHex(secret)}`) % curve.order;
  const publicKey = curve.multiplyGenerator(privateKey);
  if (publicKey === undefined) throw new CodecError('privateKey', 0, 'is 0 modulo the order');
  return { privateKey, publicKey };
}

export interface OwnKeys {
  /** Of the certificate. */
  readonly privateKey: bigint;
  readonly ephemeral: KeyPair;
}

export interface PeerKeys {
  readonly publicKey: CurvePoint;
  readonly ephemeralPublicKey: CurvePoint;
}

/** The lower half of the bits of x, and a 1 above them. */
function associateValue(curve: KoblitzCurve, point: CurvePoint): bigint {
  const bits = Math.ceil(curve.order.toString(2).length / 2);
  const x = BigInt(`0x${toHex(curve.abscissa(point))}`);
  return BigInt.asUintN(bits, x) | (1n << BigInt(bits));
}

/**
 * The secret Z that both sides of an ECMQV exchange come to, cofactor and all: an x coordinate of
 * 21 or 36 octets. CodecError if the keys of the peer cancel out.
 *
 * @see zigbee.md 5, SEC 1 3.4
 */
export function sharedSecret(curve: KoblitzCurve, own: OwnKeys, peer: PeerKeys): Uint8Array {
  const { privateKey, ephemeral } = own;
  const implicit = ephemeral.privateKey + associateValue(curve, ephemeral.publicKey) * privateKey;
  const weight = associateValue(curve, peer.ephemeralPublicKey);
  const base = curve.add(peer.ephemeralPublicKey, curve.multiply(weight, peer.publicKey));
  const scalar = BigInt(curve.cofactor) * implicit;
  const point = base === undefined ? undefined : curve.multiply(scalar, base);
  if (point === undefined) throw new CodecError('sharedSecret', 0, 'is the point at infinity');
  return curve.abscissa(point);
}

export interface EstablishedKeys {
  /** Proves to each side that the other has the same secret. */
  readonly macKey: Uint8Array;
  readonly linkKey: Uint8Array;
}

/** @see zigbee.md 5 */
export function deriveKeys(cipher: BlockCipher, secret: Uint8Array): EstablishedKeys {
  return {
    macKey: mmoHash(cipher, concatBytes(secret, Uint8Array.of(0, 0, 0, 1))),
    linkKey: mmoHash(cipher, concatBytes(secret, Uint8Array.of(0, 0, 0, 2))),
  };
}

export interface ConfirmedParty {
  readonly address: Eui64;
  /** Compressed. */
  readonly ephemeralPublicKey: Uint8Array;
}

/** MACU from the initiator, with 2, and MACV from the responder, with 3. */
const confirmationPrefix = { initiator: 2, responder: 3 } as const;

/**
 * The code by which `role` shows that it has the key: over its own address and the other's, then
 * the ephemeral keys in the same order.
 */
export function confirmationCode(
  cipher: BlockCipher,
  macKey: Uint8Array,
  role: 'initiator' | 'responder',
  own: ConfirmedParty,
  peer: ConfirmedParty,
): Uint8Array {
  const message = concatBytes(
    Uint8Array.of(confirmationPrefix[role]),
    eui64ToBytes(own.address),
    eui64ToBytes(peer.address),
    own.ephemeralPublicKey,
    peer.ephemeralPublicKey,
  );
  return hmacMmo(cipher, macKey, message);
}
