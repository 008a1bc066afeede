import { AsnConvert } from '@peculiar/asn1-schema';
import { CodecError } from '../codec/codec-error.js';

/**
 * A value of a library class out of its encoding. Whatever the library throws, always without a place, becomes a
 * CodecError; its leniency about the encoding is the caller's to mend (`checkDerShape`).
 */
export function parseWithLibrary<T>(der: ArrayBuffer | Uint8Array, target: new () => T): T {
  try {
    return AsnConvert.parse(der, target);
  } catch (error) {
    throw new CodecError('', 0, error instanceof Error ? error.message : String(error));
  }
}

/** The encoding of a library object. CodecError where it holds what cannot be encoded. */
export function serialiseWithLibrary(value: object): Uint8Array {
  try {
    return new Uint8Array(AsnConvert.serialize(value));
  } catch (error) {
    throw new CodecError('', 0, error instanceof Error ? error.message : String(error));
  }
}
