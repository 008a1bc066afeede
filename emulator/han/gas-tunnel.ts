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

/**
 * Messages that wait for one meter, or blocks of messages: one of the greatest length is 55 blocks. The number is our
 * choice.
 */
export const gasQueueLengthMax = 64;

/** How long a message waits before it is given up (emulated time), as vendors' hubs have it. */
export const gasQueueLifetimeMs = 24 * 3_600_000;

const nothing = new Uint8Array(0);

interface Waiting {
  readonly message: Uint8Array;
  readonly sinceMs: number;
}

/**
 * The hub's end of a GSME's tunnel. The meter's radio is off most of the time: messages wait here
 * until it asks for them.
 *
 * @see zigbee.md 6, device-behaviour.md 2.2, 6.2
 */
export class GasHubTunnel implements MessageTunnel {
  onMessage: (message: Uint8Array) => void = ignore;
  /** How many messages wait now, after every change. */
  onPending: (pending: number) => void = ignore;
  /** A message was given up: the meter did not ask for so long. */
  onExpired: (message: Uint8Array) => void = ignore;
  malformed = 0;
  private queue: Waiting[] = [];

  constructor(
    readonly tunnel: Tunnel,
    private readonly nowMs: () => number,
  ) {
    tunnel.onMessage = (data) => this.receive(data);
  }

  /** How many messages wait for the meter to ask. */
  get pending(): number {
    return this.queue.length;
  }

  send(message: Uint8Array): TunnelVerdict {
    this.expire();
    if (message.length + gasTunnelGetResponse(0).length > this.tunnel.transferOctetsMax) {
      return 'too-long';
    }
    if (this.queue.length >= gasQueueLengthMax) return 'queue-full';
    this.queue.push({ message: message.slice(), sinceMs: this.nowMs() });
    this.onPending(this.queue.length);
    return 'queued';
  }

  private expire(): void {
    const oldestMs = this.nowMs() - gasQueueLifetimeMs;
    const gone = this.queue.filter(({ sinceMs }) => sinceMs < oldestMs);
    if (gone.length === 0) return;
    this.queue = this.queue.filter(({ sinceMs }) => sinceMs >= oldestMs);
    this.onPending(this.queue.length);
    for (const { message } of gone) this.onExpired(message);
  }

  private receive(data: Uint8Array): void {
    const opened = open(data);
    if (opened?.kind === 'get') this.answer();
    else if (opened?.kind === 'put') this.onMessage(opened.message);
    else this.malformed++;
  }

  private answer(): void {
    this.expire();
    const next = this.queue.shift();
    const header = gasTunnelGetResponse(this.queue.length);
    const verdict = this.tunnel.sendAfter(header, next?.message ?? nothing);
    if (next === undefined) return;
    // What cannot leave now is there for the next time the meter asks.
    if (verdict === 'sent') this.onPending(this.queue.length);
    else this.queue.unshift(next);
  }
}

/**
 * The meter's end: it hands in its own messages and, when it wakes, asks for what waits until
 * nothing is left.
 */
export class GasMeterTunnel implements MessageTunnel {
  onMessage: (message: Uint8Array) => void = ignore;
  malformed = 0;

  constructor(readonly tunnel: Tunnel) {
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
