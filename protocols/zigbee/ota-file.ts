import { type Codec, decodeWith, encodeWith, struct } from '../codec/codec.js';
import { under } from '../codec/codec-error.js';
import type { Eui64 } from '../codec/eui64.js';
import { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import { readIeeeAddress, writeIeeeAddress } from './ieee-address.js';

/**
 * The header that every firmware file of OTA Upgrade begins with. All ones in manufacturer, image
 * type or file version stands for any.
 *
 * @see ZigBee OTA 09-5264-23
 */
export interface OtaFileHeader {
  readonly manufacturerCode: number;
  readonly imageType: number;
  readonly fileVersion: number;
  /** 2 is ZigBee PRO. */
  readonly zigBeeStackVersion: number;
  /** At most 32 characters of one octet each; the NULs that fill it up are left off. */
  readonly headerString: string;
  /** Octets of the whole file, header included. */
  readonly totalImageSize: number;
  readonly securityCredentialVersion: number | undefined;
  /** The one device that the file is for. */
  readonly upgradeFileDestination: Eui64 | undefined;
  readonly hardwareVersions: OtaHardwareVersions | undefined;
}

/** From the oldest to the newest hardware that the file is for, both included. */
export interface OtaHardwareVersions {
  readonly minimum: number;
  readonly maximum: number;
}

const fileIdentifier = 0x0beef11e;
const headerVersion = 0x0100;
/** Length of a header without optional fields; the least that tells how long the header is. */
export const otaFileHeaderOctetsMin = 56;
const headerStringOctets = 32;

const credentialVersionBit = 0x01;
const destinationBit = 0x02;
const hardwareVersionsBit = 0x04;
const fieldControlBits = credentialVersionBit | destinationBit | hardwareVersionsBit;

/** Numbers of elements that files of several vendors have; from 0xF000 they are the maker's own. */
export const otaElementTags = {
  upgradeImage: 0x0000,
  suite1Signature: 0x0001,
  suite1SigningCertificate: 0x0002,
  imageIntegrityCode: 0x0003,
  pictureData: 0x0004,
  suite2Signature: 0x0005,
  suite2SigningCertificate: 0x0006,
} as const;

function fieldControlOf(header: OtaFileHeader): number {
  return (
    (header.securityCredentialVersion === undefined ? 0 : credentialVersionBit) |
    (header.upgradeFileDestination === undefined ? 0 : destinationBit) |
    (header.hardwareVersions === undefined ? 0 : hardwareVersionsBit)
  );
}

function headerOctets(fieldControl: number): number {
  return (
    otaFileHeaderOctetsMin +
    (fieldControl & credentialVersionBit ? 1 : 0) +
    (fieldControl & destinationBit ? 8 : 0) +
    (fieldControl & hardwareVersionsBit ? 4 : 0)
  );
}

function expect(reader: Reader, name: string, value: number, wanted: number, octets: number): void {
  if (value === wanted) return;
  const [seen, due] = [value, wanted].map((n) => n.toString(16).padStart(2 * octets, '0'));
  reader.fail(`${name} is 0x${seen}, not 0x${due}`, reader.offset - octets);
}

function readFieldControl(reader: Reader): number {
  expect(reader, 'file identifier', reader.u32Le(), fileIdentifier, 4);
  expect(reader, 'header version', reader.u16Le(), headerVersion, 2);
  const length = reader.u16Le();
  const fieldControl = reader.u16Le();
  if ((fieldControl & ~fieldControlBits) !== 0) {
    reader.fail('reserved bits of the field control are set', reader.offset - 2);
  }
  if (length !== headerOctets(fieldControl)) {
    const wanted = headerOctets(fieldControl);
    reader.fail(`header length is ${length}, but the fields take ${wanted}`, reader.offset - 4);
  }
  return fieldControl;
}

function readHeaderString(reader: Reader): string {
  const octets = reader.bytes(headerStringOctets);
  let end = octets.length;
  while (end > 0 && octets[end - 1] === 0) end--;
  return String.fromCharCode(...octets.subarray(0, end));
}

function writeHeaderString(writer: Writer, text: string): void {
  if (typeof text !== 'string' || text.length > headerStringOctets || text.endsWith('\0')) {
    writer.fail(`not up to ${headerStringOctets} characters with no NUL at the end`);
  }
  for (let index = 0; index < headerStringOctets; index++) {
    writer.u8(index < text.length ? text.charCodeAt(index) : 0);
  }
}

export const OtaFileHeader: Codec<OtaFileHeader> = {
  decode(reader) {
    const fieldControl = readFieldControl(reader);
    return {
      manufacturerCode: reader.u16Le(),
      imageType: reader.u16Le(),
      fileVersion: reader.u32Le(),
      zigBeeStackVersion: reader.u16Le(),
      headerString: readHeaderString(reader),
      totalImageSize: reader.u32Le(),
      securityCredentialVersion: fieldControl & credentialVersionBit ? reader.u8() : undefined,
      upgradeFileDestination: fieldControl & destinationBit ? readIeeeAddress(reader) : undefined,
      hardwareVersions:
        fieldControl & hardwareVersionsBit
          ? { minimum: reader.u16Le(), maximum: reader.u16Le() }
          : undefined,
    };
  },
  encode(writer, header) {
    const fieldControl = fieldControlOf(header);
    writer.u32Le(fileIdentifier);
    writer.u16Le(headerVersion);
    writer.u16Le(headerOctets(fieldControl));
    writer.u16Le(fieldControl);
    writer.u16Le(header.manufacturerCode);
    writer.u16Le(header.imageType);
    writer.u32Le(header.fileVersion);
    writer.u16Le(header.zigBeeStackVersion);
    writeHeaderString(writer, header.headerString);
    writer.u32Le(header.totalImageSize);
    if (header.securityCredentialVersion !== undefined) {
      writer.u8(header.securityCredentialVersion);
    }
    if (header.upgradeFileDestination !== undefined) {
      writeIeeeAddress(writer, header.upgradeFileDestination);
    }
    if (header.hardwareVersions !== undefined) {
      writer.u16Le(header.hardwareVersions.minimum);
      writer.u16Le(header.hardwareVersions.maximum);
    }
  },
};

/** A whole file. GB smart metering puts the maker's image straight after the header, as `content`. */
export interface OtaFile {
  readonly header: OtaFileHeader;
  /** All after the header: elements, or whatever the maker of the file likes. A view. */
  readonly content: Uint8Array;
}

/** Octets after the end that the header tells are an error, and so are missing ones. */
export function decodeOtaFile(bytes: Uint8Array): OtaFile {
  const reader = new Reader(bytes);
  try {
    const header = OtaFileHeader.decode(reader);
    if (header.totalImageSize !== bytes.length) {
      reader.fail(`total image size is ${header.totalImageSize}, the file has ${bytes.length}`);
    }
    return { header, content: reader.rest() };
  } catch (error) {
    throw under('otaFile', error);
  }
}

/** Puts in the total image size itself. */
export function encodeOtaFile(
  header: Omit<OtaFileHeader, 'totalImageSize'>,
  content: Uint8Array,
): Uint8Array {
  const sized = { ...header, totalImageSize: 0 };
  const octets = headerOctets(fieldControlOf(sized));
  const totalImageSize = octets + content.length;
  const file = new Uint8Array(totalImageSize);
  file.set(encodeWith(OtaFileHeader, { ...sized, totalImageSize }, 'otaFile'));
  file.set(content, octets);
  return file;
}

/** A part of the content, after its number and its length. */
export interface OtaElement {
  readonly tag: number;
  /** A view. */
  readonly data: Uint8Array;
}

const sizedData: Codec<Uint8Array> = {
  decode: (reader) => reader.bytes(reader.u32Le()),
  encode(writer, data) {
    writer.u32Le(data.length);
    writer.bytes(data);
  },
};

const element = struct({
  tag: {
    decode: (reader) => reader.u16Le(),
    encode: (writer, tag) => writer.u16Le(tag),
  } satisfies Codec<number>,
  data: sizedData,
});

const elements: Codec<readonly OtaElement[]> = {
  decode(reader) {
    const found: OtaElement[] = [];
    while (reader.remaining > 0) found.push(element.decode(reader));
    return found;
  },
  encode(writer, value) {
    for (const one of value) element.encode(writer, one);
  },
};

/** Splits the content of a file that is made of elements. */
export function decodeOtaElements(content: Uint8Array): readonly OtaElement[] {
  return decodeWith(elements, content, 'otaElements');
}

export function encodeOtaElements(value: readonly OtaElement[]): Uint8Array {
  return encodeWith(elements, value, 'otaElements');
}
