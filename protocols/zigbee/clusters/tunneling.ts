import type { ClusterDefinition, CommandTable } from '../zcl/layout.js';

/** Either side may send these; only the command number differs. */
const transferData = {
  name: 'TransferData',
  fields: { tunnelId: 'uint16', data: 'bytes' },
} as const;
const transferDataError = {
  name: 'TransferDataError',
  fields: { tunnelId: 'uint16', transferDataStatus: 'uint8' },
} as const;
const ackTransferData = {
  name: 'AckTransferData',
  fields: { tunnelId: 'uint16', numberOfBytesLeft: 'uint16' },
} as const;
const readyData = {
  name: 'ReadyData',
  fields: { tunnelId: 'uint16', numberOfOctetsLeft: 'uint16' },
} as const;

const toServer: CommandTable = {
  0: {
    name: 'RequestTunnel',
    fields: {
      protocolId: 'enum8',
      manufacturerCode: 'uint16',
      flowControlSupport: 'bool',
      maximumIncomingTransferSize: 'uint16',
    },
  },
  1: { name: 'CloseTunnel', fields: { tunnelId: 'uint16' } },
  2: transferData,
  3: transferDataError,
  4: ackTransferData,
  5: readyData,
  6: { name: 'GetSupportedTunnelProtocols', fields: { protocolOffset: 'uint8' } },
};

const toClient: CommandTable = {
  0: {
    name: 'RequestTunnelResponse',
    fields: { tunnelId: 'uint16', tunnelStatus: 'uint8', maximumIncomingTransferSize: 'uint16' },
  },
  1: transferData,
  2: transferDataError,
  3: ackTransferData,
  4: readyData,
  5: {
    name: 'SupportedTunnelProtocolsResponse',
    fields: {
      protocolListComplete: 'bool',
      protocolCount: 'uint8',
      protocols: {
        list: { manufacturerCode: 'uint16', protocolId: 'enum8' },
        countedBy: 'protocolCount',
      },
    },
  },
  6: { name: 'TunnelClosureNotification', fields: { tunnelId: 'uint16' } },
};

/** Tunneling: carries GBCS messages between the hub and the devices of its home. */
export const tunneling: ClusterDefinition = {
  id: 0x0704,
  name: 'Tunneling',
  attributes: { 0: ['CloseTunnelTimeout', 'uint16'] },
  toServer,
  toClient,
};
