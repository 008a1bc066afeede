import { fromHex } from '../../protocols/codec/hex.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import type { HardwareIdentity } from '../functions/firmware-image.js';

/**
 * Octets of a block: what goes in one frame even beyond the next hop, secured with a link key, behind 17 octets of ZCL
 * frame.
 */
export const blockOctets = 46;

/** What ends a transfer that goes nowhere. Our choices. */
const limits = {
  /** Times that nobody answered, for so long that the device did something else. */
  pauses: 144,
  /** "Wait", one after the other, and for how long altogether. */
  waits: 500,
  waitedMs: 86_400_000,
  badAnswers: 5,
} as const;
const waitMsMax = 3_600_000;
/** While the server says "not now" and not for how long. */
const shortWaitMs = 1_000;
const firstOctets = 1024;

/** When to ask for the next block, and at which pace from now on. */
export interface OtaWait {
  readonly waitMs: number;
  readonly minimumBlockPeriodMs: number;
}

/** One file on its way from the server, as far as it has come. */
export class OtaTransfer {
  received = 0;
  /** What the end request is to report; undefined while there are blocks to come. */
  ending: number | undefined;
  /** Grows with what arrives: the size is only what the server says. */
  private data: Uint8Array;
  private pauses = 0;
  private waits = 0;
  private waitedMs = 0;
  private badAnswers = 0;

  constructor(
    private readonly hardware: HardwareIdentity,
    readonly fileVersion: number,
    readonly size: number,
  ) {
    this.data = new Uint8Array(Math.min(size, firstOctets));
  }

  get isComplete(): boolean {
    return this.received === this.size;
  }

  /** Fields of the request for the next block. */
  request(minimumBlockPeriod: number) {
    const { manufacturerCode, imageType } = this.hardware;
    const { fileVersion, received: fileOffset } = this;
    return {
      manufacturerCode,
      imageType,
      fileVersion,
      fileOffset,
      maximumDataSize: blockOctets,
      minimumBlockPeriod,
    };
  }

  /** Takes a block: `late` answers a question that was answered before, `bad` does not fit the question at all. */
  takeBlock(answer: GbzFields): 'taken' | 'late' | 'bad' {
    const { fileOffset, dataSize } = answer as Readonly<Record<string, number>>;
    if ((fileOffset as number) < this.received) return 'late';
    const { hardware, received } = this;
    const size = dataSize as number;
    const isAsked =
      fileOffset === received &&
      answer.manufacturerCode === hardware.manufacturerCode &&
      answer.imageType === hardware.imageType &&
      answer.fileVersion === this.fileVersion &&
      size > 0 &&
      size <= Math.min(blockOctets, this.size - received);
    if (!isAsked) return 'bad';
    this.append(fromHex(answer.imageData as string));
    this.pauses = 0;
    this.waits = 0;
    this.waitedMs = 0;
    this.badAnswers = 0;
    return 'taken';
  }

  private append(octets: Uint8Array): void {
    const { received } = this;
    if (received + octets.length > this.data.length) {
      const grown = new Uint8Array(Math.min(this.size, 2 * this.data.length));
      grown.set(this.data);
      this.data = grown;
    }
    this.data.set(octets, received);
    this.received += octets.length;
  }

  /** The server says "not now", and when or at what pace; undefined after it has said so too often. */
  wait(answer: GbzFields, pacedMs: number): OtaWait | undefined {
    const { currentTime, requestTime, minimumBlockPeriod } = answer as Readonly<
      Record<string, number>
    >;
    // A server without a clock gives the delay itself.
    const seconds = (requestTime ?? 0) - (currentTime ?? 0);
    const waitMs = Math.min(Math.max(0, seconds) * 1000, waitMsMax);
    this.waits++;
    this.waitedMs += waitMs;
    if (this.waits > limits.waits || this.waitedMs > limits.waitedMs) return undefined;
    const minimumBlockPeriodMs = minimumBlockPeriod ?? pacedMs;
    const isNewPace = minimumBlockPeriodMs !== pacedMs && waitMs === 0;
    return {
      waitMs: isNewPace ? minimumBlockPeriodMs : Math.max(waitMs, shortWaitMs),
      minimumBlockPeriodMs,
    };
  }

  /** Counts an answer that does not fit; returns whether it was one too many. */
  isOneBadAnswerTooMany(): boolean {
    this.badAnswers++;
    return this.badAnswers > limits.badAnswers;
  }

  /** Counts a pause; returns whether it was one too many. */
  isOnePauseTooMany(): boolean {
    this.pauses++;
    return this.pauses > limits.pauses;
  }

  /** The whole file; the transfer lets go of it. */
  release(): Uint8Array {
    const { data } = this;
    this.data = new Uint8Array(0);
    return data;
  }
}
