import {
  type Codec,
  type Decoded,
  decodeWith,
  encodeWith,
  struct,
} from '../../protocols/codec/codec.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { equalBytes } from '../../protocols/codec/hex.js';
import { msToIso } from '../../protocols/codec/utc.js';
import { InvariantError } from '../ports/errors.js';
import type { Store } from '../ports/store.js';
import { type FirmwareImage, firmwareVersionText } from './firmware-image.js';

const hashOctets = 32;

const u8: Codec<number> = {
  decode: (reader) => reader.u8(),
  encode: (writer, value) => writer.u8(value),
};
const u32: Codec<number> = {
  decode: (reader) => reader.u32(),
  encode: (writer, value) => writer.u32(value),
};
const u64: Codec<bigint> = {
  decode: (reader) => reader.u64(),
  encode: (writer, value) => writer.u64(value),
};
/** Milliseconds since 1970. */
const instant: Codec<number> = {
  decode: (reader) => Number(reader.u64()),
  encode: (writer, value) => writer.u64(BigInt(Math.trunc(value))),
};
const hash: Codec<Uint8Array> = {
  decode: (reader) => reader.bytes(hashOctets).slice(),
  encode(writer, value) {
    if (value.length !== hashOctets) writer.fail(`a hash has ${hashOctets} octets`);
    writer.bytes(value);
  },
};

function optional<T>(inner: Codec<T>): Codec<T | undefined> {
  return {
    decode: (reader) => (reader.u8() === 0 ? undefined : inner.decode(reader)),
    encode(writer, value) {
      writer.u8(value === undefined ? 0 : 1);
      if (value !== undefined) inner.encode(writer, value);
    },
  };
}

const heldImage = struct({ fileVersion: u32, hash, isFaulty: u8 });
const plannedActivation = struct({ hash, originatorCounter: u64, atMs: instant });
const firmwareRecord = struct({
  fileVersion: u32,
  held: optional(heldImage),
  planned: optional(plannedActivation),
});

export type HeldImage = Decoded<typeof heldImage>;
/** A future-dated CS06. */
export type PlannedActivation = Decoded<typeof plannedActivation>;

/** An image that was of no use, and why. */
export interface RejectedImage {
  readonly fileVersion: number;
  readonly reason: 'not verified' | 'did not start';
}

export type ActivationResult = 'success' | 'noImageHeld' | 'hashMismatch' | 'activationFailure';

export interface ActivationOutcome {
  readonly result: ActivationResult;
  /** Four octets, hex: of what runs now. */
  readonly firmwareVersion: string;
}

/**
 * The firmware of one device: what runs, the one image that waits for its activation, and when that is planned for. All
 * of it survives a restart. Of a verified image only what it is known by is kept: nothing here executes its octets.
 *
 * @see device-behaviour.md 2.5
 */
export class Firmware {
  /** Called when another version runs, or when one failed to start. */
  onActivation: ((result: 'success' | 'activationFailure') => void) | undefined;
  /** An image that is not to be fetched again until the hub speaks of an image anew; forgotten in a restart. */
  rejected: RejectedImage | undefined;
  private record: Decoded<typeof firmwareRecord>;

  constructor(
    private readonly store: Store,
    private readonly entity: Eui64,
    /** Four octets, hex: with what the device came from its maker. */
    factoryVersion: string,
  ) {
    const stored = store.get(this.key);
    const fileVersion = Number.parseInt(factoryVersion, 16);
    this.record =
      stored === undefined
        ? { fileVersion, held: undefined, planned: undefined }
        : recordOf(entity, stored);
  }

  private get key(): string {
    return `${this.entity}/firmware`;
  }

  /** Four octets, hex. */
  get version(): string {
    return firmwareVersionText(this.record.fileVersion);
  }

  get fileVersion(): number {
    return this.record.fileVersion;
  }

  get held(): HeldImage | undefined {
    return this.record.held;
  }

  get planned(): PlannedActivation | undefined {
    return this.record.planned;
  }

  /** A later image takes the place of an earlier one. */
  hold({ header, hash: imageHash, isFaulty }: FirmwareImage): void {
    const { fileVersion } = header;
    this.keep({ held: { fileVersion, hash: imageHash, isFaulty: isFaulty ? 1 : 0 } });
  }

  /** Runs the held image if it is the one meant. */
  activate(imageHash: Uint8Array): ActivationOutcome {
    const { held } = this.record;
    if (held === undefined) return this.outcome('noImageHeld');
    if (!equalBytes(held.hash, imageHash)) return this.outcome('hashMismatch');
    if (held.isFaulty !== 0) {
      this.keep({ held: undefined });
      this.rejected = { fileVersion: held.fileVersion, reason: 'did not start' };
      this.onActivation?.('activationFailure');
      return this.outcome('activationFailure');
    }
    this.keep({ fileVersion: held.fileVersion, held: undefined });
    this.onActivation?.('success');
    return this.outcome('success');
  }

  /** A later plan takes the place of an earlier one. */
  plan(planned: PlannedActivation): void {
    this.keep({ planned });
  }

  cancelPlan(): void {
    if (this.record.planned !== undefined) this.keep({ planned: undefined });
  }

  /** JSON-safe. */
  describe(): Readonly<Record<string, unknown>> {
    const { version } = this;
    const { rejected } = this;
    const { held, planned } = this.record;
    return {
      version,
      ...(held === undefined ? {} : { held: firmwareVersionText(held.fileVersion) }),
      ...(planned === undefined ? {} : { activatesAt: msToIso(planned.atMs) }),
      ...(rejected === undefined
        ? {}
        : { rejected: firmwareVersionText(rejected.fileVersion), reason: rejected.reason }),
    };
  }

  private outcome(result: ActivationResult): ActivationOutcome {
    return { result, firmwareVersion: this.version };
  }

  private keep(change: Partial<Decoded<typeof firmwareRecord>>): void {
    this.record = { ...this.record, ...change };
    this.store.put(this.key, encodeWith(firmwareRecord, this.record, 'firmware'));
  }
}

function recordOf(entity: Eui64, stored: Uint8Array): Decoded<typeof firmwareRecord> {
  try {
    return decodeWith(firmwareRecord, stored, 'firmware');
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new InvariantError(`the stored firmware of ${entity}: ${error.message}`);
  }
}
