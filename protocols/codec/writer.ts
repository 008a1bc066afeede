import { CodecError } from './codec-error.js';
import { hexInto } from './hex.js';
import { show } from './show.js';
import { transientOctets } from './transient-octets.js';

/** A growing byte buffer. Out-of-range values throw CodecError at the offset reached. */
export class Writer {
  private buffer: Uint8Array;
  private view: DataView;
  private length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  get offset(): number {
    return this.length;
  }

  /** Octets that fit before it must grow. */
  get capacity(): number {
    return this.buffer.length;
  }

  fail(reason: string): never {
    throw new CodecError('', this.length, reason);
  }

  private grow(count: number): number {
    const at = this.length;
    const needed = at + count;
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      larger.set(this.buffer.subarray(0, at));
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    this.length = needed;
    return at;
  }

  private range(value: number, low: number, high: number): void {
    if (!Number.isInteger(value) || value < low || value > high) {
      this.fail(`${show(value)} is not an integer from ${low} to ${high}`);
    }
  }

  u8(value: number): void {
    this.range(value, 0, 0xff);
    const at = this.grow(1);
    this.buffer[at] = value;
  }

  i8(value: number): void {
    this.range(value, -0x80, 0x7f);
    this.view.setInt8(this.grow(1), value);
  }

  u16(value: number): void {
    this.range(value, 0, 0xffff);
    const at = this.grow(2);
    this.view.setUint16(at, value);
  }

  i16(value: number): void {
    this.range(value, -0x8000, 0x7fff);
    const at = this.grow(2);
    this.view.setInt16(at, value);
  }

  u24(value: number): void {
    this.range(value, 0, 0xffffff);
    const at = this.grow(3);
    this.view.setUint8(at, value >>> 16);
    this.view.setUint16(at + 1, value & 0xffff);
  }

  u32(value: number): void {
    this.range(value, 0, 0xffffffff);
    const at = this.grow(4);
    this.view.setUint32(at, value);
  }

  i32(value: number): void {
    this.range(value, -0x80000000, 0x7fffffff);
    const at = this.grow(4);
    this.view.setInt32(at, value);
  }

  u64(value: bigint): void {
    if (typeof value !== 'bigint' || value < 0n || value > 0xffffffffffffffffn) {
      this.fail(`${show(value)} is not an integer from 0 to 2^64-1`);
    }
    const at = this.grow(8);
    this.view.setBigUint64(at, value);
  }

  i64(value: bigint): void {
    if (typeof value !== 'bigint' || value < -0x8000000000000000n || value > 0x7fffffffffffffffn) {
      this.fail(`${show(value)} is not an integer from -2^63 to 2^63-1`);
    }
    const at = this.grow(8);
    this.view.setBigInt64(at, value);
  }

  /** Little-endian unsigned integer of 1 to 6 bytes. */
  uintLe(value: number, size: number): void {
    this.range(value, 0, 256 ** size - 1);
    const at = this.grow(size);
    let rest = value;
    for (let i = 0; i < size; i++) {
      this.buffer[at + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  u16Le(value: number): void {
    this.range(value, 0, 0xffff);
    const at = this.grow(2);
    this.view.setUint16(at, value, true);
  }

  u32Le(value: number): void {
    this.range(value, 0, 0xffffffff);
    const at = this.grow(4);
    this.view.setUint32(at, value, true);
  }

  u64Le(value: bigint): void {
    if (typeof value !== 'bigint' || value < 0n || value > 0xffffffffffffffffn) {
      this.fail(`${show(value)} is not an integer from 0 to 2^64-1`);
    }
    const at = this.grow(8);
    this.view.setBigUint64(at, value, true);
  }

  bytes(value: Uint8Array): void {
    const at = this.grow(value.length);
    this.buffer.set(value, at);
  }

  /** The bytes of a hex text without separators. */
  hex(text: string): void {
    const at = this.grow(text.length >> 1);
    const wrong = hexInto(this.buffer, at, text);
    if (wrong >= 0) {
      this.length = at;
      this.fail(`'${text.slice(2 * wrong, 2 * wrong + 2)}' is not a hex byte`);
    }
  }

  /** Overwrites one byte already written (flags that are known only later). */
  patchU8(at: number, value: number): void {
    if (at >= this.length) this.fail(`nothing written at ${at} yet`);
    this.buffer[at] = value;
  }

  /** Opens a gap of `count` bytes at `at` and fills it: for a length that is known only after its content. */
  insert(at: number, value: Uint8Array): void {
    const end = this.length;
    this.grow(value.length);
    this.buffer.copyWithin(at + value.length, at, end);
    this.buffer.set(value, at);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  /** Copies what was written to the start of `target`. */
  copyTo(target: Uint8Array): void {
    target.set(this.buffer.subarray(0, this.length));
  }

  /** Forgets what was written and keeps the room. */
  reset(): this {
    this.length = 0;
    return this;
  }
}

const idle: Writer[] = [];
/** A writer that grew beyond this is not kept: one long message must not hold memory for good. */
const keptOctetsMax = 16_384;

/**
 * Lends a writer to `body` and returns what it wrote, as transient octets: copy them to keep them for long. Writers are kept and lent again, because their buffers
 * cost more than a short message's encoding; nested and throwing bodies are fine.
 */
export function written(body: (writer: Writer) => void): Uint8Array {
  const writer = idle.pop() ?? new Writer(1024);
  try {
    body(writer);
    const octets = transientOctets(writer.offset);
    writer.copyTo(octets);
    return octets;
  } finally {
    if (writer.capacity <= keptOctetsMax) idle.push(writer.reset());
  }
}
