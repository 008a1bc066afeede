import type { CommandTable, Layout } from './layout.js';

/** Status codes of ZCL responses. */
export const zclStatuses = {
  success: 0x00,
  failure: 0x01,
  notAuthorized: 0x7e,
  malformedCommand: 0x80,
  unsupportedClusterCommand: 0x81,
  unsupportedGeneralCommand: 0x82,
  invalidField: 0x85,
  unsupportedAttribute: 0x86,
  invalidValue: 0x87,
  readOnly: 0x88,
  insufficientSpace: 0x89,
  duplicateExists: 0x8a,
  notFound: 0x8b,
  unreportableAttribute: 0x8c,
  invalidDataType: 0x8d,
  timeout: 0x94,
  /** From here to `notificationPending`: of OTA Upgrade only. */
  abort: 0x95,
  invalidImage: 0x96,
  waitForData: 0x97,
  noImageAvailable: 0x98,
  requireMoreImage: 0x99,
  notificationPending: 0x9a,
  hardwareFailure: 0xc0,
  softwareFailure: 0xc1,
  calibrationError: 0xc2,
  unsupportedCluster: 0xc3,
  limitReached: 0xc4,
} as const;

const success = { status: zclStatuses.success };
/**
 * Direction of a reporting configuration: the receiver is to report, or it is to expect reports.
 */
const toReport = { direction: 0x00 };
const toExpect = { direction: 0x01 };

const written: Layout = {
  attributes: {
    list: {
      attributeId: { attributeOf: 'receiver' },
      dataType: 'enum8',
      value: { typedBy: 'dataType' },
    },
  },
};

const reporting: Layout = {
  dataType: { type: 'enum8', when: toReport },
  minimumReportingInterval: { type: 'uint16', when: toReport },
  maximumReportingInterval: { type: 'uint16', when: toReport },
  reportableChange: { typedBy: 'dataType', analogueOnly: true, when: toReport },
  timeoutPeriod: { type: 'uint16', when: toExpect },
};

const discoverAttributes: Layout = { startAttributeId: 'uint16', maximumAttributeIds: 'uint8' };
const discoverCommands: Layout = { startCommandId: 'uint8', maximumCommandIds: 'uint8' };
const discoveredCommands: Layout = { discoveryComplete: 'bool', commandIds: { list: 'uint8' } };

/**
 * The general commands: the same in every cluster. Not kept: those for the elements of structured
 * attributes (14 to 16), which no cluster of Smart Energy has.
 */
export const generalCommands: CommandTable = {
  0: {
    name: 'ReadAttributes',
    fields: { attributes: { list: { attributeId: { attributeOf: 'receiver' } } } },
  },
  1: {
    name: 'ReadAttributesResponse',
    fields: {
      attributes: {
        list: {
          attributeId: { attributeOf: 'sender' },
          status: 'enum8',
          dataType: { type: 'enum8', when: success },
          value: { typedBy: 'dataType', when: success },
        },
      },
    },
  },
  2: { name: 'WriteAttributes', fields: written },
  3: { name: 'WriteAttributesUndivided', fields: written },
  4: {
    name: 'WriteAttributesResponse',
    fields: {
      attributes: {
        list: { status: 'enum8', attributeId: { attributeOf: 'sender', unless: success } },
      },
    },
  },
  5: { name: 'WriteAttributesNoResponse', fields: written },
  6: {
    name: 'ConfigureReporting',
    fields: {
      attributes: {
        list: { direction: 'enum8', attributeId: { attributeOf: 'receiver' }, ...reporting },
      },
    },
  },
  7: {
    name: 'ConfigureReportingResponse',
    fields: {
      attributes: {
        list: {
          status: 'enum8',
          direction: { type: 'enum8', unless: success },
          attributeId: { attributeOf: 'sender', unless: success },
        },
      },
    },
  },
  8: {
    name: 'ReadReportingConfiguration',
    fields: {
      attributes: { list: { direction: 'enum8', attributeId: { attributeOf: 'receiver' } } },
    },
  },
  9: {
    name: 'ReadReportingConfigurationResponse',
    fields: {
      attributes: {
        list: {
          status: 'enum8',
          direction: 'enum8',
          attributeId: { attributeOf: 'sender' },
          dataType: { type: 'enum8', when: { ...success, ...toReport } },
          minimumReportingInterval: { type: 'uint16', when: { ...success, ...toReport } },
          maximumReportingInterval: { type: 'uint16', when: { ...success, ...toReport } },
          reportableChange: {
            typedBy: 'dataType',
            analogueOnly: true,
            when: { ...success, ...toReport },
          },
          timeoutPeriod: { type: 'uint16', when: { ...success, ...toExpect } },
        },
      },
    },
  },
  10: {
    name: 'ReportAttributes',
    fields: {
      attributes: {
        list: {
          attributeId: { attributeOf: 'sender' },
          dataType: 'enum8',
          value: { typedBy: 'dataType' },
        },
      },
    },
  },
  11: { name: 'DefaultResponse', fields: { commandId: 'uint8', status: 'enum8' } },
  12: { name: 'DiscoverAttributes', fields: discoverAttributes },
  13: {
    name: 'DiscoverAttributesResponse',
    fields: {
      discoveryComplete: 'bool',
      attributes: { list: { attributeId: { attributeOf: 'sender' }, dataType: 'enum8' } },
    },
  },
  17: { name: 'DiscoverCommandsReceived', fields: discoverCommands },
  18: { name: 'DiscoverCommandsReceivedResponse', fields: discoveredCommands },
  19: { name: 'DiscoverCommandsGenerated', fields: discoverCommands },
  20: { name: 'DiscoverCommandsGeneratedResponse', fields: discoveredCommands },
  21: { name: 'DiscoverAttributesExtended', fields: discoverAttributes },
  22: {
    name: 'DiscoverAttributesExtendedResponse',
    fields: {
      discoveryComplete: 'bool',
      attributes: {
        list: {
          attributeId: { attributeOf: 'sender' },
          dataType: 'enum8',
          /** Bit 0 readable, bit 1 writeable, bit 2 reportable. */
          accessControl: 'map8',
        },
      },
    },
  },
};
