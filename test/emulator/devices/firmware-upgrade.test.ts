import { describe, expect, it } from 'vitest';
import type { Device } from '../../../emulator/devices/device.js';
import { blockOctets } from '../../../emulator/devices/ota-transfer.js';
import { toHex } from '../../../protocols/codec/hex.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { decodeOtaFile, encodeOtaFile } from '../../../protocols/zigbee/ota-file.js';
import {
  decodeZclFrame,
  encodeZclFrame,
  isServerToClient,
} from '../../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import { entities, FirmwareHome, firmwareFile } from '../../support/firmware-home.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import type { RecordedFrame } from '../../support/test-home.js';

const ota = 0x0019;
const version = 0x01000001;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const crypto = nodeCryptoForTests();

function started(options: ConstructorParameters<typeof FirmwareHome>[0] = {}): FirmwareHome {
  const home = new FirmwareHome(options);
  home.start();
  home.pass(2 * minute);
  return home;
}

/** What the hash in CS06 covers: all but the header of 60 octets and the trailer of 66. */
function imageHash(file: Uint8Array): Uint8Array {
  return crypto.sha256(file.subarray(60, -66));
}

interface ReadFrame extends RecordedFrame {
  readonly commandId: number;
  readonly fromServer: boolean;
  readonly fields: GbzFields;
}

function otaFrames(home: FirmwareHome): ReadFrame[] {
  return home.frames
    .filter(({ clusterId }) => clusterId === ota)
    .map((recorded) => {
      const { frameControl, commandId, payload } = decodeZclFrame(recorded.frame);
      const fields = decodeZclPayload(ota, frameControl, commandId, payload);
      const fromServer = isServerToClient(frameControl);
      return { ...recorded, commandId, fromServer, fields };
    });
}
const blocksAsked = (home: FirmwareHome, device: Device) =>
  otaFrames(home).filter(({ from, commandId }) => from === device.entity && commandId === 3);

/** Alert of a meter over an image: code, and the hash in it. */
function receipt(home: FirmwareHome, device: Device) {
  const [alert, ...more] = home.alerts(device);
  expect(more).toEqual([]);
  if (alert?.payload.kind === 'data-notification') {
    const [code, , hash] = (alert.payload.body as { value: readonly { value: unknown }[] }).value;
    return { messageCode: alert.code, alertCode: code?.value, hash: hash?.value };
  }
  if (alert?.payload.kind !== 'gbz-alert') throw new Error('no alert of a meter');
  const { alertCode, detail } = alert.payload;
  return { messageCode: alert.code, alertCode, hash: detail?.imageHash };
}

describe('firmware for an electricity meter', () => {
  it('goes from the WAN to the hub, block by block to the meter, and waits there', () => {
    const home = started();
    const file = firmwareFile('esme', version);
    const told = home.chf.receiveFirmware(file);
    expect(told).toEqual({
      accepted: true,
      type: 'esme',
      version: '01000001',
      devices: [entities.esme],
    });
    home.pass(minute);
    expect(home.firmwareOf(home.esme)).toEqual({ version: '01000000', held: '01000001' });
    const frames = otaFrames(home);
    const sequence = frames.map(({ commandId }) => commandId);
    const blocks = Math.ceil(file.length / blockOctets);
    // Notify, query and offer, one request that is told the pace, all blocks, and the end.
    expect(sequence).toEqual([
      0,
      1,
      2,
      3,
      5,
      ...Array.from({ length: blocks }, () => [3, 5]).flat(),
      6,
      7,
    ]);
    const data = frames.filter(({ commandId, fields }) => commandId === 5 && fields.status === 0);
    expect(data.map(({ fields }) => fields.imageData).join('')).toBe(toHex(file));
    expect(frames.at(-1)?.fields).toMatchObject({ fileVersion: version, upgradeTime: 0xffffffff });
    for (const { frame } of frames) expect(frame.length).toBeLessThanOrEqual(63);
    expect(receipt(home, home.esme)).toEqual({
      messageCode: 0x00ce,
      alertCode: 0x8f72,
      hash: toHex(imageHash(file)),
    });
    expect(home.chf.describe().firmware).toMatchObject({ esme: { [entities.esme]: 'done' } });
  });

  it('keeps the pace that the hub asks for', () => {
    const home = started();
    home.chf.receiveFirmware(firmwareFile('esme', version));
    // 92 blocks at 50 ms.
    home.pass(4_000);
    expect(home.firmwareOf(home.esme)).toMatchObject({ downloading: '01000001' });
    home.pass(1_000);
    expect(home.firmwareOf(home.esme)).toMatchObject({ held: '01000001' });
  });

  it('goes on where it was interrupted', () => {
    const home = started();
    const file = firmwareFile('esme', version, { octets: 10_000 });
    home.chf.receiveFirmware(file);
    home.pass(3_000);
    const before = blocksAsked(home, home.esme).at(-1)?.fields.fileOffset as number;
    expect(before).toBeGreaterThan(1_000);
    home.loses = ({ from }) => from === entities.chf;
    home.pass(5 * hour);
    home.loses = () => false;
    const lost = blocksAsked(home, home.esme);
    expect(new Set(lost.slice(-5).map(({ fields }) => fields.fileOffset)).size).toBe(1);
    // Six questions, then pauses of ten minutes and more: bounded by time, not by the hub.
    expect(lost.length).toBeLessThan(60 + 5 * 60);
    home.pass(hour);
    expect(home.firmwareOf(home.esme)).toMatchObject({ held: '01000001' });
    const offsets = blocksAsked(home, home.esme).map(({ fields }) => fields.fileOffset as number);
    expect(Math.min(...offsets.slice(lost.length))).toBeGreaterThanOrEqual(before);
  });

  it('asks by itself once a day', () => {
    const home = new FirmwareHome();
    home.loses = ({ clusterId }) => clusterId === ota;
    home.start();
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(minute);
    home.loses = () => false;
    expect(home.firmwareOf(home.esme)).toEqual({ version: '01000000' });
    home.pass(day);
    expect(home.firmwareOf(home.esme)).toMatchObject({ held: '01000001' });
    // It lies there now: the next days bring no block.
    const blocks = blocksAsked(home, home.esme).length;
    home.pass(3 * day);
    expect(blocksAsked(home, home.esme).length).toBe(blocks);
  });

  it.each([
    ['a flipped octet in a signed image', (file: Uint8Array) => flip(file, 2_000)],
    ['a flipped octet in the signature', (file: Uint8Array) => flip(file, file.length - 1)],
  ])('refuses %s and says so', (_name, spoil) => {
    const home = started();
    const file = spoil(firmwareFile('esme', version));
    expect(home.chf.receiveFirmware(file)).toMatchObject({ accepted: true });
    home.pass(minute);
    expect(home.firmwareOf(home.esme)).toEqual({
      version: '01000000',
      rejected: '01000001',
      reason: 'not verified',
    });
    expect(receipt(home, home.esme)).toMatchObject({
      alertCode: 0x8f1c,
      hash: toHex(imageHash(file)),
    });
    expect(otaFrames(home).find(({ commandId }) => commandId === 6)?.fields.status).toBe(0x96);
    expect(home.chf.describe().firmware).toMatchObject({ esme: { [entities.esme]: 'failed' } });
    // Not fetched again every day, but when there is word of an image anew.
    const blocks = blocksAsked(home, home.esme).length;
    home.pass(2 * day);
    expect(blocksAsked(home, home.esme).length).toBe(blocks);
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(minute);
    expect(home.firmwareOf(home.esme)).toMatchObject({ held: '01000001' });
  });

  it('takes an image without a signature', () => {
    const home = started();
    home.chf.receiveFirmware(firmwareFile('esme', version, { sign: undefined }));
    home.pass(minute);
    expect(home.firmwareOf(home.esme)).toMatchObject({ held: '01000001' });
  });

  it('is not offered to other hardware, and a meter that is offered it anyway refuses it', () => {
    const { header, content } = decodeOtaFile(firmwareFile('esme', version));
    const other = encodeOtaFile(
      { ...header, hardwareVersions: { minimum: 0x0200, maximum: 0x02ff } },
      content,
    );
    const home = started();
    expect(home.chf.receiveFirmware(other)).toMatchObject({ accepted: true });
    home.pass(minute);
    expect(home.firmwareOf(home.esme)).toEqual({ version: '01000000' });
    expect(otaFrames(home).at(-1)?.fields).toMatchObject({ status: 0x98 });
    expect(home.chf.describe().firmware).toMatchObject({ esme: { [entities.esme]: 'mismatch' } });

    const deceived = started();
    deceived.rewrite = (frame) =>
      change(frame, 1, (fields) => ({ ...fields, hardwareVersion: 0x0210 }));
    deceived.chf.receiveFirmware(other);
    deceived.pass(minute);
    expect(deceived.firmwareOf(deceived.esme)).toMatchObject({ rejected: '01000001' });
    expect(receipt(deceived, deceived.esme)).toMatchObject({ alertCode: 0x8f1c });
  });

  it.each([
    ['nothing', new Uint8Array(0), /need|header|octets/i],
    ['half a file', firmwareFile('esme', version).slice(0, 2_000), /total image size/],
    ['a file of no known device', ofType(99), /image type 99/],
    ['a file beyond bounds', new Uint8Array(800 * 1024), /more than/],
  ])('the hub stores not: %s', (_name, file, reason) => {
    const home = started();
    const told = home.chf.receiveFirmware(file);
    expect(told).toMatchObject({ accepted: false, reason: expect.stringMatching(reason) });
    expect(home.chf.describe().firmware).toEqual({});
  });

  it('gives up what the hub replaces, and fetches what replaces it', () => {
    const home = started();
    home.chf.receiveFirmware(firmwareFile('esme', version, { octets: 20_000 }));
    home.pass(3_000);
    home.chf.receiveFirmware(firmwareFile('esme', version + 1));
    home.pass(10 * minute);
    expect(home.firmwareOf(home.esme)).toMatchObject({ held: '01000002' });
  });

  it('is forgotten by the hub after two weeks', () => {
    const home = started();
    home.loses = ({ clusterId }) => clusterId === ota;
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.chf.receiveFirmware(firmwareFile('ppmid', version));
    home.pass(13 * day);
    expect(Object.keys(home.chf.describe().firmware as object)).toEqual(['esme', 'ppmid']);
    home.pass(2 * day);
    expect(home.chf.describe().firmware).toEqual({});
    // For the display, which sends no alert of its own, the hub says that it never got it.
    expect(home.alerts(home.chf).at(-1)?.payload).toMatchObject({
      value: { alertCode: 0x8f89, entityId: entities.ppmid, responseCode: 'imageDiscarded' },
    });
  });
});

describe('a server that means no good', () => {
  type Change = (fields: GbzFields) => GbzFields;
  const blocks: readonly (readonly [string, Change])[] = [
    ['a block beyond the end', (fields) => ({ ...fields, fileOffset: 0xfffffff0 })],
    ['a block of another version', (fields) => ({ ...fields, fileVersion: 7 })],
    ['a block of another maker', (fields) => ({ ...fields, manufacturerCode: 7 })],
    ['a block without octets', (fields) => ({ ...fields, dataSize: 0, imageData: '' })],
    [
      'a block larger than asked for',
      (fields) => ({ ...fields, dataSize: 60, imageData: 'ab'.repeat(60) }),
    ],
    ['a status that nobody knows', () => ({ status: 0x42 })],
  ];
  it.each(blocks)('%s: abandoned after a few', (_name, changed) => {
    const home = started();
    home.rewrite = (frame) => change(frame, 5, (f) => (f.status === 0 ? changed(f) : f));
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(day);
    expect(home.firmwareOf(home.esme)).toEqual({ version: '01000000' });
    expect(otaFrames(home).find(({ commandId }) => commandId === 6)?.fields.status).toBe(0x95);
    expect(blocksAsked(home, home.esme).length).toBeLessThan(20);
    expect(home.alerts(home.esme)).toEqual([]);
  });

  it.each([
    ['for a second', { currentTime: 0, requestTime: 1 }],
    ['for an hour', { currentTime: 100, requestTime: 3_700 }],
    ['for a century', { currentTime: 0, requestTime: 0xffffffff }],
    ['for no time', { currentTime: 5, requestTime: 5 }],
    ['until yesterday', { currentTime: 0xffff, requestTime: 1 }],
  ])('"wait" %s, without end: bounded and abandoned', (_name, times) => {
    const home = started();
    const wait = { status: 0x97, minimumBlockPeriod: 50, ...times };
    home.rewrite = (frame) => change(frame, 5, () => wait);
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(3 * day);
    expect(home.firmwareOf(home.esme).held).toBeUndefined();
    expect(otaFrames(home).some(({ fields }) => fields.status === 0x95)).toBe(true);
    // Once a day there is another try.
    expect(blocksAsked(home, home.esme).length).toBeLessThan(4 * 502);
  });

  it.each([0, 1, 56, 0x7fffffff, 0xffffffff])('an offer of %i octets is not taken up', (size) => {
    const home = started();
    home.rewrite = (frame) => change(frame, 2, (fields) => ({ ...fields, imageSize: size }));
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(hour);
    expect(blocksAsked(home, home.esme)).toEqual([]);
  });

  it('blocks beyond the size that was offered are not taken', () => {
    const home = started();
    home.rewrite = (frame) => change(frame, 2, (fields) => ({ ...fields, imageSize: 1_000 }));
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(hour);
    expect(home.firmwareOf(home.esme)).toEqual({ version: '01000000' });
    expect(otaFrames(home).at(-2)?.fields.status).toBe(0x95);
  });

  it('a file cut short is found out', () => {
    const home = started();
    home.rewrite = (frame) => {
      const offered = change(frame, 2, (fields) => ({ ...fields, imageSize: 1_000 }));
      return change(offered, 5, (fields) => {
        const dataSize = Math.min(fields.dataSize as number, 1_000 - (fields.fileOffset as number));
        if (fields.status !== 0) return fields;
        return {
          ...fields,
          dataSize,
          imageData: (fields.imageData as string).slice(0, 2 * dataSize),
        };
      });
    };
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(hour);
    expect(home.firmwareOf(home.esme)).toMatchObject({ rejected: '01000001' });
    expect(receipt(home, home.esme)).toMatchObject({ alertCode: 0x8f1c });
  });

  it('every octet string on the cluster is dropped or answered, never thrown', () => {
    const home = started();
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(2_000);
    let seed = 1;
    const octet = () => {
      seed = (seed * 48_271) % 0x7fffffff;
      return seed & 0xff;
    };
    for (let n = 0; n < 5_000; n++) {
      const bytes = Uint8Array.from({ length: octet() % 24 }, octet);
      // Mostly well-formed headers, so that payloads are read.
      if (bytes.length > 2 && n % 4 !== 0) {
        bytes[0] = (bytes[0] as number) & 0x19;
        bytes[2] = (bytes[2] as number) % 12;
      }
      home.esme.receiveZcl(entities.chf, ota, bytes);
      home.chf.receiveZcl(entities.esme, ota, bytes);
      home.gsme.receiveZcl(entities.chf, ota, bytes);
    }
    home.pass(hour);
    expect(home.firmwareOf(home.esme).version).toBe('01000000');
  });

  it('a stranger gets nothing', () => {
    const home = started();
    home.chf.receiveFirmware(firmwareFile('esme', version));
    home.pass(minute);
    const stranger = entities.ihd;
    const replayed = blocksAsked(home, home.esme)[0] as RecordedFrame;
    home.chf.receiveZcl(stranger, ota, replayed.frame);
    const answer = otaFrames(home).at(-1);
    expect(answer).toMatchObject({ to: stranger, commandId: 5, fields: { status: 0x7e } });
  });
});

describe('firmware for a gas meter', () => {
  const wakeIntervalMs = 30 * minute;

  it('is announced by its mirror and comes in portions, wake by wake', () => {
    const home = started({ wakeIntervalMs });
    home.pass(hour);
    const file = firmwareFile('gsme', version, { octets: 20_000 });
    const from = home.frames.length;
    home.chf.receiveFirmware(file);
    // Nothing while it sleeps: the hub cannot reach it.
    expect(otaFrames(home)).toEqual([]);
    home.pass(wakeIntervalMs);
    expect(blocksAsked(home, home.gsme).length).toBe(200);
    expect(home.firmwareOf(home.gsme)).toMatchObject({ downloading: '01000001', octets: 9_200 });
    home.pass(2 * wakeIntervalMs);
    expect(home.firmwareOf(home.gsme)).toEqual({ version: '01000000', held: '01000001' });
    expect(blocksAsked(home, home.gsme).length).toBe(Math.ceil(file.length / blockOctets));
    expect(home.frames.length).toBeGreaterThan(from);
    expect(receipt(home, home.gsme)).toEqual({
      messageCode: 0x00cf,
      alertCode: 0x8f72,
      hash: toHex(imageHash(file)),
    });
    // The flag is down again: no more queries.
    const frames = otaFrames(home).length;
    home.pass(4 * wakeIntervalMs);
    expect(otaFrames(home).length).toBe(frames);
  });

  it('survives a wake in which nobody answers', () => {
    const home = started({ wakeIntervalMs });
    home.pass(hour);
    home.chf.receiveFirmware(firmwareFile('gsme', version, { octets: 30_000 }));
    home.pass(wakeIntervalMs);
    home.loses = ({ from, clusterId }) => from === entities.chf && clusterId === ota;
    home.pass(3 * wakeIntervalMs);
    home.loses = () => false;
    // One question a wake, no more: its battery must last.
    expect(blocksAsked(home, home.gsme).length).toBeLessThanOrEqual(200 + 3);
    home.pass(4 * wakeIntervalMs);
    expect(home.firmwareOf(home.gsme)).toMatchObject({ held: '01000001' });
  });
});

describe('firmware for displays and load switches', () => {
  it.each(['ppmid', 'hcalcs'] as const)(
    '%s activates it and says so (CS09), the hub, too (CCS08)',
    (type) => {
      const home = started();
      home.chf.receiveFirmware(firmwareFile(type, version));
      home.pass(minute);
      expect(home.firmwareOf(home[type])).toEqual({ version: '01000001' });
      expect(home.alerts(home[type]).map(({ code, payload }) => [code, payload])).toMatchObject([
        [
          0x012b,
          {
            value: {
              alertCode: 0x8f8b,
              firmwareVersion: '01000001',
              activateImageResponseCode: 'success',
            },
          },
        ],
      ]);
      expect(home.alerts(home.chf).at(-1)?.payload).toMatchObject({
        value: { alertCode: 0x8f8a, entityId: entities[type], responseCode: 'success' },
      });
      expect(readClient(home, type)).toMatchObject({ 2: version, 6: 0 });
    },
  );

  it('one that fails to start leaves the old one running', () => {
    const home = started();
    home.chf.receiveFirmware(firmwareFile('ppmid', version, { isFaulty: true }));
    home.pass(minute);
    const state = { version: '01000000', rejected: '01000001', reason: 'did not start' };
    expect(home.firmwareOf(home.ppmid)).toEqual(state);
    home.pass(3 * day);
    // Not fetched again each day to fail again.
    expect(home.alerts(home.ppmid).length).toBe(1);
    expect(home.alerts(home.ppmid)[0]?.payload).toMatchObject({
      value: { firmwareVersion: '01000000', activateImageResponseCode: 'failure' },
    });
  });

  it('two at once: the hub serves one after the other', () => {
    const home = started();
    home.chf.receiveFirmware(firmwareFile('ppmid', version, { octets: 20_000 }));
    home.chf.receiveFirmware(firmwareFile('hcalcs', version, { octets: 20_000 }));
    home.chf.receiveFirmware(firmwareFile('esme', version, { octets: 20_000 }));
    home.pass(2_000);
    const waits = otaFrames(home).filter(({ fields }) => (fields.requestTime as number) > 0);
    expect(waits.length).toBeGreaterThan(0);
    home.pass(5 * minute);
    for (const type of ['ppmid', 'hcalcs'] as const) {
      expect(home.firmwareOf(home[type])).toEqual({ version: '01000001' });
    }
    expect(home.firmwareOf(home.esme)).toMatchObject({ held: '01000001' });
  });
});

function flip(file: Uint8Array, at: number): Uint8Array {
  const spoilt = file.slice();
  spoilt[at] = (spoilt[at] as number) ^ 1;
  return spoilt;
}

function ofType(imageType: number): Uint8Array {
  const { header, content } = decodeOtaFile(firmwareFile('esme', version));
  return encodeOtaFile({ ...header, imageType }, content);
}

/** The frame with other fields, if it is that command of OTA Upgrade. */
function change(
  recorded: RecordedFrame,
  command: number,
  changed: (fields: GbzFields) => GbzFields,
): RecordedFrame {
  if (recorded.clusterId !== ota) return recorded;
  const frame = decodeZclFrame(recorded.frame);
  if (frame.commandId !== command || (frame.frameControl & 1) === 0) return recorded;
  const { frameControl, commandId } = frame;
  const fields = changed(decodeZclPayload(ota, frameControl, commandId, frame.payload));
  const payload = encodeZclPayload(ota, frameControl, commandId, fields);
  return { ...recorded, frame: encodeZclFrame({ ...frame, payload }) };
}

/** Client attributes of a device, as a server reads them. */
function readClient(
  home: FirmwareHome,
  type: 'esme' | 'ppmid' | 'hcalcs',
): Record<number, unknown> {
  const attributes = [0, 1, 2, 6, 7, 8].map((attributeId) => ({ attributeId }));
  const read = { frameControl: 0x08, commandId: 0x00, sequenceNumber: 9 };
  const payload = encodeZclPayload(ota, read.frameControl, read.commandId, { attributes });
  home[type].receiveZcl(entities.chf, ota, encodeZclFrame({ ...read, payload }));
  const sent = home.frames.filter(({ from }) => from === entities[type]).at(-1);
  const answer = decodeZclFrame(sent?.frame as Uint8Array);
  expect(answer).toMatchObject({ frameControl: 0, sequenceNumber: 9, commandId: 1 });
  const { frameControl, commandId } = answer;
  const fields = decodeZclPayload(ota, frameControl, commandId, answer.payload);
  const records = fields.attributes as readonly { attributeId: number; value: unknown }[];
  return Object.fromEntries(records.map(({ attributeId, value }) => [attributeId, value]));
}
