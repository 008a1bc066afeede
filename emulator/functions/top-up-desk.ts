import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { checkUtrn, rememberUtrnCounter } from '../../protocols/gbcs/utrn.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { Store } from '../ports/store.js';
import type { PrepaymentAccount } from './prepayment-account.js';
import { topUpResults } from './prepayment-codes.js';
import type { AccountEvent } from './prepayment-types.js';
import type { SupplyState } from './supply-state.js';
import { millipencePerPound } from './tariff.js';
import type { TrustAnchorCells } from './trust-anchor-cells.js';

export interface TopUpDeskParts {
  readonly entity: Eui64;
  readonly crypto: Crypto;
  readonly keys: EntityKeys;
  readonly trustAnchors: () => TrustAnchorCells;
  /** Keeps the counters over a restart; without it a token is good once until then. */
  readonly store?: Store | undefined;
}

/** What became of twenty digits. */
export interface TopUpOutcome {
  /** ResultType of ConsumerTopUpResponse, from `topUpResults`. */
  readonly resultType: number;
  /** Millipence; 0 for a top-up that was not accepted. */
  readonly value: number;
  readonly events: readonly AccountEvent[];
}

const millipence = { pence: millipencePerPound / 100, pounds: millipencePerPound } as const;
const refused = { value: 0, events: [] } as const;

/** Supply after an accepted top-up. */
const acceptedBy: Readonly<Record<SupplyState, number>> = {
  enabled: topUpResults.acceptedSupplyEnabled,
  disabled: topUpResults.acceptedSupplyDisabled,
  armed: topUpResults.acceptedSupplyArmed,
};

/** ResultType of a top-up that the account has taken. */
export function acceptedResult(supply: SupplyState): number {
  return acceptedBy[supply];
}

function countersIn(octets: Uint8Array): readonly number[] {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  return Array.from({ length: octets.length >> 2 }, (_, index) => view.getUint32(index * 4));
}

function octetsOf(counters: readonly number[]): Uint8Array {
  const octets = new Uint8Array(counters.length * 4);
  const view = new DataView(octets.buffer);
  for (const [index, counter] of counters.entries()) view.setUint32(index * 4, counter);
  return octets;
}

/** Where a meter judges top-up tokens: each is good for one meter, once. */
export class TopUpDesk {
  /** Counters of accepted tokens, rising. */
  private used: readonly number[];

  constructor(private readonly parts: TopUpDeskParts) {
    const stored = parts.store?.get(this.storeKey);
    this.used = stored === undefined ? [] : countersIn(stored);
  }

  private get storeKey(): string {
    return `${this.parts.entity}/utrn-counters`;
  }

  /** Judges the token and pays it in. */
  accept(digits: string, account: PrepaymentAccount, nowMs: number): TopUpOutcome {
    const { crypto, keys, entity: device, trustAnchors } = this.parts;
    const cell = trustAnchors().find('supplier', 'keyAgreement', 'prePaymentTopUp');
    if (cell === undefined) return { resultType: topUpResults.error, ...refused };
    const { entity: supplier, publicKey } = cell;
    const z = keys.sharedSecret(publicKey);
    const judged = checkUtrn(crypto, z, { supplier, device }, digits, this.used);
    if (judged.verdict === 'duplicate' || judged.verdict === 'too-old') {
      return { resultType: topUpResults.duplicateTopUp, ...refused };
    }
    if (judged.verdict !== 'accepted') {
      return { resultType: topUpResults.invalidTopUp, ...refused };
    }
    const { valueClass, value: count } = judged.content;
    if (valueClass !== 'pence' && valueClass !== 'pounds') {
      return { resultType: topUpResults.invalidTopUp, ...refused };
    }
    const value = count * millipence[valueClass];
    const { verdict, events } = account.topUp(value, nowMs);
    if (verdict === 'above-maximum-credit') {
      return { resultType: topUpResults.topUpValueTooLarge, value: 0, events };
    }
    if (verdict === 'above-maximum-balance') {
      return { resultType: topUpResults.maxCreditReached, value: 0, events };
    }
    this.used = rememberUtrnCounter(this.used, judged.utrnCounter);
    this.parts.store?.put(this.storeKey, octetsOf(this.used));
    return { resultType: topUpResults.accepted, value, events };
  }
}
