import { decodeWith } from '../../protocols/codec/codec.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import {
  GasTunnelData,
  gasTunnelGet,
  gasTunnelGetResponse,
  gasTunnelPut,
} from '../../protocols/zigbee/gas-tunnel-header.js';
import type { MessageTunnel, Tunnel, TunnelVerdict } from './tunnel.js';

function ignore(): void {
  // A tunnel that only sends.
}

/** Data of a gas tunnel, or undefined where its header is none of the three. */
function open(data: Uint8Array): GasTunnelData | undefined {
  try {
    return decodeWith(GasTunnelData, data);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return undefined;
  }
}

/** Messages that wait for one meter; the number is our choice. */
export const gasQueueLengthMax = 16;

const nothing = new Uint8Array(0);

/**
 * The hub's end of a GSME's tunnel. Messages for a meter whose radio is off wait here until it asks
 * for them; one whose radio is on gets them at once, in the same form as if it had asked.
 *
 * @see zigbee.md 6, device-behaviour.md 6.2
 */
export class GasHubTunnel implements MessageTunnel {
  onMessage: (message: Uint8Array) => void = ignore;
  malformed = 0;
  private readonly queue: Uint8Array[] = [];
  private reachable = true;

  constructor(private readonly tunnel: Tunnel) {
    tunnel.onMessage = (data) => this.receive(data);
  }

  /** How many messages wait for the meter to ask. */
  get pending(): number {
    return this.queue.length;
  }

  /** The meter's radio is now on for good, or off between its wake-ups. */
  setReachable(reachable: boolean): void {
    this.reachable = reachable;
    if (!reachable) return;
    while (this.queue.length > 0 && this.tunnel.state === 'open') this.answer();
  }

  send(message: Uint8Array): TunnelVerdict {
    if (this.reachable) return this.tunnel.sendAfter(gasTunnelGetResponse(0), message);
    if (message.length + gasTunnelGetResponse(0).length > this.tunnel.transferOctetsMax) {
      return 'too-long';
    }
    if (this.queue.length >= gasQueueLengthMax) return 'queue-full';
    this.queue.push(message.slice());
    return 'queued';
  }

  private receive(data: Uint8Array): void {
    const opened = open(data);
    if (opened?.kind === 'get') this.answer();
    else if (opened?.kind === 'put') this.onMessage(opened.message);
    else this.malformed++;
  }

  private answer(): void {
    const message = this.queue.shift();
    this.tunnel.sendAfter(gasTunnelGetResponse(this.queue.length), message ?? nothing);
  }
}

/**
 * The meter's end: it hands in its own messages and, when it wakes, asks for what waits until
 * nothing is left.
 */
export class GasMeterTunnel implements MessageTunnel {
  onMessage: (message: Uint8Array) => void = ignore;
  malformed = 0;

  constructor(private readonly tunnel: Tunnel) {
    tunnel.onMessage = (data) => this.receive(data);
  }

  send(message: Uint8Array): TunnelVerdict {
    return this.tunnel.sendAfter(gasTunnelPut, message);
  }

  /** Asks the hub for the next message. */
  fetch(): TunnelVerdict {
    return this.tunnel.sendAfter(gasTunnelGet, nothing);
  }

  private receive(data: Uint8Array): void {
    const opened = open(data);
    if (opened?.kind !== 'get-response') {
      this.malformed++;
      return;
    }
    if (opened.message.length > 0) this.onMessage(opened.message);
    if (opened.remaining > 0) this.fetch();
  }
}
