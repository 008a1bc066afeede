import { decodeWith } from '../../codec/codec.js';
import { within } from '../../codec/codec-error.js';
import { type ApsAddressing, smartEnergyProfileId } from '../aps.js';
import { GasTunnelData } from '../gas-tunnel-header.js';
import { TransferData, tunnelCommandIds, tunnellingClusterId } from '../tunnelling.js';
import { decodeZclFrame, isClusterCommand, isServerToClient, type ZclFrame } from '../zcl/frame.js';
import { decodeZclPayload, zclCommand } from '../zcl/payload.js';
import { decodeZdo, zdoName, zdoProfileId } from '../zdo/zdo.js';
import type { FrameContent, OpenedZcl, Tunnelled } from './opened-frame.js';

/** Header octets of a gas meter's tunnel; a GBCS message begins with no such octet. */
const gasHeaderMax = 3;

/** A whole ASDU by its profile. Throws only CodecError, under `zdo` or `zcl`. */
export function readAsdu(addressing: ApsAddressing, asdu: Uint8Array): FrameContent {
  const { profileId, clusterId } = addressing;
  if (profileId === zdoProfileId && zdoName(clusterId) !== undefined) {
    return { kind: 'zdo', message: within('zdo', () => decodeZdo(clusterId, asdu)) };
  }
  if (profileId === smartEnergyProfileId) return within('zcl', () => readZcl(clusterId, asdu));
  return { kind: 'data', octets: asdu };
}

function readZcl(clusterId: number, asdu: Uint8Array): OpenedZcl {
  const frame = decodeZclFrame(asdu);
  const { frameControl, manufacturerCode, sequenceNumber, commandId, payload } = frame;
  const { cluster, name } = zclCommand(clusterId, frameControl, commandId);
  return {
    kind: 'zcl',
    cluster,
    command: name,
    direction: isServerToClient(frameControl) ? 'to-client' : 'to-server',
    frameControl,
    manufacturerCode,
    sequenceNumber,
    commandId,
    fields: decodeZclPayload(clusterId, frameControl, commandId, payload),
    tunnelled: clusterId === tunnellingClusterId ? tunnelledIn(frame) : undefined,
  };
}

function tunnelledIn({ frameControl, commandId, payload }: ZclFrame): Tunnelled | undefined {
  if (!isClusterCommand(frameControl)) return undefined;
  const direction = isServerToClient(frameControl) ? 'to-client' : 'to-server';
  if (commandId !== tunnelCommandIds[direction].transferData) return undefined;
  const { data } = decodeWith(TransferData, payload, 'TransferData');
  if ((data[0] ?? 0) > gasHeaderMax || data.length === 0) return { kind: 'message', message: data };
  return decodeWith(GasTunnelData, data, 'TransferData.data');
}
