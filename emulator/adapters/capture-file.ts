import { type FileHandle, open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { EnvironmentError } from '../ports/errors.js';

/** Octets waiting for the disk; a record more is left out. */
const waitingOctetsMax = 64 * 1024 * 1024;

export interface CaptureFileOptions {
  readonly waitingOctetsMax?: number;
}

/** Where octets go, in order. `write` says by `taken` how many there were before it failed. */
interface Target {
  write(octets: Uint8Array, taken: (count: number) => void): Promise<void>;
  /** Nothing behind this many octets shall remain; false where that cannot be. */
  cut(length: number): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * A file of records that are written as they come: what has been appended in one turn of the event loop is written at
 * the next, so that the file is never far behind. Memory is bounded: while the disk does not keep up, records are left
 * out and counted. When the disk fails, the file ends with the last record that is whole, and no more is written.
 */
export class CaptureFile {
  /** Records that were not taken: the disk was too slow, or had failed. */
  leftOut = 0;
  private readonly failing = new AbortController();
  private readonly limit: number;
  private waiting: Uint8Array[] = [];
  private waitingOctets = 0;
  private writtenOctets = 0;
  private writing: Promise<void> | undefined;
  private ending: Promise<void> | undefined;

  private constructor(
    /** For messages. */
    readonly name: string,
    private readonly target: Target,
    options: CaptureFileOptions,
  ) {
    this.limit = options.waitingOctetsMax ?? waitingOctetsMax;
  }

  /** An empty file at `path`, whatever was there. @throws EnvironmentError */
  static async create(path: string, options: CaptureFileOptions = {}): Promise<CaptureFile> {
    try {
      return new CaptureFile(path, fileTarget(await open(path, 'w')), options);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** The same for a stream, which is left open: standard output belongs to others. */
  static to(stream: Writable, name: string, options: CaptureFileOptions = {}): CaptureFile {
    return new CaptureFile(name, streamTarget(stream), options);
  }

  /** Aborted, with an EnvironmentError as its reason, when no more can be written. */
  get failed(): AbortSignal {
    return this.failing.signal;
  }

  /** Takes the octets, which nobody may change from now on. False if they were left out. */
  append(record: Uint8Array): boolean {
    const refused =
      this.ending !== undefined ||
      this.failed.aborted ||
      this.waitingOctets + record.length > this.limit;
    if (refused) {
      this.leftOut++;
      return false;
    }
    this.waiting.push(record);
    this.waitingOctets += record.length;
    this.writing ??= this.writeAll();
    return true;
  }

  private async writeAll(): Promise<void> {
    await turn();
    while (this.waiting.length > 0 && !this.failed.aborted) {
      const records = this.waiting;
      this.waiting = [];
      await this.writeRecords(records);
    }
    this.writing = undefined;
  }

  private async writeRecords(records: readonly Uint8Array[]): Promise<void> {
    const octets = Buffer.concat(records);
    let taken = 0;
    try {
      await this.target.write(octets, (count) => {
        taken += count;
      });
      this.writtenOctets += octets.length;
      this.waitingOctets -= octets.length;
    } catch (error) {
      await this.fail(error, records, taken);
    }
  }

  private async fail(error: unknown, records: readonly Uint8Array[], taken: number): Promise<void> {
    let whole = 0;
    let count = 0;
    for (const { length } of records) {
      if (whole + length > taken) break;
      whole += length;
      count++;
    }
    this.leftOut += records.length - count + this.waiting.length;
    this.waiting = [];
    this.writtenOctets += whole;
    const isWhole = await this.target.cut(this.writtenOctets);
    this.failing.abort(cannotWrite(this.name, error, isWhole ? this.writtenOctets : undefined));
  }

  /** Resolves when all is on the disk. @throws EnvironmentError when it is not */
  close(): Promise<void> {
    this.ending ??= this.end();
    return this.ending;
  }

  private async end(): Promise<void> {
    await this.writing;
    try {
      await this.target.close();
    } catch (error) {
      if (!this.failed.aborted) throw cannotWrite(this.name, error);
    }
    if (this.failed.aborted) throw this.failed.reason;
  }
}

function fileTarget(handle: FileHandle): Target {
  return {
    async write(octets, taken) {
      for (let at = 0; at < octets.length; ) {
        const { bytesWritten } = await handle.write(octets, at);
        at += bytesWritten;
        taken(bytesWritten);
      }
    },
    cut: (length) =>
      handle.truncate(length).then(
        () => true,
        () => false,
      ),
    async close() {
      try {
        // A disk may say only now that it is full.
        await unlessSpecial(handle.sync());
      } finally {
        await handle.close();
      }
    },
  };
}

/** Pipes and devices cannot be synchronised. */
async function unlessSpecial(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'EROFS') throw error;
  }
}

function streamTarget(stream: Writable): Target {
  return {
    write: (octets, taken) =>
      new Promise((resolve, reject) => {
        stream.write(octets, (error) => {
          if (error) reject(error);
          else {
            taken(octets.length);
            resolve();
          }
        });
      }),
    cut: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'there is no such directory',
  EISDIR: 'it is a directory',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be longer than a file may be',
  EPIPE: 'its reader has gone',
};

/** A file that cannot be written, and why, for people. */
export function cannotWrite(name: string, error: unknown, kept?: number): EnvironmentError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const rest = kept === undefined ? '' : `; it ends whole after ${kept} bytes`;
  return new EnvironmentError(`cannot write ${name}: ${reasons[code] ?? message}${rest}`, {
    cause: error,
  });
}
