import { describe, expect, it } from 'vitest';
import { maskOfChannel } from '../../../../emulator/functions/sub-ghz-channels.js';
import { MemoryStore } from '../../../../emulator/sim/memory-store.js';
import { type Eui64, eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { msOfSecondsSince2000 } from '../../../../protocols/codec/utc.js';
import { decodeDlmsApdu } from '../../../../protocols/dlms/apdu.js';
import type { AccessResponse } from '../../../../protocols/dlms/apdu-types.js';
import { splitMessage } from '../../../../protocols/gbcs/gbt.js';
import { decodeGbcsMessage } from '../../../../protocols/gbcs/message.js';
import { readRtdsMessage, rtdsAvailable } from '../../../support/rtds.js';
import { rtdsDeviceParts } from '../../../support/rtds-device.js';
import { testSubGhzRadio } from '../../../support/sub-ghz-radio.js';
import { nodeCryptoForTests } from '../../../support/test-crypto.js';
import { type TestHub, testHub } from './hub.js';

const crypto = nodeCryptoForTests();
const hub = eui64('00db1234567890a2');
const esme = eui64('00db1234567890a0');
const gsme = eui64('00db1234567890a1');
const newYear = Date.UTC(2015, 0, 1);

/** The official hub, which is on the first channel of page 28 and whose last alert had number 3999. */
function officialHub(clients: readonly Eui64[] = [], startMs = newYear) {
  const store = new MemoryStore();
  const setCounter = () => {
    const counter = new Uint8Array(8);
    new DataView(counter.buffer).setBigUint64(0, 3999n);
    store.put(`${hub}/originator-counter`, counter);
  };
  setCounter();
  const radio = testSubGhzRadio();
  for (const device of clients) radio.devices.set(device, { percent: 1, sleepy: false });
  const known = clients.map((entity) => ({ entity, type: 'hcalcs' as const }));
  const more = { store, deviceLog: known, subGhz: { devicesMax: 1 } };
  const made = testHub(hub, startMs, (host) => rtdsDeviceParts(hub, host, crypto), more, radio);
  made.chf.start();
  return { ...made, radio, setCounter };
}

const official = (file: string) => readRtdsMessage(`${file}_GBCS.HEX`);
const hexes = (messages: readonly Uint8Array[]) => messages.map((message) => toHex(message));

function band({ chf }: TestHub) {
  const { subGhz } = chf.state;
  if (subGhz === undefined) throw new Error('the hub has no sub-GHz network');
  return subGhz;
}

/** Values of the data in the official response to a command. */
function responseData(file: string) {
  const { content } = decodeGbcsMessage(official(file));
  const [item] = (decodeDlmsApdu(content) as AccessResponse).items;
  if (item === undefined) throw new Error(`${file} has no item`);
  return item.data;
}

describe.skipIf(!rtdsAvailable)('official exchanges about the sub-GHz band', () => {
  it('DBCH01 reads the channel', () => {
    const made = officialHub();
    made.chf.receiveMessage(official('6.31_DBCH01/DBCH01_6.31_SUCCESS_COMMAND'));
    expect(hexes(made.sent())).toEqual(
      hexes([official('6.31_DBCH01/DBCH01_6.31_SUCCESS_RESPONSE')]),
    );
  });

  it('DBCH02 reads the log of channels, of which the last 101 are kept', () => {
    const made = officialHub();
    const response = '6.32_DBCH02/DBCH02_6.32_SUCCESS_RESPONSE';
    const data = responseData(response);
    const rows = data.type === 'compact-array' ? data.value : [];
    const { channelLog } = band(made);
    for (let day = 0; day < 200; day++) channelLog.add(0x8f26, Date.UTC(2000, 0, 1 + day));
    for (const row of rows) {
      const [at, code, octets] = row.type === 'structure' ? row.value : [];
      const values = [at, code, octets].map((one) => one && 'value' in one && one.value);
      channelLog.add(
        values[1] as number,
        msOfSecondsSince2000(values[0] as number),
        String(values[2]),
      );
    }
    expect(rows).toHaveLength(11);
    expect(channelLog.between(0, newYear)).toHaveLength(101);
    made.chf.receiveMessage(official('6.32_DBCH02/DBCH02_6.32_SUCCESS_COMMAND'));
    expect(hexes(made.sent())).toEqual(hexes([official(response)]));
  });

  it('DBCH03 reads the configuration', () => {
    const made = officialHub();
    const response = '6.30_DBCH03/DBCH03_6.30_SUCCESS_RESPONSE';
    band(made).configure({
      ...band(made).configuration,
      page28: 0xe0000003,
      page29: 0xe8000003,
      page30: 0xf0000003,
      page31: 0xf8000003,
      limitedDutyCycleThreshold: 125,
      criticalDutyCycleThreshold: 200,
      channelChangesPerWeek: 4,
      gsmeCurfew: 6,
      quieterThreshold: 6,
      noisierThreshold: 10,
      poorCommunications: 5_050,
      poorCommunicationsPeriods: 0x7d,
      noisePeriod: 90,
      failures: 5_000,
      retries: 3_000,
    });
    made.chf.receiveMessage(official('6.30_DBCH03/DBCH03_6.30_SUCCESS_COMMAND'));
    expect(toHex(made.sent()[0] as Uint8Array)).toBe(toHex(official(response)));
  });

  it('DBCH04 writes the configuration, and DBCH09 tells of it', () => {
    const made = officialHub();
    made.chf.receiveMessage(official('6.28_DBCH04/DBCH04_6.28_SUCCESS_COMMAND'));
    const [response, alert, scan] = made.sent();
    expect(toHex(response as Uint8Array)).toBe(
      toHex(official('6.28_DBCH04/DBCH04_6.28_SUCCESS_RESPONSE')),
    );
    expect(toHex(alert as Uint8Array)).toBe(
      toHex(official('6.28_DBCH04/DBCH04_6.28_NA_SUCCESS_ALERT_DBCH09')),
    );
    // The present channel is none of those that may be used now: the hub looks for another.
    expect(decodeGbcsMessage(scan as Uint8Array).header.otherInformation.messageCode).toBe(0x1001);
    expect(band(made).configuration).toMatchObject({
      page28: 0xe0000006,
      limitedDutyCycleThreshold: 130,
      gsmeCurfew: 7,
      noisierThreshold: 12,
      retries: 3_000,
    });
    made.home.clock.advance(20_000);
    expect(made.radio.channel).toEqual({ page: 28, channel: 1 });
    expect(band(made).channelLog.between(0, newYear * 2)).toMatchObject([
      { eventId: 0x8f26, data: `${maskOfChannel(made.radio.channel).toString(16)}090101` },
    ]);
  });

  it('DBCH05 asks for a scan, and DBCH08 tells what becomes of it', () => {
    const made = officialHub();
    made.chf.receiveMessage(official('6.29_DBCH05/DBCH05_6.29_SUCCESS_COMMAND'));
    const sent = hexes(made.sent());
    expect(sent.slice(0, 2)).toEqual(
      hexes([
        official('6.29_DBCH05/DBCH05_6.29_SUCCESS_RESPONSE'),
        official('NA_DBCH08/DBCH08_NA_8F28_ALERT'),
      ]),
    );
    // Scan begun; nothing is quieter than silence.
    expect(made.chf.state.eventLog.between(0, newYear).map(({ eventId }) => eventId)).toEqual([
      0x8f28, 0x8f27, 0x8f2b,
    ]);
  });

  it('refused where the hub has no sub-GHz network', () => {
    const made = testHub(hub, newYear, (host) => rtdsDeviceParts(hub, host, crypto));
    for (const file of [
      '6.31_DBCH01/DBCH01_6.31',
      '6.32_DBCH02/DBCH02_6.32',
      '6.30_DBCH03/DBCH03_6.30',
      '6.28_DBCH04/DBCH04_6.28',
      '6.29_DBCH05/DBCH05_6.29',
    ]) {
      made.chf.receiveMessage(official(`${file}_SUCCESS_COMMAND`));
    }
    const results = made.home.eventsNamed('command-executed').map(({ detail }) => detail.results);
    // The last two have the counter of the first, or one below: DBCH04 and DBCH05 are protected.
    expect(results.slice(0, 3)).toEqual(Array(3).fill(['object-undefined']));
    expect(made.chf.state.subGhz).toBeUndefined();
    expect(made.home.clock.pending).toBe(0);
  });
});

describe.skipIf(!rtdsAvailable)('official alerts about the sub-GHz band', () => {
  const only = (made: TestHub) => hexes(made.sent());

  it('DBCH06: limited, and the busiest device has to be silent', () => {
    const made = officialHub([gsme], newYear - 60_000);
    made.radio.percent = 1.3;
    made.home.clock.advance(60_000);
    expect(only(made)).toEqual(hexes([official('NA_DBCH06/DBCH06_NA_8F20_ALERT')]));
  });

  it('DBCH10: a message to it is discarded', () => {
    const made = officialHub([esme], newYear - 60_000);
    made.radio.percent = 1.3;
    made.home.clock.advance(60_000);
    made.sent();
    made.setCounter();
    made.chf.receiveMessage(official('1.7_ECS05/ECS05_1.7_SUCCESS_COMMAND'));
    expect(only(made)).toEqual(hexes([official('NA_DBCH10/DBCH10_NA_8F2C_ALERT')]));
    expect(made.delivered).toEqual([]);
    expect(made.home.eventsNamed('message-undeliverable').map(({ detail }) => detail)).toEqual([
      { entity: esme, reason: 'suspended' },
    ]);
    made.radio.percent = 0;
    made.home.clock.advance(300_000);
    made.chf.receiveMessage(official('1.7_ECS05/ECS05_1.7_SUCCESS_COMMAND'));
    expect(made.delivered.map(({ to }) => to)).toEqual([esme]);
  });

  it('DBCH10: one for all blocks of a message', () => {
    const made = officialHub([esme], newYear - 60_000);
    made.radio.percent = 1.3;
    made.home.clock.advance(60_000);
    made.sent();
    made.setCounter();
    const message = official('1.7_ECS05/ECS05_1.7_SUCCESS_COMMAND');
    const blocks = splitMessage(message, { blockDataMax: 100 });
    for (const block of blocks) made.chf.receiveMessage(block);
    expect(blocks.length).toBeGreaterThan(1);
    expect(only(made)).toEqual(hexes([official('NA_DBCH10/DBCH10_NA_8F2C_ALERT')]));
  });

  it('DBCH07: the channel has changed', () => {
    const made = officialHub([], newYear - 10_000);
    made.radio.channel = { page: 28, channel: 4 };
    made.radio.noise.set('28/4', 40);
    band(made).requestScan();
    band(made).answered();
    made.chf.wake();
    made.sent();
    made.setCounter();
    made.home.clock.advance(10_000);
    expect(only(made)).toEqual(hexes([official('NA_DBCH07/DBCH07_NA_8F26_ALERT')]));
  });

  it('DBCH11: no room for one more, told once', () => {
    const made = officialHub([eui64('00db1234567890a5')]);
    expect(made.chf.admitsToSubGhz(gsme)).toBe(false);
    expect(made.chf.admitsToSubGhz(gsme)).toBe(false);
    expect(only(made)).toEqual(hexes([official('NA_DBCH11/DBCH11_NA_8F2D_ALERT')]));
    expect(made.chf.admitsToSubGhz(eui64('00db1234567890a5'))).toBe(true);
  });
});
