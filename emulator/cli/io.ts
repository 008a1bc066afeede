import type { Readable, Writable } from 'node:stream';
import { interruptedCode } from './exit.js';

export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export type InputStream = Readable & {
  readonly isTTY?: boolean;
  /** Of a terminal: each key at once, unseen, Ctrl-C as a key like any other. */
  setRawMode?(raw: boolean): unknown;
};

/** The process as commands see it; tests give another. */
export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `handler` at SIGINT, SIGTERM and SIGHUP, which then no longer end the process. Returns the way to let go. */
  onInterrupt(handler: () => void): () => void;
  /** Calls `handler`, which must be synchronous, whenever and however the process ends by itself. */
  onExit(handler: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Real milliseconds from some start. */
  nowMs(): number;
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  return {
    stdin,
    stdout,
    stderr,
    env,
    onInterrupt: (handler) => {
      for (const signal of endingSignals) process.on(signal, handler);
      return () => {
        for (const signal of endingSignals) process.off(signal, handler);
      };
    },
    onExit: (handler) => {
      process.on('exit', handler);
      return () => process.off('exit', handler);
    },
    exit: (code) => process.exit(code),
    nowMs: () => performance.now(),
  };
}

export interface Interruption {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ctrl-C ends the process again. */
  release(): void;
}

/** Under npm one Ctrl-C arrives twice: from the terminal, and handed on by npm. */
const sameKeyMs = 400;

/** The first Ctrl-C (or SIGTERM) asks for a clean end, the second ends the process at once. */
export function interruption(io: Io): Interruption {
  const controller = new AbortController();
  let firstAtMs = 0;
  const release = io.onInterrupt(() => {
    if (!controller.signal.aborted) firstAtMs = io.nowMs();
    else if (io.nowMs() - firstAtMs >= sameKeyMs) io.exit(interruptedCode);
    controller.abort();
  });
  return { signal: controller.signal, release };
}

/** Resolves after so long, or as soon as one of the signals is aborted; without a time only then. */
export function pause(milliseconds: number | undefined, ...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const all = AbortSignal.any(signals);
    if (all.aborted) return resolve();
    // Without a time the process must live until a signal comes; the longest timeout Node has, again and again.
    const timer =
      milliseconds === undefined
        ? setInterval(() => undefined, 0x7fff_ffff)
        : setTimeout(done, milliseconds);
    all.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      all.removeEventListener('abort', done);
      resolve();
    }
  });
}
