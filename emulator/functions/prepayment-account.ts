import { periodStart } from './calendar-periods.js';
import type { Consumption } from './consumption.js';
import { isNonDisablement, nextNonDisablementChange } from './non-disablement.js';
import type {
  AccountEvent,
  AccountEventName,
  AccountState,
  PrepaymentSettings,
} from './prepayment-types.js';
import { micropencePerMillipenny, startOfDay } from './tariff.js';

export interface PrepaymentParts {
  readonly settings: PrepaymentSettings;
  readonly state: AccountState;
  /** What is drawn while the supply is on. */
  readonly consumption: Consumption;
  /** Millipence a day. */
  readonly standingCharge: number;
  /** From here on it is charged, from the whole second. */
  readonly atMs: number;
}

export type TopUpVerdict = 'accepted' | 'above-maximum-credit' | 'above-maximum-balance';

const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** The account moves by whole seconds, so that no result depends on when somebody looked. */
const tickMs = 1000;
const basisPoints = 10_000;
const nothing: readonly AccountEvent[] = [];

function wholeTick(atMs: number): number {
  return Math.floor(atMs / tickMs) * tickMs;
}

/**
 * The money of a prepayment meter (device-behaviour.md 4.3). Amounts are millipence. Nothing ticks: whoever looks has it
 * brought up to date first, and what happened on the way (low credit, supply to be disabled) comes back as events with
 * the second at which it was so, however late the look is. Energy is paid as it is drawn, standing charges at midnight
 * UTC, time debts on the hour or at midnight.
 */
export class PrepaymentAccount {
  readonly settings: PrepaymentSettings;
  private readonly state: AccountState;
  private atMs: number;
  /** Micropence of energy that do not make a whole millipenny yet. */
  private carry = 0;
  private supplyOn = true;
  /** The supply is off because credit ran out, not because somebody ordered it. */
  private disabledForCredit = false;
  private lowCreditTold = false;
  private offerTold = false;
  private suspensionTold = false;
  private events: AccountEvent[] = [];

  constructor(private readonly parts: PrepaymentParts) {
    this.settings = parts.settings;
    this.state = { ...parts.state, timeDebts: parts.state.timeDebts.map((debt) => ({ ...debt })) };
    this.atMs = wholeTick(parts.atMs);
  }

  get balance(): number {
    return this.state.balance;
  }

  get emergencyCreditBalance(): number {
    return this.state.emergencyCreditBalance;
  }

  get accumulatedDebt(): number {
    return this.state.accumulatedDebt;
  }

  get timeDebts(): AccountState['timeDebts'] {
    return this.state.timeDebts;
  }

  get paymentDebt(): AccountState['paymentDebt'] {
    return this.state.paymentDebt;
  }

  /** What keeps the supply on. */
  get combinedCredit(): number {
    const { balance, emergencyCreditBalance, emergencyCreditActive } = this.state;
    return balance + (emergencyCreditActive ? emergencyCreditBalance : 0);
  }

  get isLow(): boolean {
    return this.combinedCredit < this.settings.lowCreditThreshold;
  }

  get isExhausted(): boolean {
    return this.combinedCredit <= this.settings.disablementThreshold;
  }

  get emergencyCredit(): 'none' | 'available' | 'selected' | 'in-use' {
    const { balance, emergencyCreditBalance, emergencyCreditActive } = this.state;
    const { disablementThreshold, emergencyCreditThreshold } = this.settings;
    if (emergencyCreditActive) return balance <= disablementThreshold ? 'in-use' : 'selected';
    const offered = balance <= emergencyCreditThreshold && emergencyCreditBalance > 0;
    return offered ? 'available' : 'none';
  }

  /** Brings the account up to date and returns what happened since the last look, oldest first. */
  advance(nowMs: number): readonly AccountEvent[] {
    const untilMs = wholeTick(nowMs);
    this.judge();
    while (this.atMs < untilMs) {
      const boundary = this.nextBoundary();
      this.drawUntil(Math.min(boundary, untilMs));
      if (this.atMs === boundary) this.collect();
      this.judge();
    }
    return this.takeEvents();
  }

  /**
   * When the next look is due at the latest: credit may run out then, or a charge falls due. Undefined while nothing can
   * happen by itself.
   */
  get nextLookMs(): number | undefined {
    if (!this.supplyOn) return undefined;
    const boundary = this.nextBoundary();
    return this.crossing(boundary) ?? boundary;
  }

  /** The switch was moved, by a person or an order, at a time that the account has been brought up to. */
  supplyChanged(isOn: boolean): void {
    if (isOn === this.supplyOn) return;
    this.supplyOn = isOn;
    this.disabledForCredit = false;
  }

  /** Pays in. A refused top-up changes nothing. */
  topUp(amount: number, nowMs: number): { verdict: TopUpVerdict; events: readonly AccountEvent[] } {
    const before = this.advance(nowMs);
    const { maximumCredit, maximumMeterBalance } = this.settings;
    if (amount > maximumCredit) return { verdict: 'above-maximum-credit', events: before };
    if (this.state.balance + amount > maximumMeterBalance) {
      return { verdict: 'above-maximum-balance', events: before };
    }
    const { state } = this;
    let rest = amount - this.payDebt(amount);
    const accumulated = Math.min(rest, state.accumulatedDebt);
    state.accumulatedDebt -= accumulated;
    rest -= accumulated;
    rest -= this.repayEmergencyCredit(rest);
    state.balance += rest;
    this.tell('credit-added');
    this.rearm('armed');
    this.judge();
    return { verdict: 'accepted', events: [...before, ...this.takeEvents()] };
  }

  /** Returns whether emergency credit is active now, whatever it was before. */
  activateEmergencyCredit(nowMs: number): { active: boolean; events: readonly AccountEvent[] } {
    const before = this.advance(nowMs);
    if (this.emergencyCredit === 'available') {
      this.state.emergencyCreditActive = true;
      this.tell('emergency-credit-activated');
      this.rearm('armed-by-emergency-credit');
      this.judge();
    }
    const events = [...before, ...this.takeEvents()];
    return { active: this.state.emergencyCreditActive, events };
  }

  /** A share of a top-up, while the register and the week's cap last. */
  private payDebt(amount: number): number {
    const { paymentDebt } = this.state;
    const week = periodStart('week', this.atMs);
    if (paymentDebt.weekMs !== week) {
      paymentDebt.weekMs = week;
      paymentDebt.collectedInWeek = 0;
    }
    const cap = Math.max(0, this.settings.debtRecoveryPerWeekMax - paymentDebt.collectedInWeek);
    const share = Math.floor((amount * paymentDebt.shareBasisPoints) / basisPoints);
    const paid = Math.min(share, cap, paymentDebt.amount);
    paymentDebt.amount -= paid;
    paymentDebt.collectedInWeek += paid;
    return paid;
  }

  /** Repaid in full it is at its limit again and has to be activated anew. */
  private repayEmergencyCredit(amount: number): number {
    const { state, settings } = this;
    if (!state.emergencyCreditActive) return 0;
    const repaid = Math.min(amount, settings.emergencyCreditLimit - state.emergencyCreditBalance);
    state.emergencyCreditBalance += repaid;
    if (state.emergencyCreditBalance === settings.emergencyCreditLimit) {
      state.emergencyCreditActive = false;
    }
    return repaid;
  }

  private rearm(name: AccountEventName): void {
    if (!this.disabledForCredit || this.isExhausted) return;
    this.disabledForCredit = false;
    this.tell(name);
  }

  /** The next time at which something is charged, or disablement is allowed or suspended. */
  private nextBoundary(): number {
    const hourly = this.state.timeDebts.some(({ per, amount }) => per === 'hour' && amount > 0);
    const period = hourly ? hourMs : dayMs;
    const charge = (Math.floor(this.atMs / period) + 1) * period;
    return Math.min(charge, nextNonDisablementChange(this.atMs));
  }

  /** Whole millipence of energy up to `toMs`. */
  private energyUntil(toMs: number): number {
    const { consumption } = this.parts;
    const micropence = this.carry + consumption.micropence(this.atMs, toMs);
    return Math.floor(micropence / micropencePerMillipenny);
  }

  /** Pays for energy up to `endMs`, or up to the moment before at which a threshold is met. */
  private drawUntil(endMs: number): void {
    if (!this.supplyOn) {
      this.atMs = endMs;
      return;
    }
    const toMs = this.crossing(endMs) ?? endMs;
    const micropence = this.carry + this.parts.consumption.micropence(this.atMs, toMs);
    this.carry = micropence % micropencePerMillipenny;
    this.payEnergy(Math.floor(micropence / micropencePerMillipenny));
    this.atMs = toMs;
  }

  /** When, up to `endMs`, energy will have met the nearest threshold; undefined when it will not. */
  private crossing(endMs: number): number | undefined {
    const distance = this.distance();
    if (this.energyUntil(endMs) < distance) return undefined;
    let [low, high] = [0, Math.ceil((endMs - this.atMs) / tickMs)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.energyUntil(this.atMs + middle * tickMs) >= distance) high = middle;
      else low = middle + 1;
    }
    return Math.min(endMs, this.atMs + low * tickMs);
  }

  /** Millipence of energy until the nearest threshold that has not been told of. */
  private distance(): number {
    const { settings, state, combinedCredit } = this;
    let distance = Number.POSITIVE_INFINITY;
    if (!this.lowCreditTold) distance = combinedCredit - settings.lowCreditThreshold + 1;
    if (!this.offerTold && !state.emergencyCreditActive) {
      distance = Math.min(distance, state.balance - settings.emergencyCreditThreshold);
    }
    if (!this.isExhausted) {
      distance = Math.min(distance, combinedCredit - settings.disablementThreshold);
    }
    return distance;
  }

  /** Meter balance first, then emergency credit where active; what neither covers is owed. */
  private payEnergy(amount: number): void {
    const { state, settings } = this;
    const own = Math.min(amount, Math.max(0, state.balance - settings.disablementThreshold));
    state.balance -= own;
    let rest = amount - own;
    if (rest > 0 && state.emergencyCreditActive) {
      const lent = Math.min(rest, state.emergencyCreditBalance);
      state.emergencyCreditBalance -= lent;
      rest -= lent;
    }
    state.balance -= rest;
  }

  /** Standing charge and time debts that fall due now. */
  private collect(): void {
    const { state, settings, parts, atMs } = this;
    const isMidnight = startOfDay(atMs) === atMs;
    const accumulates = !this.supplyOn || this.emergencyCredit === 'in-use';
    const suspended = this.supplyOn
      ? settings.suspendDebtEmergency && accumulates
      : settings.suspendDebtDisabled;
    if (suspended || (!isMidnight && atMs % hourMs !== 0)) return;
    let due = isMidnight ? parts.standingCharge : 0;
    for (const debt of state.timeDebts) {
      if (debt.per === 'day' && !isMidnight) continue;
      const collected = Math.min(debt.rate, debt.amount);
      debt.amount -= collected;
      due += collected;
    }
    if (accumulates) state.accumulatedDebt += due;
    else state.balance -= due;
  }

  /** Tells of every threshold that has been met, and disables where credit is out. */
  private judge(): void {
    const { state, settings } = this;
    if (!this.isLow) this.lowCreditTold = false;
    else if (!this.lowCreditTold) {
      this.lowCreditTold = true;
      this.tell('low-credit');
    }
    if (state.balance > settings.emergencyCreditThreshold) this.offerTold = false;
    else if (!this.offerTold && this.emergencyCredit === 'available') {
      this.offerTold = true;
      this.tell('emergency-credit-available');
    } else if (!state.emergencyCreditActive) this.offerTold = true;
    if (!this.isExhausted) this.suspensionTold = false;
    else if (this.supplyOn) this.runOut();
  }

  private runOut(): void {
    if (isNonDisablement(this.atMs)) {
      if (!this.suspensionTold) this.tell('disablement-suspended');
      this.suspensionTold = true;
      return;
    }
    this.supplyOn = false;
    this.disabledForCredit = true;
    this.tell('credit-out');
  }

  private tell(name: AccountEventName): void {
    this.events.push({ name, atMs: this.atMs });
  }

  private takeEvents(): readonly AccountEvent[] {
    const { events } = this;
    if (events.length === 0) return nothing;
    this.events = [];
    return events;
  }
}
