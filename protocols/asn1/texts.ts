import { readUtf8, writeUtf8 } from '../codec/utf8.js';
import { type Asn1Type, shown, TaggedType } from './schema.js';
import type { TlvReader, TlvWriter } from './tlv.js';

/** Strings of characters, and times: all are text in JSON. */

function readAscii(reader: TlvReader): string {
  let text = '';
  while (reader.offset < reader.end) {
    const octet = reader.u8();
    if (octet >= 0x80) reader.fail('not an ASCII character', reader.offset - 1);
    text += String.fromCharCode(octet);
  }
  return text;
}

function writeAscii(writer: TlvWriter, text: unknown): void {
  if (typeof text !== 'string') writer.fail('not text');
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) writer.fail(`'${text[i]}' is not an ASCII character`);
    writer.u8(code);
  }
}

class AsciiStringType extends TaggedType<string> {
  read(reader: TlvReader): string {
    return readAscii(reader);
  }

  write(writer: TlvWriter, value: string): void {
    writeAscii(writer, value);
  }
}

/** Not kept: PrintableString's narrower repertoire; certificates in use go beyond it. */
export const printableString: TaggedType<string> = new AsciiStringType(0x13);
export const ia5String: TaggedType<string> = new AsciiStringType(0x16);

class Utf8StringType extends TaggedType<string> {
  read(reader: TlvReader): string {
    return readUtf8(reader, reader.remaining);
  }

  write(writer: TlvWriter, value: string): void {
    if (typeof value !== 'string') writer.fail('not text');
    writeUtf8(writer, value);
  }
}

export const utf8String: TaggedType<string> = new Utf8StringType(0x0c);

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether `text` is `…MMDDhhmmssZ` after `yearDigits` digits, each part in its range. */
function isTime(text: string, yearDigits: number): boolean {
  if (text.length !== yearDigits + 11 || text.charCodeAt(text.length - 1) !== 0x5a) return false;
  for (let i = 0; i < text.length - 1; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  const part = (index: number): number => {
    const at = yearDigits + 2 * index;
    return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30;
  };
  const month = part(0);
  const day = part(1);
  if (month < 1 || month > 12 || day < 1 || day > (daysInMonth[month - 1] as number)) return false;
  return part(2) < 24 && part(3) < 60 && part(4) < 60;
}

class TimeType extends TaggedType<string> {
  constructor(
    tag: number,
    private readonly yearDigits: number,
  ) {
    super(tag);
  }

  read(reader: TlvReader): string {
    const at = reader.offset;
    const text = readAscii(reader);
    if (!isTime(text, this.yearDigits)) reader.fail(`'${text}' is not a time`, at);
    return text;
  }

  write(writer: TlvWriter, value: string): void {
    if (typeof value !== 'string' || !isTime(value, this.yearDigits)) {
      writer.fail(`${shown(value)} is not a time, ${'Y'.repeat(this.yearDigits)}MMDDhhmmssZ`);
    }
    writeAscii(writer, value);
  }
}

/**
 * `YYYYMMDDhhmmssZ`, UTC, without fraction. `99991231235959Z` is "never", or the cancellation of a
 * command.
 */
export const generalizedTime: TaggedType<string> = new TimeType(0x18, 4);
/** `YYMMDDhhmmssZ`. */
export const utcTime: TaggedType<string> = new TimeType(0x17, 2);

/** X.509 `Time`: 13 characters are a UTCTime, 15 a GeneralizedTime. */
export const time: Asn1Type<string> = {
  accepts: (tag) => utcTime.accepts(tag) || generalizedTime.accepts(tag),
  decode: (reader) => (utcTime.accepts(reader.peek()) ? utcTime : generalizedTime).decode(reader),
  encode(writer, value) {
    const short = typeof value === 'string' && value.length === 13;
    (short ? utcTime : generalizedTime).encode(writer, value);
  },
};
