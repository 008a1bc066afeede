import { describe, expect, it } from 'vitest';
import { toHex } from '../../protocols/codec/hex.js';
import { splitMessage } from '../../protocols/gbcs/gbt.js';
import { decodeGbcsMessage } from '../../protocols/gbcs/message.js';
import { exportedPdu, linkTypeExportedPdu } from '../support/exported-pdu.js';
import { largeMessage } from '../support/large-message.js';
import { pcapOf } from '../support/pcap.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../support/rtds.js';
import { dissect, tsharkAvailable } from '../support/tshark.js';

/** Wireshark tells messages under transfer apart by 8 bits of counter: one capture holds each once. */
const message = largeMessage(200, 0x99n);
const blocks = splitMessage(message);

function capture(frames: readonly Uint8Array[]): Uint8Array {
  return pcapOf(
    frames.map((frame) => exportedPdu('gbcs_message', frame)),
    linkTypeExportedPdu,
  );
}

/** Frames with anything malformed or any remark of an expert. */
function complaints(pcap: Uint8Array): number {
  return dissect(pcap, ['frame.number'], '_ws.malformed || _ws.expert').length;
}

const name = tsharkAvailable
  ? 'tshark reads blocks of general block transfer'
  : 'tshark reads blocks of general block transfer (skipped: tshark is not installed)';

describe.skipIf(!tsharkAvailable)(name, () => {
  it('field by field', () => {
    const routing = 'gbcs_message.routing_header';
    const gbt = 'gbcs_message.gbt_header';
    const pcap = capture(blocks);
    const rows = dissect(pcap, [
      `${routing}.cra_flag`,
      `${routing}.originator_counter`,
      `${routing}.business_originator_id`,
      `${routing}.business_target_id`,
      `${routing}.message_code`,
      `${routing}.security_control_byte`,
      `${routing}.invocation_counter`,
      `${gbt}.block_number`,
      `${gbt}.block_control.last_block`,
      `${gbt}.block_control.streaming`,
      `${gbt}.block_control.window`,
    ]);
    const header = ['0x01', '153', '90:b3:d5:1f:30:01:00:00', '00:db:12:34:56:78:90:a1', '0x0077'];
    const security = ['0x01', '0x00000000'];
    const numbers = [1, 2, 3, 4].map((number) => [String(number), number === 4 ? '1' : '0']);
    expect(rows).toEqual(numbers.map((number) => [...header, ...security, ...number, '1', '1']));
    expect(complaints(pcap)).toBe(0);
  });

  it.each([
    ['in order', [0, 1, 2, 3]],
    ['last first', [3, 1, 0, 2]],
  ])('and joins them to our message, %s', (_, order) => {
    const pcap = capture(order.map((at) => blocks[at] as Uint8Array));
    const rows = dissect(
      pcap,
      [
        'frame.number',
        'gbcs_message.gbt.block.count',
        'gbcs_message.gbt.reassembled.length',
        'gbcs_message.grouping_header.message_code',
        'gbcs_gbz.components',
        'gbcs_message.mac',
      ],
      'gbcs_message.gbt.reassembled.length',
    );
    const { mac } = decodeGbcsMessage(message);
    const length = String(message.length);
    expect(rows).toEqual([['4', '4', length, '0x0077', '200', toHex(mac as Uint8Array)]]);
    expect(complaints(pcap)).toBe(0);
  });

  it.skipIf(!rtdsAvailable)('of the long official messages', () => {
    const seen = new Set<string>();
    const long = loadRtdsIndex().filter(({ bytes, role, originator, counter }) => {
      const id = `${originator.slice(8)} ${counter & 0xff}`;
      if (bytes <= 1200 || role === 'pre-command' || seen.has(id)) return false;
      seen.add(id);
      return true;
    });
    const official = long.map(readRtdsMessage);
    const rows = dissect(
      capture(official.flatMap((one) => splitMessage(one))),
      ['gbcs_message.gbt.reassembled.length', 'gbcs_message.grouping_header.message_code'],
      'gbcs_message.gbt.reassembled.length',
    );
    expect(rows).toEqual(
      official.map((one, at) => [String(one.length), `0x${long[at]?.messageCode.slice(-4)}`]),
    );
    expect(rows.length).toBeGreaterThan(8);
  });
});
