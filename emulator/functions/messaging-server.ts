import { secondsSince2000 } from '../../protocols/codec/utc.js';
import { messaging } from '../../protocols/zigbee/clusters/messaging.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { answering, type ClusterRows, type SourceAnswers, serverRows } from './cluster-rows.js';
import { ProtocolError } from './protocol-error.js';
import {
  messagePriorities,
  type SupplierMessage,
  type SupplierMessages,
} from './supplier-messages.js';

/** Message control: importance in bits 2 and 3; bit 7 asks for a confirmation. Bits 0 and 1: not over inter-PAN. */
const importanceShift = 2;
const confirmationRequired = 0x80;
const untilChanged = 0xffff;

const displayMessage = answering(messaging, 'DisplayMessage');

function displayed(message: SupplierMessage) {
  const importance = messagePriorities.indexOf(message.priority) << importanceShift;
  return displayMessage({
    messageId: message.id,
    messageControl: importance | (message.confirmationRequired ? confirmationRequired : 0),
    startTime: secondsSince2000(message.startMs),
    durationMinutes: message.durationMinutes ?? untilChanged,
    message: message.text,
  });
}

function notFound(what: string): ProtocolError {
  return new ProtocolError(zclStatuses.notFound, `there is no ${what}`);
}

const commands: SourceAnswers<SupplierMessages> = {
  GetLastMessage: (messages, _fields, nowMs) => {
    const message = messages.current(nowMs);
    if (message === undefined) throw notFound('message');
    return [displayed(message)];
  },
  MessageConfirmation: (messages, fields, nowMs) => {
    if (!messages.confirm(fields.messageId as number, nowMs)) throw notFound('such message');
    return [];
  },
  GetMessageCancellation: () => {
    throw notFound('message taken back');
  },
};

/** Messaging cluster over what `messagesOf` finds in a device. */
export function messagingServer<S>(messagesOf: (device: S) => SupplierMessages): ClusterRows<S> {
  return serverRows(messaging, messagesOf, {}, commands);
}
