import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import type { DlmsData } from './data.js';
import { tags } from './tags.js';
import {
  readBitString,
  readBoolean,
  readFixedOctets,
  readOctetString,
  readUtf8String,
  readVisibleString,
  writeBitString,
  writeBoolean,
  writeFixedOctets,
  writeInteger64,
  writeNumber,
  writeOctetString,
  writeUtf8String,
  writeVisibleString,
} from './values.js';

const nullData: DlmsData = Object.freeze({ type: 'null-data' });

/** The value of a type that holds no others: what follows its tag, or an element of a compact array. */
export function readSimple(reader: Reader, tag: number): DlmsData {
  switch (tag) {
    case tags['null-data']:
      return nullData;
    case tags['octet-string']:
      return { type: 'octet-string', value: readOctetString(reader) };
    case tags['double-long-unsigned']:
      return { type: 'double-long-unsigned', value: reader.u32() };
    case tags['long-unsigned']:
      return { type: 'long-unsigned', value: reader.u16() };
    case tags.unsigned:
      return { type: 'unsigned', value: reader.u8() };
    case tags.enum:
      return { type: 'enum', value: reader.u8() };
    case tags.integer:
      return { type: 'integer', value: reader.i8() };
    case tags.long:
      return { type: 'long', value: reader.i16() };
    case tags['double-long']:
      return { type: 'double-long', value: reader.i32() };
    case tags.boolean:
      return readBoolean(reader);
    case tags['bit-string']:
      return { type: 'bit-string', value: readBitString(reader) };
    case tags['visible-string']:
      return { type: 'visible-string', value: readVisibleString(reader) };
    case tags['utf8-string']:
      return { type: 'utf8-string', value: readUtf8String(reader) };
    default:
      return readRare(reader, tag);
  }
}

/** Types that the standard has and GBCS messages do not use. */
function readRare(reader: Reader, tag: number): DlmsData {
  switch (tag) {
    case tags.long64:
      return { type: 'long64', value: reader.i64().toString() };
    case tags['long64-unsigned']:
      return { type: 'long64-unsigned', value: reader.u64().toString() };
    case tags.bcd:
      return { type: 'bcd', value: readFixedOctets(reader, 1) };
    case tags.float32:
      return { type: 'float32', value: readFixedOctets(reader, 4) };
    case tags.float64:
      return { type: 'float64', value: readFixedOctets(reader, 8) };
    case tags['date-time']:
      return { type: 'date-time', value: readFixedOctets(reader, 12) };
    case tags.date:
      return { type: 'date', value: readFixedOctets(reader, 5) };
    case tags.time:
      return { type: 'time', value: readFixedOctets(reader, 4) };
    default:
      return reader.fail(
        `0x${tag.toString(16).padStart(2, '0')} is not the tag of a DLMS data type`,
        reader.offset - 1,
      );
  }
}

/** The value without its tag. */
export function writeSimple(writer: Writer, data: DlmsData): void {
  switch (data.type) {
    case 'null-data':
      return;
    case 'octet-string':
      writeOctetString(writer, data.value);
      break;
    case 'double-long-unsigned':
    case 'long-unsigned':
    case 'unsigned':
    case 'enum':
    case 'integer':
    case 'long':
    case 'double-long':
      writeNumber(writer, data.type, data.value);
      break;
    case 'boolean':
      writeBoolean(writer, data.value, data.octet);
      break;
    case 'bit-string':
      writeBitString(writer, data.value);
      break;
    case 'visible-string':
      writeVisibleString(writer, data.value);
      break;
    case 'utf8-string':
      writeUtf8String(writer, data.value);
      break;
    case 'long64':
    case 'long64-unsigned':
      writeInteger64(writer, data.type, data.value);
      break;
    case 'bcd':
      writeFixedOctets(writer, data.value, 1);
      break;
    case 'float32':
    case 'time':
      writeFixedOctets(writer, data.value, 4);
      break;
    case 'float64':
      writeFixedOctets(writer, data.value, 8);
      break;
    case 'date-time':
      writeFixedOctets(writer, data.value, 12);
      break;
    case 'date':
      writeFixedOctets(writer, data.value, 5);
      break;
    default:
      writer.fail('type is not the name of a simple DLMS data type');
  }
}
