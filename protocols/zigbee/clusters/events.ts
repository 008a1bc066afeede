import type { ClusterDefinition } from '../zcl/layout.js';

/** Events: event and security logs. */
export const events: ClusterDefinition = {
  id: 0x0709,
  name: 'Events',
  attributes: {},
  toServer: {
    0: {
      name: 'GetEventLog',
      fields: {
        eventControlLogId: 'map8',
        eventId: 'uint16',
        startTime: 'utc',
        endTime: 'utc',
        numberOfEvents: 'uint8',
        eventOffset: 'uint16',
      },
    },
    1: { name: 'ClearEventLogRequest', fields: { logId: 'map8' } },
  },
  toClient: {
    0: {
      name: 'PublishEvent',
      fields: {
        logId: 'enum8',
        eventId: 'uint16',
        eventTime: 'utc',
        eventControl: 'map8',
        eventData: 'octstr',
      },
    },
    1: {
      name: 'PublishEventLog',
      fields: {
        totalNumberOfEvents: 'uint16',
        commandIndex: 'uint8',
        totalCommands: 'uint8',
        logPayloadControl: 'map8',
        events: {
          list: { logId: 'enum8', eventId: 'uint16', eventTime: 'utc', eventData: 'octstr' },
        },
      },
    },
    2: { name: 'ClearEventLogResponse', fields: { clearedEventLogs: 'map8' } },
  },
};
