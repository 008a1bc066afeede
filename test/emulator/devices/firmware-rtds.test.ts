import { describe, expect, it } from 'vitest';
import { Chf } from '../../../emulator/devices/chf/device.js';
import { Esme } from '../../../emulator/devices/esme/device.js';
import { Gsme } from '../../../emulator/devices/gsme/device.js';
import { Ppmid } from '../../../emulator/devices/ppmid/device.js';
import { AlertSender } from '../../../emulator/functions/alert-sender.js';
import { DeviceCounters } from '../../../emulator/functions/counters.js';
import {
  activatedAlert,
  receiptAlert,
  transferAlert,
} from '../../../emulator/functions/firmware-alerts.js';
import type { FirmwareImage } from '../../../emulator/functions/firmware-image.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import { decodePayload } from '../../../protocols/gbcs/payload.js';
import { readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { rtdsDeviceParts, standInSigningKey } from '../../support/rtds-device.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { TestHome } from '../../support/test-home.js';

const crypto = nodeCryptoForTests();
const newYear = Date.UTC(2015, 0, 1);
const signatureOctets = 64;
const esmeEui = eui64('00db1234567890a0');

const official = (path: string) => readRtdsMessage(`${path}_GBCS.HEX`);
const cs06 = (name: string) => official(`11.3_CS06/CS06_11.3_${name}`);

/** All but the signature is the same; the signature is by the key that stands in for the unpublished one. */
function expectAlike(message: Uint8Array | undefined, expected: Uint8Array): void {
  if (message === undefined) throw new Error('nothing was sent');
  expect(toHex(message.subarray(0, -signatureOctets))).toBe(
    toHex(expected.subarray(0, -signatureOctets)),
  );
  const { signedBytes, signature } = decodeGbcsMessage(message);
  const publicKey = crypto.publicKey(standInSigningKey);
  expect(crypto.verify(publicKey, signedBytes, signature as Uint8Array)).toBe(true);
}

function asn1Of(message: Uint8Array): Record<string, unknown> {
  const { header, content } = decodeGbcsMessage(message);
  const { messageCode } = header.otherInformation;
  const payload = decodePayload(content, messageCode, header.craFlag);
  if (payload.kind !== 'asn1') throw new Error('not ASN.1');
  return payload.value as Record<string, unknown>;
}

/** An image as the meter of the examples must have held it. */
function image(hash: Uint8Array, fileVersion: number): FirmwareImage {
  const header = { fileVersion } as FirmwareImage['header'];
  return { header, hash, manufacturerImage: hash, signature: undefined, isFaulty: false };
}

function electricityMeter(firmwareVersion: string, atMs = newYear) {
  const home = new TestHome(atMs);
  const parts = rtdsDeviceParts(esmeEui, home.host(esmeEui), crypto);
  const contract = { payment: 'credit' } as const;
  const esme = home.attach(new Esme({ ...parts, contract, firmwareVersion }));
  return { home, esme, firmware: esme.state.firmware };
}

/** The next originator counter of a device is this. */
function countTo(counters: DeviceCounters, counter: bigint): void {
  while (counters.nextOwn() < counter - 1n);
}

describe.skipIf(!rtdsAvailable)('CS06 and the official test data', () => {
  const { manufacturerImageHash } = rtdsAvailable
    ? asn1Of(cs06('IMMEDIATE_SUCCESS_COMMAND'))
    : { manufacturerImageHash: '' };
  const hash = fromHex(manufacturerImageHash as string);

  it('at once: activates what is held', () => {
    const { home, esme, firmware } = electricityMeter('01000000');
    firmware.hold(image(hash, 0x0123abce));
    const response = home.send(esme, cs06('IMMEDIATE_SUCCESS_COMMAND'));
    expectAlike(response, cs06('IMMEDIATE_SUCCESS_RESPONSE'));
    expect(firmware.version).toBe('0123abce');
    expect(firmware.held).toBeUndefined();
    expect(esme.state.securityLog.between(0, newYear).map(({ eventId }) => eventId)).toEqual([
      0x8f43,
    ]);
    expect(home.eventsNamed('firmware-changed').at(-1)?.detail).toMatchObject({
      state: 'running',
      version: '0123abce',
    });
  });

  it('at once, and it cannot be', () => {
    const response = cs06('IMMEDIATE_ERROR_RESPONSE');
    const { executionOutcome } = asn1Of(response) as {
      executionOutcome: { responseCode: string; firmwareVersion: string };
    };
    const { home, esme, firmware } = electricityMeter(executionOutcome.firmwareVersion);
    if (executionOutcome.responseCode === 'hashMismatch') {
      firmware.hold(image(new Uint8Array(32).fill(9), 5));
    } else {
      expect(executionOutcome.responseCode).toBe('noImageHeld');
    }
    expectAlike(home.send(esme, cs06('IMMEDIATE_ERROR_COMMAND')), response);
  });

  it('later: answers, and reports when it has been done', () => {
    const { home, esme, firmware } = electricityMeter('01000000');
    const command = cs06('FUTURE_DATED_SUCCESS_COMMAND');
    expectAlike(home.send(esme, command), cs06('FUTURE_DATED_SUCCESS_RESPONSE'));
    const { executionDateTime, manufacturerImageHash: planned } = asn1Of(command);
    const alert = cs06('8F66_FUTURE_DATED_SUCCESS_ALERT');
    const told = asn1Of(alert);
    const { firmwareVersion } = told.executionOutcome as { firmwareVersion: string };
    firmware.hold(image(fromHex(planned as string), Number.parseInt(firmwareVersion, 16)));
    countTo(esme.state.counters, 2000n);
    const before = home.messages.length;
    home.clock.advanceTo(msOf(executionDateTime as string) - 1);
    expect(home.messages.length).toBe(before);
    home.clock.advance(20);
    // The official alert quotes another time and counter than the command: all else is the same.
    const [sent, ...more] = home.messages.slice(before).map(({ message }) => message);
    expect(more).toEqual([]);
    const own = asn1Of(sent as Uint8Array);
    expect(own).toEqual({
      ...told,
      executionDateTime,
      originatorCounter: asn1Of(command).originatorCounter,
    });
    const head = alert.length - decodeGbcsMessage(alert).content.length - signatureOctets - 1;
    expect(toHex((sent as Uint8Array).subarray(0, head))).toBe(toHex(alert.subarray(0, head)));
    expect(firmware.version).toBe(firmwareVersion);
    expect(firmware.planned).toBeUndefined();
  });

  it('later, and the image is another by then', () => {
    const { home, esme, firmware } = electricityMeter('0123abcf');
    const command = cs06('FUTURE_DATED_ERROR_COMMAND');
    expectAlike(home.send(esme, command), cs06('FUTURE_DATED_ERROR_RESPONSE'));
    firmware.hold(image(new Uint8Array(32).fill(9), 5));
    const before = home.messages.length;
    home.clock.advanceTo(msOf(asn1Of(command).executionDateTime as string) + 20);
    const told = asn1Of(cs06('8F67_FUTURE_DATED_ERROR_ALERT'));
    expect(asn1Of(home.messages[before]?.message as Uint8Array)).toEqual({
      ...told,
      executionDateTime: asn1Of(command).executionDateTime,
    });
    expect(firmware.version).toBe('0123abcf');
  });

  it('never: forgets what was planned', () => {
    const { home, esme, firmware } = electricityMeter('01000000');
    home.send(esme, cs06('FUTURE_DATED_SUCCESS_COMMAND'));
    expect(firmware.planned).toBeDefined();
    const response = home.send(esme, cs06('CANCELLATION_SUCCESS_COMMAND'));
    expectAlike(response, cs06('CANCELLATION_SUCCESS_RESPONSE'));
    expect(firmware.planned).toBeUndefined();
    const before = home.messages.length;
    home.clock.advanceTo(Date.UTC(2031, 0, 1));
    expect(home.messages.length).toBe(before);
  });

  it('what is planned waits for a clock that can be trusted', () => {
    const { home, esme, firmware } = electricityMeter('01000000', Date.UTC(2029, 11, 31));
    firmware.hold(image(hash, 7));
    home.send(esme, cs06('FUTURE_DATED_SUCCESS_COMMAND'));
    esme.disturb({ fault: 'clock', offsetMs: 0, reliability: 'unreliable' });
    home.clock.advanceTo(Date.UTC(2030, 1, 1));
    expect(firmware.version).toBe('01000000');
    esme.disturb({ fault: 'clock', offsetMs: 0, reliability: 'reliable' });
    home.clock.advance(3_600_000);
    expect(firmware.planned).toBeUndefined();
  });

  it('activates nothing by a message of which an octet was changed', () => {
    const { home, esme, firmware } = electricityMeter('01000000');
    firmware.hold(image(hash, 7));
    const command = cs06('IMMEDIATE_SUCCESS_COMMAND');
    for (let at = 14; at < command.length; at++) {
      const changed = command.slice();
      changed[at] = (changed[at] as number) ^ 0x10;
      expect(home.send(esme, changed)).toBeUndefined();
    }
    expect(firmware.version).toBe('01000000');
    expect(esme.describe()).toMatchObject({ executed: 0 });
  });

  it('outlives a restart: what runs, what is held and what is planned', () => {
    const { home, esme, firmware } = electricityMeter('01000000');
    firmware.hold(image(hash, 0x0123abce));
    home.send(esme, cs06('FUTURE_DATED_SUCCESS_COMMAND'));
    const parts = rtdsDeviceParts(esmeEui, home.host(esmeEui), crypto);
    const { store } = (esme as unknown as { parts: typeof parts }).parts;
    const again = new Esme({ ...parts, store, contract: { payment: 'credit' } });
    expect(again.state.firmware.held).toEqual(firmware.held);
    expect(again.state.firmware.planned).toEqual(firmware.planned);
    again.state.firmware.activate(hash);
    const later = new Esme({ ...parts, store, contract: { payment: 'credit' } });
    expect(later.state.firmware.version).toBe('0123abce');
  });
});

/** `YYYYMMDDhhmmssZ`. */
function msOf(time: string): number {
  const [year, month, day, hour, minute, second] = [
    ...[time.slice(0, 4)],
    ...(time.slice(4).match(/\d\d/g) ?? []),
  ].map(Number) as [number, number, number, number, number, number];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

describe.skipIf(!rtdsAvailable)('alerts of firmware and the official test data', () => {
  const senders = {
    '00db1234567890a0': Esme,
    '00db1234567890a1': Gsme,
    '00db1234567890a2': Chf,
    '00db1234567890a4': Ppmid,
  };
  /** The alert sender of a device of the examples, its counter before this. */
  function senderOf(entity: Eui64, counter: bigint): AlertSender {
    expect(Object.keys(senders)).toContain(entity);
    const parts = rtdsDeviceParts(entity, new TestHome(newYear).host(entity), crypto);
    const counters = new DeviceCounters(parts.store, entity, 'perRole');
    countTo(counters, counter);
    const { keys, trustAnchors } = parts;
    const nowMs = () => newYear;
    return new AlertSender({
      entity,
      crypto,
      keys,
      counters,
      trustAnchors: () => trustAnchors,
      nowMs,
    });
  }
  const hashIn = (message: Uint8Array): Uint8Array =>
    message.slice(-signatureOctets - 1 - 32, -signatureOctets - 1);

  it.each([
    ['NA_FDRA-DLMS/FDRA-DLMS_NA_8F72_ALERT', 'esme'],
    ['NA_FDRA-ZigBee/FDRA-ZigBee_NA_8F72_ALERT', 'gsme'],
  ] as const)('%s: an image has been verified', (path, type) => {
    const expected = official(path);
    const { originator, originatorCounter } = decodeGbcsMessage(expected).header;
    const alert = receiptAlert(type, true, hashIn(expected));
    const made = senderOf(originator, originatorCounter).make(alert);
    expectAlike(made.made ? made.message : undefined, expected);
  });

  it('CS09: a display has activated its image', () => {
    const expected = official('NA_CS09/CS09_NA_8F8B_ALERT');
    const { originator, originatorCounter } = decodeGbcsMessage(expected).header;
    const made = senderOf(originator, originatorCounter).make(activatedAlert('1234abcd', true));
    expectAlike(made.made ? made.message : undefined, expected);
  });

  it('CCS08: a hub has handed over an image', () => {
    const expected = official('NA_CCS08/CCS08_NA_NA_ALERT');
    const { originator, originatorCounter } = decodeGbcsMessage(expected).header;
    const alert = transferAlert(eui64('00db1234567890a4'), '0123abcd', 'success');
    const made = senderOf(originator, originatorCounter).make(alert);
    expectAlike(made.made ? made.message : undefined, expected);
  });
});
