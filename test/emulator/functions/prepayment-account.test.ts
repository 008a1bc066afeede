import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Consumption } from '../../../emulator/functions/consumption.js';
import {
  isNonDisablement,
  nextNonDisablementChange,
} from '../../../emulator/functions/non-disablement.js';
import { PrepaymentAccount } from '../../../emulator/functions/prepayment-account.js';
import type {
  AccountState,
  PrepaymentSettings,
} from '../../../emulator/functions/prepayment-types.js';

/**
 * Expectations are worked out by hand from the accounting rules of device-behaviour.md 4.3; amounts are millipence, 1,000
 * to the penny and 100,000 to the pound.
 */
const pound = 100_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A Wednesday at 10:00, outside the hours of non-disablement. */
const wednesday = Date.UTC(2026, 0, 14, 10);

/** A load that costs 36p an hour: a penny every hundred seconds, 10 millipence a second. */
const steady: Consumption = {
  units: () => 0,
  micropence: (fromMs, toMs) => (Math.floor(toMs / 1000) - Math.floor(fromMs / 1000)) * 10_000,
};

const settings: PrepaymentSettings = {
  disablementThreshold: 0,
  lowCreditThreshold: 2 * pound,
  emergencyCreditLimit: 5 * pound,
  emergencyCreditThreshold: 1 * pound,
  maximumCredit: 100 * pound,
  maximumMeterBalance: 200 * pound,
  debtRecoveryPerWeekMax: 4 * pound,
  suspendDebtDisabled: false,
  suspendDebtEmergency: false,
};

interface Made {
  readonly balance?: number;
  readonly state?: Partial<AccountState>;
  readonly settings?: Partial<PrepaymentSettings>;
  readonly atMs?: number;
}

function account({ balance = 3 * pound, state, settings: other, atMs = wednesday }: Made = {}) {
  return new PrepaymentAccount({
    settings: { ...settings, ...other },
    state: {
      balance,
      emergencyCreditBalance: 5 * pound,
      emergencyCreditActive: false,
      accumulatedDebt: 0,
      timeDebts: [],
      paymentDebt: { amount: 0, shareBasisPoints: 0, weekMs: 0, collectedInWeek: 0 },
      ...state,
    },
    consumption: steady,
    standingCharge: 50_000,
    atMs,
  });
}

describe('running down', () => {
  it('warns below £2, offers emergency credit at £1, disables at nothing, each to the second', () => {
    const meter = account();
    const events = meter.advance(wednesday + 12 * hourMs);
    // £1.00 lasts 10,000 s; the warning needs the credit to be below the threshold, 0.1 s later.
    expect(events).toEqual([
      { name: 'low-credit', atMs: wednesday + 10_001_000 },
      { name: 'emergency-credit-available', atMs: wednesday + 20_000_000 },
      { name: 'disablement-suspended', atMs: wednesday + 30_000_000 },
    ]);
    expect(meter.isExhausted).toBe(true);
  });

  it('outside the hours of non-disablement credit out is supply out', () => {
    const meter = account({ balance: pound / 2 });
    const events = meter.advance(wednesday + 4 * hourMs);
    expect(events.map(({ name, atMs }) => [name, atMs - wednesday])).toEqual([
      ['low-credit', 0],
      ['emergency-credit-available', 0],
      ['credit-out', 5_000_000],
    ]);
    expect(meter.balance).toBe(0);
    expect(meter.nextLookMs).toBeUndefined();
  });

  it('suspended disablement comes when its hours end, with what was drawn meanwhile owed', () => {
    // 17:30, with 30 minutes of credit and 9 s: out at 18:00:09, disabled at 09:00 the next day.
    const meter = account({ balance: 18_090, atMs: wednesday + 7.5 * hourMs });
    const events = meter.advance(wednesday + 2 * dayMs);
    const nine = wednesday + 23 * hourMs;
    expect(events.at(-1)).toEqual({ name: 'credit-out', atMs: nine });
    expect(events.map(({ name }) => name)).toContain('disablement-suspended');
    // From 18:00:09 to 09:00: 53,991 s at 10, and the standing charge at midnight; then off: another midnight's
    // standing charge goes to the accumulated debt.
    expect(meter.balance).toBe(-539_910 - 50_000);
    expect(meter.accumulatedDebt).toBe(50_000);
  });

  it('says when it wants to be looked at: the next threshold, or the next charge', () => {
    expect(account({ balance: 50 * pound }).nextLookMs).toBe(wednesday + 8 * hourMs);
    expect(account({ balance: 2.5 * pound }).nextLookMs).toBe(wednesday + 5_001_000);
  });

  it('gives the same account however often it is looked at', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 10 * hourMs }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(looks, fc.integer({ min: 0, max: 20 * pound }), (steps, balance) => {
        const [often, once] = [account({ balance }), account({ balance })];
        let at = wednesday;
        const seen = steps.flatMap((step) => {
          at += step;
          return often.advance(at);
        });
        expect(seen).toEqual(once.advance(at));
        expect([often.balance, often.accumulatedDebt]).toEqual([
          once.balance,
          once.accumulatedDebt,
        ]);
      }),
      { seed: 20261122, numRuns: 100 },
    );
  });
});

describe('emergency credit', () => {
  it('pays when the balance is out, is in use then, and collects charges as accumulated debt', () => {
    const meter = account({ balance: pound });
    expect(meter.emergencyCredit).toBe('available');
    const { active, events } = meter.activateEmergencyCredit(wednesday);
    expect(active).toBe(true);
    expect(events.map(({ name }) => name)).toContain('emergency-credit-activated');
    expect(meter.emergencyCredit).toBe('selected');
    // To 13:00: 10,800 s = 108,000; £1 of it from the balance, 8,000 from the emergency credit.
    meter.advance(wednesday + 3 * hourMs);
    expect([meter.balance, meter.emergencyCreditBalance]).toEqual([0, 492_000]);
    expect(meter.emergencyCredit).toBe('in-use');
    // To 02:00: 46,800 s = 468,000 more; standing charge of midnight to the accumulated debt.
    meter.advance(wednesday + 16 * hourMs);
    expect([meter.balance, meter.emergencyCreditBalance, meter.accumulatedDebt]).toEqual([
      0, 24_000, 50_000,
    ]);
  });

  it('is not to be had while there is credit above its threshold', () => {
    const meter = account({ balance: pound + 1 });
    expect(meter.activateEmergencyCredit(wednesday)).toEqual({
      active: false,
      events: [{ name: 'low-credit', atMs: wednesday }],
    });
  });

  it('arms a supply that ran out of credit, and turns nothing on by itself', () => {
    const meter = account({ balance: 1000 });
    meter.advance(wednesday + hourMs);
    const { events } = meter.activateEmergencyCredit(wednesday + hourMs);
    expect(events.map(({ name }) => name)).toEqual([
      'emergency-credit-activated',
      'armed-by-emergency-credit',
    ]);
    meter.advance(wednesday + 3 * hourMs);
    expect(meter.emergencyCreditBalance).toBe(5 * pound);
    meter.supplyChanged(true);
    meter.advance(wednesday + 4 * hourMs);
    expect(meter.emergencyCreditBalance).toBe(5 * pound - 36_000);
  });

  it('suspended collection: neither standing charge nor debt while it is in use', () => {
    const meter = account({
      balance: 0,
      state: {
        emergencyCreditActive: true,
        timeDebts: [{ amount: pound, rate: 7000, per: 'day' }],
      },
      settings: { suspendDebtEmergency: true },
    });
    meter.advance(wednesday + 14.5 * hourMs);
    expect([meter.accumulatedDebt, meter.timeDebts[0]?.amount]).toEqual([0, pound]);
  });
});

describe('debts', () => {
  it('collects by the hour and by the day from the balance, as far as the registers go', () => {
    const meter = account({
      balance: 50 * pound,
      state: {
        timeDebts: [
          { amount: 2500, rate: 1000, per: 'hour' },
          { amount: 90_000, rate: 60_000, per: 'day' },
        ],
      },
    });
    meter.advance(wednesday + 15 * hourMs);
    // 15 h of energy 540,000; hourly 1,000 + 1,000 + 500; midnight: standing charge 50,000 and 60,000.
    expect(meter.balance).toBe(50 * pound - 540_000 - 2_500 - 110_000);
    expect(meter.timeDebts.map(({ amount }) => amount)).toEqual([0, 30_000]);
  });

  it('while the supply is off charges and debts accumulate', () => {
    const meter = account({
      balance: 10 * pound,
      state: { timeDebts: [{ amount: pound, rate: 60_000, per: 'day' }] },
    });
    meter.supplyChanged(false);
    meter.advance(wednesday + 38 * hourMs);
    expect([meter.balance, meter.accumulatedDebt]).toEqual([
      10 * pound,
      50_000 + 60_000 + 50_000 + 40_000,
    ]);
  });
});

describe('top-up', () => {
  it('pays payment debt, accumulated debt, used emergency credit, and the rest in', () => {
    const meter = account({
      balance: 0,
      state: {
        emergencyCreditBalance: 2 * pound,
        emergencyCreditActive: true,
        accumulatedDebt: 150_000,
        paymentDebt: { amount: 30 * pound, shareBasisPoints: 1250, weekMs: 0, collectedInWeek: 0 },
      },
    });
    const { verdict, events } = meter.topUp(20 * pound, wednesday);
    expect(verdict).toBe('accepted');
    expect(events.map(({ name }) => name)).toEqual(['credit-added']);
    // 12.5 % of £20 is £2.50; £1.50 accumulated; £3 of emergency credit; £13 is left.
    expect(meter.paymentDebt.amount).toBe(27.5 * pound);
    expect([meter.accumulatedDebt, meter.emergencyCreditBalance, meter.balance]).toEqual([
      0,
      5 * pound,
      13 * pound,
    ]);
    expect(meter.emergencyCredit).toBe('none');
  });

  it('pays no more payment debt in a week than the cap', () => {
    const paymentDebt = {
      amount: 30 * pound,
      shareBasisPoints: 5000,
      weekMs: 0,
      collectedInWeek: 0,
    };
    const meter = account({ balance: 5 * pound, state: { paymentDebt } });
    meter.topUp(6 * pound, wednesday);
    meter.topUp(6 * pound, wednesday);
    expect(meter.paymentDebt.amount).toBe(26 * pound);
    // The next week begins on Monday the 19th.
    meter.topUp(6 * pound, Date.UTC(2026, 0, 19));
    expect(meter.paymentDebt.amount).toBe(23 * pound);
  });

  it('arms the supply that ran out, but not one that was ordered off', () => {
    const meter = account({ balance: 1000 });
    meter.advance(wednesday + hourMs);
    const { events } = meter.topUp(10 * pound, wednesday + hourMs);
    expect(events.map(({ name }) => name)).toEqual(['credit-added', 'armed']);
    const ordered = account({ balance: 1000 });
    ordered.supplyChanged(false);
    expect(ordered.topUp(10 * pound, wednesday).events.map(({ name }) => name)).not.toContain(
      'armed',
    );
  });

  it('refuses too much at once and too much in all, and changes nothing then', () => {
    const meter = account({ balance: 150 * pound });
    expect(meter.topUp(101 * pound, wednesday).verdict).toBe('above-maximum-credit');
    expect(meter.topUp(50 * pound + 1, wednesday).verdict).toBe('above-maximum-balance');
    expect(meter.balance).toBe(150 * pound);
    expect(meter.topUp(50 * pound, wednesday).verdict).toBe('accepted');
  });

  it('keeps every millipenny: what is paid in is in one of the registers', () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 20 * pound }), { maxLength: 6 });
    fc.assert(
      fc.property(amounts, fc.nat(10_000), fc.nat(5 * pound), (list, share, lent) => {
        const meter = account({
          balance: 0,
          state: {
            emergencyCreditBalance: 5 * pound - lent,
            emergencyCreditActive: true,
            accumulatedDebt: 123_456,
            paymentDebt: {
              amount: 7 * pound,
              shareBasisPoints: share,
              weekMs: 0,
              collectedInWeek: 0,
            },
          },
        });
        const worth = () =>
          meter.balance +
          meter.emergencyCreditBalance -
          meter.accumulatedDebt -
          meter.paymentDebt.amount;
        const before = worth();
        let paid = 0;
        for (const amount of list) {
          if (meter.topUp(amount, wednesday).verdict === 'accepted') paid += amount;
        }
        expect(worth() - before).toBe(paid);
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });
});

describe('hours of non-disablement', () => {
  it('are the nights of working days and whole weekends', () => {
    const at = (day: number, hour: number) => Date.UTC(2026, 0, day, hour);
    // The 14th is a Wednesday, the 17th a Saturday.
    expect([8, 9, 17, 18].map((hour) => isNonDisablement(at(14, hour)))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect([12, 18].map((hour) => isNonDisablement(at(17, hour)))).toEqual([true, true]);
    expect(nextNonDisablementChange(at(14, 3))).toBe(at(14, 9));
    expect(nextNonDisablementChange(at(14, 9))).toBe(at(14, 18));
    expect(nextNonDisablementChange(at(14, 18))).toBe(at(15, 9));
  });
});
