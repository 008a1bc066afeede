import { CodecError, within } from '../codec/codec-error.js';
import { type Eui64, isEui64 } from '../codec/eui64.js';
import { fromHex } from '../codec/hex.js';
import { data } from './construct.js';
import { instanceOfKey } from './cosem/dictionary.js';
import type { DlmsData } from './data.js';
import {
  elementsOf,
  expectNull,
  expectNumber,
  expectOctets,
  membersOf,
  numberOf,
  octetsOf,
} from './inspect.js';

/**
 * Data protection (class 30), method 1 get_protected_attributes: which attributes to read, and how the answer is to be
 * encrypted. Keys come from the message header, not from these blocks. @see gbcs-message.md 5.1
 */
export interface ProtectedObject {
  readonly classId: number;
  readonly instanceId: string;
  readonly attribute: number;
  /** Entries of a profile between two date-times (24 hex digits each); absent: the whole attribute. */
  readonly range?: { readonly from: string; readonly to: string };
}

/** The protection parameters: whose counter and which two parties the command or response names. */
export interface ProtectionParties {
  readonly counter: bigint;
  readonly originator: Eui64;
  readonly recipient: Eui64;
}

export interface ProtectedRequest extends ProtectionParties {
  readonly objects: readonly ProtectedObject[];
}

export interface ProtectedResponse extends ProtectionParties {
  /** Security header, ciphertext and tag. */
  readonly blob: Uint8Array;
}

const restrictions = { none: 0, byDate: 1 } as const;
const authenticationAndEncryption = 2;
const agreedKey = 2;
/** Static-static ECDH. */
const keyParameters = '02';
/** First octet of the transaction id: data encryption. The originator counter follows. */
const encryptionCra = '04';
const transactionPattern = /^04[0-9a-f]{16}$/i;

function objectData({ classId, instanceId, attribute, range }: ProtectedObject): DlmsData {
  const restriction =
    range === undefined
      ? data.structure(data.enum(restrictions.none), data.nullData)
      : data.structure(
          data.enum(restrictions.byDate),
          data.structure(data.octets(range.from), data.octets(range.to)),
        );
  return data.structure(
    data.u16(classId),
    data.obis(instanceId),
    data.i8(attribute),
    data.u16(0),
    restriction,
  );
}

/** The one protection of a command or response; also member 3 of a billing alert's structure (ECS68). */
export function protection({ counter, originator, recipient }: ProtectionParties): DlmsData {
  const transaction = encryptionCra + BigInt.asUintN(64, counter).toString(16).padStart(16, '0');
  return data.array(
    data.structure(
      data.enum(authenticationAndEncryption),
      data.structure(
        data.octets(transaction),
        data.octets(originator),
        data.octets(recipient),
        data.octets(''),
        data.structure(
          data.enum(agreedKey),
          data.structure(data.octets(keyParameters), data.octets('')),
        ),
      ),
    ),
  );
}

export function parseProtection(value: DlmsData): ProtectionParties {
  const [only, ...more] = elementsOf(value, parseOneProtection);
  if (only === undefined || more.length > 0) throw new CodecError('', 0, 'not one protection');
  return only;
}

/** The method's parameter. */
export function protectedRequest({ objects, ...parties }: ProtectedRequest): DlmsData {
  return data.structure(data.array(...objects.map(objectData)), protection(parties));
}

/** Throws CodecError with the path of what differs, `[0][1][2]` for the second object's attribute. */
export function parseProtectedRequest(value: DlmsData): ProtectedRequest {
  const [objects, parties] = pair(value);
  return {
    objects: within('[0]', () => elementsOf(objects, parseObject)),
    ...within('[1]', () => parseProtection(parties)),
  };
}

/** The method's return value on success; on failure it is null-data. */
export function protectedResponse({ blob, ...parties }: ProtectedResponse): DlmsData {
  return data.structure(protection(parties), data.octets(blob));
}

export function parseProtectedResponse(value: DlmsData): ProtectedResponse {
  const [parties, blob] = pair(value);
  return {
    ...within('[0]', () => parseProtection(parties)),
    blob: within('[1]', () => fromHex(octetsOf(blob))),
  };
}

function pair(value: DlmsData): readonly [DlmsData, DlmsData] {
  return membersOf(value, 2) as unknown as readonly [DlmsData, DlmsData];
}

function member<T>(members: readonly DlmsData[], index: number, read: (member: DlmsData) => T): T {
  return within(`[${index}]`, () => read(members[index] as DlmsData));
}

function parseOneProtection(value: DlmsData): ProtectionParties {
  const [kind, parameters] = pair(value);
  within('[0]', () => expectNumber(kind, 'enum', authenticationAndEncryption));
  return within('[1]', () => {
    const members = membersOf(parameters, 5);
    const counter = member(members, 0, transactionCounter);
    const originator = member(members, 1, euiOf);
    const recipient = member(members, 2, euiOf);
    member(members, 3, (information) => expectOctets(information, ''));
    member(members, 4, checkKeyInformation);
    return { counter, originator, recipient };
  });
}

function checkKeyInformation(value: DlmsData): void {
  const [kind, options] = pair(value);
  within('[0]', () => expectNumber(kind, 'enum', agreedKey));
  const members = within('[1]', () => pair(options));
  within('[1]', () => {
    member(members, 0, (parameters) => expectOctets(parameters, keyParameters));
    member(members, 1, (ciphered) => expectOctets(ciphered, ''));
  });
}

function transactionCounter(value: DlmsData): bigint {
  const hex = octetsOf(value, 9);
  if (!transactionPattern.test(hex)) throw new CodecError('', 0, 'transaction is not of kind 04');
  return BigInt(`0x${hex.slice(2)}`);
}

function euiOf(value: DlmsData): Eui64 {
  const hex = octetsOf(value, 8).toLowerCase();
  if (!isEui64(hex)) throw new CodecError('', 0, 'not an EUI-64');
  return hex;
}

function parseObject(value: DlmsData): ProtectedObject {
  const members = membersOf(value, 5);
  const classId = member(members, 0, (id) => numberOf(id, 'long-unsigned'));
  const hex = member(members, 1, (obis) => octetsOf(obis, 6));
  const attribute = member(members, 2, (id) => numberOf(id, 'integer'));
  member(members, 3, (index) => expectNumber(index, 'long-unsigned', 0));
  const range = member(members, 4, parseRestriction);
  const object = { classId, instanceId: instanceOfKey(Number.parseInt(hex, 16)), attribute };
  return range === undefined ? object : { ...object, range };
}

function parseRestriction(value: DlmsData): ProtectedObject['range'] {
  const [kind, restriction] = pair(value);
  const type = within('[0]', () => numberOf(kind, 'enum'));
  if (type === restrictions.none) {
    within('[1]', () => expectNull(restriction));
    return undefined;
  }
  if (type !== restrictions.byDate) {
    throw new CodecError('[0]', 0, `${type} is not a restriction that GBCS uses`);
  }
  const members = within('[1]', () => pair(restriction));
  return within('[1]', () => ({
    from: member(members, 0, (from) => octetsOf(from, 12)),
    to: member(members, 1, (to) => octetsOf(to, 12)),
  }));
}
