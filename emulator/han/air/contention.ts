import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { TimerHeap } from '../../machine/timer-heap.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { RandomStream } from '../../ports/random.js';
import { asksForAcknowledgment, isAcknowledgment, sequenceNumberOf } from './mac-octets.js';
import type { Propagation } from './propagation.js';
import { type RadioChannel, sameChannel } from './radio.js';
import { acknowledgmentUs, airtimeUs, bandOf } from './radio-bands.js';

/** What the medium is to `Contention`, and what of it is counted there. */
export interface ContentionHost {
  readonly counts: ContentionCounts;
  /** A frame goes out: on the bus with it. */
  publish(sender: Eui64, psdu: Uint8Array, on: RadioChannel): void;
  /** A frame has ended: whoever can make it out hears it. `on` is what `arrive` was given. */
  deliver(psdu: Uint8Array, on: RadioChannel, transmission: Transmission): void;
}

export interface ContentionCounts {
  /** Frames whose sender found the channel occupied and waited. */
  deferred: number;
  /** Frames never sent, or never heard, because the channel was occupied for too long. */
  abandoned: number;
}

/** One frame on the air. Milliseconds with fractions. */
export interface Transmission extends RadioChannel {
  readonly sender: Eui64;
  readonly startMs: number;
  readonly endMs: number;
  /** Where an acknowledgment is asked for: until that would be over. */
  readonly quietUntilMs: number;
  readonly octets: number;
  readonly sequenceNumber: number;
  /** Whether the bus has brought it back. */
  returned: boolean;
}

interface Waiting {
  readonly psdu: Uint8Array;
  readonly on: RadioChannel;
}

/** Frames that a radio still has to send, the first of them contending for the channel. */
interface SendQueue {
  readonly sender: Eui64;
  readonly frames: Waiting[];
  /** How often the first frame found the channel occupied. */
  attempts: number;
}

/** macMinBE, macMaxBE and macMaxCSMABackoffs of IEEE 802.15.4, their defaults. */
const backoffExponentMin = 3;
const backoffExponentMax = 5;
const attemptsMax = 4;

/** Remembered: the bus may be slow to bring back a frame that a later one did not spoil. */
const transmissionsMax = 32;
/** Frames on their way to their receivers: what a stranger floods the bus with is cut off. */
const arrivalsMax = 64;
const queueLengthMax = 64;
const queuesMax = 64;

/**
 * Frames of one home that take their time and share the channel: unslotted CSMA-CA as in IEEE
 * 802.15.4. A radio waits 0 to 7 random periods of backoff, senses the channel, and sends after its
 * turnaround; when the channel is occupied it waits again, from up to 15 and then 31 periods, and
 * gives up after the fifth time. Two radios that sense within one turnaround of each other, or that
 * are out of each other's reach, do not notice each other and collide. Acknowledgments neither wait
 * nor sense.
 *
 * What is due is kept in an agenda of its own, because clocks round to whole milliseconds and the
 * order of things within one is what decides here.
 *
 * not kept: that a receiver must have listened from a frame's first octet, and that it sums up
 * several interferers; the strongest counts.
 */
export class Contention {
  private readonly agenda = new TimerHeap();
  private readonly queues = new Map<Eui64, SendQueue>();
  private readonly transmissions: Transmission[] = [];
  private arrivals = 0;
  private timer: Timer | undefined;
  private armedForMs = Number.POSITIVE_INFINITY;
  /** The nominal time of what runs now. */
  private instantMs: number | undefined;

  constructor(
    private readonly host: ContentionHost,
    private readonly clock: Pick<Clock, 'nowMs' | 'at'>,
    private readonly random: RandomStream,
    private readonly propagation: Propagation,
  ) {}

  private nowMs(): number {
    return this.instantMs ?? this.clock.nowMs();
  }

  /** Takes a frame to send, when the channel allows. `psdu` is copied. */
  submit(sender: Eui64, psdu: Uint8Array, on: RadioChannel): void {
    if (isAcknowledgment(psdu)) {
      this.begin(sender, psdu, on, this.nowMs());
      return;
    }
    let queue = this.queues.get(sender);
    if (queue === undefined) {
      if (this.queues.size >= queuesMax) {
        this.host.counts.abandoned++;
        return;
      }
      queue = { sender, frames: [], attempts: 0 };
      this.queues.set(sender, queue);
    }
    if (queue.frames.length >= queueLengthMax) {
      this.host.counts.abandoned++;
      return;
    }
    queue.frames.push({ psdu: psdu.slice(), on: { page: on.page, channel: on.channel } });
    if (queue.frames.length === 1) this.contend(queue, this.nowMs());
  }

  /**
   * A frame from the bus: one of ours that comes back, or one of another process that starts.
   * `psdu` is copied, `on` is kept.
   */
  arrive(psdu: Uint8Array, sender: Eui64, on: RadioChannel): void {
    if (this.arrivals >= arrivalsMax) {
      this.host.counts.abandoned++;
      return;
    }
    const transmission = this.ours(psdu, sender, on) ?? this.record(psdu, sender, on, this.nowMs());
    transmission.returned = true;
    const copy = psdu.slice();
    this.arrivals++;
    this.plan(transmission.endMs, () => {
      this.arrivals--;
      this.host.deliver(copy, on, transmission);
    });
  }

  /** Forgets what a radio still wanted to send. */
  withdraw(sender: Eui64): void {
    const queue = this.queues.get(sender);
    if (queue === undefined) return;
    queue.frames.length = 0;
    this.queues.delete(sender);
  }

  stop(): void {
    this.agenda.clear();
    this.queues.clear();
    this.arrivals = 0;
    this.timer?.cancel();
    this.timer = undefined;
    this.armedForMs = Number.POSITIVE_INFINITY;
  }

  /**
   * Power of the strongest other frame that a receiver heard while this one was on the air; infinite
   * where the receiver itself was sending.
   */
  interferenceDbm(at: Eui64, transmission: Transmission): number {
    let strongest = Number.NEGATIVE_INFINITY;
    for (const other of this.transmissions) {
      if (other === transmission || !sameChannel(other, transmission)) continue;
      if (other.endMs <= transmission.startMs || other.startMs >= transmission.endMs) continue;
      if (other.sender === at) return Number.POSITIVE_INFINITY;
      strongest = Math.max(strongest, this.propagation.rssiDbm(other.sender, at, other.page));
    }
    return strongest;
  }

  /** Starts on the first frame of a queue. */
  private contend(queue: SendQueue, fromMs: number): void {
    queue.attempts = 0;
    this.backOff(queue, fromMs);
  }

  private backOff(queue: SendQueue, fromMs: number): void {
    const frame = queue.frames[0];
    if (frame === undefined) return;
    const exponent = Math.min(backoffExponentMin + queue.attempts, backoffExponentMax);
    const periods = this.random.int(0, 2 ** exponent - 1);
    const atMs = fromMs + (periods * bandOf(frame.on.page).backoffUs) / 1_000;
    this.plan(atMs, () => this.sense(queue, frame, atMs));
  }

  private sense(queue: SendQueue, frame: Waiting, atMs: number): void {
    if (queue.frames[0] !== frame) return;
    if (this.isClear(queue.sender, frame.on, atMs)) {
      queue.frames.shift();
      const { endMs } = this.begin(queue.sender, frame.psdu, frame.on, atMs);
      this.contend(queue, endMs);
      return;
    }
    if (queue.attempts === 0) this.host.counts.deferred++;
    queue.attempts++;
    if (queue.attempts <= attemptsMax) {
      this.backOff(queue, atMs);
      return;
    }
    this.host.counts.abandoned++;
    queue.frames.shift();
    this.contend(queue, atMs);
  }

  /**
   * Whether a radio senses no energy and no frame. The gap before an acknowledgment counts as
   * occupied, for all that heard the frame.
   */
  private isClear(at: Eui64, on: RadioChannel, atMs: number): boolean {
    const { occupiedDbm, sensitivityDbm } = bandOf(on.page);
    if (this.propagation.noiseDbm(on) >= occupiedDbm) return false;
    for (const other of this.transmissions) {
      if (!sameChannel(other, on) || atMs < other.startMs || atMs >= other.quietUntilMs) continue;
      if (other.sender === at) return false;
      if (this.propagation.rssiDbm(other.sender, at, on.page) >= sensitivityDbm) return false;
    }
    return true;
  }

  private begin(sender: Eui64, psdu: Uint8Array, on: RadioChannel, atMs: number): Transmission {
    const startMs = atMs + bandOf(on.page).turnaroundUs / 1_000;
    const transmission = this.record(psdu, sender, on, startMs);
    this.host.publish(sender, psdu, on);
    return transmission;
  }

  private record(psdu: Uint8Array, sender: Eui64, on: RadioChannel, startMs: number): Transmission {
    const endMs = startMs + airtimeUs(on.page, psdu.length) / 1_000;
    const gapMs = asksForAcknowledgment(psdu) ? acknowledgmentUs(on.page) / 1_000 : 0;
    const transmission: Transmission = {
      sender,
      page: on.page,
      channel: on.channel,
      startMs,
      endMs,
      quietUntilMs: endMs + gapMs,
      octets: psdu.length,
      sequenceNumber: sequenceNumberOf(psdu),
      returned: false,
    };
    if (this.transmissions.length >= transmissionsMax) this.transmissions.shift();
    this.transmissions.push(transmission);
    return transmission;
  }

  /** The transmission that the bus brings back now. */
  private ours(psdu: Uint8Array, sender: Eui64, on: RadioChannel): Transmission | undefined {
    return this.transmissions.findLast(
      (known) =>
        !known.returned &&
        known.sender === sender &&
        known.octets === psdu.length &&
        known.sequenceNumber === sequenceNumberOf(psdu) &&
        sameChannel(known, on),
    );
  }

  private plan(atMs: number, task: () => void): void {
    this.agenda.add(atMs, task);
    if (this.instantMs === undefined) this.arm();
  }

  private arm(): void {
    const next = this.agenda.nextDeadlineMs();
    if (next === undefined || next >= this.armedForMs) return;
    this.timer?.cancel();
    this.armedForMs = next;
    this.timer = this.clock.at(next, () => this.work());
  }

  /** Does what is due, in the order in which it was due. */
  private work(): void {
    this.timer = undefined;
    this.armedForMs = Number.POSITIVE_INFINITY;
    const nowMs = this.clock.nowMs();
    try {
      for (let due = this.agenda.takeDue(nowMs); due; due = this.agenda.takeDue(nowMs)) {
        this.instantMs = due.deadlineMs;
        due.run();
      }
    } finally {
      this.instantMs = undefined;
      this.arm();
    }
  }
}
