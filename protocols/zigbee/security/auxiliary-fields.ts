import type { Eui64 } from '../../codec/eui64.js';
import { Reader } from '../../codec/reader.js';
import { Writer } from '../../codec/writer.js';
import type { AuxiliaryHeader } from '../auxiliary-header.js';
import { readAuxiliaryHeader } from '../auxiliary-header.js';
import { readIeeeAddress, writeIeeeAddress } from '../ieee-address.js';

/** In wire order: a link key itself, the network key, and the two that are derived from a link key. */
export const keyIdentifiers = ['data', 'network', 'key-transport', 'key-load'] as const;
export type KeyIdentifier = (typeof keyIdentifiers)[number];

/** What the auxiliary header of a secured frame says. */
export interface AuxiliaryFields {
  readonly keyIdentifier: KeyIdentifier;
  readonly frameCounter: number;
  /** Who secured it; undefined without the extended nonce bit, where the receiver must know. */
  readonly source: Eui64 | undefined;
  /** With the network key, and only with it. */
  readonly keySequenceNumber: number | undefined;
}

const extendedNonceBit = 0x20;
const identifierShift = 3;

const scratch = new Writer(14);

/** As on the wire, with the security level blanked out; throws CodecError. */
export function auxiliaryHeaderOf(fields: AuxiliaryFields): AuxiliaryHeader {
  const { source, keySequenceNumber } = fields;
  const writer = scratch.reset();
  const identifier = keyIdentifiers.indexOf(fields.keyIdentifier);
  if (identifier < 0) writer.fail(`key identifier '${String(fields.keyIdentifier)}' is not known`);
  if ((fields.keyIdentifier === 'network') !== (keySequenceNumber !== undefined)) {
    writer.fail('a key sequence number goes with the network key, and only with it');
  }
  writer.u8((identifier << identifierShift) | (source === undefined ? 0 : extendedNonceBit));
  writer.u32Le(fields.frameCounter);
  if (source !== undefined) writeIeeeAddress(writer, source);
  if (keySequenceNumber !== undefined) writer.u8(keySequenceNumber);
  return writer.finish();
}

/** The level bits are not looked at: on the air they are blank, and receivers overwrite them. */
export function auxiliaryFieldsOf(header: AuxiliaryHeader): AuxiliaryFields {
  const reader = new Reader(readAuxiliaryHeader(new Reader(header)));
  const control = reader.u8();
  const keyIdentifier = keyIdentifiers[(control >> identifierShift) & 3] as KeyIdentifier;
  return {
    keyIdentifier,
    frameCounter: reader.u32Le(),
    source: control & extendedNonceBit ? readIeeeAddress(reader) : undefined,
    keySequenceNumber: keyIdentifier === 'network' ? reader.u8() : undefined,
  };
}
