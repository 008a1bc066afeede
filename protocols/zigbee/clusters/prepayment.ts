import type { ClusterDefinition, CommandTable, Layout } from '../zcl/layout.js';
import { prepaymentAttributes } from './prepayment-attributes.js';

const issued: Layout = { providerId: 'uint32', issuerEventId: 'uint32' };
const fragment: Layout = { commandIndex: 'uint8', totalNumberOfCommands: 'uint8' };

const creditCommands: CommandTable = {
  0: {
    name: 'SelectAvailableEmergencyCredit',
    fields: { commandIssueDateTime: 'utc', originatingDevice: 'enum8' },
  },
  3: {
    name: 'EmergencyCreditSetup',
    fields: {
      issuerEventId: 'uint32',
      startTime: 'utc',
      emergencyCreditLimit: 'uint32',
      emergencyCreditThreshold: 'uint32',
    },
  },
  4: { name: 'ConsumerTopUp', fields: { originatingDevice: 'enum8', topUpCode: 'text' } },
  5: {
    name: 'CreditAdjustment',
    fields: {
      issuerEventId: 'uint32',
      startTime: 'utc',
      creditAdjustmentType: 'enum8',
      creditAdjustmentValue: 'int32',
    },
  },
  9: { name: 'SetLowCreditWarningLevel', fields: { lowCreditWarningLevel: 'uint32' } },
  11: {
    name: 'SetMaximumCreditLimit',
    fields: {
      ...issued,
      implementationDateTime: 'utc',
      maximumCreditLevel: 'uint32',
      maximumCreditPerTopUp: 'uint32',
    },
  },
};

const toServer: CommandTable = {
  ...creditCommands,
  2: {
    name: 'ChangeDebt',
    fields: {
      issuerEventId: 'uint32',
      debtLabel: 'text',
      debtAmount: 'int32',
      debtRecoveryMethod: 'enum8',
      debtAmountType: 'enum8',
      debtRecoveryStartTime: 'utc',
      debtRecoveryCollectionTime: 'uint16',
      debtRecoveryFrequency: 'enum8',
      debtRecoveryAmount: 'int32',
      debtRecoveryBalancePercentage: 'uint16',
    },
  },
  6: {
    name: 'ChangePaymentMode',
    fields: {
      ...issued,
      implementationDateTime: 'utc',
      proposedPaymentControlConfiguration: 'map16',
      cutOffValue: 'int32',
    },
  },
  7: {
    name: 'GetPrepaySnapshot',
    fields: {
      earliestStartTime: 'utc',
      latestEndTime: 'utc',
      snapshotOffset: 'uint8',
      snapshotCause: 'map32',
    },
  },
  8: { name: 'GetTopUpLog', fields: { latestEndTime: 'utc', numberOfRecords: 'uint8' } },
  10: {
    name: 'GetDebtRepaymentLog',
    fields: { latestEndTime: 'utc', numberOfDebts: 'uint8', debtType: 'enum8' },
  },
  12: {
    name: 'SetOverallDebtCap',
    fields: { ...issued, implementationDateTime: 'utc', overallDebtCap: 'int32' },
  },
};

/** The last two of the debt and credit status are signed: official values go below zero. */
const debtAndCredit: Layout = {
  accumulatedDebt: 'int32',
  type1DebtRemaining: 'uint32',
  type2DebtRemaining: 'uint32',
  type3DebtRemaining: 'uint32',
  emergencyCreditRemaining: 'int32',
  creditRemaining: 'int32',
};

const toClient: CommandTable = {
  1: {
    name: 'PublishPrepaySnapshot',
    fields: {
      snapshotId: 'uint32',
      snapshotTime: 'utc',
      totalSnapshotsFound: 'uint8',
      ...fragment,
      snapshotCause: 'map32',
      snapshotPayloadType: 'enum8',
      snapshot: { chosenBy: 'snapshotPayloadType', cases: { 0: { record: debtAndCredit } } },
    },
  },
  2: {
    name: 'ChangePaymentModeResponse',
    fields: {
      friendlyCredit: 'map8',
      friendlyCreditCalendarId: 'uint32',
      emergencyCreditLimit: 'uint32',
      emergencyCreditThreshold: 'uint32',
    },
  },
  3: {
    name: 'ConsumerTopUpResponse',
    fields: {
      resultType: 'enum8',
      topUpValue: 'int32',
      sourceOfTopUp: 'enum8',
      creditRemaining: 'int32',
    },
  },
  5: {
    name: 'PublishTopUpLog',
    fields: {
      ...fragment,
      topUps: { list: { topUpCode: 'text', topUpAmount: 'int32', topUpTime: 'utc' } },
    },
  },
  6: {
    name: 'PublishDebtLog',
    fields: {
      ...fragment,
      debts: {
        list: {
          collectionTime: 'utc',
          amountCollected: 'uint32',
          debtType: 'enum8',
          outstandingDebt: 'uint32',
        },
      },
    },
  },
};

/** Prepayment: credit, debt and top-up. */
export const prepayment: ClusterDefinition = {
  id: 0x0705,
  name: 'Prepayment',
  attributes: prepaymentAttributes,
  toServer,
  toClient,
};
