import { describe, expect, it } from 'vitest';
import { useCasesWithExample } from '../../emulator/cli/use-case-examples.js';
import { TestPki } from '../../emulator/functions/test-pki.js';
import { encodeMessage } from '../../protocols/gbcs/decoded-message.js';
import { decodeGbcsMessage, withSignature } from '../../protocols/gbcs/message.js';
import { checkParameters, commandUseCases } from '../../protocols/gbcs/use-cases/catalogue.js';
import { formatMessageCode, messageCodeOf } from '../../protocols/gbcs/use-cases/use-case.js';
import { exampleCommands, filledExample } from '../support/example-commands.js';
import { fleetAnswers } from '../support/fleet-answers.js';
import { type DissectedMessage, decodedRow, dissectMessages } from '../support/gbcs-rows.js';
import { gbzAlerts } from '../support/gbz-alerts.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../support/rtds.js';
import { nodeCryptoForTests } from '../support/test-crypto.js';
import { tsharkAvailable } from '../support/tshark.js';

/**
 * Wireshark's own GBCS, GBZ and ZCL dissectors read our messages and agree with our decoding. What they cannot judge:
 *
 * - DLMS payloads, which they show as octets (`data`), and the meaning of ASN.1 payloads, of which they read the DER;
 * - signatures, MACs and encrypted parts: octets, compared as such;
 * - values inside of ZCL payloads: they must parse, and their names and numbers are the business of the tests of ZCL.
 */
const crypto = nodeCryptoForTests();
const pki = new TestPki({ seed: 'tshark', crypto });

/** Use cases younger than the dissector of tshark 4.0, which names all others. */
const namelessUseCases: ReadonlySet<number> = new Set([
  0x00fd, 0x00fe, 0x011a, 0x011b, 0x011c, 0x011d, 0x011e, 0x011f, 0x0120, 0x0121, 0x0122, 0x0123,
  0x0124, 0x0125, 0x0126, 0x0128, 0x0129, 0x012a, 0x012b,
]);
/** Alerts have titles there where the table of message codes has short names. */
const alertCodes: ReadonlySet<number> = new Set([
  0x00ca, 0x00cb, 0x00cc, 0x00cd, 0x00ce, 0x00cf, 0x00d5, 0x00f0, 0x00f2, 0x1000, 0x1001,
]);

/** Two lengths that tshark shows and goes by no further: of what the MAC protects, and of the transaction identifier. */
const uncheckedLengths = [7, 14];

interface Labelled {
  readonly label: string;
  readonly bytes: Uint8Array;
}

const labelled = (bytes: Uint8Array, index: number): Labelled => ({
  label: `message ${index}`,
  bytes,
});

/** The use case by tshark's info column, which begins `Command, GCS01a Set Tariff and Price on GSME`. */
function nameIn(info: string): string | undefined {
  return /^(?:Command|Response|Alert), (\S+)/.exec(info)?.[1]?.replace('/', '').toLowerCase();
}

function wantedName(code: number): string | undefined {
  if (namelessUseCases.has(code)) return 'unknown';
  return messageCodeOf(code)?.useCase.toLowerCase();
}

/** One capture of all of them: every field equal, nothing malformed, no remark of an expert, every use case named. */
function expectAgreement(messages: readonly Labelled[]): void {
  const dissected = dissectMessages(messages.map(({ bytes }) => bytes));
  expect(dissected).toHaveLength(messages.length);
  const theirs = dissected.map(({ row, objections }, at) => [messages[at]?.label, row, objections]);
  const ours = messages.map(({ label, bytes }) => [label, decodedRow(bytes), '']);
  expect(theirs).toEqual(ours);
  for (const [at, { info }] of dissected.entries()) {
    const { messageCode } = decodeGbcsMessage(messages[at]?.bytes as Uint8Array).header
      .otherInformation;
    if (alertCodes.has(messageCode)) continue;
    expect([wantedName(messageCode), 'unknown'], formatMessageCode(messageCode)).toContain(
      nameIn(info),
    );
    if (nameIn(info) === 'unknown') expect(namelessUseCases).toContain(messageCode);
  }
}

const same = (one: DissectedMessage, other: DissectedMessage): boolean =>
  JSON.stringify([one.row, one.objections]) === JSON.stringify([other.row, other.objections]);

describe('examples of parameters', () => {
  it('are valid, for every use case that takes any', () => {
    for (const useCase of commandUseCases) {
      expect(
        checkParameters(useCase, filledExample(useCase.name, pki)),
        useCase.name,
      ).toMatchObject({ ok: true });
    }
    const taking = commandUseCases.filter(
      ({ request }) => Object.keys(request.parameters.shape).length > 0,
    );
    expect([...useCasesWithExample()].sort()).toEqual(taking.map(({ name }) => name).sort());
  });
});

const name = tsharkAvailable
  ? 'tshark reads GBCS messages as we do'
  : 'tshark reads GBCS messages as we do (skipped: tshark is not installed)';

describe.skipIf(!tsharkAvailable)(name, () => {
  it('commands of every use case, to every kind of device, from every role', () => {
    const commands = exampleCommands(pki, crypto);
    const made = new Set(commands.map(({ useCase }) => useCase));
    expect(commandUseCases.filter((useCase) => !made.has(useCase.name))).toEqual([]);
    expect(made.size).toBeGreaterThanOrEqual(207);
    expectAgreement(commands);
  });

  it('what an emulated home answers to them', async () => {
    const { messages, answered } = await fleetAnswers(crypto);
    expect(answered.length).toBeGreaterThan(40);
    expect(messages.length).toBeGreaterThanOrEqual(answered.length);
    expectAgreement(messages.map(labelled));
  });

  it('alerts of a gas meter, of every form', () => {
    expectAgreement(
      gbzAlerts()
        .map((alert) => encodeMessage(alert))
        .map(labelled),
    );
  });

  it('and it notices every flipped octet of a message', () => {
    const sample = exampleCommands(pki, crypto).find(({ useCase }) => useCase === 'GCS60');
    const honest = sample?.bytes as Uint8Array;
    const flipped = [...honest.keys()].map((at) => {
      const bytes = honest.slice();
      bytes[at] = (bytes[at] as number) ^ 0x04;
      return bytes;
    });
    const [first, ...others] = dissectMessages([honest, ...flipped]);
    expect(first?.objections).toBe('');
    const unnoticed = others.flatMap((one, at) =>
      same(one, first as DissectedMessage) ? [at] : [],
    );
    expect(unnoticed).toEqual(uncheckedLengths);
    expect(others.filter(({ objections }) => objections !== '').length).toBeGreaterThan(10);
  });

  it.skipIf(!rtdsAvailable)('all official messages', () => {
    const official = loadRtdsIndex().map((entry): Labelled => {
      const bytes = readRtdsMessage(entry);
      // A pre-command ends where the signature of a message begins; tshark wants at least an empty one.
      return {
        label: entry.file,
        bytes: entry.role === 'pre-command' ? withSignature(bytes) : bytes,
      };
    });
    expect(official).toHaveLength(939);
    expectAgreement(official);
  });
});
