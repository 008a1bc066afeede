import type { ClusterDefinition, CommandTable, Field, Layout } from '../zcl/layout.js';
import { meteringAttributes, meteringClientAttributes } from './metering-attributes.js';

const issued: Layout = { providerId: 'uint32', issuerEventId: 'uint32' };

/** What a snapshot holds, by its payload type: tiers, blocks and bills, delivered or received. */
function snapshot(
  flow: 'Delivered' | 'Received',
  holds: { bill: boolean; blocks: boolean },
): Field {
  const bill: Layout = {
    [`billToDate${flow}`]: 'uint32',
    [`billToDateTimeStamp${flow}`]: 'utc',
    [`projectedBill${flow}`]: 'uint32',
    [`projectedBillTimeStamp${flow}`]: 'utc',
    [`bill${flow}TrailingDigit`]: 'map8',
  };
  const blocks: Layout = {
    numberOfTiersAndBlockThresholdsInUse: 'map8',
    tierBlockSummations: { list: 'uint48' },
  };
  return {
    record: {
      [`currentSummation${flow}`]: 'uint48',
      ...(holds.bill ? bill : {}),
      numberOfTiersInUse: 'uint8',
      tierSummations: { list: 'uint48', countedBy: 'numberOfTiersInUse' },
      ...(holds.blocks ? blocks : {}),
    },
  };
}

const publishSnapshot: Layout = {
  snapshotId: 'uint32',
  snapshotTime: 'utc',
  totalSnapshotsFound: 'uint8',
  commandIndex: 'uint8',
  totalNumberOfCommands: 'uint8',
  snapshotCause: 'map32',
  snapshotPayloadType: 'enum8',
  snapshot: {
    chosenBy: 'snapshotPayloadType',
    cases: {
      0: snapshot('Delivered', { bill: true, blocks: false }),
      1: snapshot('Received', { bill: true, blocks: false }),
      2: snapshot('Delivered', { bill: true, blocks: true }),
      3: snapshot('Received', { bill: true, blocks: true }),
      4: snapshot('Delivered', { bill: false, blocks: false }),
      5: snapshot('Received', { bill: false, blocks: false }),
      6: snapshot('Delivered', { bill: false, blocks: true }),
      7: snapshot('Received', { bill: false, blocks: true }),
      128: { record: {} },
    },
  },
};

const snapshotCommands: CommandTable = {
  4: {
    name: 'ScheduleSnapshot',
    fields: {
      issuerEventId: 'uint32',
      commandIndex: 'uint8',
      totalNumberOfCommands: 'uint8',
      schedules: {
        list: {
          snapshotScheduleId: 'uint8',
          snapshotStartTime: 'utc',
          snapshotSchedule: 'map24',
          snapshotPayloadType: 'enum8',
          snapshotCause: 'map32',
        },
      },
    },
  },
  5: { name: 'TakeSnapshot', fields: { snapshotCause: 'map32' } },
  6: {
    name: 'GetSnapshot',
    fields: {
      earliestStartTime: 'utc',
      latestEndTime: 'utc',
      snapshotOffset: 'uint8',
      snapshotCause: 'map32',
    },
  },
};

const supplyCommands: CommandTable = {
  10: { name: 'ResetLoadLimitCounter', fields: issued },
  11: {
    name: 'ChangeSupply',
    fields: {
      ...issued,
      requestDateTime: 'utc',
      implementationDateTime: 'utc',
      proposedSupplyStatus: 'enum8',
      supplyControlBits: 'map8',
    },
  },
  12: { name: 'LocalChangeSupply', fields: { proposedSupplyStatus: 'enum8' } },
  13: {
    name: 'SetSupplyStatus',
    fields: {
      issuerEventId: 'uint32',
      supplyTamperState: 'enum8',
      supplyDepletionState: 'enum8',
      supplyUncontrolledFlowState: 'enum8',
      loadLimitSupplyState: 'enum8',
    },
  },
  14: {
    name: 'SetUncontrolledFlowThreshold',
    fields: {
      ...issued,
      uncontrolledFlowThreshold: 'uint16',
      unitOfMeasure: 'enum8',
      multiplier: 'uint16',
      divisor: 'uint16',
      stabilisationPeriod: 'uint8',
      measurementPeriod: 'uint16',
    },
  },
};

const toServer: CommandTable = {
  0: {
    name: 'GetProfile',
    fields: { intervalChannel: 'enum8', endTime: 'utc', numberOfPeriods: 'uint8' },
  },
  1: { name: 'RequestMirrorResponse', fields: { endpointId: 'uint16' } },
  2: { name: 'MirrorRemoved', fields: { removedEndpointId: 'uint16' } },
  3: {
    name: 'RequestFastPollMode',
    fields: { fastPollUpdatePeriod: 'uint8', durationMinutes: 'uint8' },
  },
  ...snapshotCommands,
  7: {
    name: 'StartSampling',
    fields: {
      issuerEventId: 'uint32',
      startSamplingTime: 'utc',
      sampleType: 'enum8',
      sampleRequestInterval: 'uint16',
      maxNumberOfSamples: 'uint16',
    },
  },
  8: {
    name: 'GetSampledData',
    fields: {
      sampleId: 'uint16',
      earliestSampleTime: 'utc',
      sampleType: 'enum8',
      numberOfSamples: 'uint16',
    },
  },
  9: {
    name: 'MirrorReportAttributeResponse',
    fields: { notificationScheme: 'uint8', notificationFlags: { list: 'map32' } },
  },
  ...supplyCommands,
};

/**
 * A sleepy meter keeps a copy of itself on the hub; these set the copy up and say what waits there.
 */
const mirrorCommands: CommandTable = {
  1: { name: 'RequestMirror', fields: {} },
  2: { name: 'RemoveMirror', fields: {} },
  8: {
    name: 'ConfigureMirror',
    fields: {
      issuerEventId: 'uint32',
      reportingInterval: 'uint24',
      mirrorNotificationReporting: 'bool',
      notificationScheme: 'uint8',
    },
  },
  9: {
    name: 'ConfigureNotificationScheme',
    fields: {
      issuerEventId: 'uint32',
      notificationScheme: 'uint8',
      notificationFlagOrder: 'map32',
    },
  },
  10: {
    name: 'ConfigureNotificationFlags',
    fields: {
      issuerEventId: 'uint32',
      notificationScheme: 'uint8',
      notificationFlagAttributeId: 'uint16',
      clusterId: 'uint16',
      manufacturerCode: 'uint16',
      numberOfCommands: 'uint8',
      commandIds: { list: 'uint8', countedBy: 'numberOfCommands' },
    },
  },
  11: {
    name: 'GetNotifiedMessage',
    fields: {
      notificationScheme: 'uint8',
      notificationFlagAttributeId: 'uint16',
      notificationFlags: 'map32',
    },
  },
};

/** Metering: registers, snapshots, samples, and the valve or contactor. */
export const metering: ClusterDefinition = {
  id: 0x0702,
  name: 'Metering',
  attributes: meteringAttributes,
  clientAttributes: meteringClientAttributes,
  toServer,
  toClient: {
    0: {
      name: 'GetProfileResponse',
      fields: {
        endTime: 'utc',
        status: 'enum8',
        profileIntervalPeriod: 'enum8',
        numberOfPeriodsDelivered: 'uint8',
        intervals: { list: 'uint24', countedBy: 'numberOfPeriodsDelivered' },
      },
    },
    ...mirrorCommands,
    3: {
      name: 'RequestFastPollModeResponse',
      fields: { appliedUpdatePeriod: 'uint8', fastPollModeEndTime: 'utc' },
    },
    4: {
      name: 'ScheduleSnapshotResponse',
      fields: {
        issuerEventId: 'uint32',
        schedules: { list: { snapshotScheduleId: 'uint8', snapshotScheduleConfirmation: 'uint8' } },
      },
    },
    5: {
      name: 'TakeSnapshotResponse',
      fields: { snapshotId: 'uint32', snapshotConfirmation: 'uint8' },
    },
    6: { name: 'PublishSnapshot', fields: publishSnapshot },
    7: {
      name: 'GetSampledDataResponse',
      fields: {
        sampleId: 'uint16',
        sampleStartTime: 'utc',
        sampleType: 'enum8',
        sampleRequestInterval: 'uint16',
        numberOfSamples: 'uint16',
        samples: { list: 'uint24', countedBy: 'numberOfSamples' },
      },
    },
    12: {
      name: 'SupplyStatusResponse',
      fields: { ...issued, implementationDateTime: 'utc', supplyStatus: 'enum8' },
    },
    13: { name: 'StartSamplingResponse', fields: { sampleId: 'uint16' } },
  },
};
