import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Device } from '../../../../emulator/devices/device.js';
import { Ppmid } from '../../../../emulator/devices/ppmid/device.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import { decodeGbcsMessage } from '../../../../protocols/gbcs/message.js';
import { deviceParts, partner } from '../../../support/device-parts.js';
import { TestHome } from '../../../support/test-home.js';
import { dissect, tsharkAvailable } from '../../../support/tshark.js';
import { pcapOfZcl } from '../../../support/zcl-pcap.js';

const esme = eui64('00db1000000001a0');
const gsme = eui64('00db1000000001a1');
const gpf = eui64('00db1000000001a3');
const ppmid = eui64('00db1000000001a4');
const prepayment = 0x0705;
const metering = 0x0702;
const start = Date.UTC(2026, 0, 14, 22);
const seconds = 1000;
/** Of the official PCS01. */
const utrn = '73941656880950804485';

/** A home whose meters are played by the test: it sees what the display sends and answers in hex. */
function lonelyDisplay() {
  const home = new TestHome(start);
  const device = home.attach(
    new Ppmid({
      ...deviceParts(home, ppmid),
      esme,
      gpf,
      gsme,
      partners: [partner(gsme, 'gsme')],
    }),
  );
  home.start();
  home.frames.length = 0;
  /** The orders since the last look, as cluster and hex; readings of the display are left out. */
  const orders = () =>
    home.frames
      .splice(0)
      .filter(({ clusterId, frame }) => isOrder(clusterId, frame))
      .map(({ clusterId, frame }) => ({ clusterId, hex: toHex(frame) }));
  const answer = (clusterId: number, hex: string) =>
    device.receiveZcl(esme, clusterId, fromHex(hex.replace(/ /g, '')));
  return { home, device, orders, answer };
}

function isOrder(clusterId: number, frame: Uint8Array): boolean {
  const commandId = frame[2];
  if ((frame[0] as number) !== 0x01) return false;
  if (clusterId === prepayment) return commandId === 0x00 || commandId === 0x04;
  return clusterId === metering && commandId === 0x0c;
}

const sequenceOf = (hex: string) => hex.slice(2, 4);
const lastKeyOf = (device: Device) => device.describe().lastKey;
const lastLine = (device: Ppmid) => device.render().at(-1);

describe('keys for electricity', () => {
  it('top-up: ConsumerTopUp with the twenty digits, octet by octet, and what the meter said', () => {
    const { device, orders, answer } = lonelyDisplay();
    expect(device.press({ key: 'top-up', utrn })).toEqual({ accepted: true, text: 'top-up sent' });
    const [order] = orders();
    expect(order?.clusterId).toBe(prepayment);
    expect(order?.hex).toMatch(
      new RegExp(`^01..04${'02'}${'14'}${Buffer.from(utrn).toString('hex')}$`),
    );
    expect(lastKeyOf(device)).toMatchObject({ state: 'waiting' });
    // The answer of the official PCS01: £20.25 accepted, £45.25 left.
    answer(prepayment, `09${sequenceOf(order!.hex)}03 00 28e61e00 02 c80b4500`);
    expect(lastLine(device)).toBe('Top-up: £20.25 added, balance £45.25');
    expect(lastKeyOf(device)).toMatchObject({ key: 'top-up', fuel: 'electricity', state: 'done' });
  });

  it.each([
    ['01', 'the meter does not know this number'],
    ['02', 'this number was used before'],
    ['04', 'the balance would be too high'],
    ['06', 'it is more than the meter takes at once'],
    ['7f', 'the meter refused (result 127)'],
  ])('top-up refused with result 0x%s', (result, text) => {
    const { device, orders, answer } = lonelyDisplay();
    device.press({ key: 'top-up', utrn });
    const sequence = sequenceOf(orders()[0]!.hex);
    answer(prepayment, `09${sequence}03 ${result} 00000000 02 00000000`);
    expect(lastKeyOf(device)).toMatchObject({ state: 'refused', text });
  });

  it('a mistyped number never leaves the display', () => {
    const { device, orders } = lonelyDisplay();
    for (const wrong of [utrn.replace('5', '6'), '123', '', 'x'.repeat(20), `${utrn}0`]) {
      expect(device.press({ key: 'top-up', utrn: wrong })).toEqual({
        accepted: false,
        text: 'not a top-up number: check the digits',
      });
    }
    expect(orders()).toEqual([]);
  });

  it('emergency credit: SelectAvailableEmergencyCredit, answered by a default response', () => {
    const { device, orders, answer } = lonelyDisplay();
    device.press({ key: 'emergency-credit' });
    const [order] = orders();
    // 821,743,200 s after 2000 is 0x30FACE60.
    expect(order?.hex).toMatch(/^01..00 ?60cefa3002$/);
    const sequence = sequenceOf(order!.hex);
    // A default response to another command is no answer.
    answer(prepayment, `08${sequence}0b 04 00`);
    expect(lastKeyOf(device)).toMatchObject({ state: 'waiting' });
    answer(prepayment, `08${sequence}0b 00 00`);
    expect(lastLine(device)).toBe('Emergency credit: emergency credit is activated');
    device.press({ key: 'emergency-credit' });
    answer(prepayment, `08${sequenceOf(orders()[0]!.hex)}0b 00 01`);
    expect(lastLine(device)).toBe('Emergency credit: the meter refused (0x01)');
  });

  it('supply on: LocalChangeSupply to 2 and nothing else', () => {
    const { device, orders, answer } = lonelyDisplay();
    device.press({ key: 'enable-supply' });
    const [order] = orders();
    expect([order?.clusterId, order?.hex.slice(4)]).toEqual([metering, '0c02']);
    answer(metering, `08${sequenceOf(order!.hex)}0b 0c 00`);
    expect(lastLine(device)).toBe('Supply: supply is on');
  });

  it('an order waits through the reading cycles, then the meter counts as silent', () => {
    const { home, device, orders, answer } = lonelyDisplay();
    home.clock.advance(4_900);
    device.press({ key: 'enable-supply' });
    const sequence = sequenceOf(orders()[0]!.hex);
    home.clock.advance(9 * seconds);
    expect(lastKeyOf(device)).toMatchObject({ state: 'waiting' });
    home.clock.advance(2 * seconds);
    expect(lastKeyOf(device)).toMatchObject({
      state: 'refused',
      text: 'the meter does not answer',
    });
    answer(metering, `08${sequence}0b 0c 00`);
    expect(lastKeyOf(device)).toMatchObject({ state: 'done' });
  });

  it('asks for what is live at once after a key that worked', () => {
    const { home, device, orders, answer } = lonelyDisplay();
    device.press({ key: 'enable-supply' });
    const sequence = sequenceOf(orders()[0]!.hex);
    answer(metering, `08${sequence}0b 0c 00`);
    expect(home.frames.some(({ to, clusterId }) => to === esme && clusterId === metering)).toBe(
      true,
    );
  });

  it('notes what was done in its event log under the codes of PECS01 to PECS03', () => {
    const { device, orders, answer } = lonelyDisplay();
    device.press({ key: 'enable-supply' });
    answer(metering, `08${sequenceOf(orders()[0]!.hex)}0b 0c 00`);
    device.press({ key: 'emergency-credit' });
    answer(prepayment, `08${sequenceOf(orders()[0]!.hex)}0b 00 01`);
    expect(device.state.eventLog.between(0, Number.POSITIVE_INFINITY)).toEqual([
      { eventId: 0x8154, atMs: start, data: '0118' },
      { eventId: 0x8155, atMs: start, data: '0117' },
    ]);
  });

  it('without meters no key does anything', () => {
    const home = new TestHome(start);
    const bare = { esme: undefined, gpf: undefined, gsme: undefined };
    const device = home.attach(new Ppmid({ ...deviceParts(home, ppmid), ...bare }));
    home.start();
    for (const fuel of ['electricity', 'gas'] as const) {
      expect(device.press({ key: 'top-up', utrn, fuel }).accepted).toBe(false);
      expect(device.press({ key: 'emergency-credit', fuel }).text).toBe(
        `no ${fuel} meter listens to this display`,
      );
    }
    expect(device.press({ key: 'enable-supply' }).accepted).toBe(false);
    expect(device.press({ key: 'acknowledge' }).text).toBe('there is no message');
    expect([home.frames, home.messages]).toEqual([[], []]);
  });
});

describe('keys for gas', () => {
  it('a protected message for the meter, with a counter that rises', () => {
    const { home, device } = lonelyDisplay();
    const outcome = device.press({ key: 'top-up', utrn, fuel: 'gas' });
    expect(outcome.text).toBe('top-up sent, the gas meter answers when it wakes');
    device.press({ key: 'emergency-credit', fuel: 'gas' });
    const headers = home.messages.map(({ message }) => decodeGbcsMessage(message).header);
    expect(headers).toMatchObject([
      {
        craFlag: 'command',
        originator: ppmid,
        recipient: gsme,
        originatorCounter: 1n,
        otherInformation: { messageCode: 0x009b },
      },
      { originatorCounter: 2n, otherInformation: { messageCode: 0x0090 } },
    ]);
    expect(lastLine(device)).toBe('Emergency credit: waiting for the gas meter');
  });

  it('forgets the oldest of many that were never answered', () => {
    const { device } = lonelyDisplay();
    for (let n = 0; n < 40; n++) device.press({ key: 'emergency-credit', fuel: 'gas' });
    expect(device.describe()).toMatchObject({ responsesDropped: 0 });
  });

  it('survives any message and any frame', () => {
    const { home, device } = lonelyDisplay();
    device.press({ key: 'top-up', utrn, fuel: 'gas' });
    const sent = home.messages[0]!.message;
    fc.assert(
      fc.property(fc.nat({ max: sent.length * 8 - 1 }), (bit) => {
        const flipped = sent.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        device.receiveMessage(flipped);
      }),
      { seed: 20261122, numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        device.receiveMessage(bytes);
        device.receiveZcl(esme, prepayment, bytes);
        device.receiveZcl(gpf, 0x0700, bytes);
      }),
      { seed: 20261122, numRuns: 1000 },
    );
    expect(home.messages).toHaveLength(1);
    expect(lastKeyOf(device)).toMatchObject({ state: 'waiting' });
  });
});

describe.skipIf(!tsharkAvailable)('tshark on the orders of a display', () => {
  it('reads all of them, field by field', () => {
    const { home, device } = lonelyDisplay();
    device.press({ key: 'top-up', utrn });
    device.press({ key: 'emergency-credit' });
    device.press({ key: 'enable-supply' });
    const sent = home.frames.filter(({ clusterId, frame }) => isOrder(clusterId, frame));
    const capture = pcapOfZcl(sent);
    expect(dissect(capture, ['frame.number'], '_ws.malformed || _ws.expert')).toEqual([]);
    const info = dissect(capture, ['_ws.col.Info']).flat();
    expect(info).toEqual([
      expect.stringContaining('Consumer Top Up'),
      expect.stringContaining('Select Available Emergency Credit'),
      expect.stringContaining('Local Change Supply'),
    ]);
    const status = 'zbee_zcl_se.met.local_change_supply.proposed_supply_status';
    expect(dissect(capture, [status], status).flat().map(Number)).toEqual([2]);
  });
});
