import type { Codec } from '../../codec/codec.js';
import { under } from '../../codec/codec-error.js';
import type { Eui64 } from '../../codec/eui64.js';
import { eui64ToBytes } from '../../codec/eui64.js';
import { Reader } from '../../codec/reader.js';
import { transientOctets } from '../../codec/transient-octets.js';
import { Writer } from '../../codec/writer.js';
import type { Crypto } from '../../crypto/crypto.js';
import { ApsHeader } from '../aps.js';
import type { AuxiliaryHeader } from '../auxiliary-header.js';
import { psduOctetsMax } from '../ieee802154.js';
import { NwkHeader } from '../nwk.js';
import {
  type AuxiliaryFields,
  auxiliaryFieldsOf,
  auxiliaryHeaderOf,
  type KeyIdentifier,
} from './auxiliary-fields.js';
import type { IncomingFrameCounters } from './frame-counters.js';
import type { LinkKeySet } from './key-derivation.js';

/** What this part of ZigBee asks of a `Crypto`. */
export type FrameCipher = Pick<Crypto, 'ccmStarSeal' | 'ccmStarOpen'>;

/** Encryption and an integrity code of 4 octets: the one level that ZigBee networks use. */
const securityLevel = 5;
const levelBits = 7;
const micOctets = 4;
const nonceOctets = 13;
const sourceOctets = 8;
const frameCounterOctets = 4;

/** What securing adds to a NWK frame: auxiliary header with source and key sequence number, integrity code. */
export const nwkSecurityOctets = 14 + micOctets;
/** What securing adds to an APS frame: auxiliary header without the source, integrity code. */
export const apsSecurityOctets = 5 + micOctets;

/** A frame of one layer as it arrived, not yet opened. */
export interface LayerFrame<Header> {
  readonly header: Header;
  /** Undefined when the layer is not secured. */
  readonly security: AuxiliaryFields | undefined;
  /** Octets of the header with its auxiliary header, as they arrived. A view. */
  readonly head: Uint8Array;
  /** The payload, or what it was sealed to. A view. */
  readonly body: Uint8Array;
}

/**
 * What became of a frame. `no-key`: no key, or nobody knows who sent it. Whether something
 * `unsecured` is welcome depends on what it is, and is for the caller to say. Only `ok` moves the sender's frame counter on.
 */
export type Opening =
  | { readonly verdict: 'ok' | 'unsecured'; readonly payload: Uint8Array }
  | { readonly verdict: 'replayed' | 'peer-limit' | 'mic-invalid' | 'no-key' };

export type SecurityVerdict = Opening['verdict'];

/** Reads a NWK frame (what follows the MAC header); throws only CodecError, under `nwk`. */
export function readNwkFrame(octets: Uint8Array): LayerFrame<NwkHeader> {
  const reader = new Reader(octets);
  try {
    const frame = readFrame(reader, NwkHeader);
    const { security } = frame;
    if (security !== undefined && security.keyIdentifier !== 'network') {
      reader.fail(`a NWK frame is not secured with a ${security.keyIdentifier} key`, 0);
    }
    if (security !== undefined && security.source === undefined) {
      reader.fail('the auxiliary header of a NWK frame names its source', 0);
    }
    return frame;
  } catch (error) {
    throw under('nwk', error);
  }
}

/** Reads an APS frame (the payload of a NWK data frame); throws only CodecError, under `aps`. */
export function readApsFrame(octets: Uint8Array): LayerFrame<ApsHeader> {
  try {
    return readFrame(new Reader(octets), ApsHeader);
  } catch (error) {
    throw under('aps', error);
  }
}

/** `key` is the network key with the frame's `keySequenceNumber`, if there is one. */
export function openNwk(
  cipher: FrameCipher,
  frame: LayerFrame<NwkHeader>,
  key: Uint8Array | undefined,
  counters: IncomingFrameCounters,
): Opening {
  return open(cipher, frame, key, frame.security?.source, counters);
}

/**
 * `keys` are those shared with the sender, if any. `sender` is who the NWK header's source address
 * belongs to, where that is known; an auxiliary header that names its source goes before.
 */
export function openAps(
  cipher: FrameCipher,
  frame: LayerFrame<ApsHeader>,
  keys: LinkKeySet | undefined,
  sender: Eui64 | undefined,
  counters: IncomingFrameCounters,
): Opening {
  const { security } = frame;
  const key =
    security === undefined || keys === undefined ? undefined : keyOf(keys, security.keyIdentifier);
  return open(cipher, frame, key, security?.source ?? sender, counters);
}

export interface NwkSecurity {
  readonly key: Uint8Array;
  readonly keySequenceNumber: number;
  readonly source: Eui64;
  /** Never the same twice with one key and source. */
  readonly frameCounter: number;
}

/** A NWK frame, secured; `header` needs no auxiliary header, and loses one that it has. Throws only CodecError. */
export function sealNwk(
  cipher: FrameCipher,
  header: NwkHeader,
  payload: Uint8Array,
  security: NwkSecurity,
): Uint8Array {
  const { key, keySequenceNumber, source, frameCounter } = security;
  try {
    const auxiliaryHeader = auxiliaryHeaderOf({
      keyIdentifier: 'network',
      frameCounter,
      source,
      keySequenceNumber,
    });
    const secured = { ...header, auxiliaryHeader };
    return seal(cipher, NwkHeader, secured, auxiliaryHeader, payload, key, source);
  } catch (error) {
    throw under('nwk', error);
  }
}

export interface ApsSecurity {
  readonly keys: LinkKeySet;
  readonly keyIdentifier: Exclude<KeyIdentifier, 'network'>;
  readonly source: Eui64;
  /** Puts the source into the frame, for a receiver that cannot know it otherwise: eight octets more. */
  readonly namesSource: boolean;
  /** Never the same twice with one link key and source. */
  readonly frameCounter: number;
}

/** An APS frame, secured; `header` needs no auxiliary header, and loses one that it has. Throws only CodecError. */
export function sealAps(
  cipher: FrameCipher,
  header: ApsHeader,
  payload: Uint8Array,
  security: ApsSecurity,
): Uint8Array {
  const { keys, keyIdentifier, source, frameCounter } = security;
  try {
    const auxiliaryHeader = auxiliaryHeaderOf({
      keyIdentifier,
      frameCounter,
      source: security.namesSource ? source : undefined,
      keySequenceNumber: undefined,
    });
    const key = keyOf(keys, keyIdentifier);
    const secured = { ...header, auxiliaryHeader };
    return seal(cipher, ApsHeader, secured, auxiliaryHeader, payload, key, source);
  } catch (error) {
    throw under('aps', error);
  }
}

function keyOf(keys: LinkKeySet, identifier: 'data' | 'key-transport' | 'key-load'): Uint8Array;
function keyOf(keys: LinkKeySet, identifier: KeyIdentifier): Uint8Array | undefined;
function keyOf(keys: LinkKeySet, identifier: KeyIdentifier): Uint8Array | undefined {
  if (identifier === 'data') return keys.data;
  if (identifier === 'key-transport') return keys.keyTransport;
  return identifier === 'key-load' ? keys.keyLoad : undefined;
}

interface SecurableHeader {
  readonly auxiliaryHeader: AuxiliaryHeader | undefined;
}

function readFrame<Header extends SecurableHeader>(
  reader: Reader,
  codec: Codec<Header>,
): LayerFrame<Header> {
  const start = reader.offset;
  const header = codec.decode(reader);
  const head = reader.source.subarray(start, reader.offset);
  const { auxiliaryHeader } = header;
  if (auxiliaryHeader !== undefined) reader.need(micOctets);
  return {
    header,
    security: auxiliaryHeader === undefined ? undefined : auxiliaryFieldsOf(auxiliaryHeader),
    head,
    body: reader.rest(),
  };
}

const replayed = { verdict: 'replayed' } as const;
const peerLimit = { verdict: 'peer-limit' } as const;
const micInvalid = { verdict: 'mic-invalid' } as const;
const noKey = { verdict: 'no-key' } as const;

function open<Header extends SecurableHeader>(
  cipher: FrameCipher,
  frame: LayerFrame<Header>,
  key: Uint8Array | undefined,
  source: Eui64 | undefined,
  counters: IncomingFrameCounters,
): Opening {
  const { auxiliaryHeader } = frame.header;
  if (frame.security === undefined || auxiliaryHeader === undefined) {
    return { verdict: 'unsecured', payload: frame.body };
  }
  if (key === undefined || source === undefined) return noKey;
  const { frameCounter } = frame.security;
  const freshness = counters.judge(source, frameCounter);
  if (freshness !== 'fresh') return freshness === 'replayed' ? replayed : peerLimit;
  const payload = unseal(cipher, frame, auxiliaryHeader, key, source);
  if (payload === undefined) return micInvalid;
  counters.accept(source, frameCounter);
  return { verdict: 'ok', payload };
}

/**
 * What a secured frame was sealed from; undefined where key or source are wrong or the frame is not
 * as it was sent. It judges no freshness: that is for who only listens, and may hear a frame twice.
 */
export function unseal(
  cipher: Pick<FrameCipher, 'ccmStarOpen'>,
  frame: Pick<LayerFrame<unknown>, 'head' | 'body'>,
  auxiliaryHeader: AuxiliaryHeader,
  key: Uint8Array,
  source: Eui64,
): Uint8Array | undefined {
  const authenticated = frame.head.slice();
  const controlAt = authenticated.length - auxiliaryHeader.length;
  authenticated[controlAt] = withLevel(auxiliaryHeader);
  const nonce = nonceOf(auxiliaryHeader, source);
  return cipher.ccmStarOpen(key, nonce, authenticated, frame.body, micOctets);
}

const scratch = new Writer(psduOctetsMax);

function seal<Header extends SecurableHeader>(
  cipher: FrameCipher,
  codec: Codec<Header>,
  header: Header,
  auxiliaryHeader: AuxiliaryHeader,
  payload: Uint8Array,
  key: Uint8Array,
  source: Eui64,
): Uint8Array {
  const writer = scratch.reset();
  codec.encode(writer, header);
  const length = writer.offset;
  const controlAt = length - auxiliaryHeader.length;
  const octets = transientOctets(length + payload.length + micOctets);
  writer.copyTo(octets);
  octets[controlAt] = withLevel(auxiliaryHeader);
  const nonce = nonceOf(auxiliaryHeader, source);
  const authenticated = octets.subarray(0, length);
  octets.set(cipher.ccmStarSeal(key, nonce, authenticated, payload, micOctets), length);
  octets[controlAt] = auxiliaryHeader[0] as number;
  return octets;
}

/** The control octet as nonce and integrity code see it: the level, blank on the air, is put in. */
function withLevel(auxiliaryHeader: AuxiliaryHeader): number {
  return ((auxiliaryHeader[0] as number) & ~levelBits) | securityLevel;
}

/** Source ‖ frame counter ‖ control, in wire order. */
function nonceOf(auxiliaryHeader: AuxiliaryHeader, source: Eui64): Uint8Array {
  const nonce = new Uint8Array(nonceOctets);
  nonce.set(eui64ToBytes(source).reverse());
  nonce.set(auxiliaryHeader.subarray(1, 1 + frameCounterOctets), sourceOctets);
  nonce[nonceOctets - 1] = withLevel(auxiliaryHeader);
  return nonce;
}
