import { CodecError } from '../codec/codec-error.js';
import { Reader } from '../codec/reader.js';
import { Writer } from '../codec/writer.js';
import { signatureLength } from '../crypto/key-shapes.js';
import { readTagged } from './der-shape.js';

/** Certificates carry ECDSA signatures as SEQUENCE { INTEGER r, INTEGER s }, GBCS messages as r ‖ s: 64 bytes. */
const sequence = 0x30;
const integer = 0x02;
const scalarLength = signatureLength / 2;

export function decodeEcdsaSignature(der: Uint8Array): Uint8Array {
  const reader = new Reader(der);
  const body = readTagged(reader, sequence);
  reader.done();
  const signature = new Uint8Array(signatureLength);
  readScalar(body, signature, 0);
  readScalar(body, signature, scalarLength);
  body.done();
  return signature;
}

export function encodeEcdsaSignature(signature: Uint8Array): Uint8Array {
  if (signature.length !== signatureLength) {
    throw new CodecError('signature', 0, `need 64 bytes, have ${signature.length}`);
  }
  const scalars = new Writer();
  writeScalar(scalars, signature.subarray(0, scalarLength));
  writeScalar(scalars, signature.subarray(scalarLength));
  const body = scalars.finish();
  const writer = new Writer();
  writer.u8(sequence);
  writer.u8(body.length);
  writer.bytes(body);
  return writer.finish();
}

/** A positive INTEGER of at most 32 bytes in its shortest form, right-aligned into `target` at `start`. */
function readScalar(reader: Reader, target: Uint8Array, start: number): void {
  const at = reader.offset;
  const body = readTagged(reader, integer);
  const first = body.peek();
  if (first < 0 || first >= 0x80) reader.fail('not a positive integer', at);
  if (first === 0 && body.remaining > 1) {
    body.skip(1);
    if (body.peek() < 0x80) reader.fail('integer is not in its shortest form', at);
  }
  if (body.remaining > scalarLength) reader.fail('integer is longer than 256 bits', at);
  const magnitude = body.rest();
  target.set(magnitude, start + scalarLength - magnitude.length);
}

function writeScalar(writer: Writer, scalar: Uint8Array): void {
  let start = 0;
  while (start < scalar.length - 1 && scalar[start] === 0) start++;
  const pad = (scalar[start] as number) >= 0x80 ? 1 : 0;
  writer.u8(integer);
  writer.u8(scalar.length - start + pad);
  if (pad === 1) writer.u8(0);
  writer.bytes(scalar.subarray(start));
}
