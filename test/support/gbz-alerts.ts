import type { DecodedMessage } from '../../protocols/gbcs/decoded-message.js';
import type { GbzAlert } from '../../protocols/gbcs/gbz-types.js';

/** 2026-11-22T00:00:00Z in seconds since 2000. */
const timestamp = 848_620_800;
const signature = 'a5'.repeat(64);
const mac = '5a'.repeat(12);

function alert(
  messageCode: string,
  payload: Pick<GbzAlert, 'alertCode' | 'detail' | 'components'>,
  isCritical: boolean,
): DecodedMessage {
  return {
    messageCode,
    craFlag: 'alert',
    originator: '00db1000000001a1',
    recipient: '90b3d51f30010000',
    originatorCounter: '3000',
    payload: { kind: 'gbz-alert', profileId: 0x0109, alert: '', timestamp, ...payload },
    ...(isCritical ? { signature } : { signature: null, mac }),
  };
}

/**
 * An alert of every form that a gas meter sends (gbz.md 2), with octets in place of a signature, a MAC and what is
 * encrypted: for readers without keys.
 */
export function gbzAlerts(): DecodedMessage[] {
  const quoted = { messageCode: 0x006b, originatorCounter: '1005', clusterId: 0x0700 };
  const billing = {
    clusterId: 0x0702,
    cluster: '',
    frameControl: 0x19,
    sequenceNumber: 0,
    commandId: 0x06,
    command: '',
    encrypted: {
      additionalHeaderControl: 0,
      additionalHeaderFrameCounter: 0,
      securityHeader: '3100000000',
      ciphertext: 'c3'.repeat(85),
      tag: '3c'.repeat(12),
    },
  };
  return [
    alert('0x1000', { alertCode: 0x8f30 }, true),
    alert('0x1001', { alertCode: 0x810e }, false),
    alert('0x00f2', { alertCode: 0x81a0, detail: { reason: 6 } }, false),
    alert('0x00cf', { alertCode: 0x8f72, detail: { imageHash: '1f'.repeat(32) } }, true),
    alert(
      '0x00cd',
      { alertCode: 0x8f66, detail: { ...quoted, frameControl: 0x09, commandId: 0x04 } },
      true,
    ),
    alert('0x008b', { alertCode: 0x8f0a, components: [billing] }, true),
  ];
}
