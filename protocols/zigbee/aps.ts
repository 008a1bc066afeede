import type { Codec } from '../codec/codec.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import type { AuxiliaryHeader } from './auxiliary-header.js';
import { readAuxiliaryHeader, writeAuxiliaryHeader } from './auxiliary-header.js';

/** The application profile of every Smart Energy frame. */
export const smartEnergyProfileId = 0x0109;

export type ApsDelivery = 'unicast' | 'broadcast';

/** From where to where, in data and in the acknowledgment of data. */
export interface ApsAddressing {
  readonly destinationEndpoint: number;
  readonly clusterId: number;
  readonly profileId: number;
  readonly sourceEndpoint: number;
}

/** Where a block stands in a fragmented transmission. */
export interface ApsFragment {
  readonly first: boolean;
  /** In the first block how many there are in all, in a later one its number (from 1). */
  readonly blockNumber: number;
}

export interface ApsDataHeader extends ApsAddressing {
  readonly type: 'data';
  readonly delivery: ApsDelivery;
  readonly acknowledgmentRequest: boolean;
  /** All blocks of one ASDU share it. */
  readonly counter: number;
  readonly fragment: ApsFragment | undefined;
  readonly auxiliaryHeader: AuxiliaryHeader | undefined;
}

export interface ApsCommandHeader {
  readonly type: 'command';
  readonly delivery: ApsDelivery;
  readonly acknowledgmentRequest: boolean;
  readonly counter: number;
  readonly auxiliaryHeader: AuxiliaryHeader | undefined;
}

export interface ApsAcknowledgmentHeader {
  readonly type: 'acknowledgment';
  readonly delivery: ApsDelivery;
  /** Absent in the acknowledgment of a command. */
  readonly addressing: ApsAddressing | undefined;
  readonly counter: number;
  /** With the bitmap of the blocks that arrived in the window. */
  readonly fragment: (ApsFragment & { readonly bitmap: number }) | undefined;
  readonly auxiliaryHeader: AuxiliaryHeader | undefined;
}

/**
 * The header of a ZigBee application support frame; the ASDU or the APS command follows it. With an
 * auxiliary header what follows is encrypted and ends in the integrity code. Group addressing and
 * inter-PAN frames are refused.
 *
 * @see zigbee.md 2
 */
export type ApsHeader = ApsDataHeader | ApsCommandHeader | ApsAcknowledgmentHeader;

const dataType = 0;
const commandType = 1;
const acknowledgmentType = 2;
const commandAcknowledgmentBit = 0x10;
const securityBit = 0x20;
const acknowledgmentRequestBit = 0x40;
const extendedHeaderBit = 0x80;

const fragmentFirst = 1;
const fragmentLater = 2;

function readDelivery(reader: Reader, control: number): ApsDelivery {
  const mode = (control >> 2) & 3;
  if (mode === 0) return 'unicast';
  if (mode === 2) return 'broadcast';
  return reader.fail(`delivery mode ${mode} is not supported`, reader.offset - 1);
}

function readFragment(reader: Reader): ApsFragment {
  const control = reader.u8();
  if (control !== fragmentFirst && control !== fragmentLater) {
    reader.fail(`extended frame control ${control} is not a fragment's`, reader.offset - 1);
  }
  return { first: control === fragmentFirst, blockNumber: reader.u8() };
}

function decodeData(reader: Reader, control: number): ApsDataHeader {
  if (control & commandAcknowledgmentBit) {
    reader.fail('acknowledgment format is set in data', reader.offset - 1);
  }
  return {
    type: 'data',
    delivery: readDelivery(reader, control),
    acknowledgmentRequest: (control & acknowledgmentRequestBit) !== 0,
    destinationEndpoint: reader.u8(),
    clusterId: reader.u16Le(),
    profileId: reader.u16Le(),
    sourceEndpoint: reader.u8(),
    counter: reader.u8(),
    fragment: control & extendedHeaderBit ? readFragment(reader) : undefined,
    auxiliaryHeader: control & securityBit ? readAuxiliaryHeader(reader) : undefined,
  };
}

function decodeCommand(reader: Reader, control: number): ApsCommandHeader {
  if (control & (commandAcknowledgmentBit | extendedHeaderBit)) {
    reader.fail('a command has no extended header', reader.offset - 1);
  }
  return {
    type: 'command',
    delivery: readDelivery(reader, control),
    acknowledgmentRequest: (control & acknowledgmentRequestBit) !== 0,
    counter: reader.u8(),
    auxiliaryHeader: control & securityBit ? readAuxiliaryHeader(reader) : undefined,
  };
}

function readAddressing(reader: Reader): ApsAddressing {
  return {
    destinationEndpoint: reader.u8(),
    clusterId: reader.u16Le(),
    profileId: reader.u16Le(),
    sourceEndpoint: reader.u8(),
  };
}

function decodeAcknowledgment(reader: Reader, control: number): ApsAcknowledgmentHeader {
  if (control & acknowledgmentRequestBit) {
    reader.fail('an acknowledgment asks for none', reader.offset - 1);
  }
  return {
    type: 'acknowledgment',
    delivery: readDelivery(reader, control),
    addressing: control & commandAcknowledgmentBit ? undefined : readAddressing(reader),
    counter: reader.u8(),
    fragment:
      control & extendedHeaderBit ? { ...readFragment(reader), bitmap: reader.u8() } : undefined,
    auxiliaryHeader: control & securityBit ? readAuxiliaryHeader(reader) : undefined,
  };
}

function writeAddressing(writer: Writer, value: ApsAddressing): void {
  writer.u8(value.destinationEndpoint);
  writer.u16Le(value.clusterId);
  writer.u16Le(value.profileId);
  writer.u8(value.sourceEndpoint);
}

function writeFragment(writer: Writer, value: ApsFragment): void {
  writer.u8(value.first ? fragmentFirst : fragmentLater);
  writer.u8(value.blockNumber);
}

function controlOf(type: number, header: ApsHeader): number {
  return (
    type |
    (header.delivery === 'broadcast' ? 0x08 : 0) |
    (header.auxiliaryHeader === undefined ? 0 : securityBit)
  );
}

function encodeData(writer: Writer, header: ApsDataHeader): void {
  writer.u8(
    controlOf(dataType, header) |
      (header.acknowledgmentRequest ? acknowledgmentRequestBit : 0) |
      (header.fragment === undefined ? 0 : extendedHeaderBit),
  );
  writeAddressing(writer, header);
  writer.u8(header.counter);
  if (header.fragment !== undefined) writeFragment(writer, header.fragment);
}

function encodeCommand(writer: Writer, header: ApsCommandHeader): void {
  const request = header.acknowledgmentRequest ? acknowledgmentRequestBit : 0;
  writer.u8(controlOf(commandType, header) | request);
  writer.u8(header.counter);
}

function encodeAcknowledgment(writer: Writer, header: ApsAcknowledgmentHeader): void {
  writer.u8(
    controlOf(acknowledgmentType, header) |
      (header.addressing === undefined ? commandAcknowledgmentBit : 0) |
      (header.fragment === undefined ? 0 : extendedHeaderBit),
  );
  if (header.addressing !== undefined) writeAddressing(writer, header.addressing);
  writer.u8(header.counter);
  if (header.fragment !== undefined) {
    writeFragment(writer, header.fragment);
    writer.u8(header.fragment.bitmap);
  }
}

export const ApsHeader: Codec<ApsHeader> = {
  decode(reader) {
    const control = reader.u8();
    switch (control & 3) {
      case dataType:
        return decodeData(reader, control);
      case commandType:
        return decodeCommand(reader, control);
      case acknowledgmentType:
        return decodeAcknowledgment(reader, control);
      default:
        return reader.fail('inter-PAN frames are not supported', reader.offset - 1);
    }
  },
  encode(writer, header) {
    if (header.type === 'data') encodeData(writer, header);
    else if (header.type === 'command') encodeCommand(writer, header);
    else if (header.type === 'acknowledgment') encodeAcknowledgment(writer, header);
    else writer.fail('frame type is not data, command or acknowledgment');
    if (header.auxiliaryHeader !== undefined) writeAuxiliaryHeader(writer, header.auxiliaryHeader);
  },
};
