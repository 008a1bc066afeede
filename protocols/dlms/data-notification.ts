import type { Codec } from '../codec/codec.js';
import { under } from '../codec/codec-error.js';
import { readDateTime, writeApduHeader } from './apdu-header.js';
import type { DataNotification } from './apdu-types.js';
import { readData, writeData } from './axdr.js';

export const dataNotificationTag = 0x0f;

/** An alert: 0x0F, long-invoke-id-and-priority, date-time, one value. @see dlms.md 1 */
export const dataNotification: Codec<DataNotification> = {
  decode(reader) {
    const at = reader.offset;
    if (reader.u8() !== dataNotificationTag) reader.fail('not a data-notification', at);
    const longInvokeIdAndPriority = reader.u32();
    const dateTime = readDateTime(reader);
    try {
      const body = reader.trace?.field(reader, 'body', () => readData(reader)) ?? readData(reader);
      return { kind: 'data-notification', longInvokeIdAndPriority, dateTime, body };
    } catch (error) {
      throw under('body', error);
    }
  },
  encode(writer, apdu) {
    writer.u8(dataNotificationTag);
    writeApduHeader(writer, apdu);
    try {
      writeData(writer, apdu.body);
    } catch (error) {
      throw under('body', error);
    }
  },
};
