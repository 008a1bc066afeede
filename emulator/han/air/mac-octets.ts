import { type Eui64, eui64FromBytes } from '../../../protocols/codec/eui64.js';
import {
  extendedAddressMode,
  macFrameTypes,
  noAddressMode,
  psduOctetsMax,
  shortAddressMode,
} from '../../../protocols/zigbee/ieee802154.js';

/**
 * The few octets of a MAC frame that the air looks at, read in place: it carries thousands of frames
 * a second and need not know what is in them.
 */

export type AirDrop = 'tooShort' | 'tooLong' | 'unknownType' | 'reservedAddressing';

const controlOctets = 2;
const destinationAt = 5;
const acknowledgmentType = macFrameTypes.indexOf('acknowledgment');
const acknowledgmentRequestBit = 0x20;

/**
 * Why the air cannot carry a frame: it must be able to read type and destination, and no radio
 * sends longer ones.
 */
export function frameFault(psdu: Uint8Array): AirDrop | undefined {
  if (psdu.length <= controlOctets) return 'tooShort';
  if (psdu.length > psduOctetsMax) return 'tooLong';
  if (((psdu[0] as number) & 7) >= macFrameTypes.length) return 'unknownType';
  const mode = destinationMode(psdu);
  if (mode === noAddressMode) return undefined;
  if (mode === shortAddressMode) return psdu.length < destinationAt + 2 ? 'tooShort' : undefined;
  if (mode === extendedAddressMode) return psdu.length < destinationAt + 8 ? 'tooShort' : undefined;
  return 'reservedAddressing';
}

export function destinationMode(psdu: Uint8Array): number {
  return ((psdu[1] as number) >> 2) & 3;
}

export function sequenceNumberOf(psdu: Uint8Array): number {
  return psdu[2] as number;
}

export function isAcknowledgment(psdu: Uint8Array): boolean {
  return ((psdu[0] as number) & 7) === acknowledgmentType;
}

export function asksForAcknowledgment(psdu: Uint8Array): boolean {
  return ((psdu[0] as number) & acknowledgmentRequestBit) !== 0;
}

export function shortDestination(psdu: Uint8Array): number {
  return (psdu[destinationAt] as number) | ((psdu[destinationAt + 1] as number) << 8);
}

/** Lower half of an extended destination, as a signed word: the octets are in reverse order. */
export function extendedDestinationLow(psdu: Uint8Array): number {
  return wordAt(psdu, destinationAt);
}

export function extendedDestinationHigh(psdu: Uint8Array): number {
  return wordAt(psdu, destinationAt + 4);
}

export function extendedDestination(psdu: Uint8Array): Eui64 {
  return eui64FromBytes(psdu.slice(destinationAt, destinationAt + 8).reverse());
}

function wordAt(psdu: Uint8Array, at: number): number {
  const [a, b] = [psdu[at] as number, psdu[at + 1] as number];
  return a | (b << 8) | ((psdu[at + 2] as number) << 16) | ((psdu[at + 3] as number) << 24);
}

/** Halves of an EUI-64 to compare those with. */
export function euiLow(eui: Eui64): number {
  return Number.parseInt(eui.slice(8), 16) | 0;
}

export function euiHigh(eui: Eui64): number {
  return Number.parseInt(eui.slice(0, 8), 16) | 0;
}
