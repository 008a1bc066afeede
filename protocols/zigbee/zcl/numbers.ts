import { fromHex, toHex } from '../../codec/hex.js';
import type { Reader } from '../../codec/reader.js';
import type { Writer } from '../../codec/writer.js';
import { integerOf, type ZclValueCodec } from './value.js';

/** Little-endian, 1 to 6 bytes: a plain number. */
function smallUnsigned(size: number): ZclValueCodec {
  const high = 256 ** size - 1;
  return {
    read: (reader) => reader.uintLe(size),
    write: (writer, value) => writer.uintLe(integerOf(writer, value, 0, high), size),
  };
}

const unsigned8: ZclValueCodec = {
  read: (reader) => reader.u8(),
  write: (writer, value) => writer.u8(integerOf(writer, value, 0, 0xff)),
};
const unsigned16: ZclValueCodec = {
  read: (reader) => reader.u16Le(),
  write: (writer, value) => writer.u16Le(integerOf(writer, value, 0, 0xffff)),
};
const unsigned32: ZclValueCodec = {
  read: (reader) => reader.u32Le(),
  write: (writer, value) => writer.u32Le(integerOf(writer, value, 0, 0xffffffff)),
};

function smallSigned(size: number): ZclValueCodec {
  const span = 256 ** size;
  const half = span / 2;
  return {
    read(reader) {
      const value = reader.uintLe(size);
      return value < half ? value : value - span;
    },
    write(writer: Writer, value: unknown) {
      const number = integerOf(writer, value, -half, half - 1);
      writer.uintLe(number < 0 ? number + span : number, size);
    },
  };
}

const decimal = /^(0|-?[1-9][0-9]{0,19})$/;

/** Little-endian, 7 or 8 bytes: more than a double holds, so decimal text. */
function large(size: number, signed: boolean): ZclValueCodec {
  const bits = size * 8;
  const low = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const high = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  return {
    read(reader) {
      reader.need(size);
      const lower = BigInt(reader.uintLe(4));
      const value = lower | (BigInt(reader.uintLe(size - 4)) << 32n);
      return (signed ? BigInt.asIntN(bits, value) : value).toString();
    },
    write(writer: Writer, value: unknown) {
      if (typeof value !== 'string' || !decimal.test(value)) {
        writer.fail('not an integer as decimal text');
      }
      const whole = BigInt(value);
      if (whole < low || whole > high) writer.fail(`not an integer from ${low} to ${high}`);
      const wire = BigInt.asUintN(bits, whole);
      writer.uintLe(Number(wire & 0xffffffffn), 4);
      writer.uintLe(Number(wire >> 32n), size - 4);
    },
  };
}

export function unsigned(size: number): ZclValueCodec {
  if (size > 6) return large(size, false);
  if (size === 1) return unsigned8;
  if (size === 2) return unsigned16;
  return size === 4 ? unsigned32 : smallUnsigned(size);
}

export function signed(size: number): ZclValueCodec {
  return size > 6 ? large(size, true) : smallSigned(size);
}

/** 0xFF is the non-value and stays a number; 2 to 254 are not legal. */
export const boolean: ZclValueCodec = {
  read(reader) {
    const octet = reader.u8();
    if (octet === 0xff) return octet;
    if (octet > 1) reader.fail(`${octet} is not a boolean`, reader.offset - 1);
    return octet === 1;
  },
  write(writer, value) {
    if (value !== true && value !== false && value !== 0xff) writer.fail('not a boolean');
    writer.u8(Number(value));
  },
};

const scratch = new DataView(new ArrayBuffer(8));

/** Half precision from its 16 bits; NaN and infinities come out as such. */
function semiFromBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of a number that half precision holds exactly, otherwise -1. */
function semiToBits(value: number): number {
  scratch.setFloat64(0, value);
  const exponent = Math.max(((scratch.getUint16(0) >> 4) & 0x7ff) - 1023, -15);
  const size = Math.abs(value);
  const bits =
    exponent < -14 ? size * 2 ** 24 : (size / 2 ** exponent - 1) * 1024 + (exponent + 15) * 1024;
  if (!Number.isInteger(bits) || exponent > 15) return -1;
  return value < 0 ? bits | 0x8000 : bits;
}

/** Little-endian bits of a float of 2, 4 or 8 bytes. */
function floatFromWire(reader: Reader, size: number): number {
  if (size === 2) return semiFromBits(reader.u16Le());
  if (size === 4) {
    scratch.setUint32(0, reader.u32Le());
    return scratch.getFloat32(0);
  }
  scratch.setBigUint64(0, reader.u64Le());
  return scratch.getFloat64(0);
}

function floatToWire(writer: Writer, value: number, size: number): void {
  if (size === 2) {
    const bits = semiToBits(value);
    if (bits < 0) writer.fail('not a half-precision number');
    writer.u16Le(bits);
  } else if (size === 4) {
    scratch.setFloat32(0, value);
    if (!Number.isFinite(scratch.getFloat32(0))) writer.fail('beyond single precision');
    writer.u32Le(scratch.getUint32(0));
  } else {
    scratch.setFloat64(0, value);
    writer.u64Le(scratch.getBigUint64(0));
  }
}

/**
 * A finite number as such; NaN, infinities and minus zero, which JSON lacks, as the hex of their
 * bytes.
 */
export function float(size: 2 | 4 | 8): ZclValueCodec {
  return {
    read(reader) {
      const at = reader.offset;
      const value = floatFromWire(reader, size);
      const plain = Number.isFinite(value) && !Object.is(value, -0);
      return plain ? value : toHex(reader.source, at, at + size);
    },
    write(writer: Writer, value: unknown) {
      if (typeof value === 'string') {
        const bytes = fromHex(value);
        if (bytes.length !== size) writer.fail(`not ${size} bytes in hex`);
        writer.bytes(bytes);
      } else if (typeof value === 'number' && Number.isFinite(value)) {
        floatToWire(writer, value, size);
      } else {
        writer.fail('not a number');
      }
    },
  };
}
