import { CodecError, under } from '../codec/codec-error.js';
import type { Trace } from '../codec/trace.js';
import {
  activateFirmwareAlert,
  activateFirmwareCommand,
  activateFirmwareResponse,
  backUpDeviceLogAlert,
  firmwareActivationAlert,
  firmwareTransferAlert,
  joinCommand,
  joinResponse,
  readDeviceLogResponse,
  readFirmwareVersionResponse,
  restoreDeviceLogCommand,
  restoreDeviceLogResponse,
  setClockCommand,
  setClockResponse,
  unjoinResponse,
} from './devices.js';
import { entityIdentifier, nullType } from './primitives.js';
import { type Asn1Type, type Asn1Value, shown } from './schema.js';
import {
  deviceCredentialsCommand,
  issueCredentialsResponse,
  provideCredentialsCommand,
  provideCredentialsResponse,
  provideDeviceCertificateResponse,
  updateCredentialsAlert,
  updateCredentialsCommand,
  updateCredentialsResponse,
  updateDeviceCertificateResponse,
} from './security-credentials.js';
import { type LengthForm, TlvReader, TlvWriter } from './tlv.js';
import { certificate } from './x509.js';

export type CraFlag = 'command' | 'response' | 'alert';

/** A decoded ASN.1 payload, JSON-safe. */
export interface Asn1Payload {
  readonly kind: 'asn1';
  /** Use case and CRA flag, as `CS02b command`. */
  readonly structure: string;
  readonly value: Asn1Value;
  /**
   * Set where lengths of 128 to 255 are written `82 00 nn`; otherwise they are in their shortest
   * form.
   */
  readonly lengths?: 'two-octet';
}

export interface Asn1Structure {
  readonly name: string;
  readonly type: Asn1Type<unknown>;
}

interface UseCase {
  readonly useCase: string;
  readonly messageCodes: readonly number[];
  readonly command?: Asn1Type<unknown>;
  readonly response?: Asn1Type<unknown>;
  readonly alert?: Asn1Type<unknown>;
}

const provideCredentials = {
  command: provideCredentialsCommand,
  response: provideCredentialsResponse,
};
const updateCredentials = {
  command: updateCredentialsCommand,
  response: updateCredentialsResponse,
};
const join = { command: joinCommand, response: joinResponse };
const unjoin = { command: entityIdentifier, response: unjoinResponse };

/**
 * Every message code whose payload is ASN.1 (asn1.md 3). CS02b has a code per credentials
 * replacement mode; alerts that report a future-dated execution have codes of their own.
 *
 * Official data has one CS04B command under CS04AC's code; the structures are the same, so it
 * decodes as CS04AC.
 */
const useCases: readonly UseCase[] = [
  { useCase: 'CS02a', messageCodes: [0x0008], ...provideCredentials },
  { useCase: 'CS02f', messageCodes: [0x011b], ...provideCredentials },
  {
    useCase: 'CS02b',
    messageCodes: Array.from({ length: 10 }, (_, mode) => 0x0100 + mode),
    ...updateCredentials,
  },
  { useCase: 'CS02b', messageCodes: [0x00cb], alert: updateCredentialsAlert },
  { useCase: 'CS02g', messageCodes: [0x0125, 0x0126], ...updateCredentials },
  { useCase: 'CS02g', messageCodes: [0x0124], alert: updateCredentialsAlert },
  {
    useCase: 'CS02c',
    messageCodes: [0x000a],
    command: deviceCredentialsCommand,
    response: issueCredentialsResponse,
  },
  {
    useCase: 'CS02d',
    messageCodes: [0x000b],
    command: certificate,
    response: updateDeviceCertificateResponse,
  },
  {
    useCase: 'CS02e',
    messageCodes: [0x000c],
    command: deviceCredentialsCommand,
    response: provideDeviceCertificateResponse,
  },
  { useCase: 'CS03A1', messageCodes: [0x000d], ...join },
  { useCase: 'CS03A2', messageCodes: [0x00ab], ...join },
  { useCase: 'CS03B', messageCodes: [0x000e], ...join },
  { useCase: 'CS03C', messageCodes: [0x00af], ...join },
  { useCase: 'CS04AC', messageCodes: [0x000f], ...unjoin },
  { useCase: 'CS04B', messageCodes: [0x0010], ...unjoin },
  {
    useCase: 'CS06',
    messageCodes: [0x0012],
    command: activateFirmwareCommand,
    response: activateFirmwareResponse,
  },
  { useCase: 'CS06', messageCodes: [0x00ca], alert: activateFirmwareAlert },
  {
    useCase: 'CS07',
    messageCodes: [0x0013],
    command: nullType,
    response: readDeviceLogResponse,
  },
  {
    useCase: 'CS08',
    messageCodes: [0x0129],
    command: nullType,
    response: readFirmwareVersionResponse,
  },
  { useCase: 'CS09', messageCodes: [0x012b], alert: firmwareActivationAlert },
  { useCase: 'CCS08', messageCodes: [0x0128], alert: firmwareTransferAlert },
  {
    useCase: 'GCS28',
    messageCodes: [0x007f],
    command: setClockCommand,
    response: setClockResponse,
  },
  {
    useCase: 'GCS59',
    messageCodes: [0x008c],
    command: restoreDeviceLogCommand,
    response: restoreDeviceLogResponse,
  },
  { useCase: 'GCS62', messageCodes: [0x00b2], alert: backUpDeviceLogAlert },
];

const craFlags = ['command', 'response', 'alert'] as const;

const structures: Readonly<Record<CraFlag, ReadonlyMap<number, Asn1Structure>>> = {
  command: structuresFor('command'),
  response: structuresFor('response'),
  alert: structuresFor('alert'),
};

function structuresFor(craFlag: CraFlag): ReadonlyMap<number, Asn1Structure> {
  const byCode = new Map<number, Asn1Structure>();
  for (const { useCase, messageCodes, [craFlag]: type } of useCases) {
    if (type === undefined) continue;
    const structure = { name: `${useCase} ${craFlag}`, type };
    for (const messageCode of messageCodes) byCode.set(messageCode, structure);
  }
  return byCode;
}

/** The structure of a payload, or undefined where the payload of such a message is not ASN.1. */
export function asn1StructureOf(messageCode: number, craFlag: CraFlag): Asn1Structure | undefined {
  return structures[craFlag].get(messageCode);
}

/** Every message code with an ASN.1 payload, with its CRA flags, in the order of the table. */
export function asn1MessageCodes(): readonly (readonly [number, CraFlag])[] {
  return craFlags.flatMap((craFlag) =>
    [...structures[craFlag].keys()].map((messageCode) => [messageCode, craFlag] as const),
  );
}

function requireStructure(messageCode: number, craFlag: CraFlag, offset: number): Asn1Structure {
  const structure = asn1StructureOf(messageCode, craFlag);
  if (structure === undefined) {
    const code = messageCode.toString(16).padStart(4, '0');
    throw new CodecError('', offset, `no ASN.1 ${craFlag} has message code 0x${code}`);
  }
  return structure;
}

/**
 * Decodes the payload in `bytes` from `start` to `end`, all of it. Throws CodecError with offsets
 * in `bytes`.
 */
export function decodeAsn1(
  bytes: Uint8Array,
  messageCode: number,
  craFlag: CraFlag,
  start = 0,
  end = bytes.length,
  trace?: Trace,
): Asn1Payload {
  const { name, type } = requireStructure(messageCode, craFlag, start);
  const reader = new TlvReader(bytes, start, end);
  reader.trace = trace;
  try {
    const value = type.decode(reader) as Asn1Value;
    reader.done();
    if (reader.lengthForm === 'shortest') return { kind: 'asn1', structure: name, value };
    return { kind: 'asn1', structure: name, value, lengths: 'two-octet' };
  } catch (error) {
    throw under(name, error);
  }
}

/** One buffer for all payloads: encoding is synchronous, does not nest, and ends with a copy. */
const scratch = new TlvWriter(4096);

/** The bytes of a payload; throws CodecError where it does not fit the structure of its message. */
export function encodeAsn1(
  payload: Asn1Payload,
  messageCode: number,
  craFlag: CraFlag,
): Uint8Array {
  const { name, type } = requireStructure(messageCode, craFlag, 0);
  const writer = scratch.restart(checkPayload(payload, name));
  try {
    type.encode(writer, payload.value);
    return writer.finish();
  } catch (error) {
    throw under(name, error);
  }
}

function checkPayload(payload: Asn1Payload, name: string): LengthForm {
  if (typeof payload !== 'object' || payload === null || payload.kind !== 'asn1') {
    throw new CodecError(name, 0, "not a payload of kind 'asn1'");
  }
  if (payload.structure !== name) {
    throw new CodecError('structure', 0, `${shown(payload.structure)} where ${name} is due`);
  }
  const { lengths } = payload;
  if (lengths !== undefined && lengths !== 'two-octet') {
    throw new CodecError('lengths', 0, `${shown(lengths)} is not 'two-octet'`);
  }
  return lengths ?? 'shortest';
}
