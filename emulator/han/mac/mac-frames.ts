import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { transientOctets } from '../../../protocols/codec/transient-octets.js';
import { Writer } from '../../../protocols/codec/writer.js';
import { Beacon } from '../../../protocols/zigbee/beacon.js';
import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import {
  broadcastMacAddress,
  broadcastPanId,
  MacHeader,
  psduOctetsMax,
} from '../../../protocols/zigbee/ieee802154.js';
import { MacCommand } from '../../../protocols/zigbee/mac-command.js';

/**
 * The frames a MAC sends, octet for octet those of zigbee.md 2. What a transaction repeats gets its
 * sequence number when it is first sent (`setSequenceNumber`): until then nobody knows how many
 * frames go before it.
 */

const sequenceNumberAt = 2;
const pendingBit = 0x10;

const scratch = new Writer(psduOctetsMax);

export function setSequenceNumber(psdu: Uint8Array, sequenceNumber: number): void {
  psdu[sequenceNumberAt] = sequenceNumber;
}

/** Tells the receiver that more waits for it. */
export function setFramePending(psdu: Uint8Array): void {
  psdu[0] = (psdu[0] as number) | pendingBit;
}

/**
 * A NWK frame between two addresses of one PAN; undefined when it is too long for a PSDU. `keeps`
 * says that it waits for its turn: then its octets are its own, else they are for passing on.
 */
export function dataFrame(
  panId: number,
  source: MacAddress,
  destination: MacAddress,
  nsdu: Uint8Array,
  keeps: boolean,
): Uint8Array | undefined {
  const writer = scratch.reset();
  const acknowledgmentRequest = destination !== broadcastMacAddress;
  writeHeader(writer, 'data', acknowledgmentRequest, panId, destination, panId, source);
  const at = writer.offset;
  const length = at + nsdu.length;
  if (length > psduOctetsMax) return undefined;
  const psdu = keeps ? new Uint8Array(length) : transientOctets(length);
  writer.copyTo(psdu);
  psdu.set(nsdu, at);
  return psdu;
}

export function acknowledgment(sequenceNumber: number, framePending: boolean): Uint8Array {
  const psdu = transientOctets(3);
  psdu[0] = framePending ? 0x02 | pendingBit : 0x02;
  psdu[sequenceNumberAt] = sequenceNumber;
  return psdu;
}

/** Goes to whoever hears it, of any PAN. */
export function beaconRequest(sequenceNumber: number): Uint8Array {
  const writer = scratch.reset();
  const everyone = broadcastMacAddress;
  writeHeader(writer, 'command', false, broadcastPanId, everyone, undefined, undefined);
  MacCommand.encode(writer, { command: 'beacon-request' });
  return finished(writer, sequenceNumber);
}

export function beaconFrame(
  panId: number,
  shortAddress: number,
  beacon: Beacon,
  sequenceNumber: number,
): Uint8Array {
  const writer = scratch.reset();
  writeHeader(writer, 'beacon', false, undefined, undefined, panId, shortAddress);
  Beacon.encode(writer, beacon);
  return finished(writer, sequenceNumber);
}

/** From a device that has no PAN yet. */
export function associationRequest(
  panId: number,
  coordinator: number,
  device: Eui64,
  capability: number,
): Uint8Array {
  const writer = scratch.reset();
  writeHeader(writer, 'command', true, panId, coordinator, broadcastPanId, device);
  MacCommand.encode(writer, { command: 'association-request', capability });
  return writer.finish();
}

export function associationResponse(
  panId: number,
  device: Eui64,
  coordinator: Eui64,
  shortAddress: number,
  status: number,
): Uint8Array {
  const writer = scratch.reset();
  writeHeader(writer, 'command', true, panId, device, panId, coordinator);
  MacCommand.encode(writer, { command: 'association-response', shortAddress, status });
  return writer.finish();
}

export function dataRequest(
  panId: number,
  coordinator: MacAddress,
  source: MacAddress,
): Uint8Array {
  const writer = scratch.reset();
  writeHeader(writer, 'command', true, panId, coordinator, panId, source);
  MacCommand.encode(writer, { command: 'data-request' });
  return writer.finish();
}

/** One PAN id stands for both addresses where both have the same. */
function writeHeader(
  writer: Writer,
  type: MacHeader['type'],
  acknowledgmentRequest: boolean,
  destinationPanId: number | undefined,
  destination: MacAddress | undefined,
  sourcePanId: number | undefined,
  source: MacAddress | undefined,
): void {
  MacHeader.encode(writer, {
    type,
    framePending: false,
    acknowledgmentRequest,
    panIdCompression: destinationPanId !== undefined && destinationPanId === sourcePanId,
    version: 0,
    sequenceNumber: 0,
    destinationPanId,
    destination,
    sourcePanId,
    source,
  });
}

function finished(writer: Writer, sequenceNumber: number): Uint8Array {
  const psdu = transientOctets(writer.offset);
  writer.copyTo(psdu);
  setSequenceNumber(psdu, sequenceNumber);
  return psdu;
}
