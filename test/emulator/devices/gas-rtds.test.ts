import { describe, expect, it } from 'vitest';
import { encodeAttributeReport } from '../../../emulator/devices/attribute-report.js';
import type { Device } from '../../../emulator/devices/device.js';
import { Gpf } from '../../../emulator/devices/gpf/device.js';
import { Gsme } from '../../../emulator/devices/gsme/device.js';
import { gasMetering } from '../../../emulator/functions/gas-metering.js';
import { snapshotOf } from '../../../emulator/functions/gas-snapshots.js';
import { type Asn1Payload, decodeAsn1, encodeAsn1 } from '../../../protocols/asn1/structures.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import { decodeGbz } from '../../../protocols/gbcs/gbz.js';
import type { GbzFields, GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import type { GroupingHeader } from '../../../protocols/gbcs/grouping-header.js';
import {
  decodeGbcsMessage,
  encodePreCommand,
  withMac,
  withSignature,
} from '../../../protocols/gbcs/message.js';
import { computeMac, decryptData } from '../../../protocols/gbcs/protection.js';
import { decodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import { readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { rtdsDeviceParts, rtdsParties, standInSigningKey } from '../../support/rtds-device.js';
import { rtdsKeyRing } from '../../support/rtds-keys.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { TestHome } from '../../support/test-home.js';

const crypto = nodeCryptoForTests();
const gsmeEui = eui64('00db1234567890a1');
const gpfEui = eui64('00db1234567890a3');
const newYear = Date.UTC(2015, 0, 1);
const hour = 3_600_000;

interface Exchange {
  readonly command: Uint8Array;
  readonly response: Uint8Array;
}

function exchange(path: string): Exchange {
  const read = (role: string) => readRtdsMessage(`${path}_${role}_GBCS.HEX`);
  return { command: read('COMMAND'), response: read('RESPONSE') };
}

function gasMeter(atMs: number): { home: TestHome; gsme: Gsme } {
  const home = new TestHome(atMs);
  const parts = rtdsDeviceParts(gsmeEui, home.host(gsmeEui), crypto);
  return { home, gsme: home.attach(new Gsme({ ...parts, gpf: gpfEui })) };
}

function gasProxy(atMs: number): { home: TestHome; gpf: Gpf } {
  const home = new TestHome(atMs);
  const parts = rtdsDeviceParts(gpfEui, home.host(gpfEui), crypto);
  return { home, gpf: home.attach(new Gpf({ ...parts, gsme: gsmeEui })) };
}

/** Fields of every component of a response, decrypted with the reader's published key. */
function componentsOf(response: Uint8Array): GbzFields[] {
  const { header, content } = decodeGbcsMessage(response);
  const payload = decodeGbz(content, header.otherInformation.messageCode, 'response');
  if (payload.kind !== 'gbz') throw new Error('not a response');
  return payload.components.map(({ encrypted, clusterId, frameControl, commandId, ...rest }) => {
    if (encrypted === undefined) return rest.fields as GbzFields;
    const { securityHeader, ciphertext, tag } = encrypted;
    const plaintext = decrypted(header, fromHex(securityHeader + ciphertext + tag));
    return decodeZclPayload(clusterId, frameControl, commandId, plaintext);
  });
}

function decrypted(header: GroupingHeader, blob: Uint8Array): Uint8Array {
  const ring = rtdsKeyRing();
  const privateKey = ring.privateKey(header.recipient, 'keyAgreement') as Uint8Array;
  const publicKey = ring.publicKey(header.originator, 'keyAgreement') as Uint8Array;
  const protection = {
    device: header.originator,
    dataRecipient: header.recipient,
    counter: header.originatorCounter,
  };
  const z = crypto.sharedSecret(privateKey, publicKey);
  return decryptData(crypto, z, protection, blob) as Uint8Array;
}

/** Attributes of an official ReadAttributesResponse. */
function attributesOf(response: Uint8Array): readonly GbzFields[] {
  return componentsOf(response)[0]?.attributes as readonly GbzFields[];
}

interface Pinnable {
  pin(key: string, value: GbzValue): void;
  fail(key: string, code: number): void;
}

/** Makes a device read what the official response says. */
function pinAttributes(zcl: Pinnable, response: Uint8Array): void {
  for (const { attributeId, status, value } of attributesOf(response)) {
    const key = `0702/${(attributeId as number).toString(16).padStart(4, '0')}`;
    if (status === 0) zcl.pin(key, value as GbzValue);
    else zcl.fail(key, status as number);
  }
}

/** Everything before the signature is identical, and the signature verifies with the device's key. */
function expectSignedAlike(answer: Uint8Array | undefined, official: Uint8Array): void {
  if (answer === undefined) throw new Error('no answer');
  expect(answer.length).toBe(official.length);
  expect(toHex(answer.subarray(0, -64))).toBe(toHex(official.subarray(0, -64)));
  const { signedBytes, signature } = decodeGbcsMessage(answer);
  const publicKey = crypto.publicKey(standInSigningKey);
  expect(crypto.verify(publicKey, signedBytes, signature as Uint8Array)).toBe(true);
}

/** Fields of a message as far as its message code, with what may be said of a wrong one; offsets from its 0xDF. */
const refusalsByField: readonly (readonly [end: number, reasons: readonly string[]])[] = [
  [2, ['malformed']],
  [3, ['malformed', 'notACommand']],
  [11, ['macInvalid']],
  [12, ['malformed']],
  [20, ['unknownOriginator']],
  [21, ['malformed']],
  [29, ['notForThisDevice']],
  [30, ['malformed']],
  // A longer form of other-information that happens to parse.
  [31, ['malformed', 'macInvalid']],
  [33, ['unknownMessageCode', 'unsupportedMessageCode', 'roleNotAllowed', 'macInvalid']],
  [34, ['malformed']],
];

/** A MAC header must be as it is; what the MAC alone protects is refused by the MAC. */
function reasonsAt(command: Uint8Array, byte: number): readonly string[] {
  const offset = byte - command.indexOf(0xdf);
  if (offset < 0) return ['malformed'];
  const field = refusalsByField.find(([end]) => offset < end);
  if (field !== undefined) return field[1];
  const signatureLength = command.length - 12 - 64 - 1;
  return byte === signatureLength ? ['malformed'] : ['macInvalid'];
}

function expectExecuted(home: TestHome, device: Device, count = 1): void {
  expect(home.eventsNamed('command-refused')).toEqual([]);
  expect(home.eventsNamed('command-executed', device.entity)).toHaveLength(count);
}

describe.skipIf(!rtdsAvailable)('official gas meter exchanges', () => {
  it.each([
    ['4.1.1_GCS13a/GCS13a_4.1.1_SUCCESS_UNRELIABLE', newYear + 9 * hour, 'unreliable'],
    ['7.4_GCS33/GCS33_7.4_SUCCESS', newYear, 'reliable'],
    ['11.2_GCS38/GCS38_11.2_SUCCESS', newYear, 'reliable'],
    ['11.2_GCS38/GCS38_11.2_ERROR', newYear, 'reliable'],
  ] as const)('%s is answered byte for byte', (path, atMs, reliability) => {
    const { command, response } = exchange(path);
    const { home, gsme } = gasMeter(atMs);
    gsme.state.clock.disturb(0, reliability);
    pinAttributes(gsme.state.zcl, response);
    const answer = home.send(gsme, command);
    expect(toHex(answer as Uint8Array)).toBe(toHex(response));
    expectExecuted(home, gsme);
  });

  it.each([
    ['6.11_GCS28/GCS28_6.11_SUCCESS', newYear - hour / 2, 'reliable'],
    ['8.1.1_GCS28Commission/GCS28Commission_8.1.1_SUCCESS', newYear - hour / 2, 'reliable'],
    ['8.1.1_GCS28Commission/GCS28Commission_8.1.1_ERROR', newYear, 'unreliable'],
  ] as const)('%s answers the hub’s time and whether it was taken', (path, hubMs, status) => {
    const { command, response } = exchange(path);
    const { home, gsme } = gasMeter(hubMs);
    if (status === 'reliable') gsme.state.clock.disturb(-3 * hour, 'invalid');
    expectSignedAlike(home.send(gsme, command), response);
    expectExecuted(home, gsme);
    expect(gsme.state.clock.nowMs()).toBe(hubMs);
    expect(gsme.state.clock.reliability).toBe(status);
    expect(home.eventsNamed('clock-set')).toHaveLength(status === 'reliable' ? 1 : 0);
  });

  it('GCS32 shuts the valve and GCS39 arms it', () => {
    const { home, gsme } = gasMeter(newYear);
    const shut = exchange('7.2_GCS32/GCS32_7.2_SUCCESS');
    expectSignedAlike(home.send(gsme, shut.command), shut.response);
    expect(gsme.state.supplyState).toBe('disabled');
    const arm = exchange('7.3_GCS39/GCS39_7.3_SUCCESS');
    expectSignedAlike(home.send(gsme, arm.command), arm.response);
    expect(gsme.state.supplyState).toBe('armed');
    expectExecuted(home, gsme, 2);
  });

  it('GCS39 fails with the status of the official error, and nothing moves', () => {
    const { home, gsme } = gasMeter(newYear);
    gsme.state.setSupply('disabled', newYear);
    gsme.state.zcl.fail('0702/000b', 0xc0);
    const { command, response } = exchange('7.3_GCS39/GCS39_7.3_ERROR');
    expectSignedAlike(home.send(gsme, command), response);
    expect(gsme.state.supplyState).toBe('disabled');
  });

  it('a command that was executed is not executed again', () => {
    const { home, gsme } = gasMeter(newYear);
    const { command } = exchange('7.2_GCS32/GCS32_7.2_SUCCESS');
    home.send(gsme, command);
    expect(home.send(gsme, command)).toBeUndefined();
    expect(home.eventsNamed('command-refused')[0]?.detail.reason).toBe('counterNotAbove');
  });

  it('with any bit flipped GCS32 is refused and the valve stays open', () => {
    const { home, gsme } = gasMeter(newYear);
    const { command } = exchange('7.2_GCS32/GCS32_7.2_SUCCESS');
    for (let bit = 0; bit < command.length * 8; bit++) {
      const flipped = command.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(home.send(gsme, flipped), `bit ${bit}`).toBeUndefined();
    }
    const refused = home.eventsNamed('command-refused');
    expect(refused).toHaveLength(command.length * 8);
    expect(home.events).toHaveLength(refused.length);
    expect(gsme.state.supplyState).toBe('enabled');
    const wrong = refused.flatMap(({ detail: { reason } }, bit) => {
      const reasons = reasonsAt(command, bit >> 3);
      return reasons.includes(String(reason)) ? [] : [{ byte: bit >> 3, reason, reasons }];
    });
    expect(wrong).toEqual([]);
    // None of it used up the counter: the true command still works.
    expect(home.send(gsme, command)).toBeDefined();
    expect(gsme.state.supplyState).toBe('disabled');
  });
});

/** A command that the published access control broker could have MACed: its private key is public. */
function macedCommand(
  recipient: Eui64,
  originator: Eui64,
  messageCode: number,
  content: Uint8Array,
): Uint8Array {
  const header: GroupingHeader = {
    craFlag: 'command',
    originatorCounter: 5000n,
    originator,
    recipient,
    dateTime: undefined,
    otherInformation: { messageCode },
  };
  const inner = withSignature(encodePreCommand(header, content));
  const ring = rtdsKeyRing();
  const { accessControlBroker } = rtdsParties;
  const z = crypto.sharedSecret(
    ring.privateKey(accessControlBroker, 'keyAgreement') as Uint8Array,
    ring.publicKey(recipient, 'keyAgreement') as Uint8Array,
  );
  return withMac(inner, computeMac(crypto, z, inner));
}

describe.skipIf(!rtdsAvailable)('commands of our own with published keys', () => {
  it.each([
    ['GCS33', 0x0082, 'a change of supply', `010901010702001501000b${'00'.repeat(17)}01`],
    ['GCS33', 0x0082, 'the register in clear', '0109010107020005000000' + '0000'],
    ['GCS13a', 0x0074, 'no component', '010900'],
    [
      'GCS38',
      0x0084,
      'a second read',
      '0109020007020005000000' + '0602' + '0107020005000100' + '0602',
    ],
  ])('%s (%i) does not carry %s', (useCase, messageCode, _what, content) => {
    const { home, gsme } = gasMeter(newYear);
    const command = macedCommand(gsmeEui, rtdsParties.supplier, messageCode, fromHex(content));
    expect(home.send(gsme, command)).toBeUndefined();
    expect(home.eventsNamed('command-refused')[0]?.detail).toMatchObject({
      reason: 'payloadMalformed',
      detail: expect.stringMatching(new RegExp(`not those of ${useCase}`)),
    });
    expect(gsme.state.supplyState).toBe('enabled');
  });

  it('CS02a tells whom the gas proxy trusts', () => {
    const { home, gpf } = gasProxy(newYear);
    const asked = {
      kind: 'asn1',
      structure: 'CS02a command',
      value: {
        authorisingRemotePartyTACellIdentifier: {
          trustAnchorCellRemotePartyRole: 'accessControlBroker',
          trustAnchorCellKeyUsage: 'keyAgreement',
        },
        remotePartyRolesCredentialsRequired: ['networkOperator', 'loadController'],
      },
    } as unknown as Asn1Payload;
    const { accessControlBroker } = rtdsParties;
    const content = encodeAsn1(asked, 0x0008, 'command');
    const answer = home.send(gpf, macedCommand(gpfEui, accessControlBroker, 0x0008, content));
    const { value } = decodeAsn1(
      decodeGbcsMessage(answer as Uint8Array).content,
      0x0008,
      'response',
    );
    expect(value).toMatchObject([
      {
        remotePartyRole: 'networkOperator',
        statusCode: 'success',
        currentSeqNumber: '0',
        trustAnchorCellsDetails: [
          { trustAnchorCellKeyUsage: 'digitalSignature' },
          { trustAnchorCellKeyUsage: 'keyAgreement' },
        ],
      },
      { remotePartyRole: 'loadController', statusCode: 'trustAnchorNotFound' },
    ]);
  });
});

describe.skipIf(!rtdsAvailable)('official gas proxy exchanges', () => {
  const { currentSummationDelivered, readingSnapShotTime } = gasMetering;

  it('GCS13a of readings that the meter stamped gives the meter’s time', () => {
    const { command, response } = exchange('4.1.1_GCS13a/GCS13a_4.1.1_SUCCESS_RELIABLE_GSME');
    const { home, gpf } = gasProxy(newYear + hour / 3);
    const report = attributesOf(response).map(({ attributeId, dataType, value }) => ({
      attributeId: attributeId as number,
      dataType: dataType as number,
      value: value as GbzValue,
    }));
    report.push({ ...readingSnapShotTime, value: secondsSince2000(newYear) });
    gpf.receiveZcl(gsmeEui, 0x0702, encodeAttributeReport(0x0702, 0, report));
    const answer = home.send(gpf, command);
    expect(toHex(answer as Uint8Array)).toBe(toHex(response));
    expectExecuted(home, gpf);
  });

  it('GCS13a of readings without the meter’s time gives the proxy’s own', () => {
    const { command, response } = exchange('4.1.1_GCS13a/GCS13a_4.1.1_SUCCESS_RELIABLE_GPF');
    const { home, gpf } = gasProxy(newYear);
    pinAttributes(gpf.state.zcl, response);
    const report = [{ ...currentSummationDelivered, value: 1 }];
    gpf.receiveZcl(gsmeEui, 0x0702, encodeAttributeReport(0x0702, 0, report));
    const answer = home.send(gpf, command);
    expect(toHex(answer as Uint8Array)).toBe(toHex(response));
    expectExecuted(home, gpf);
  });

  it('before the first report every attribute of GCS13a fails, still encrypted', () => {
    const { command } = exchange('4.1.1_GCS13a/GCS13a_4.1.1_SUCCESS_RELIABLE_GPF');
    const { home, gpf } = gasProxy(newYear);
    const answer = home.send(gpf, command) as Uint8Array;
    expect(attributesOf(answer).map(({ attributeId, status }) => [attributeId, status])).toEqual(
      [0x0302, 0x0301, 0x0300, 0x0000].map((id) => [id, 0xc0]),
    );
  });

  /** What the proxy answers to an official command for the meter, addressed to it and decrypted. */
  function logOf(home: TestHome, gpf: Gpf, path: string, messageCode: number): GbzFields[] {
    const { accessControlBroker } = rtdsParties;
    const { content } = decodeGbcsMessage(readRtdsMessage(`${path}_SUCCESS_COMMAND_GBCS.HEX`));
    const command = macedCommand(gpfEui, accessControlBroker, messageCode, content);
    return componentsOf(home.send(gpf, command) as Uint8Array);
  }

  it('GCS17 reads the profile from the proxy while the meter sleeps', () => {
    const { home, gpf } = gasProxy(newYear + hour / 3);
    expect(logOf(home, gpf, '4.8.1_GCS17/GCS17_4.8.1', 0x0078)).toEqual([
      { commandId: 0x08, status: 0x8b },
    ]);
    const report = [{ ...currentSummationDelivered, value: 1 }];
    gpf.receiveZcl(gsmeEui, 0x0702, encodeAttributeReport(0x0702, 0, report));
    const firstDay = Date.UTC(2014, 11, 30);
    for (let halfHour = 0, total = 0; halfHour <= 96; halfHour++, total += halfHour) {
      gpf.state.logs.take(firstDay + (halfHour * hour) / 2, total);
    }
    const [official] = componentsOf(exchange('4.8.1_GCS17/GCS17_4.8.1_SUCCESS').response);
    // The command asks for 97 half hours from 30 December; 96 have passed.
    expect(logOf(home, gpf, '4.8.1_GCS17/GCS17_4.8.1', 0x0078)).toEqual([
      { ...official, numberOfSamples: 96, samples: Array.from({ length: 96 }, (_, n) => n + 1) },
    ]);
    expectExecuted(home, gpf, 2);
  });

  it('GCS16a reads the daily readings one by one, in the form of the official ones', () => {
    const { home, gpf } = gasProxy(newYear);
    const official = componentsOf(exchange('4.6.1_GCS16a/GCS16a_4.6.1_SUCCESS').response);
    for (const fields of official) {
      const snapshot = fields.snapshot === undefined ? undefined : snapshotOf(fields);
      if (snapshot !== undefined) gpf.state.logs.addSnapshot(snapshot);
    }
    const answers = logOf(home, gpf, '4.6.1_GCS16a/GCS16a_4.6.1', 0x0077);
    // The official meter says that it has 31 and hands out two.
    const expected = official.map((fields) =>
      fields.snapshot === undefined ? fields : { ...fields, totalSnapshotsFound: 2 },
    );
    expect(answers).toEqual(expected);
    expect(answers).toHaveLength(31);
  });
});
