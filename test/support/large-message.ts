import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { encodeGbz } from '../../protocols/gbcs/gbz.js';
import type { GbzPayload } from '../../protocols/gbcs/gbz-types.js';
import { encodePreCommand, withMac, withSignature } from '../../protocols/gbcs/message.js';

const messageCode = 0x0077;
const gasMeter = eui64('00db1234567890a1');

/**
 * A well-formed gas command of as many components as it takes to get large: none of the official use cases, yet whole
 * for every decoder. Its MAC is not a real one.
 */
export function largeMessage(
  components: number,
  originatorCounter: bigint,
  recipient = gasMeter,
): Uint8Array {
  const payload = {
    kind: 'gbz',
    profileId: 0x0109,
    components: Array.from({ length: components }, (_, snapshotOffset) => ({
      clusterId: 0x0702,
      cluster: '',
      frameControl: 1,
      sequenceNumber: snapshotOffset,
      commandId: 6,
      command: '',
      fields: { earliestStartTime: 1, latestEndTime: 2, snapshotOffset, snapshotCause: 1 },
    })),
  } as GbzPayload;
  return messageWith(encodeGbz(payload, messageCode, 'command'), originatorCounter, recipient);
}

/** A message whose content is so many octets that mean nothing: whole for everybody who does not look into it. */
export function messageOfOctets(length: number, originatorCounter: bigint): Uint8Array {
  const content = Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
  return messageWith(content, originatorCounter, gasMeter);
}

function messageWith(content: Uint8Array, originatorCounter: bigint, recipient: Eui64): Uint8Array {
  const header = {
    craFlag: 'command',
    originatorCounter,
    originator: eui64('90b3d51f30010000'),
    recipient,
    otherInformation: { messageCode },
  } as const;
  const preCommand = encodePreCommand(header, content);
  return withMac(withSignature(preCommand), new Uint8Array(12).fill(0xab));
}
