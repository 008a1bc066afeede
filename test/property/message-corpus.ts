import { readFileSync } from 'node:fs';
import { TestPki } from '../../emulator/functions/test-pki.js';
import { decodeCertificateValue } from '../../protocols/asn1/x509.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { fromHex } from '../../protocols/codec/hex.js';
import { decodeMessage, encodeMessage } from '../../protocols/gbcs/decoded-message.js';
import {
  checkParameters,
  commandPayload,
  commandUseCases,
} from '../../protocols/gbcs/use-cases/catalogue.js';
import { formatMessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../support/rtds.js';
import { nodeCryptoForTests } from '../support/test-crypto.js';
import type { Json } from './json-edits.js';

/** A whole message to make mutants of. */
export interface BaseMessage {
  readonly name: string;
  readonly octets: Uint8Array;
  readonly decoded: Json;
}

const supplier = '90b3d51f30010000';
const meter = '00db1234567890a0';

const commandHeader = {
  craFlag: 'command',
  originator: supplier,
  recipient: meter,
  originatorCounter: '1000',
};
const meterHeader = { originator: meter, recipient: supplier, originatorCounter: '1000' };

function base(name: string, octets: Uint8Array): BaseMessage {
  const decoded = JSON.parse(JSON.stringify(decodeMessage(octets))) as Json;
  return { name, octets, decoded };
}

function made(name: string, message: object): BaseMessage {
  return base(name, encodeMessage(message as never));
}

/** Every command of the catalogue that needs no parameters, plain and with a MAC. */
function catalogueCommands(): BaseMessage[] {
  const values = {
    originator: supplier as Eui64,
    recipient: meter as Eui64,
    originatorCounter: 1000n,
    nowMs: 1_420_070_400_000,
  };
  return commandUseCases.flatMap((useCase) => {
    const check = checkParameters(useCase, {});
    if (!check.ok) return [];
    const payload = commandPayload(useCase, check.parameters, values);
    const messageCode = formatMessageCode(useCase.code.code);
    const mac = { signature: null, mac: 'ab'.repeat(12) };
    return [made(useCase.name, { ...commandHeader, messageCode, payload, ...mac })];
  });
}

interface OwnMessages {
  readonly [name: string]: { readonly [member: string]: Json };
}

/** Messages of our own in the shapes that commands lack, every data type of DLMS and ZCL among them. */
function ownMessages(): BaseMessage[] {
  const file = new URL('./own-messages.json', import.meta.url);
  const own = JSON.parse(readFileSync(file, 'utf8')) as OwnMessages;
  return Object.entries(own).map(([name, message]) => {
    const header = message.craFlag === 'command' ? commandHeader : meterHeader;
    return made(name, { ...header, ...message });
  });
}

/** Messages that carry certificates: as payload, and in the grouping header. */
function certificateMessages(): BaseMessage[] {
  const pki = new TestPki({ seed: 'fuzz', crypto: nodeCryptoForTests() });
  const certificate = decodeCertificateValue(
    pki.certificateOf(supplier as Eui64, 'keyAgreement') as Uint8Array,
  );
  const updateDevice = {
    ...commandHeader,
    messageCode: '0x000b',
    payload: { kind: 'asn1', structure: 'CS02d command', value: certificate },
    signature: '5a'.repeat(64),
    mac: 'ab'.repeat(12),
  };
  const forThirdParty = {
    ...commandHeader,
    messageCode: '0x0027',
    supplementaryRemotePartyId: supplier,
    supplementaryRemotePartyCounter: '1000',
    supplementaryRemotePartyKeyAgreementCertificate: certificate,
    payload: { kind: 'access-request', longInvokeIdAndPriority: 1, dateTime: '', items: [] },
    signature: null,
    mac: 'ab'.repeat(12),
  };
  return [made('certificate', updateDevice), made('other information', forThirdParty)];
}

/** Worked examples E4 and E6 of gbcs-message.md 10: published test data. */
const publishedExamples: readonly string[] = [
  'dd00000000000081891100000000df090100000000000003e80890b3d51f300100000800db1234567890a00002004f15d9200003e8000103000900000a006aff0101120033' +
    '40a76d84f6e53d8d1b7b58b8b4a69c06a1c449c48b2742ae7d9c96d24ba8e4e7c9d7fbf0595f1dfce16f42ae59167191d02b8e5c67a50ec442a30a0a5b701d0e58efd36e695298259fadf662fa',
  'dd0000000000005c1100000000df090100000000000005140890b3d51f300000020800db1234567890a00012005890b3d51f3001000000000000000003e818d92000051400010200010003600d01ff02010904313233340082f6b5f2e0a5ef791fbd483b',
];

/** Messages that are always there. */
export function ownCorpus(): readonly BaseMessage[] {
  return [
    ...publishedExamples.map((hex, index) => base(`published example ${index + 1}`, fromHex(hex))),
    ...ownMessages(),
    ...certificateMessages(),
    ...catalogueCommands(),
  ];
}

/** The official messages, where they are at hand. */
export function officialCorpus(): readonly BaseMessage[] {
  if (!rtdsAvailable) return [];
  return loadRtdsIndex().map((entry) => base(entry.file, readRtdsMessage(entry)));
}
