import { describe, expect, it } from 'vitest';
import { Gsme } from '../../../emulator/devices/gsme/device.js';
import { DeviceEventLog } from '../../../emulator/functions/device-event-log.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { msOfSecondsSince2000 } from '../../../protocols/codec/utc.js';
import { decodeGbz } from '../../../protocols/gbcs/gbz.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import { readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { rtdsDeviceParts } from '../../support/rtds-device.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { TestHome } from '../../support/test-home.js';

const gsmeEui = eui64('00db1234567890a1');
const gpf = eui64('00db1234567890a3');

it('keeps the last hundred entries', () => {
  const log = new DeviceEventLog();
  for (let n = 0; n < 250; n++) log.add(0x8100 + n, n);
  const entries = log.between(0, 1000);
  expect([entries.length, entries[0]?.atMs, entries.at(-1)?.atMs]).toEqual([100, 150, 249]);
  expect(log.between(160, 169)).toHaveLength(10);
});

/** A gas meter whose logs hold what the official response tells of them. */
function meterWithLogsOf(path: string, home: TestHome): Gsme {
  const parts = rtdsDeviceParts(gsmeEui, home.host(gsmeEui), nodeCryptoForTests());
  const gsme = home.attach(new Gsme({ ...parts, gpf, payment: 'credit' }));
  const { header, content } = decodeGbcsMessage(readRtdsMessage(`${path}_RESPONSE_GBCS.HEX`));
  const payload = decodeGbz(content, header.otherInformation.messageCode, 'response');
  const fields = (payload.kind === 'gbz' ? payload.components[0]?.fields : undefined) ?? {};
  for (const { logId, eventId, eventTime, eventData } of (fields.events ?? []) as GbzFields[]) {
    const log = logId === 3 ? gsme.state.eventLog : gsme.state.securityLog;
    log.add(eventId as number, msOfSecondsSince2000(eventTime as number), eventData as string);
  }
  return gsme;
}

describe.skipIf(!rtdsAvailable)('event logs and the official test data', () => {
  it.each([
    '6.13_CS10a/CS10a_6.13_SUCCESS',
    '6.13_CS10b/CS10b_6.13_SUCCESS',
    '6.13_CS10b/CS10b_6.13_NOT_FOUND',
  ])('%s: the official response, MAC included', (path) => {
    const home = new TestHome(Date.UTC(2015, 0, 1));
    const gsme = meterWithLogsOf(path, home);
    const response = home.send(gsme, readRtdsMessage(`${path}_COMMAND_GBCS.HEX`));
    expect(toHex(response!)).toBe(toHex(readRtdsMessage(`${path}_RESPONSE_GBCS.HEX`)));
  });
});
