import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import type { UnsolicitedMessage } from '../../../emulator/dcc/command-outcome.js';
import { HeadEnd } from '../../../emulator/dcc/head-end.js';
import { makeParties } from '../../../emulator/dcc/parties.js';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';
import { VirtualClock } from '../../../emulator/sim/virtual-clock.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { isoToMs } from '../../../protocols/codec/utc.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import {
  decodeGbcsMessage,
  encodePreCommand,
  type GbcsMessage,
  withSignature,
} from '../../../protocols/gbcs/message.js';
import { decodePayload } from '../../../protocols/gbcs/payload.js';
import { commandUseCases } from '../../../protocols/gbcs/use-cases/catalogue.js';
import { commandParameters } from '../../../protocols/gbcs/use-cases/command-parameters.js';
import {
  loadRtdsIndex,
  type RtdsEntry,
  readRtdsMessage,
  rtdsAvailable,
} from '../../support/rtds.js';
import { type RtdsKeys, rtdsHub, rtdsInventory, rtdsKeys, rtdsParties } from './rtds-parties.js';

/** When all messages of the data set were made. */
const rtdsTimeMs = isoToMs('2015-01-01T00:00:00Z') as number;
const crypto = new NodeCrypto();
const keys = rtdsAvailable ? rtdsKeys(crypto) : undefined;

/** Parameters of the data set's commands by use case or, where they differ, by name. */
const parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ECS23: { from: '2014-12-29T23:59:00Z', to: '2015-01-01T00:00:00Z' },
  ECS50: { number: '1234' },
  ECS70: { from: '2014-12-31T23:59:10Z', to: '2015-01-01T00:00:10Z' },
  GCS28: { from: '2014-12-31T23:30:00Z', to: '2015-01-01T00:30:00Z' },
  'GCS28Commission_8.1.1_ERROR': { from: '2015-01-01T01:00:00Z', to: '2015-01-01T02:00:00Z' },
  CS02a: { roles: ['supplier', 'networkOperator'] },
  CS02aSignature_NA_SUCCESS: { roles: ['accessControlBroker'] },
};

interface Exchange {
  readonly name: string;
  readonly useCase: string;
  readonly command: RtdsEntry;
  readonly response: RtdsEntry;
  readonly preCommand: RtdsEntry | undefined;
}

/** Modes of replacing credentials that no official command has. */
const unofficial = ['CS02bRootBySupplier', 'CS02bRootByWanProvider', 'CS02bAnyByContingency'];
/** Their commands are accepted; what goes wrong later comes in an alert, or in a sample number that stands for none. */
const acceptedErrors = new Set([
  'CS06_11.3_FUTURE_DATED_ERROR',
  'CS02gLoadControllerBySupplier_6.15.1_FUTURE_DATED_ERROR',
  'GCS31_14.1_ERROR',
]);
const networkOperator = '90b3d51f30020000' as Eui64;
/** Commands of a PPMID, which no head end sends. */
const betweenDevices = ['PCS01', 'PCS02'];

/** Every exchange of a head end whose use case the catalogue has. */
function loadExchanges(): Exchange[] {
  const index = loadRtdsIndex();
  const sendable = commandUseCases.filter((one) => !betweenDevices.includes(one.name));
  const names = new Map(sendable.map((one) => [one.code.code, one.name]));
  return index
    .filter(
      (entry) => entry.role === 'command' && names.has(Number.parseInt(entry.messageCode, 16)),
    )
    .map((command) => {
      const partner = (role: RtdsEntry['role']) =>
        index.find((entry) => entry.group === command.group && entry.role === role);
      const file = command.file.slice(command.file.indexOf('/') + 1);
      return {
        name: file.replace('_COMMAND_GBCS.HEX', ''),
        useCase: names.get(Number.parseInt(command.messageCode, 16)) as string,
        command,
        response: partner('response') as RtdsEntry,
        preCommand: partner('pre-command'),
      };
    });
}

const exchanges = rtdsAvailable ? loadExchanges() : [];

/** Said above, or recovered from the official command. */
function parametersOf({ useCase, name, command }: Exchange): Readonly<Record<string, unknown>> {
  const said = parameters[name] ?? parameters[useCase];
  if (said !== undefined) return said;
  const { header, content } = decodeGbcsMessage(readRtdsMessage(command));
  const { messageCode } = header.otherInformation;
  const payload = decodePayload(content, messageCode, 'command');
  return commandParameters(messageCode, payload)?.parameters ?? {};
}

/** For whom the broker speaks, and the certificate that it sends along for parties whom the device does not know. */
interface SpokenFor {
  readonly party?: Eui64 | undefined;
  readonly certificate?: Uint8Array | undefined;
}

/** A head end of the data set's parties whose WAN is a list. */
function rtdsHeadEnd(floors: ReadonlyMap<Eui64, bigint>, spokenFor: SpokenFor = {}) {
  const { keyStore, publicKeyOf } = keys as RtdsKeys;
  const { party, certificate } = spokenFor;
  const sent: Uint8Array[] = [];
  const unsolicited: UnsolicitedMessage[] = [];
  const parts = {
    clock: new VirtualClock(rtdsTimeMs),
    crypto,
    keys: keyStore,
    publicKeyOf,
    certificateOf: () => certificate,
    store: new MemoryStore(),
    parties: [...rtdsParties].sort((a, b) => Number(b.eui === party) - Number(a.eui === party)),
    counterFloorOf: ({ eui }: { eui: Eui64 }) => floors.get(eui) ?? 1n,
  };
  const headEnd = new HeadEnd({
    ...parts,
    inventory: rtdsInventory(),
    wan: { send: (_hub, message) => sent.push(message) },
    onUnsolicited: (message) => unsolicited.push(message),
  });
  return { headEnd, sent, unsolicited, parts, publicKeyOf };
}

/** Sends the exchange's command with the counters of the data set. */
function send(exchange: Exchange) {
  const official = decodeGbcsMessage(readRtdsMessage(exchange.command));
  const { originator, recipient, originatorCounter, otherInformation } = official.header;
  const { supplementaryRemotePartyId, supplementaryRemotePartyCounter } = otherInformation;
  const floors = new Map([[originator, originatorCounter]]);
  if (supplementaryRemotePartyId !== undefined) {
    floors.set(supplementaryRemotePartyId, supplementaryRemotePartyCounter as bigint);
  }
  const certificate = otherInformation.supplementaryRemotePartyKeyAgreementCertificate;
  const head = rtdsHeadEnd(floors, { party: supplementaryRemotePartyId, certificate });
  const { useCase } = exchange;
  // The broker speaks for the first supplier where no other party is named.
  const other = supplementaryRemotePartyId === networkOperator ? networkOperator : undefined;
  const request = {
    useCase,
    device: recipient,
    originator: other ?? originator,
    parameters: parametersOf(exchange),
  };
  const pending = head.headEnd.issue(request);
  return { ...head, pending, official };
}

/** The official command from our pre-command and MAC, with the one signature that we cannot make: theirs. */
function withOfficialSignature(
  parts: Parameters<typeof makeParties>[0],
  ours: GbcsMessage,
  official: GbcsMessage,
): Uint8Array {
  const preCommand = encodePreCommand(ours.header, ours.content);
  const inner = withSignature(preCommand, official.signature as Uint8Array);
  if (official.mac === undefined) return inner;
  return makeParties(parts).broker.withMac(inner, ours.header.recipient);
}

describe.skipIf(!rtdsAvailable)('RTDS exchanges', () => {
  it('cover every use case of the catalogue', () => {
    const covered = new Set(exchanges.map((exchange) => exchange.useCase));
    const names = commandUseCases.map((one) => one.name);
    expect([...covered, ...betweenDevices, ...unofficial].sort()).toEqual(names.sort());
    // CS02a in its signed form is a command of another party under the same code.
    expect(exchanges.length).toBeGreaterThanOrEqual(commandUseCases.length);
  });

  for (const exchange of exchanges) {
    describe(exchange.name, () => {
      it('our command is the official one', () => {
        const { pending, official, parts, publicKeyOf } = send(exchange);
        const ours = decodeGbcsMessage(pending.bytes);
        const command = toHex(readRtdsMessage(exchange.command));
        if (exchange.preCommand !== undefined) {
          const preCommand = toHex(encodePreCommand(ours.header, ours.content));
          expect(preCommand).toBe(toHex(readRtdsMessage(exchange.preCommand)));
        }
        if (!exchange.command.signed) {
          expect(toHex(pending.bytes)).toBe(command);
          return;
        }
        expect(toHex(withOfficialSignature(parts, ours, official))).toBe(command);
        const publicKey = publicKeyOf(ours.header.originator, 'digitalSignature') as Uint8Array;
        const signature = ours.signature as Uint8Array;
        expect(nobleCrypto.verify(publicKey, ours.signedBytes, signature)).toBe(true);
        expect(ours.mac?.length).toBe(exchange.command.mac ? 12 : undefined);
      });

      it('the official response is answered, verified and readable', () => {
        const { pending, headEnd } = send(exchange);
        headEnd.onMessage(rtdsHub, readRtdsMessage(exchange.response));
        const { outcome } = pending;
        expect(outcome).toMatchObject({ verdict: 'answered', useCase: exchange.useCase });
        expect(outcome?.reason).toBeUndefined();
        expect(outcome?.checks.signature).toBe(exchange.response.signed ? 'valid' : 'absent');
        expect(outcome?.checks.mac).toBe(exchange.response.mac ? 'valid' : 'absent');
        const isError = exchange.name.includes('ERROR') && !acceptedErrors.has(exchange.name);
        expect(outcome?.succeeded).toBe(!isError);
        expect(outcome?.values.length).toBeGreaterThan(0);
        expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
      });
    });
  }

  function exchangeNamed(name: string): Exchange {
    return exchanges.find((exchange) => exchange.name === name) as Exchange;
  }

  function valuesOf(name: string) {
    const exchange = exchangeNamed(name);
    const { pending, headEnd } = send(exchange);
    headEnd.onMessage(rtdsHub, readRtdsMessage(exchange.response));
    expect(pending.outcome?.checks.decryption).toBe('valid');
    return pending.outcome?.values;
  }

  it('gbcs-message.md E10: the encrypted import registers of an ESME', () => {
    expect(valuesOf('ECS17b_4.1.1_SINGLE_SUCCESS')).toEqual([
      {
        name: expect.stringContaining('ImportRegisterCollection'),
        classId: 1,
        instanceId: '0-0:94.44.34.10',
        memberId: 2,
        value: [10, [0, 30], 10, [0, 32]],
        result: 'success',
        encrypted: true,
      },
    ]);
  });

  it('gbcs-message.md E11: the encrypted attributes of a GPF', () => {
    const metering = { clusterId: 0x0702, cluster: 'Metering', result: 'success', encrypted: true };
    expect(valuesOf('GCS13a_4.1.1_SUCCESS_RELIABLE_GPF')).toEqual([
      { name: 'Divisor', attributeId: 0x0302, value: 1000, ...metering },
      { name: 'Multiplier', attributeId: 0x0301, value: 1, ...metering },
      { name: 'UnitOfMeasure', attributeId: 0x0300, value: 1, ...metering },
      { name: 'CurrentSummationDelivered', attributeId: 0x0000, value: 12345, ...metering },
    ]);
  });

  for (const name of ['ECS45_7.4_SUCCESS', 'ECS42_7.1_SUCCESS', 'ECS17b_4.1.1_SINGLE_SUCCESS']) {
    it(`${name}: a bit flipped in any byte of the response is never accepted`, () => {
      const exchange = exchangeNamed(name);
      const response = readRtdsMessage(exchange.response);
      for (let at = 0; at < response.length; at++) {
        const { pending, headEnd } = send(exchange);
        const damaged = response.slice();
        damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
        headEnd.onMessage(rtdsHub, damaged);
        expect(pending.outcome?.verdict, `byte ${at}`).not.toBe('answered');
        expect(headEnd.totals().errors, `byte ${at}`).toBe(1);
      }
    });
  }

  it('names the check that a damaged response fails', () => {
    const outcomeWith = (name: string, damage: (bytes: Uint8Array) => void) => {
      const exchange = exchangeNamed(name);
      const { pending, headEnd } = send(exchange);
      const response = readRtdsMessage(exchange.response);
      damage(response);
      headEnd.onMessage(rtdsHub, response);
      return pending.outcome;
    };
    const flipLast = (bytes: Uint8Array) => {
      bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    };
    expect(outcomeWith('ECS45_7.4_SUCCESS', flipLast)).toMatchObject({
      verdict: 'failed',
      succeeded: false,
      reason: 'the MAC is not valid',
      checks: { signature: 'absent', mac: 'invalid', decryption: 'absent' },
    });
    expect(outcomeWith('ECS42_7.1_SUCCESS', flipLast)).toMatchObject({
      verdict: 'failed',
      reason: 'the signature is not valid',
      checks: { signature: 'invalid', mac: 'absent' },
    });
    const flipBlob = (bytes: Uint8Array) => {
      // The first bytes of the ciphertext, as E10 prints them.
      const at = toHex(bytes).indexOf('e3035372ddd0') / 2;
      bytes[at] = (bytes[at] as number) ^ 1;
    };
    expect(outcomeWith('ECS17b_4.1.1_SINGLE_SUCCESS', flipBlob)).toMatchObject({
      verdict: 'failed',
      checks: { mac: 'invalid', decryption: 'invalid' },
      values: [{ value: null, result: 'not-decrypted' }],
    });
  });

  it('judges every exchange of the data set, whoever made the command', () => {
    const index = loadRtdsIndex();
    const responses = new Map(
      index.filter(({ role }) => role === 'response').map((entry) => [entry.group, entry]),
    );
    const notAnswered: string[] = [];
    let answered = 0;
    for (const entry of index) {
      const response = responses.get(entry.group);
      if (entry.role !== 'command' || response === undefined) continue;
      const { headEnd } = rtdsHeadEnd(new Map());
      const pending = headEnd.issueRaw(rtdsHub, readRtdsMessage(entry));
      headEnd.onMessage(rtdsHub, readRtdsMessage(response));
      if (pending.outcome?.verdict === 'answered') answered++;
      else notAnswered.push(entry.file.slice(0, 'NA_PCS01'.length));
    }
    expect(answered).toBeGreaterThan(300);
    // Between two devices of a home: neither has a published private key.
    expect(notAnswered).toEqual(['NA_PCS01', 'NA_PCS02']);
  });

  it('verifies, decrypts and reads every alert to a party whose keys are published', () => {
    const known = new Set<string>(rtdsParties.map(({ eui }) => eui));
    const devices = rtdsInventory();
    const alerts = loadRtdsIndex().filter(
      ({ role, recipient, originator }) =>
        role === 'alert' && known.has(recipient) && devices.find(originator as Eui64),
    );
    let decrypted = 0;
    for (const entry of alerts) {
      const { headEnd, unsolicited } = rtdsHeadEnd(new Map());
      headEnd.onMessage(rtdsHub, readRtdsMessage(entry));
      const [alert] = unsolicited;
      expect(alert, entry.file).toMatchObject({
        kind: 'alert',
        device: entry.originator,
        checks: {
          signature: entry.signed ? 'valid' : 'absent',
          mac: entry.mac ? 'valid' : 'absent',
        },
      });
      expect(alert?.problem, entry.file).toBeUndefined();
      expect(alert?.alertCode, entry.file).toMatch(/^0x8[01f][0-9a-f]{2}$/);
      const decryption = alert?.checks.decryption;
      expect(['absent', 'valid'], entry.file).toContain(decryption);
      if (decryption === 'valid') decrypted++;
    }
    expect(alerts.length).toBeGreaterThan(50);
    // ECS68 and GCS53 push the billing data log.
    expect(decrypted).toBeGreaterThanOrEqual(2);
  });
});
