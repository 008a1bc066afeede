import { type Codec, type Decoded, decodeWith, encodeWith } from '../codec/codec.js';
import { CodecError } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import { transientOctets } from '../codec/transient-octets.js';
import type { Writer } from '../codec/writer.js';
import { encodeZclFrame, zclFrameControlBits, zclFrameTypes } from './zcl/frame.js';

/**
 * The Smart Energy Tunneling cluster as GBCS uses it: one protocol, no flow control, so that the
 * commands for acknowledging and pacing octets never occur.
 *
 * @see zigbee.md 6, device-behaviour.md 6.2
 */
export const tunnellingClusterId = 0x0704;

/** "GB-HRGP", Great Britain's protocol, and the "no manufacturer" that goes with it. */
export const gbcsTunnelProtocolId = 6;
export const noManufacturerCode = 0xffff;

/** Longest transfer either way. */
export const tunnelTransferOctetsMax = 1500;

export const tunnelStatuses = {
  success: 0,
  busy: 1,
  noMoreTunnelIds: 2,
  protocolNotSupported: 3,
  flowControlNotSupported: 4,
} as const;

export const transferDataStatuses = { noSuchTunnel: 0, wrongDevice: 1, dataOverflow: 2 } as const;

type Field = readonly [name: string, octets: 1 | 2];

/** A payload of little-endian unsigned integers in wire order. */
function integers<T extends { readonly [K in keyof T]: number }>(
  ...fields: readonly Field[]
): Codec<T> {
  return {
    decode(reader: Reader) {
      const value: Record<string, number> = {};
      for (const [name, octets] of fields) value[name] = reader.uintLe(octets);
      return value as T;
    },
    encode(writer: Writer, value: T) {
      const values = value as Record<string, number>;
      for (const [name, octets] of fields) writer.uintLe(values[name] as number, octets);
    },
  };
}

export interface RequestTunnel {
  readonly protocolId: number;
  readonly manufacturerCode: number;
  /** 1 if the client wants flow control. */
  readonly flowControlSupport: number;
  /** Longest transfer the client takes. */
  readonly maximumIncomingTransferSize: number;
}

export const RequestTunnel = integers<RequestTunnel>(
  ['protocolId', 1],
  ['manufacturerCode', 2],
  ['flowControlSupport', 1],
  ['maximumIncomingTransferSize', 2],
);

export interface RequestTunnelResponse {
  readonly tunnelId: number;
  /** One of `tunnelStatuses`. */
  readonly tunnelStatus: number;
  readonly maximumIncomingTransferSize: number;
}

export const RequestTunnelResponse = integers<RequestTunnelResponse>(
  ['tunnelId', 2],
  ['tunnelStatus', 1],
  ['maximumIncomingTransferSize', 2],
);

/** Payload of CloseTunnel and of TunnelClosureNotification. */
export interface TunnelReference {
  readonly tunnelId: number;
}

export const TunnelReference = integers<TunnelReference>(['tunnelId', 2]);

export interface TransferDataError {
  readonly tunnelId: number;
  /** One of `transferDataStatuses`. */
  readonly transferDataStatus: number;
}

export const TransferDataError = integers<TransferDataError>(
  ['tunnelId', 2],
  ['transferDataStatus', 1],
);

export type TunnelDirection = 'to-server' | 'to-client';

export interface TransferData {
  readonly tunnelId: number;
  /** A view when decoded. */
  readonly data: Uint8Array;
}

export const TransferData: Codec<TransferData> = {
  decode: (reader) => ({ tunnelId: reader.u16Le(), data: reader.rest() }),
  encode(writer, value) {
    if (value.data.length > tunnelTransferOctetsMax) {
      writer.fail(`a transfer has at most ${tunnelTransferOctetsMax} bytes`);
    }
    writer.u16Le(value.tunnelId);
    writer.bytes(value.data);
  },
};

const commandCodecs = {
  requestTunnel: RequestTunnel,
  requestTunnelResponse: RequestTunnelResponse,
  closeTunnel: TunnelReference,
  tunnelClosureNotification: TunnelReference,
  transferData: TransferData,
  transferDataError: TransferDataError,
} as const;

type CommandCodecs = typeof commandCodecs;

/** A command of the cluster by name, with its payload. */
export type TunnelCommand = {
  [K in keyof CommandCodecs]: { readonly command: K; readonly payload: Decoded<CommandCodecs[K]> };
}[keyof CommandCodecs];

/** Command ids in each direction. */
export const tunnelCommandIds: Readonly<
  Record<TunnelDirection, Readonly<Partial<Record<TunnelCommand['command'], number>>>>
> = {
  'to-server': { requestTunnel: 0, closeTunnel: 1, transferData: 2, transferDataError: 3 },
  'to-client': {
    requestTunnelResponse: 0,
    transferData: 1,
    transferDataError: 2,
    tunnelClosureNotification: 6,
  },
};

type CommandNames = ReadonlyMap<number, TunnelCommand['command']>;

function namesById(direction: TunnelDirection): CommandNames {
  const ids = Object.entries(tunnelCommandIds[direction]) as [TunnelCommand['command'], number][];
  return new Map(ids.map(([name, id]) => [id, name]));
}

const commandNames: Readonly<Record<TunnelDirection, CommandNames>> = {
  'to-server': namesById('to-server'),
  'to-client': namesById('to-client'),
};

/**
 * Frame control of every tunnelling command: cluster-specific, default response disabled,
 * direction.
 *
 * @see device-behaviour.md 6.2
 */
export function tunnelFrameControl(direction: TunnelDirection): number {
  return (
    zclFrameTypes.cluster |
    zclFrameControlBits.disableDefaultResponse |
    (direction === 'to-client' ? zclFrameControlBits.serverToClient : 0)
  );
}

/**
 * The payload of a cluster command as its name and fields; undefined for a command GBCS does not
 * use.
 */
export function decodeTunnelCommand(
  direction: TunnelDirection,
  commandId: number,
  payload: Uint8Array,
): TunnelCommand | undefined {
  const command = commandNames[direction].get(commandId);
  if (command === undefined) return undefined;
  const codec: Codec<unknown> = commandCodecs[command];
  return { command, payload: decodeWith(codec, payload, command) } as TunnelCommand;
}

/** A whole ZCL frame. */
export function encodeTunnelCommand(
  direction: TunnelDirection,
  sequenceNumber: number,
  { command, payload }: TunnelCommand,
): Uint8Array {
  const commandId = tunnelCommandIds[direction][command];
  if (commandId === undefined) throw new CodecError(command, 2, `is never sent ${direction}`);
  return encodeZclFrame({
    frameControl: tunnelFrameControl(direction),
    sequenceNumber,
    commandId,
    payload: encodeWith(commandCodecs[command] as Codec<unknown>, payload, command),
  });
}

/** ZCL header and tunnel id in front of the data of a TransferData frame. */
const transferHeaderOctets = 5;

/**
 * A whole TransferData ZCL frame in one allocation: the hub's busiest path. `prefix` goes before
 * the message.
 */
export function encodeTransferData(
  direction: TunnelDirection,
  sequenceNumber: number,
  tunnelId: number,
  prefix: Uint8Array,
  message: Uint8Array,
): Uint8Array {
  const octets = prefix.length + message.length;
  if (octets > tunnelTransferOctetsMax) {
    throw new CodecError('data', 0, `a transfer has at most ${tunnelTransferOctetsMax} bytes`);
  }
  const frame = transientOctets(transferHeaderOctets + octets);
  frame[0] = tunnelFrameControl(direction);
  frame[1] = sequenceNumber;
  frame[2] = direction === 'to-server' ? 2 : 1;
  frame[3] = tunnelId;
  frame[4] = tunnelId >>> 8;
  frame.set(prefix, transferHeaderOctets);
  frame.set(message, transferHeaderOctets + prefix.length);
  return frame;
}
