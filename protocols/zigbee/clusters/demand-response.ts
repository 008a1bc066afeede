import type { ClusterDefinition, CommandTable, Layout } from '../zcl/layout.js';

const event: Layout = {
  issuerEventId: 'uint32',
  deviceClass: 'map16',
  utilityEnrollmentGroup: 'uint8',
};

const toServer: CommandTable = {
  0: {
    name: 'ReportEventStatus',
    fields: {
      issuerEventId: 'uint32',
      eventStatus: 'enum8',
      eventStatusTime: 'utc',
      criticalityLevelApplied: 'uint8',
      coolingTemperatureSetPointApplied: 'int16',
      heatingTemperatureSetPointApplied: 'int16',
      averageLoadAdjustmentPercentageApplied: 'int8',
      dutyCycleApplied: 'uint8',
      eventControl: 'map8',
      signatureType: 'enum8',
      /** 42 octets for type 1; absent or unused for type 0. */
      signature: 'bytes',
    },
  },
  1: {
    name: 'GetScheduledEvents',
    fields: {
      startTime: 'utc',
      numberOfEvents: 'uint8',
      issuerEventId: { type: 'uint32', optional: true },
    },
  },
};

/**
 * Offsets are tenths of a degree Celsius, set points hundredths; the value with all but the top bit
 * set (or all bits of an unsigned one) means that there is none.
 */
const loadControlEvent: Layout = {
  ...event,
  startTime: 'utc',
  durationMinutes: 'uint16',
  criticalityLevel: 'enum8',
  coolingTemperatureOffset: 'uint8',
  heatingTemperatureOffset: 'uint8',
  coolingTemperatureSetPoint: 'int16',
  heatingTemperatureSetPoint: 'int16',
  averageLoadAdjustmentPercentage: 'int8',
  dutyCycle: 'uint8',
  eventControl: 'map8',
};

const toClient: CommandTable = {
  0: { name: 'LoadControlEvent', fields: loadControlEvent },
  1: {
    name: 'CancelLoadControlEvent',
    fields: { ...event, cancelControl: 'map8', effectiveTime: 'utc' },
  },
  2: { name: 'CancelAllLoadControlEvents', fields: { cancelControl: 'map8' } },
};

/** Demand Response and Load Control: asks loads to go on, off or down for a time. */
export const demandResponse: ClusterDefinition = {
  id: 0x0701,
  name: 'DemandResponseAndLoadControl',
  attributes: {},
  clientAttributes: {
    0: ['UtilityEnrollmentGroup', 'uint8'],
    1: ['StartRandomizationMinutes', 'uint8'],
    2: ['DurationRandomizationMinutes', 'uint8'],
    3: ['DeviceClassValue', 'uint16'],
  },
  toServer,
  toClient,
};
