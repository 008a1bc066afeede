import { Decoder } from 'cbor-x/decode';
import { Encoder } from 'cbor-x/encode';
import { CodecError } from '../codec/codec-error.js';
import { envelopeLengthMax, keys } from './envelope-types.js';

/**
 * The one place where cbor-x works for the bus. `cbor-x/decode` and `cbor-x/encode` are its plain JavaScript: the
 * package's main entry also loads a native add-on where there is one, and no machine shall read texts otherwise than
 * the next.
 */

/** A field of an envelope as cbor-x gives it. */
export type WireFields = { readonly [Name in keyof typeof keys]?: unknown };

/** Maps must come as `Map`, which is written without a tag only where maps are not read as objects. */
const encoder = new Encoder({ useRecords: false, tagUint8Array: false, mapsAsObjects: false });

/** `end` is left out in its declarations. */
interface BoundedDecoder {
  decode(source: Uint8Array, end: number): unknown;
}

/** Gives an envelope's fields by name; texts as keys stay as they are. */
const decoder: BoundedDecoder = new Decoder({ useRecords: false, keyMap: keys });

function failure(error: unknown): CodecError {
  return new CodecError('', 0, `cbor-x: ${error instanceof Error ? error.message : 'failed'}`);
}

const blockLength = 8_192;
let block = new Uint8Array(blockLength);
let blockUsed = 0;

/**
 * A copy, cut from a block that many share: memory of one's own costs a short message as much as all else. A block is
 * not written twice and goes with the last copy in it.
 */
function sharedCopy(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (blockUsed + length > blockLength) {
    block = new Uint8Array(blockLength);
    blockUsed = 0;
  }
  const start = blockUsed;
  blockUsed += length;
  block.set(bytes, start);
  return new Uint8Array(block.buffer, start, length);
}

/**
 * The map's bytes, in no memory of cbor-x. Transient ones may share theirs (`ArrayBuffer`) with others of their kind,
 * so that whoever keeps one keeps 8 KiB.
 */
export function encodeFields(fields: Map<number, unknown>, transient: boolean): Uint8Array {
  let encoded: Uint8Array;
  try {
    encoded = encoder.encode(fields);
  } catch (error) {
    throw failure(error);
  }
  if (encoded.length > envelopeLengthMax) {
    throw new CodecError('', 0, `${encoded.length} bytes are more than ${envelopeLengthMax}`);
  }
  return transient && encoded.length <= blockLength / 8
    ? sharedCopy(encoded)
    : new Uint8Array(encoded);
}

/**
 * What cbor-x reads from: it leaves a property on its input and makes a DataView for each new one, which costs more
 * than to copy an envelope.
 */
const desk = new Uint8Array(envelopeLengthMax);

/**
 * The fields of an envelope that has passed the guard. Byte strings in them hold until the next call: `viewOf` turns
 * them into views of `bytes`.
 */
export function decodeFields(bytes: Uint8Array): WireFields {
  desk.set(bytes);
  try {
    return decoder.decode(desk, bytes.length) as WireFields;
  } catch (error) {
    throw failure(error);
  }
}

/** The same bytes in `source`, always a bare Uint8Array: the `slice` of a Node buffer would not copy. */
export function viewOf(source: Uint8Array, decoded: Uint8Array): Uint8Array {
  return new Uint8Array(source.buffer, source.byteOffset + decoded.byteOffset, decoded.length);
}
