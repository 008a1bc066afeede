import { describe, expect, it } from 'vitest';
import { encodeAttributeReport } from '../../../emulator/devices/attribute-report.js';
import { Esme, type EsmeContract } from '../../../emulator/devices/esme/device.js';
import { Gpf } from '../../../emulator/devices/gpf/device.js';
import { Ihd } from '../../../emulator/devices/ihd/device.js';
import type { FixedKeys } from '../../../emulator/functions/fixed-keys.js';
import { gasMetering } from '../../../emulator/functions/gas-metering.js';
import { electricityTariffs, gasTariffs, type Tariff } from '../../../emulator/functions/tariff.js';
import { TrustAnchorCells } from '../../../emulator/functions/trust-anchor-cells.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import { makeUtrn } from '../../../protocols/gbcs/utrn.js';
import { deviceParts } from '../../support/device-parts.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { type RecordedFrame, TestHome } from '../../support/test-home.js';

const euis = {
  gpf: eui64('02fe110000000001'),
  esme: eui64('02fe110000000003'),
  gsme: eui64('02fe110000000004'),
  ihd: eui64('02fe110000000006'),
} as const;
const supplier = eui64('90b3d51f30010000');
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const pound = 100_000;
/** A Wednesday. */
const start = Date.UTC(2026, 0, 14, 9, 30);

function tariffNamed(label: string): Tariff {
  const offer = [...electricityTariffs, ...gasTariffs].find(([, tariff]) => tariff.label === label);
  if (offer === undefined) throw new Error(`no tariff ${label}`);
  return offer[1];
}

const supplierKey = new Uint8Array(32).fill(9);

/** A home whose meter trusts a supplier for top-ups. */
function home(contract: EsmeContract, startMs = start) {
  const crypto = nodeCryptoForTests();
  const test = new TestHome(startMs);
  const cell = {
    role: 'supplier',
    keyUsage: 'keyAgreement',
    cellUsage: 'prePaymentTopUp',
    entity: supplier,
    publicKey: crypto.publicKey(supplierKey),
    subjectKeyIdentifier: '0000000000000000',
  } as const;
  const esmeParts = { ...deviceParts(test, euis.esme), trustAnchors: new TrustAnchorCells([cell]) };
  const esme = test.attach(new Esme({ ...esmeParts, contract }));
  const gpf = test.attach(new Gpf({ ...deviceParts(test, euis.gpf), gsme: euis.gsme }));
  const { ihd: entity } = euis;
  const host = test.host(entity);
  const ihd = test.attach(new Ihd({ entity, host, esme: euis.esme, gpf: euis.gpf }));
  /** What the gas meter would tell its proxy now. */
  const reportGas = (dm3: number): void => {
    const { currentSummationDelivered: summation, readingSnapShotTime, supplyStatus } = gasMetering;
    const { unitOfMeasure, multiplier, divisor } = gasMetering;
    const report = encodeAttributeReport(0x0702, 0, [
      { ...summation, value: dm3 },
      { ...readingSnapShotTime, value: secondsSince2000(test.clock.nowMs()) },
      { ...supplyStatus, value: 2 },
      { ...unitOfMeasure, value: 1 },
      { ...multiplier, value: 1 },
      { ...divisor, value: 1000 },
    ]);
    gpf.receiveZcl(euis.gsme, 0x0702, report);
  };
  reportGas(4_000_000);
  test.start();
  const utrn = (pounds: number, utrnCounter: number): string => {
    const keys = esmeParts.keys as FixedKeys;
    const z = crypto.sharedSecret(supplierKey, keys.agreementPublicKey());
    const topUp = { supplier, device: euis.esme, utrnCounter, value: pounds };
    return makeUtrn(crypto, z, { ...topUp, valueClass: 'pounds' });
  };
  return { test, esme, gpf, ihd, utrn, reportGas };
}

const shown = (ihd: Ihd) => ihd.render().join('\n');
const electricityOf = (ihd: Ihd) => ihd.describe().electricity as Record<string, unknown>;

/** A cluster command from the display to the meter, and the payload of what came back. */
function order(test: TestHome, esme: Esme, clusterId: number, frame: string): string {
  esme.receiveZcl(euis.ihd, clusterId, fromHex(frame));
  const answer = test.frames.findLast(({ from }) => from === euis.esme) as RecordedFrame;
  return toHex(answer.frame);
}

describe('a display in a home that pays by bill', () => {
  it('single rate: power, periods, rate, bill, meter', () => {
    const { test, esme, ihd } = home({
      tariff: tariffNamed('Standard Variable'),
      payment: 'credit',
    });
    expect(ihd.render()[1]).toMatch(/^Electricity/);
    test.clock.advance(5 * minuteMs);
    const text = ihd.render();
    for (const line of text) expect(line.length).toBeLessThanOrEqual(60);
    expect(text[0]).toBe('2026-01-14 09:35 UTC                        Example Energy');
    expect(text[1]).toMatch(
      /^Electricity +\d+\.\d\d kW {2}\[(#--|##-|###)\] (low|medium|high) {2}/,
    );
    expect(text.slice(2, 6).map((line) => line.slice(0, 14).trim())).toEqual([
      'today',
      'yesterday',
      'this week',
      'this month',
    ]);
    expect(text).toContain('  rate        STANDARD 27.35p/kWh');
    expect(text).toContain('  standing    53.68p a day');
    expect(shown(ihd)).toMatch(/bill so far £\d+\.\d\d since the 1st/);
    expect(shown(ihd)).not.toContain('credit');
    // The month's cost is the month's energy at one price, and fourteen standing charges.
    const { monthKwh, monthPounds } = electricityOf(ihd) as Record<string, number>;
    const expected = ((monthKwh as number) * 27.35 + 14 * 53.68) / 100;
    expect(monthPounds).toBeCloseTo(expected, 1);
    expect(esme.describe().balancePounds).toBeUndefined();
  });

  it('Economy 7: the rate and its end, what comes then, all rates with their hours', () => {
    const { test, ihd } = home({ tariff: tariffNamed('Economy 7'), payment: 'credit' });
    test.clock.advance(5 * minuteMs);
    const text = ihd.render();
    expect(text).toContain('  rate        DAY 33.41p/kWh until 2026-01-15 00:30');
    expect(text).toContain('  then        NIGHT 14.26p/kWh');
    expect(text).toContain('  rates       NIGHT  14.26p  00:30-07:30');
    expect(text).toContain('              DAY  33.41p  00:00-00:30, 07:30-00:00');
    test.clock.advanceTo(Date.UTC(2026, 0, 15, 0, 32));
    expect(ihd.render()).toContain('  rate        NIGHT 14.26p/kWh until 07:30');
  });

  it('blocks: the price of the block reached, and what each costs', () => {
    const tariff = tariffNamed('No Standing Charge');
    const midnight = Date.UTC(2026, 0, 14);
    const { test, ihd, esme } = home({ tariff, payment: 'credit' }, midnight);
    test.clock.advance(5 * minuteMs);
    expect(ihd.render()).toContain('  rate        BLOCK 52.90p/kWh');
    expect(ihd.render()).toContain('  rates       52.90p  first 2 kWh a day');
    expect(ihd.render()).toContain('              26.45p  after 2 kWh');
    expect(ihd.render().filter((line) => line.includes('  standing'))).toHaveLength(1);
    while (esme.state.parts.consumption.usedToday(test.clock.nowMs()) < 2000) {
      test.clock.advance(10 * minuteMs);
    }
    test.clock.advance(minuteMs);
    expect(ihd.render()).toContain('  rate        BLOCK 26.45p/kWh');
  });

  it('takes the light’s bands from the meter, and shows the supplier’s messages until their end', () => {
    const { test, ihd, esme } = home({ payment: 'credit' });
    esme.state.zcl.pin('0702/0400', 700);
    esme.state.zcl.pin('0708/0400', 100);
    esme.state.zcl.pin('0708/0401', 600);
    esme.state.messages.add({
      id: 77,
      text: 'Your meter reading is due. Nothing is to be done: we read it for you.',
      startMs: start,
      durationMinutes: 60,
      priority: 'medium',
      confirmationRequired: false,
    });
    test.clock.advance(2 * minuteMs);
    expect(ihd.describe()).toMatchObject({ ambient: 'high' });
    expect(ihd.render().slice(-3)).toEqual([
      'Message (until 10:30)',
      '  Your meter reading is due. Nothing is to be done: we',
      '  read it for you.',
    ]);
    test.clock.advance(hourMs);
    expect(shown(ihd)).not.toContain('Message');
  });

  it('gas: energy and cost of the day from the proxy, stale when the meter has gone quiet', () => {
    const { test, ihd, reportGas } = home({ payment: 'credit' });
    test.clock.advance(10 * minuteMs);
    const gasOf = () => ihd.describe().gas as Record<string, number>;
    const before = gasOf().todayKwh as number;
    reportGas(4_002_000);
    test.clock.advance(hourMs);
    // 2 m³ x 1.02264 x 39.5 / 3.6 = 22.441 kWh, at 6.3p.
    const used = (gasOf().todayKwh as number) - before;
    expect(used).toBeCloseTo(22.441, 2);
    expect(gasOf().todayPounds).toBeCloseTo(((gasOf().todayKwh as number) * 6.3 + 31.41) / 100, 1);
    expect(shown(ihd)).toContain('  meter          4002.000 m³');
    expect(shown(ihd)).not.toContain('no reading');
    test.clock.advance(2 * hourMs);
    expect(shown(ihd)).toContain('no reading since 09:40');
    expect(ihd.describe()).toMatchObject({ gas: { stale: true }, electricity: { stale: false } });
    reportGas(4_002_500);
    test.clock.advance(hourMs / 2);
    expect(shown(ihd)).not.toContain('no reading');
  });

  it('asks again for what was lost, and lives with answers that never come', () => {
    const { test, ihd } = home({ tariff: tariffNamed('Economy 7'), payment: 'credit' });
    test.loses = ({ from, clusterId }) => from === euis.esme && clusterId === 0x0700;
    test.clock.advance(10 * minuteMs);
    expect(electricityOf(ihd)).toMatchObject({ stale: false });
    expect(electricityOf(ihd).tariff).toBeUndefined();
    expect(shown(ihd)).not.toContain('  then');
    test.loses = () => false;
    test.clock.advance(3 * minuteMs);
    expect(electricityOf(ihd).tariff).toMatchObject({ label: 'Economy 7' });
    // What is later asked for follows within the minute in which it is retried.
    test.clock.advance(2 * minuteMs);
    expect(shown(ihd)).toContain('NIGHT  14.26p');
  });
});

describe('a display in a home that pays in advance', () => {
  const flat = tariffNamed('Standard Variable');
  const debts = {
    timeDebts: [{ amount: 25 * pound, rate: 40_000, per: 'day' as const }],
    paymentDebt: { amount: 10 * pound, shareBasisPoints: 1000, weekMs: 0, collectedInWeek: 0 },
  };

  it('runs low, is warned, takes emergency credit, runs out, tops up, turns on', () => {
    const state = { balance: 205_000, ...debts };
    const settings = { emergencyCreditLimit: 1 * pound };
    const { test, ihd, esme, utrn } = home({ tariff: flat, payment: { state, settings } });
    // A load of 10 kW at 27.35p: £2.735 an hour.
    esme.state.parts.load.powerW = () => 10_000;
    esme.state.parts.load.amount = (fromMs, toMs) =>
      Math.floor(toMs / 360) - Math.floor(fromMs / 360);
    test.clock.advance(30_000);
    expect(ihd.render()).toContain('  credit      £2.05');
    expect(ihd.render()).toContain('  debt        £35.00');
    expect(shown(ihd)).not.toContain('low credit');

    test.clock.advance(3 * minuteMs);
    expect(ihd.render()).toContain('  !           low credit: top up soon');
    test.clock.advance(22 * minuteMs);
    expect(ihd.render()).toContain(
      '  !           emergency credit of £1.00 on offer: press the key',
    );

    // SelectAvailableEmergencyCredit: answered with a default response of success.
    expect(order(test, esme, 0x0705, '0141000000000002')).toBe('08410b0000');
    test.clock.advance(minuteMs);
    expect(ihd.render()).toContain('  emergency   £1.00 ready for when credit runs out');
    test.clock.advance(20 * minuteMs);
    expect(shown(ihd)).toMatch(/! +on emergency credit, £0\.\d\d of it left/);

    test.clock.advance(hourMs);
    expect(esme.state.supplyState).toBe('disabled');
    expect(ihd.render()).toContain('  !           credit has run out: top up');
    expect(ihd.render()).toContain('  supply      off');
    expect(electricityOf(ihd)).toMatchObject({ powerW: 0, supply: 'disabled' });
    // £2.05 and £1 at £2.735 an hour last 1 h 6 min 54.5 s, the events told so to the second.
    const told = test.eventsNamed('account-changed').map(({ detail }) => detail);
    expect(told.map(({ what }) => what)).toEqual([
      'low-credit',
      'emergency-credit-available',
      'emergency-credit-activated',
      'credit-out',
    ]);
    expect(told.at(-1)?.deviceTime).toBe('2026-01-14T10:36:55Z');

    const before = esme.state.activeImportWh(test.clock.nowMs());
    const digits = toHex(Uint8Array.from(utrn(20, 1), (digit) => digit.charCodeAt(0)));
    // ConsumerTopUp with its twenty digits; accepted and armed, £20.00, and what is left of it.
    const answer = order(test, esme, 0x0705, `0142040214${digits}`);
    expect(answer).toMatch(/^0942031280841e0002/);
    // Less £2 of payment debt, £1 of emergency credit, and 7 millipence that the last second was over: 11,152 Wh by then.
    const balance = fromHex(answer.slice(-8));
    expect(new DataView(balance.buffer).getInt32(0, true)).toBe(17 * pound - 7);
    test.clock.advance(minuteMs);
    expect(ihd.render()).toContain(
      '  supply      off, press the button on the meter to turn it on',
    );
    expect(ihd.render()).toContain('  credit      £17.00');
    expect(ihd.render()).toContain('  debt        £33.00');

    expect(esme.state.enableByConsumer(test.clock.nowMs())).toBe(true);
    expect(esme.state.activeImportWh(test.clock.nowMs())).toBe(before);
    test.clock.advance(hourMs);
    expect(esme.state.activeImportWh(test.clock.nowMs())).toBe(before + 10_000);
    expect(esme.describe().balancePounds).toBeCloseTo(17 - 2.735, 1);
    expect(electricityOf(ihd).account).toMatchObject({ mode: 'prepayment', lowCredit: false });
  });

  it('refuses a token used before, one of another meter and a mistyped one', () => {
    const { test, esme, utrn } = home({
      tariff: flat,
      payment: { state: { balance: pound, ...debts } },
    });
    const topUp = (digits: string) => {
      const octets = toHex(Uint8Array.from(digits, (digit) => digit.charCodeAt(0)));
      const length = digits.length.toString(16).padStart(2, '0');
      return order(test, esme, 0x0705, `01420402${length}${octets}`).slice(6, 8);
    };
    const first = utrn(5, 1);
    expect(topUp(first)).toBe('10');
    expect(topUp(first)).toBe('02');
    expect(topUp('12345678901234567890')).toBe('01');
    expect(topUp('')).toBe('01');
    // Above what one top-up may be.
    expect(topUp(utrn(300, 2))).toBe('06');
    expect(topUp(utrn(5, 3))).toBe('10');
  });

  it('a meter in credit mode takes neither top-up nor emergency credit', () => {
    const { test, esme } = home({ tariff: flat, payment: 'credit' });
    expect(order(test, esme, 0x0705, '0141000000000002')).toBe('08410b0001');
    expect(order(test, esme, 0x0705, '0142040200').slice(0, 8)).toBe('09420303');
  });

  it('only an armed supply is turned on from the home network', () => {
    const { test, esme } = home({ tariff: flat, payment: { state: { balance: 20 * pound } } });
    const change = (status: string) => order(test, esme, 0x0702, `01430c${status}`);
    expect(change('00')).toBe('08430b0c87');
    expect(change('02')).toBe('08430b0c00');
    esme.state.setSupply('disabled', test.clock.nowMs());
    expect(change('02')).toBe('08430b0c01');
    esme.state.setSupply('armed', test.clock.nowMs());
    expect(change('02')).toBe('08430b0c00');
    expect(esme.state.supplyState).toBe('enabled');
  });
});
