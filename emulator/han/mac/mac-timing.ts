/**
 * How long a MAC waits for what. All in milliseconds of real time, because frames cross the bus in
 * real time however fast the emulated day passes.
 */
export interface MacTiming {
  /**
   * For an acknowledgment. A radio gives up after 0.9 ms; ours may be a bus in a busy process, where
   * an acknowledgment that is merely late must not set off a storm of repetitions. Our choice.
   */
  readonly ackWaitMs: number;
  /**
   * How long frames that are still on their way to or from the bus excuse a missing acknowledgment: a
   * process with many homes may be seconds behind. Our choice.
   */
  readonly patienceMs: number;
  /** A frame that nobody acknowledged is sent again after 0 to this, at random. Our choice. */
  readonly backoffMaxMs: number;
  /** macMaxFrameRetries: repetitions after the first transmission [mem]. */
  readonly retriesMax: number;
  /**
   * For the frame that an acknowledgment with frame pending has promised: longer than a sender with
   * these very timings repeats it. Our choice.
   */
  readonly promisedFrameWaitMs: number;
  /** macTransactionPersistenceTime: what waits for a sleepy device is given up after this [mem]. */
  readonly indirectLifetimeMs: number;
  /** Listening on one channel of a scan: scan duration 4, which is 17 superframes of 15.36 ms [mem]. */
  readonly scanDurationMs: number;
  /** macResponseWaitTime, from the association request to asking for the answer: 491.52 ms [mem]. */
  readonly associationWaitMs: number;
}

export const defaultMacTiming: MacTiming = {
  ackWaitMs: 400,
  patienceMs: 10_000,
  backoffMaxMs: 20,
  retriesMax: 3,
  promisedFrameWaitMs: 2_000,
  indirectLifetimeMs: 7_680,
  scanDurationMs: 262,
  associationWaitMs: 492,
};
