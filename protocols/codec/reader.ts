import { CodecError } from './codec-error.js';
import type { Trace } from './trace.js';

/**
 * A cursor over bytes. Reading past `end` throws CodecError with the offset in the whole buffer;
 * `bytes()` returns views, never copies: copy what you keep.
 */
export class Reader {
  offset: number;
  /** Told of every named field that is read; undefined but for explaining a message. */
  trace: Trace | undefined = undefined;

  constructor(
    readonly source: Uint8Array,
    start = 0,
    readonly end: number = source.length,
  ) {
    this.offset = start;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  /** Throws CodecError at the current offset (or at `offset`). */
  fail(reason: string, offset: number = this.offset): never {
    throw new CodecError('', offset, reason);
  }

  need(count: number): void {
    if (this.end - this.offset < count) {
      this.fail(`need ${count} byte${count === 1 ? '' : 's'}, have ${this.end - this.offset}`);
    }
  }

  /** The next byte without taking it, or -1 at the end. */
  peek(ahead = 0): number {
    const at = this.offset + ahead;
    return at < this.end ? (this.source[at] as number) : -1;
  }

  u8(): number {
    if (this.offset >= this.end) this.need(1);
    return this.source[this.offset++] as number;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    this.need(2);
    const s = this.source;
    const o = this.offset;
    this.offset = o + 2;
    return ((s[o] as number) << 8) | (s[o + 1] as number);
  }

  i16(): number {
    return (this.u16() << 16) >> 16;
  }

  u24(): number {
    this.need(3);
    const s = this.source;
    const o = this.offset;
    this.offset = o + 3;
    return ((s[o] as number) << 16) | ((s[o + 1] as number) << 8) | (s[o + 2] as number);
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  i32(): number {
    this.need(4);
    const s = this.source;
    const o = this.offset;
    this.offset = o + 4;
    return (
      ((s[o] as number) << 24) |
      ((s[o + 1] as number) << 16) |
      ((s[o + 2] as number) << 8) |
      (s[o + 3] as number)
    );
  }

  u48(): number {
    this.need(6);
    return this.u16() * 0x1_0000_0000 + this.u32();
  }

  u64(): bigint {
    this.need(8);
    const high = this.u32();
    const low = this.u32();
    // Nearly always a number would do: counters start at 0.
    if (high < 0x20_0000) return BigInt(high * 0x1_0000_0000 + low);
    return (BigInt(high) << 32n) | BigInt(low);
  }

  i64(): bigint {
    return BigInt.asIntN(64, this.u64());
  }

  /** Little-endian unsigned integer of 1 to 6 bytes. */
  uintLe(size: number): number {
    this.need(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) {
      value = value * 256 + (this.source[this.offset + i] as number);
    }
    this.offset += size;
    return value;
  }

  u16Le(): number {
    this.need(2);
    const s = this.source;
    const o = this.offset;
    this.offset = o + 2;
    return (s[o] as number) | ((s[o + 1] as number) << 8);
  }

  u32Le(): number {
    this.need(4);
    const s = this.source;
    const o = this.offset;
    this.offset = o + 4;
    return (
      ((s[o] as number) |
        ((s[o + 1] as number) << 8) |
        ((s[o + 2] as number) << 16) |
        ((s[o + 3] as number) << 24)) >>>
      0
    );
  }

  u64Le(): bigint {
    this.need(8);
    const low = this.u32Le();
    return (BigInt(this.u32Le()) << 32n) | BigInt(low);
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    this.need(count);
    const view = this.source.subarray(this.offset, this.offset + count);
    this.offset += count;
    return view;
  }

  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  skip(count: number): void {
    this.need(count);
    this.offset += count;
  }

  /** A reader over the next `count` bytes, which this one passes; offsets stay those of the whole buffer. */
  sub(count: number): Reader {
    this.need(count);
    const inner = new Reader(this.source, this.offset, this.offset + count);
    if (this.trace !== undefined) inner.trace = this.trace;
    this.offset += count;
    return inner;
  }

  /** Strictness: nothing may be left. */
  done(): void {
    if (this.offset !== this.end) {
      this.fail(`${this.remaining} trailing byte${this.remaining === 1 ? '' : 's'}`);
    }
  }
}
