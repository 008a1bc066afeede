import type { ClusterDefinition, Layout } from '../zcl/layout.js';

const displayed: Layout = {
  messageId: 'uint32',
  messageControl: 'map8',
  startTime: 'utc',
  durationMinutes: 'uint16',
  message: 'string',
  extendedMessageControl: { type: 'map8', optional: true },
};

/** Messaging: texts for the display. */
export const messaging: ClusterDefinition = {
  id: 0x0703,
  name: 'Messaging',
  attributes: {},
  toServer: {
    0: { name: 'GetLastMessage', fields: {} },
    1: {
      name: 'MessageConfirmation',
      fields: {
        messageId: 'uint32',
        confirmationTime: 'utc',
        messageConfirmationControl: { type: 'map8', optional: true },
        messageConfirmationResponse: { type: 'text', optional: true },
      },
    },
    2: { name: 'GetMessageCancellation', fields: { earliestImplementationTime: 'utc' } },
  },
  toClient: {
    0: { name: 'DisplayMessage', fields: displayed },
    1: { name: 'CancelMessage', fields: { messageId: 'uint32', messageControl: 'map8' } },
    2: { name: 'DisplayProtectedMessage', fields: displayed },
    3: { name: 'CancelAllMessages', fields: { implementationDateTime: 'utc' } },
  },
};
