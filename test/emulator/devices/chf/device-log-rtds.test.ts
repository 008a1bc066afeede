import { describe, expect, it } from 'vitest';
import type { Chf } from '../../../../emulator/devices/chf/device.js';
import type { DeviceEventLog } from '../../../../emulator/functions/device-event-log.js';
import type { DeviceLog } from '../../../../emulator/functions/device-log.js';
import {
  deviceLogKey,
  deviceLogRecord,
  type EntryRecord,
} from '../../../../emulator/functions/device-log-record.js';
import { MemoryStore } from '../../../../emulator/sim/memory-store.js';
import { encodeWith } from '../../../../protocols/codec/codec.js';
import { type Eui64, eui64 } from '../../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import { msOfSecondsSince2000 } from '../../../../protocols/codec/utc.js';
import { decodeDlmsApdu } from '../../../../protocols/dlms/apdu.js';
import type { AccessResponse } from '../../../../protocols/dlms/apdu-types.js';
import { decodeGbcsMessage } from '../../../../protocols/gbcs/message.js';
import {
  loadRtdsIndex,
  type RtdsEntry,
  readRtdsMessage,
  rtdsAvailable,
} from '../../../support/rtds.js';
import { rtdsDeviceParts } from '../../../support/rtds-device.js';
import { nodeCryptoForTests } from '../../../support/test-crypto.js';
import { type TestHub, testHub } from './hub.js';

const crypto = nodeCryptoForTests();
const hub = eui64('00db1234567890a2');
const [esme, gsme, gpf, ppmid] = ['a0', 'a1', 'a3', 'a4'].map((end) =>
  eui64(`00db1234567890${end}`),
) as [Eui64, Eui64, Eui64, Eui64];
const newYear = Date.UTC(2015, 0, 1);
const dayMs = 86_400_000;
const hanIdentifier = eui64('0001020304050607');
const deviceLog = '104/0-0:30.3.0.255';

/** The hashes in the official read-out of both logs. */
const hashes = {
  esme: fromHex('83fed3407a939723a5c639b26916d506'),
  gsme: fromHex('83fed3407a939723a5c639b26916d505'),
  gpf: fromHex('00112233445566778899a1a2a3a4a5a6'),
  ppmid: fromHex('a1a2a3a4a5a600112233445566778899'),
};

function known(entity: Eui64, linkKeyHash: Uint8Array): EntryRecord {
  return {
    entity,
    typeCode: undefined,
    installCode: undefined,
    window: undefined,
    linkKey: undefined,
    linkKeyHash,
    restored: false,
    lastContactMs: undefined,
  };
}

/** A hub whose store holds the log of the official examples, and whose last own counter was `lastCounter`. */
function officialHub(options: { more?: EntryRecord[]; lastCounter?: number } = {}): TestHub {
  const store = new MemoryStore();
  const record = {
    hanIdentifier,
    entries: [known(esme, hashes.esme), known(gsme, hashes.gsme), ...(options.more ?? [])],
    historic: [
      { entity: gpf, linkKey: undefined, linkKeyHash: hashes.gpf },
      { entity: ppmid, linkKey: undefined, linkKeyHash: hashes.ppmid },
    ],
  };
  store.put(deviceLogKey(hub), encodeWith(deviceLogRecord, record).slice());
  if (options.lastCounter !== undefined) {
    const counter = new Uint8Array(8);
    new DataView(counter.buffer).setBigUint64(0, BigInt(options.lastCounter));
    store.put(`${hub}/originator-counter`, counter);
  }
  return testHub(hub, newYear, (host) => rtdsDeviceParts(hub, host, crypto), { store });
}

function emptyHub(): TestHub {
  return testHub(hub, newYear, (host) => rtdsDeviceParts(hub, host, crypto));
}

/** What the official read of the communications store says of its two devices. */
function setLinks(log: DeviceLog): void {
  const common = {
    hops: 1,
    transmissionFailures: 0,
    transmissionSuccesses: 100,
    applicationVersion: 1,
    stackVersion: 1,
  };
  log.measured(esme, { rssi: [-35, -50, -100], lqi: [2, 39, 247], ...common });
  log.measured(gsme, { rssi: [-34, -54, -77], lqi: [1, 96, 205], ...common });
  log.heard(esme, Date.UTC(2014, 11, 31, 23, 50));
  log.heard(gsme, Date.UTC(2014, 11, 31, 23, 40));
}

/** Puts what the official read of a log shows into a log, among entries that were not asked for. */
function fillLog(log: DeviceEventLog, group: string): void {
  const entry = exchanges().find(([command]) => command.group === group)?.[1];
  const { content } = decodeGbcsMessage(readRtdsMessage(entry as RtdsEntry));
  const [item] = (decodeDlmsApdu(content) as AccessResponse).items;
  const rows = item?.data.type === 'compact-array' ? item.data.value : [];
  log.add(0x8f12, newYear - 2 * dayMs);
  for (const row of rows) {
    const [at, code, data] = row.type === 'structure' ? row.value : [];
    const values = [at, code, data].map((value) => value && 'value' in value && value.value);
    log.add(
      values[1] as number,
      msOfSecondsSince2000(values[0] as number),
      String(values[2] || ''),
    );
  }
  log.add(0x8f12, newYear);
}

const failing =
  (member: string) =>
  ({ chf }: { readonly chf: Chf }): void =>
    chf.state.cosem.fail(`${deviceLog}/${member}`, 1);

interface Setting {
  readonly hub: () => TestHub;
  readonly prepare?: (made: TestHub) => void;
  /** Whether the log is another afterwards, of which the hub tells. */
  readonly changes: boolean;
}

/** The state in which the official hub must have been. */
const settings: Readonly<Record<string, Setting>> = {
  'CCS01_8.11_SUCCESS': { hub: emptyHub, changes: true },
  'CCS01_8.11_ERROR': { hub: emptyHub, prepare: failing('a3'), changes: true },
  'CCS02_8.11_SUCCESS': { hub: officialHub, changes: true },
  'CCS02_8.11_ERROR': { hub: officialHub, prepare: failing('m2'), changes: false },
  'CCS03_8.12.1_SUCCESS': { hub: emptyHub, changes: true },
  'CCS05CCS04_8.9_SUCCESS': {
    hub: officialHub,
    prepare: ({ chf }) => setLinks(chf.deviceLog),
    changes: false,
  },
  'CCS06_8.9_SUCCESS': {
    hub: officialHub,
    prepare: ({ chf }) => setLinks(chf.deviceLog),
    changes: false,
  },
  'ECS35c_6.13_SUCCESS': {
    hub: emptyHub,
    prepare: ({ chf }) => fillLog(chf.state.eventLog, 'ECS35c_6.13_SUCCESS'),
    changes: false,
  },
  'ECS35d_6.13_SUCCESS': {
    hub: emptyHub,
    prepare: ({ chf }) => fillLog(chf.state.securityLog, 'ECS35d_6.13_SUCCESS'),
    changes: false,
  },
  'ECS35d_6.13_ERROR': {
    hub: emptyHub,
    prepare: ({ chf }) => chf.state.cosem.fail('7/0-0:99.98.1.255/a2', 1),
    changes: false,
  },
  'CCS07_8.9_SUCCESS': { hub: officialHub, changes: false },
  'CCS07_8.9_ERROR': { hub: officialHub, prepare: failing('m4'), changes: false },
};

function exchanges(): [RtdsEntry, RtdsEntry][] {
  const index = loadRtdsIndex();
  return index.flatMap((command): [RtdsEntry, RtdsEntry][] => {
    if (command.role !== 'command' || command.recipient !== hub) return [];
    if (command.payload !== 'dlms-access-request') return [];
    const response = index.find((e) => e.role === 'response' && e.group === command.group);
    return response === undefined ? [] : [[command, response]];
  });
}

describe.skipIf(!rtdsAvailable)('official exchanges with the hub about its device log', () => {
  it('are answered byte for byte', () => {
    const skipped = new Set<string>();
    let answered = 0;
    for (const [command, response] of exchanges()) {
      const setting = settings[command.group];
      if (setting === undefined) {
        skipped.add(command.group.split('_')[0] as string);
        continue;
      }
      const made = setting.hub();
      setting.prepare?.(made);
      made.chf.receiveMessage(readRtdsMessage(command));
      const sent = made.sent();
      expect(made.home.eventsNamed('command-refused'), command.file).toEqual([]);
      expect(toHex(sent[0] as Uint8Array), command.file).toBe(toHex(readRtdsMessage(response)));
      expect(sent, command.file).toHaveLength(setting.changes ? 2 : 1);
      answered++;
    }
    expect(answered).toBe(Object.keys(settings).length);
    // Use cases of the hub that this one has no objects for.
    expect([...skipped].sort()).toEqual([
      'DBCH01',
      'DBCH02',
      'DBCH03',
      'DBCH04',
      'DBCH05',
      'ECS26i',
      'ECS26n',
    ]);
  });

  it('CS14 is the official alert, MAC included', () => {
    const stranger = eui64('00db1234567890ee');
    const made = officialHub({ more: [known(stranger, hashes.gpf)], lastCounter: 3999 });
    expect(made.chf.deviceLog.remove(stranger)).toBe(true);
    const official = readRtdsMessage('NA_CS14/CS14_NA_8F12_ALERT_GBCS.HEX');
    expect(made.sent().map((message) => toHex(message))).toEqual([toHex(official)]);
    expect(made.home.eventsNamed('alert-sent').map(({ detail }) => detail)).toEqual([
      {
        messageCode: '0x0018',
        alertCode: '0x8f12',
        recipient: '90b3d51f30000002',
        originatorCounter: '4000',
      },
    ]);
  });

  it('CCS03 hands the network of the other hub on', () => {
    const made = emptyHub();
    made.chf.receiveMessage(readRtdsMessage('8.12.1_CCS03/CCS03_8.12.1_SUCCESS_COMMAND_GBCS.HEX'));
    expect(made.restored).toEqual([
      {
        hanIdentifier: '0000000000000140',
        devices: [
          { entity: esme, linkKeyHash: hashes.esme },
          { entity: gsme, linkKeyHash: hashes.gsme },
        ],
      },
    ]);
    const log = made.chf.deviceLog;
    expect(log.hanIdentifier).toBe('0000000000000140');
    expect(log.joiningKeys(gsme, newYear)).toEqual([hashes.gsme]);
    expect(log.joiningOpen(newYear)).toBe(false);
  });

  it('CCS01 executed twice is refused the second time, and with any bit flipped at once', () => {
    const made = emptyHub();
    const command = readRtdsMessage('8.11_CCS01/CCS01_8.11_SUCCESS_COMMAND_GBCS.HEX');
    for (let bit = 0; bit < command.length * 8; bit++) {
      const flipped = command.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      made.chf.receiveMessage(flipped);
    }
    expect(made.sent()).toEqual([]);
    expect(made.chf.deviceLog.size).toBe(0);
    made.chf.receiveMessage(command);
    expect(made.sent()).toHaveLength(2);
    made.chf.receiveMessage(command);
    expect(made.sent()).toEqual([]);
    expect(made.home.eventsNamed('command-refused').at(-1)?.detail).toMatchObject({
      reason: 'counterNotAbove',
    });
  });
});
