import type { Overrides } from '../../emulator/functions/overrides.js';
import { zclKey } from '../../emulator/functions/zcl-model.js';
import { decodeWith } from '../../protocols/codec/codec.js';
import { eui64 } from '../../protocols/codec/eui64.js';
import { utcToMs } from '../../protocols/codec/utc.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import type { AccessRequest, AccessResponse } from '../../protocols/dlms/apdu-types.js';
import { dlmsData } from '../../protocols/dlms/axdr.js';
import type { DlmsData } from '../../protocols/dlms/data.js';
import {
  parseProtectedRequest,
  parseProtectedResponse,
} from '../../protocols/dlms/protected-attributes.js';
import type { GbzValue } from '../../protocols/gbcs/gbz-types.js';
import { decodeGbcsMessage } from '../../protocols/gbcs/message.js';
import { decodePayload } from '../../protocols/gbcs/payload.js';
import { decryptData } from '../../protocols/gbcs/protection.js';

/**
 * "Registers set from the response": gives a device the attribute values, or the failure, that the official response to an
 * official command shows, so that the answer of the device can be compared byte for byte.
 */
export function setRegistersFrom(
  cosem: Overrides<DlmsData>,
  command: Uint8Array,
  response: Uint8Array,
  crypto: Crypto,
  z: Uint8Array,
): void {
  const asked = decodeGbcsMessage(command);
  const answered = decodeGbcsMessage(response);
  const { messageCode } = asked.header.otherInformation;
  const request = decodePayload(asked.content, messageCode, 'command') as AccessRequest;
  const reply = decodePayload(answered.content, messageCode, 'response') as AccessResponse;
  for (const [index, item] of request.items.entries()) {
    const { result, data } = reply.items[index] ?? { result: 0, data: { type: 'null-data' } };
    const letter = item.request === 'action' ? 'm' : 'a';
    const key = `${item.classId}/${item.instanceId}/${letter}${item.memberId}`;
    if (result !== 0) {
      cosem.fail(key, result);
      return;
    }
    if (item.request.startsWith('get')) cosem.pin(key, data as DlmsData);
    if (item.classId !== 30) continue;
    const { blob } = parseProtectedResponse(data as DlmsData);
    const protection = {
      device: eui64(answered.header.originator),
      dataRecipient: eui64(answered.header.recipient),
      counter: answered.header.originatorCounter,
    };
    const plain = decodeWith(dlmsData, decryptData(crypto, z, protection, blob) as Uint8Array);
    parseProtectedRequest(item.data).objects.forEach((object, i) => {
      const values = (plain as { value: readonly DlmsData[] }).value;
      cosem.pin(
        `${object.classId}/${object.instanceId}/a${object.attribute}`,
        values[i] as DlmsData,
      );
    });
  }
}

interface AttributeRecord {
  readonly attributeId: number;
  readonly status: number;
  readonly value?: GbzValue;
}

/** The same for plain GBZ responses to attribute reads. */
export function setGasRegistersFrom(zcl: Overrides<GbzValue>, response: Uint8Array): void {
  const { content, header } = decodeGbcsMessage(response);
  const payload = decodePayload(content, header.otherInformation.messageCode, 'response');
  if (payload.kind !== 'gbz') return;
  for (const { clusterId, fields } of payload.components) {
    const records = (fields?.attributes ?? []) as unknown as readonly AttributeRecord[];
    for (const { attributeId, status, value } of records) {
      const key = zclKey(clusterId, attributeId);
      if (status === 0) zcl.pin(key, value as GbzValue);
      else zcl.fail(key, status);
    }
  }
}

/** The device time that a GCS28 response states, in milliseconds since 1970. */
export function deviceTimeOf(response: Uint8Array): number {
  const { content } = decodeGbcsMessage(response);
  const payload = decodePayload(content, 0x007f, 'response') as {
    readonly value?: { readonly deviceTime?: string };
  };
  const [, year, month, day, hour, minute, second] = (
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(payload.value?.deviceTime ?? '') ?? []
  ).map(Number) as [number, number, number, number, number, number, number];
  return utcToMs({ year, month, day, hour, minute, second });
}
