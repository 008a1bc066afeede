import { shown, TaggedType } from './schema.js';
import { type TlvReader, TlvWriter } from './tlv.js';

/**
 * The object identifiers that SMKI certificates use. Those under a name of their own decode to it;
 * every other is its dotted text. Encoding takes the name or the dotted text.
 */
export const objectIdentifiers = {
  'ecdsa-with-SHA256': '1.2.840.10045.4.3.2',
  'id-ecPublicKey': '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',
  commonName: '2.5.4.3',
  serialNumber: '2.5.4.5',
  countryName: '2.5.4.6',
  localityName: '2.5.4.7',
  organizationName: '2.5.4.10',
  organizationalUnitName: '2.5.4.11',
  x500UniqueIdentifier: '2.5.4.45',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  hardwareModuleName: '1.3.6.1.5.5.7.8.4',
  extensionRequest: '1.2.840.113549.1.9.14',
} as const;

const dottedByName: ReadonlyMap<string, string> = new Map(Object.entries(objectIdentifiers));
const nameByDotted: ReadonlyMap<string, string> = new Map(
  Object.entries(objectIdentifiers).map(([name, dotted]) => [dotted, name]),
);

/** The form that decoding gives: the name of a dotted identifier that has one. */
export function objectIdentifierName(text: unknown): unknown {
  return typeof text === 'string' ? (nameByDotted.get(text) ?? text) : text;
}

const dottedText = /^[0-2](\.(0|[1-9][0-9]{0,38}))+$/;

function readDotted(reader: TlvReader): string {
  let text = '';
  reader.need(1);
  while (reader.offset < reader.end) {
    const at = reader.offset;
    let octet = reader.u8();
    if (octet === 0x80) reader.fail('an arc that is not in its shortest form', at);
    let arc = BigInt(octet & 0x7f);
    while (octet >= 0x80) {
      octet = reader.u8();
      arc = (arc << 7n) | BigInt(octet & 0x7f);
      if (reader.offset - at > 18) reader.fail('an arc above 2^126', at);
    }
    if (text !== '') {
      text += `.${arc}`;
    } else {
      const top = arc < 40n ? 0n : arc < 80n ? 1n : 2n;
      text = `${top}.${arc - 40n * top}`;
    }
  }
  return text;
}

function writeDotted(writer: TlvWriter, dotted: string): void {
  const [top = 0n, second = 0n, ...arcs] = dotted.split('.').map(BigInt);
  if (top < 2n && second >= 40n) writer.fail(`no such object identifier as ${dotted}`);
  for (const arc of [top * 40n + second, ...arcs]) {
    if (arc >> 126n !== 0n) writer.fail('an arc above 2^126');
    let shift = 0n;
    while (arc >> (shift + 7n) !== 0n) shift += 7n;
    for (; shift > 0n; shift -= 7n) writer.u8(Number((arc >> shift) & 0x7fn) | 0x80);
    writer.u8(Number(arc & 0x7fn));
  }
}

interface Known {
  readonly text: string;
  readonly octets: Uint8Array;
}

/** Arcs of the DCC's policies and hardware type: without a name, but in every certificate. */
const unnamed = [
  '1.2.826.0.1.8641679.1.2.1.4',
  '1.2.826.0.1.8641679.1.2.2.1',
  '1.2.826.0.1.1800000.1.2.1.4',
];

function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = end - start;
  for (let i = start; i < end; i++) value = (Math.imul(value, 31) + (bytes[i] as number)) | 0;
  return value;
}

/** Known identifiers are compared, not computed: a certificate holds some twenty of them. */
class ObjectIdentifierType extends TaggedType<string> {
  private readonly byHash = new Map<number, Known>();
  private readonly byText = new Map<unknown, Uint8Array>();

  constructor() {
    super(0x06);
    for (const dotted of [...dottedByName.values(), ...unnamed]) {
      const writer = new TlvWriter();
      writeDotted(writer, dotted);
      const octets = writer.finish();
      const text = nameByDotted.get(dotted) ?? dotted;
      this.byHash.set(hash(octets, 0, octets.length), { text, octets });
      this.byText.set(text, octets);
    }
  }

  read(reader: TlvReader): string {
    const { source, offset, end } = reader;
    const known = this.byHash.get(hash(source, offset, end));
    if (known === undefined || !startsWith(source, offset, end, known.octets)) {
      return readDotted(reader);
    }
    reader.skip(end - offset);
    return known.text;
  }

  write(writer: TlvWriter, value: string): void {
    const octets = this.byText.get(objectIdentifierName(value));
    if (octets !== undefined) {
      writer.bytes(octets);
      return;
    }
    if (typeof value !== 'string' || !dottedText.test(value)) {
      writer.fail(`${shown(value)} is not an object identifier`);
    }
    writeDotted(writer, value);
  }
}

function startsWith(source: Uint8Array, start: number, end: number, octets: Uint8Array): boolean {
  if (end - start !== octets.length) return false;
  for (let i = 0; i < octets.length; i++) if (source[start + i] !== octets[i]) return false;
  return true;
}

/** OBJECT IDENTIFIER as a name of the table above or dotted text. */
export const objectIdentifier: TaggedType<string> = new ObjectIdentifierType();
