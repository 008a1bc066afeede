import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { ApsAcknowledgmentHeader, ApsFragment } from '../../../protocols/zigbee/aps.js';
import {
  apsBlock,
  apsBlockCount,
  apsFragment,
  apsFragmentOctets,
} from '../../../protocols/zigbee/aps-fragments.js';
import { psduOctetsMax } from '../../../protocols/zigbee/ieee802154.js';
import {
  apsSecurityOctets,
  nwkSecurityOctets,
} from '../../../protocols/zigbee/security/frame-security.js';
import type { ApsRequest } from './aps-layer.js';

/** How an acknowledged transmission ended, or why it never began. */
export type ApsStatus = 'success' | 'no-ack' | 'no-key' | 'too-long' | 'queue-full' | 'gone';

const macHeaderOctets = 9;
const nwkHeaderOctets = 8;
const apsHeaderOctets = 8;
const sourceOctets = 8;

/** What a block carries between short addresses, under the network key. */
const plainBlockOctets =
  psduOctetsMax -
  macHeaderOctets -
  nwkHeaderOctets -
  nwkSecurityOctets -
  apsHeaderOctets -
  apsFragmentOctets;

/** Octets of an ASDU in one fragment: 80, or 71 under a link key, 63 beyond the next hop. */
export function blockOctetsMax({ secured, via }: Pick<ApsRequest, 'secured' | 'via'>): number {
  if (!secured) return plainBlockOctets;
  return plainBlockOctets - apsSecurityOctets - (via === undefined ? 0 : sourceOctets);
}

/** One block on its way down, or a whole ASDU. */
export interface ApsTransmission {
  readonly request: ApsRequest;
  readonly block: Uint8Array;
  readonly counter: number;
  readonly fragment: ApsFragment | undefined;
}

interface Outgoing {
  readonly request: ApsRequest;
  readonly asdu: Uint8Array;
  readonly counter: number;
  readonly blockCount: number;
  readonly done: ((status: ApsStatus, nowMs: number) => void) | undefined;
  /** The block that awaits its acknowledgment. */
  index: number;
  attempts: number;
  deadlineMs: number;
  patienceEndMs: number;
}

/**
 * Standard's figures but for the wait: frames cross a bus, in a process that may be busy, and a
 * sleepy destination must wake and poll.
 */
const retriesMax = 3;
const ackWaitMs = 1_600;
const sleepyAckWaitMs = 8_000;
/** How long a bus that is behind excuses a missing acknowledgment. Our choice. */
const patienceMs = 15_000;
/** ASDUs for one destination, and destinations. Our choice: a message of the greatest length is 55 blocks at once. */
const queueLengthMax = 96;
const destinationsMax = 32;

/**
 * Sends ASDUs that want an acknowledgment, one after the other for each destination, so that their
 * order is kept, and block by block where they are long.
 */
export class ApsSender {
  private readonly queues = new Map<number, Outgoing[]>();

  constructor(
    private readonly transmit: (transmission: ApsTransmission, nowMs: number) => void,
    /** Whether the medium has delivered all that was put on it. */
    private readonly settled: () => boolean = () => true,
  ) {}

  get waiting(): number {
    let waiting = 0;
    for (const queue of this.queues.values()) waiting += queue.length;
    return waiting;
  }

  fitsWhole(request: ApsRequest, asdu: Uint8Array): boolean {
    return apsBlockCount(asdu.length, blockOctetsMax(request)) === 1;
  }

  add(
    request: ApsRequest,
    asdu: Uint8Array,
    counter: number,
    nowMs: number,
    done?: (status: ApsStatus, nowMs: number) => void,
  ): 'sent' | 'queue-full' {
    let queue = this.queues.get(request.destination);
    if (queue === undefined) {
      if (this.queues.size >= destinationsMax) return 'queue-full';
      queue = [];
      this.queues.set(request.destination, queue);
    }
    if (queue.length >= queueLengthMax) return 'queue-full';
    queue.push({
      request,
      asdu: asdu.slice(),
      counter,
      blockCount: apsBlockCount(asdu.length, blockOctetsMax(request)),
      done,
      index: 0,
      attempts: 0,
      deadlineMs: Number.POSITIVE_INFINITY,
      patienceEndMs: 0,
    });
    if (queue.length === 1) this.sendBlock(queue[0] as Outgoing, nowMs);
    return 'sent';
  }

  private sendBlock(outgoing: Outgoing, nowMs: number): void {
    const { request, asdu, counter, index, blockCount } = outgoing;
    const whole = blockCount === 1;
    outgoing.attempts++;
    outgoing.deadlineMs = nowMs + (request.sleepy ? sleepyAckWaitMs : ackWaitMs);
    outgoing.patienceEndMs = nowMs + patienceMs;
    this.transmit(
      {
        request,
        block: whole ? asdu : apsBlock(asdu, index, blockOctetsMax(request)),
        counter,
        fragment: whole ? undefined : apsFragment(index, blockCount),
      },
      nowMs,
    );
  }

  /**
   * `signer` is whose link key secured the acknowledgment, if any: what was sent under a link key is
   * acknowledged under the same one. False for an acknowledgment of nothing that waits.
   */
  acknowledged(
    source: number,
    signer: Eui64 | undefined,
    header: ApsAcknowledgmentHeader,
    nowMs: number,
  ): boolean {
    const outgoing = this.queues.get(source)?.[0];
    if (outgoing === undefined || header.counter !== outgoing.counter) return false;
    const { request, blockCount } = outgoing;
    if (request.secured && signer !== request.destinationEui) return false;
    const { fragment } = header;
    if (blockCount === 1 ? fragment !== undefined : !answers(fragment, outgoing.index)) {
      return false;
    }
    outgoing.index++;
    outgoing.attempts = 0;
    if (outgoing.index < blockCount) this.sendBlock(outgoing, nowMs);
    else this.finish(source, 'success', nowMs);
    return true;
  }

  private finish(destination: number, status: ApsStatus, nowMs: number): void {
    const queue = this.queues.get(destination);
    const outgoing = queue?.shift();
    const next = queue?.[0];
    if (next === undefined) this.queues.delete(destination);
    outgoing?.done?.(status, nowMs);
    // What `done` has sent may already be under way, or all have been given up.
    if (next?.attempts === 0 && this.isFirst(destination, next)) this.sendBlock(next, nowMs);
  }

  private isFirst(destination: number, outgoing: Outgoing): boolean {
    return this.queues.get(destination)?.[0] === outgoing;
  }

  nextDeadlineMs(): number | undefined {
    let earliest: number | undefined;
    for (const [first] of this.queues.values()) {
      if (first !== undefined && (earliest === undefined || first.deadlineMs < earliest)) {
        earliest = first.deadlineMs;
      }
    }
    return earliest;
  }

  expire(nowMs: number): void {
    for (const [destination, [first]] of [...this.queues]) {
      if (first === undefined || nowMs < first.deadlineMs) continue;
      // What was sent for the one before may have come back, and ended this one too.
      if (!this.isFirst(destination, first)) continue;
      if (nowMs < first.patienceEndMs && !this.settled()) first.deadlineMs = nowMs + ackWaitMs;
      else if (first.attempts <= retriesMax) this.sendBlock(first, nowMs);
      else this.finish(destination, 'no-ack', nowMs);
    }
  }

  purge(destination: number, nowMs: number): void {
    const queue = this.queues.get(destination);
    if (queue === undefined) return;
    this.queues.delete(destination);
    for (const { done } of queue) done?.('gone', nowMs);
  }
}

/** The window is one block: its number, and the one bit for it. */
function answers(fragment: ApsAcknowledgmentHeader['fragment'], index: number): boolean {
  if (fragment === undefined || (fragment.bitmap & 1) === 0) return false;
  return fragment.blockNumber === index;
}
