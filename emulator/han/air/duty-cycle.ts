import type { Eui64 } from '../../../protocols/codec/eui64.js';

const minuteMs = 60_000;
const hourMinutes = 60;
/** The running minute besides, so that never less than an hour is looked at. */
const buckets = hourMinutes + 1;
const hourUs = hourMinutes * minuteMs * 1_000;

/** Time on the air of one radio over the last hour: the running minute and the sixty before it. */
export class DutyCycle {
  private readonly airtimeUs = new Uint32Array(buckets);
  private latestMinute = Number.NEGATIVE_INFINITY;

  add(airtimeUs: number, nowMs: number): void {
    this.moveTo(nowMs);
    const at = this.latestMinute % buckets;
    this.airtimeUs[at] = (this.airtimeUs[at] as number) + airtimeUs;
  }

  /** Per cent of an hour. */
  percentAt(nowMs: number): number {
    this.moveTo(nowMs);
    let sum = 0;
    for (const us of this.airtimeUs) sum += us;
    return (100 * sum) / hourUs;
  }

  /** Empties the buckets of the minutes since; a clock that goes back stays in the latest minute. */
  private moveTo(nowMs: number): void {
    const minute = Math.floor(nowMs / minuteMs);
    if (minute <= this.latestMinute) return;
    const passed = Math.min(minute - this.latestMinute, buckets);
    for (let i = 0; i < passed; i++) this.airtimeUs[(minute - i) % buckets] = 0;
    this.latestMinute = minute;
  }
}

/** Radios and pages of which a home keeps account; further ones are not counted. */
const accountsMax = 64;

interface Account {
  readonly eui: Eui64;
  readonly page: number;
  readonly cycle: DutyCycle;
}

/** Duty cycle of every radio heard on a sub-GHz page; about 400 bytes each. */
export class DutyCycles {
  private readonly accounts: Account[] = [];

  add(eui: Eui64, page: number, airtimeUs: number, nowMs: number): void {
    let account = this.accounts.find((known) => known.eui === eui && known.page === page);
    if (account === undefined) {
      if (this.accounts.length >= accountsMax) return;
      account = { eui, page, cycle: new DutyCycle() };
      this.accounts.push(account);
    }
    account.cycle.add(airtimeUs, nowMs);
  }

  /** On that page, or on all of them together. */
  percentOf(eui: Eui64, nowMs: number, page?: number): number {
    let percent = 0;
    for (const account of this.accounts) {
      if (account.eui !== eui || (page !== undefined && account.page !== page)) continue;
      percent += account.cycle.percentAt(nowMs);
    }
    return percent;
  }
}
