import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import {
  decodeTunnelCommand,
  encodeTransferData,
  encodeTunnelCommand,
  gbcsTunnelProtocolId,
  noManufacturerCode,
  type RequestTunnel,
  type RequestTunnelResponse,
  type TransferData,
  type TransferDataError,
  type TunnelCommand,
  type TunnelDirection,
  transferDataStatuses,
  tunnellingClusterId,
  tunnelStatuses,
  tunnelTransferOctetsMax,
} from '../../protocols/zigbee/tunnelling.js';
import {
  decodeZclFrame,
  isClusterCommand,
  isManufacturerSpecific,
  isServerToClient,
} from '../../protocols/zigbee/zcl/frame.js';
import type { HanEntity, SendVerdict } from './stack/han-entity.js';

/** The client asks for the tunnel; the server grants it and numbers it. */
export type TunnelRole = 'client' | 'server';

export type TunnelState = 'closed' | 'requested' | 'open';

export type TunnelVerdict = SendVerdict | 'closed' | 'queued' | 'queue-full';

/** What both kinds of tunnel offer to the parts that carry GBCS messages. */
export interface MessageTunnel {
  send(message: Uint8Array): TunnelVerdict;
  /** `message` is a view, valid during the call only. */
  onMessage: (message: Uint8Array) => void;
}

export interface TunnelOptions {
  readonly entity: HanEntity;
  readonly peer: Eui64;
  /**
   * The CHF is client towards ESME, PPMID and HCALCS; the GSME is client towards the CHF.
   *
   * @see zigbee.md 6
   */
  readonly role: TunnelRole;
  /**
   * The server's number for it, unique on that server. A client that has joined already knows it
   * too.
   */
  readonly tunnelId?: number;
  /** True in the joined start-up state: both ends begin with the tunnel open. */
  readonly open?: boolean;
}

export type TunnelDrop = 'malformed' | 'wrongDirection' | 'noSuchTunnel' | 'unknownCommand';

const nothing = new Uint8Array(0);

function ignore(): void {
  // A tunnel that only sends.
}

/**
 * One end of a Smart Energy tunnel that carries whole GBCS messages between two entities of a home,
 * as they are: the form of every device whose receiver stays on. A GSME's goes through
 * `gas-tunnel.ts`.
 *
 * @see device-behaviour.md 6.2
 */
export class Tunnel implements MessageTunnel {
  onMessage: (message: Uint8Array) => void = ignore;
  /** The state has changed; in a refusal `lastStatus` says why. */
  onState: (state: TunnelState) => void = ignore;
  /** Answer to the client's last request, one of `tunnelStatuses`. */
  lastStatus: number | undefined;
  readonly dropped: Record<TunnelDrop, number> = {
    malformed: 0,
    wrongDirection: 0,
    noSuchTunnel: 0,
    unknownCommand: 0,
  };

  readonly peer: Eui64;
  private readonly entity: HanEntity;
  private readonly role: TunnelRole;
  private readonly stopListening: () => void;
  private tunnelId: number;
  private current: TunnelState;
  private peerTransferOctetsMax = tunnelTransferOctetsMax;

  constructor(options: TunnelOptions) {
    this.entity = options.entity;
    this.peer = options.peer;
    this.role = options.role;
    this.tunnelId = options.tunnelId ?? 0;
    this.current = options.open === true ? 'open' : 'closed';
    this.stopListening = this.entity.listen(
      tunnellingClusterId,
      this.peer,
      (_source, _cluster, zcl) => this.receive(zcl),
    );
  }

  get state(): TunnelState {
    return this.current;
  }

  send(message: Uint8Array): TunnelVerdict {
    return this.sendAfter(nothing, message);
  }

  /** Longest transfer the peer takes. */
  get transferOctetsMax(): number {
    return this.peerTransferOctetsMax;
  }

  /** Sends `prefix` and `message` in one transfer. */
  sendAfter(prefix: Uint8Array, message: Uint8Array): TunnelVerdict {
    if (this.current !== 'open') return 'closed';
    if (prefix.length + message.length > this.peerTransferOctetsMax) return 'too-long';
    const number = this.entity.nextSequenceNumber();
    const zcl = encodeTransferData(this.sends, number, this.tunnelId, prefix, message);
    return this.entity.sendZcl(this.peer, tunnellingClusterId, zcl);
  }

  /** Client: asks the server for the tunnel, or for a new one; `onState` tells the outcome. */
  request(): SendVerdict {
    this.become('requested');
    const verdict = this.command({
      command: 'requestTunnel',
      payload: {
        protocolId: gbcsTunnelProtocolId,
        manufacturerCode: noManufacturerCode,
        flowControlSupport: 0,
        maximumIncomingTransferSize: tunnelTransferOctetsMax,
      },
    });
    if (verdict !== 'sent') this.become('closed');
    return verdict;
  }

  /** Tells the peer and closes this end. */
  close(): void {
    if (this.current !== 'open') return;
    this.become('closed');
    this.command({
      command: this.role === 'client' ? 'closeTunnel' : 'tunnelClosureNotification',
      payload: { tunnelId: this.tunnelId },
    });
  }

  /** Client: forgets a request that nobody answered. */
  reset(): void {
    if (this.current === 'requested') this.current = 'closed';
  }

  /** Closed without a word: the peer is gone. */
  drop(): void {
    this.become('closed');
  }

  /** Hears nothing more: the device has left, or its hub is taken down. */
  dispose(): void {
    this.stopListening();
    this.current = 'closed';
  }

  private get sends(): TunnelDirection {
    return this.role === 'client' ? 'to-server' : 'to-client';
  }

  private get receives(): TunnelDirection {
    return this.role === 'client' ? 'to-client' : 'to-server';
  }

  private become(state: TunnelState): void {
    if (state === this.current) return;
    this.current = state;
    this.onState(state);
  }

  private command(command: TunnelCommand): SendVerdict {
    const number = this.entity.nextSequenceNumber();
    const zcl = encodeTunnelCommand(this.sends, number, command);
    return this.entity.sendZcl(this.peer, tunnellingClusterId, zcl);
  }

  private receive(zcl: Uint8Array): void {
    const command = this.read(zcl);
    switch (command?.command) {
      case 'transferData':
        this.receiveTransfer(command.payload);
        break;
      case 'requestTunnel':
        this.grant(command.payload);
        break;
      case 'requestTunnelResponse':
        this.answered(command.payload);
        break;
      case 'closeTunnel':
      case 'tunnelClosureNotification':
        this.closedByPeer(command.payload.tunnelId);
        break;
      case 'transferDataError':
        this.refusedByPeer(command.payload);
    }
  }

  /** The command in a ZCL frame from the peer; what is none is counted. */
  private read(zcl: Uint8Array): TunnelCommand | undefined {
    let drop: TunnelDrop = 'unknownCommand';
    try {
      const { frameControl, commandId, payload } = decodeZclFrame(zcl);
      if (isServerToClient(frameControl) !== (this.receives === 'to-client')) {
        drop = 'wrongDirection';
      } else if (isClusterCommand(frameControl) && !isManufacturerSpecific(frameControl)) {
        const command = decodeTunnelCommand(this.receives, commandId, payload);
        if (command !== undefined) return command;
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      drop = 'malformed';
    }
    this.dropped[drop]++;
    return undefined;
  }

  private receiveTransfer({ tunnelId, data }: TransferData): void {
    if (this.current === 'open' && tunnelId === this.tunnelId) {
      this.onMessage(data);
      return;
    }
    this.dropped.noSuchTunnel++;
    const transferDataStatus = transferDataStatuses.noSuchTunnel;
    this.command({ command: 'transferDataError', payload: { tunnelId, transferDataStatus } });
  }

  /**
   * A second request of the same peer is granted the same tunnel: there is one for each pair. Open
   * before the answer leaves, because the client's first transfer may follow at once.
   */
  private grant(request: RequestTunnel): void {
    const tunnelStatus = refusalOf(request) ?? tunnelStatuses.success;
    const granted = tunnelStatus === tunnelStatuses.success;
    const before = this.current;
    if (granted) {
      this.peerTransferOctetsMax = transferLimit(request.maximumIncomingTransferSize);
      this.current = 'open';
    }
    this.command({
      command: 'requestTunnelResponse',
      payload: {
        tunnelId: granted ? this.tunnelId : noTunnelId,
        tunnelStatus,
        maximumIncomingTransferSize: tunnelTransferOctetsMax,
      },
    });
    if (granted && before !== 'open') this.onState('open');
  }

  private answered(response: RequestTunnelResponse): void {
    if (this.current !== 'requested') return;
    this.lastStatus = response.tunnelStatus;
    if (response.tunnelStatus !== tunnelStatuses.success) {
      this.become('closed');
      return;
    }
    this.tunnelId = response.tunnelId;
    this.peerTransferOctetsMax = transferLimit(response.maximumIncomingTransferSize);
    this.become('open');
  }

  private closedByPeer(tunnelId: number): void {
    if (this.current === 'open' && tunnelId === this.tunnelId) this.become('closed');
  }

  /** The peer has lost the tunnel; the client builds it anew. */
  private refusedByPeer(refusal: TransferDataError): void {
    if (refusal.transferDataStatus === transferDataStatuses.dataOverflow) return;
    if (this.current !== 'open' || refusal.tunnelId !== this.tunnelId) return;
    this.become('closed');
    if (this.role === 'client') this.request();
  }
}

/** In the answer to a request that is refused. */
const noTunnelId = 0xffff;

function refusalOf(request: RequestTunnel): number | undefined {
  if (request.protocolId !== gbcsTunnelProtocolId) return tunnelStatuses.protocolNotSupported;
  if (request.flowControlSupport !== 0) return tunnelStatuses.flowControlNotSupported;
  return undefined;
}

function transferLimit(announced: number): number {
  return Math.min(announced, tunnelTransferOctetsMax);
}
