import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { gasAccountAttributes } from '../../functions/gas-account.js';
import type { ReportedAttribute } from '../attribute-report.js';

const dataTypes: ReadonlyMap<number, number> = new Map(
  gasAccountAttributes.map(({ attributeId, dataType }) => [attributeId, dataType]),
);

/** The account of a gas meter that is paid in advance, as the meter last reported it; empty for one in credit mode. */
export class AccountMirror {
  private values: Map<number, GbzValue> | undefined;

  /** The meter pays in advance: it has reported an account. */
  get isPrepayment(): boolean {
    return this.values !== undefined;
  }

  valueOf(attributeId: number): GbzValue | undefined {
    return this.values?.get(attributeId);
  }

  /** Takes what it can serve; returns how many attributes that were. */
  accept(attributes: readonly ReportedAttribute[]): number {
    let taken = 0;
    for (const { attributeId, dataType, value } of attributes) {
      if (dataTypes.get(attributeId) !== dataType) continue;
      this.values ??= new Map();
      this.values.set(attributeId, value);
      taken++;
    }
    return taken;
  }
}
