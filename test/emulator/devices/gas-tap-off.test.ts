import { describe, expect, it } from 'vitest';
import { Gpf } from '../../../emulator/devices/gpf/device.js';
import { TapOff, type TapOffTotals } from '../../../emulator/devices/gpf/tap-off.js';
import { Overrides } from '../../../emulator/functions/overrides.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { splitMessage } from '../../../protocols/gbcs/gbt.js';
import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { rtdsDeviceParts } from '../../support/rtds-device.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { TestHome } from '../../support/test-home.js';

const gsmeEui = eui64('00db1234567890a1');
const gpfEui = eui64('00db1234567890a3');
const displayEui = eui64('00db1234567890a5');
const newYear = Date.UTC(2015, 0, 1);

const read = (path: string, role: 'COMMAND' | 'RESPONSE') =>
  readRtdsMessage(`${path}_${role}_GBCS.HEX`);

function tapOff(gsme = gsmeEui) {
  const served = new Overrides<GbzValue>();
  const made = new TapOff(gsme, served, () => newYear);
  const value = (key: string) => served.valueOf(key);
  return { tapOff: made, value };
}

const none: TapOffTotals = {
  kept: 0,
  applied: 0,
  withoutEffect: 0,
  setAside: 0,
  failed: 0,
  unmatched: 0,
};

describe.skipIf(!rtdsAvailable)('tapping off official exchanges', () => {
  it('GCS23: displays see conversion factor and calorific value when the meter has them', () => {
    const home = new TestHome(newYear);
    const parts = rtdsDeviceParts(gpfEui, home.host(gpfEui), nodeCryptoForTests());
    const gpf = home.attach(new Gpf({ ...parts, gsme: gsmeEui }));
    // Price: ConversionFactor, its digits, CalorificValue, its digits.
    const ask = () => {
      gpf.receiveZcl(displayEui, 0x0700, fromHex('0001000203030304030603'));
      return toHex(home.frames.at(-1)?.frame as Uint8Array);
    };
    const before = ask();
    gpf.tapCommand(read('6.6_GCS23/GCS23_6.6_SUCCESS', 'COMMAND'));
    expect(ask()).toBe(before);
    gpf.tapResponse(read('6.6_GCS23/GCS23_6.6_SUCCESS', 'RESPONSE'));
    // 102264 with five digits, 400 with one: by hand from the ZCL.
    const answer = `080101${'02030023788f0100'}${'0303001850'}${'0403002390010000'}${'0603001810'}`;
    expect(ask()).toBe(answer);
    expect(gpf.describe().tappedOff).toBe(1);
  });

  it('GCS44: the supplier’s name and number', () => {
    const { tapOff: tap, value } = tapOff();
    tap.command(read('3.4_GCS44/GCS44_3.4_SUCCESS', 'COMMAND'));
    expect(value('0708/0101')).toBeUndefined();
    tap.response(read('3.4_GCS44/GCS44_3.4_SUCCESS', 'RESPONSE'));
    const text = (key: string) => Buffer.from(String(value(key)), 'hex').toString();
    expect([text('0708/0101'), text('0708/0102')]).toEqual(['E-ON', '0333 202 4650']);
  });

  it('GCS44 in blocks, as long messages come', () => {
    const { tapOff: tap, value } = tapOff();
    const exchange = '3.4_GCS44/GCS44_3.4_SUCCESS';
    const inBlocks = (role: 'COMMAND' | 'RESPONSE') =>
      splitMessage(read(exchange, role), { blockDataMax: 60 });
    for (const block of inBlocks('COMMAND')) tap.command(block);
    for (const block of inBlocks('RESPONSE')) tap.response(block);
    expect(tap.totals).toEqual({ ...none, kept: 1, applied: 1 });
    expect(value('0708/0101')).toBeDefined();
  });

  it('follows nothing that the meter refused, in any of its parts', () => {
    const { tapOff: tap, value } = tapOff();
    for (const path of ['6.6_GCS23/GCS23_6.6_ERROR', '3.4_GCS44/GCS44_3.4_ERROR']) {
      tap.command(read(path, 'COMMAND'));
      tap.response(read(path, 'RESPONSE'));
    }
    expect(tap.totals).toEqual({ ...none, kept: 2, failed: 2 });
    expect(value('0700/0302')).toBeUndefined();
  });

  it('counts what it has no use for yet, and leaves everything else alone', () => {
    const { tapOff: tap } = tapOff();
    const cs11 = '3.3_CS11/CS11_3.3_SUCCESS';
    tap.response(read(cs11, 'RESPONSE'));
    tap.command(read(cs11, 'COMMAND'));
    tap.response(read(cs11, 'RESPONSE'));
    tap.response(read(cs11, 'RESPONSE'));
    for (const role of ['COMMAND', 'RESPONSE'] as const) {
      const other = read('7.4_GCS33/GCS33_7.4_SUCCESS', role);
      tap.command(other);
      tap.response(other);
    }
    expect(tap.totals).toEqual({ ...none, kept: 1, withoutEffect: 1, unmatched: 2 });
  });

  it('takes messages of its own meter only, and any bytes', () => {
    const { tapOff: tap } = tapOff(eui64('00db1234567890ff'));
    const gcs23 = '6.6_GCS23/GCS23_6.6_SUCCESS';
    tap.command(read(gcs23, 'COMMAND'));
    tap.response(read(gcs23, 'RESPONSE'));
    for (const role of ['COMMAND', 'RESPONSE'] as const) {
      const whole = read(gcs23, role);
      for (let length = 0; length < whole.length; length++) {
        tap.command(whole.subarray(0, length));
        tap.response(whole.subarray(0, length));
      }
    }
    expect(tap.totals).toEqual(none);
  });

  it('forgets the oldest command when too many wait', () => {
    const { tapOff: tap } = tapOff();
    const command = read('6.6_GCS23/GCS23_6.6_SUCCESS', 'COMMAND');
    tap.command(command);
    // DF, length, CRA flag, and eight octets of the counter.
    const counterEnd = command.indexOf(0xdf) + 10;
    for (let counter = 0; counter < 16; counter++) {
      const other = command.slice();
      other[counterEnd] = counter;
      tap.command(other);
    }
    tap.response(read('6.6_GCS23/GCS23_6.6_SUCCESS', 'RESPONSE'));
    expect(tap.totals).toEqual({ ...none, kept: 17, unmatched: 1 });
  });
});
