import { prepayment } from '../../protocols/zigbee/clusters/prepayment.js';
import { type ZclDataTypeName, zclDataTypeId } from '../../protocols/zigbee/zcl/types.js';
import { attributeNumber } from './cluster-rows.js';

/**
 * What a gas meter that is paid in advance reports of its account, and its proxy therefore serves in its place: what a
 * display has to show.
 */
const names = [
  'PaymentControlConfiguration',
  'CreditRemaining',
  'EmergencyCreditRemaining',
  'CreditStatus',
  'AccumulatedDebt',
  'EmergencyCreditLimitAllowance',
  'EmergencyCreditThreshold',
  'LowCreditWarningLevel',
  'CutOffValue',
  'DebtAmount#1',
  'DebtAmount#2',
  'DebtAmount#3',
] as const;

export const prepaymentCluster = prepayment.id;

export interface AccountAttribute {
  readonly attributeId: number;
  /** ZCL data type id. */
  readonly dataType: number;
}

export const gasAccountAttributes: readonly AccountAttribute[] = names.map((name) => {
  const attributeId = attributeNumber(prepayment, name);
  const [, type] = prepayment.attributes[attributeId] as readonly [string, ZclDataTypeName];
  return { attributeId, dataType: zclDataTypeId(type) };
});
