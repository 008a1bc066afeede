import type { AttributeTable, ClusterDefinition, CommandTable, Layout } from '../zcl/layout.js';

const attributes: AttributeTable = {
  256: ['ProviderID', 'uint32'],
  257: ['ProviderName', 'octstr'],
  258: ['ProviderContactDetails', 'octstr'],
  272: ['ProposedProviderID', 'uint32'],
  273: ['ProposedProviderName', 'octstr'],
  274: ['ProposedProviderChangeDateTime', 'utc'],
  275: ['ProposedProviderChangeControl', 'map32'],
  276: ['ProposedProviderContactDetails', 'octstr'],
  288: ['ReceivedProviderID', 'uint32'],
  289: ['ReceivedProviderName', 'octstr'],
  290: ['ReceivedProviderContactDetails', 'octstr'],
  304: ['ReceivedProposedProviderID', 'uint32'],
  305: ['ReceivedProposedProviderName', 'octstr'],
  306: ['ReceivedProposedProviderChangeDateTime', 'utc'],
  307: ['ReceivedProposedProviderChangeControl', 'map32'],
  308: ['ReceivedProposedProviderContactDetails', 'octstr'],
  512: ['ChangeOfTenancyUpdateDateTime', 'utc'],
  513: ['ProposedTenancyChangeControl', 'map32'],
  768: ['WANStatus', 'enum8'],
  1024: ['LowMediumThreshold', 'uint32'],
  1025: ['MediumHighThreshold', 'uint32'],
};

/**
 * The client also has one attribute an event, its configuration, numbered from 0x0100; they have no
 * names here.
 */
const clientAttributes: AttributeTable = {
  0: ['ProviderID', 'uint32'],
  16: ['ReceivedProviderID', 'uint32'],
};

const setEventConfiguration: Layout = {
  issuerEventId: 'uint32',
  startDateTime: 'utc',
  eventConfiguration: 'map8',
  configurationControl: 'enum8',
  appliesTo: {
    chosenBy: 'configurationControl',
    cases: {
      0: {
        record: {
          numberOfEvents: 'uint8',
          eventIds: { list: 'uint16', countedBy: 'numberOfEvents' },
        },
      },
      1: { record: { eventGroupId: 'uint16' } },
      2: { record: { logId: 'uint8' } },
      3: { record: { configurationValueMatch: 'uint8' } },
    },
  },
};

const toClient: CommandTable = {
  0: {
    name: 'PublishChangeOfTenancy',
    fields: {
      providerId: 'uint32',
      issuerEventId: 'uint32',
      tariffType: 'map8',
      implementationDateTime: 'utc',
      proposedTenancyChangeControl: 'map32',
    },
  },
  1: {
    name: 'PublishChangeOfSupplier',
    fields: {
      currentProviderId: 'uint32',
      issuerEventId: 'uint32',
      tariffType: 'map8',
      proposedProviderId: 'uint32',
      providerChangeImplementationTime: 'utc',
      providerChangeControl: 'map32',
      proposedProviderName: 'text',
      proposedProviderContactDetails: 'text',
    },
  },
  2: {
    name: 'RequestNewPasswordResponse',
    fields: {
      issuerEventId: 'uint32',
      implementationDateTime: 'utc',
      durationMinutes: 'uint16',
      passwordType: 'enum8',
      password: 'text',
    },
  },
  3: {
    name: 'UpdateSiteId',
    fields: {
      issuerEventId: 'uint32',
      siteIdTime: 'utc',
      providerId: 'uint32',
      siteId: 'text',
    },
  },
  4: { name: 'SetEventConfiguration', fields: setEventConfiguration },
  5: { name: 'GetEventConfiguration', fields: { eventId: 'uint16' } },
  6: {
    name: 'UpdateCIN',
    fields: {
      issuerEventId: 'uint32',
      cinImplementationTime: 'utc',
      providerId: 'uint32',
      customerIdNumber: 'text',
    },
  },
};

/** Device Management: supplier, tenancy, site, passwords, and what happens on each event. */
export const deviceManagement: ClusterDefinition = {
  id: 0x0708,
  name: 'DeviceManagement',
  attributes,
  clientAttributes,
  toServer: {
    0: { name: 'GetChangeOfTenancy', fields: {} },
    1: { name: 'GetChangeOfSupplier', fields: {} },
    2: { name: 'RequestNewPassword', fields: { passwordType: 'enum8' } },
    3: { name: 'GetSiteId', fields: {} },
    4: {
      name: 'ReportEventConfiguration',
      fields: {
        commandIndex: 'uint8',
        totalCommands: 'uint8',
        events: { list: { eventId: 'uint16', eventConfiguration: 'map8' } },
      },
    },
    5: { name: 'GetCIN', fields: {} },
  },
  toClient,
};
