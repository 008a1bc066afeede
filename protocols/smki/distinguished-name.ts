import {
  AttributeTypeAndValue,
  AttributeValue,
  Name,
  RelativeDistinguishedName,
} from '@peculiar/asn1-x509';
import { CodecError } from '../codec/codec-error.js';
import type { Eui64 } from '../codec/eui64.js';
import { fromHex, toHex } from '../codec/hex.js';
import { oid } from './object-identifiers.js';

/** One attribute of a name, each in a relative distinguished name of its own, as in all SMKI certificates. */
export interface NameAttribute {
  /** Object identifier in dotted form. */
  readonly type: string;
  readonly kind: 'printableString' | 'utf8String' | 'bitString';
  /** The text; the octets of a bit string as hex. */
  readonly value: string;
}

export type DistinguishedName = readonly NameAttribute[];

const bitStringTag = 0x03;

/** A name as people write it: `OU=07, CN=Z1`. */
export function nameText(name: DistinguishedName): string {
  return name.map(({ type, value }) => `${shortNames.get(type) ?? type}=${value}`).join(', ');
}

const shortNames = new Map<string, string>([
  [oid.commonName, 'CN'],
  [oid.organizationalUnitName, 'OU'],
  [oid.x500UniqueIdentifier, 'x500UniqueIdentifier'],
]);

export function attributeValue(name: DistinguishedName, type: string): string | undefined {
  return name.find((attribute) => attribute.type === type)?.value;
}

/** Name of an organisation: common name if it has one, role as two hex digits, EUI-64 (smki.md 3). */
export function organisationName(
  role: number,
  entity: Eui64,
  commonName?: string,
): DistinguishedName {
  const name: NameAttribute[] = [
    { type: oid.organizationalUnitName, kind: 'utf8String', value: roleText(role) },
    { type: oid.x500UniqueIdentifier, kind: 'bitString', value: entity },
  ];
  if (commonName === undefined) return name;
  return [{ type: oid.commonName, kind: 'utf8String', value: commonName }, ...name];
}

/** Name of an authority: role as two hex digits unless it issues to devices, then the common name (smki.md 2, 4). */
export function authorityName(commonName: string, role?: number): DistinguishedName {
  const name: NameAttribute = {
    type: oid.commonName,
    kind: 'printableString',
    value: commonName,
  };
  if (role === undefined) return [name];
  return [
    { type: oid.organizationalUnitName, kind: 'printableString', value: roleText(role) },
    name,
  ];
}

function roleText(role: number): string {
  return role.toString(16).toUpperCase().padStart(2, '0');
}

/** To the library's class. */
export function toLibraryName(name: DistinguishedName): Name {
  return new Name(
    name.map(
      ({ type, kind, value }) =>
        new RelativeDistinguishedName([
          new AttributeTypeAndValue({ type, value: toLibraryValue(kind, value) }),
        ]),
    ),
  );
}

function toLibraryValue(kind: NameAttribute['kind'], value: string): AttributeValue {
  if (kind !== 'bitString') return new AttributeValue({ [kind]: value });
  const octets = fromHex(value);
  const der = Uint8Array.of(bitStringTag, octets.length + 1, 0, ...octets);
  return new AttributeValue({ anyValue: der.buffer });
}

/** From the library's class; CodecError for a name that is not of this shape. */
export function fromLibraryName(name: Name): DistinguishedName {
  return name.map((relative) => {
    const attribute = relative[0];
    if (relative.length !== 1 || attribute === undefined) {
      throw new CodecError('', 0, 'a relative distinguished name must hold one attribute');
    }
    return { type: attribute.type, ...fromLibraryValue(attribute.value) };
  });
}

function fromLibraryValue(value: AttributeValue): Pick<NameAttribute, 'kind' | 'value'> {
  const { printableString, utf8String, anyValue } = value;
  if (printableString !== undefined) return { kind: 'printableString', value: printableString };
  if (utf8String !== undefined) return { kind: 'utf8String', value: utf8String };
  const der = anyValue === undefined ? undefined : new Uint8Array(anyValue);
  if (der === undefined || der[0] !== bitStringTag || der[2] !== 0) {
    throw new CodecError(
      '',
      0,
      'attribute is no PrintableString, UTF8String or BIT STRING of octets',
    );
  }
  return { kind: 'bitString', value: toHex(der, 3) };
}
