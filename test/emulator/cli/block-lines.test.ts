import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { TrafficDecoder } from '../../../emulator/cli/traffic.js';
import { trafficJson, trafficLine } from '../../../emulator/cli/traffic-lines.js';
import { encodeEnvelope } from '../../../protocols/bus/envelope.js';
import { wanTopic } from '../../../protocols/bus/topics.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import {
  acknowledgementOf,
  decodeGbtBlock,
  encodeGbtBlock,
  splitMessage,
} from '../../../protocols/gbcs/gbt.js';
import { largeMessage } from '../../support/large-message.js';

const topic = wanTopic('default', eui64('00db1000000001a2'), 'down');
const blocks = splitMessage(largeMessage(200, 77n));

function heard(body: Uint8Array): Uint8Array {
  const timeMs = Date.UTC(2026, 10, 22, 1, 29, 6, 123);
  return encodeEnvelope({ kind: 'gbcs', timeMs, sequence: 0, sender: undefined, body });
}

describe('blocks of large messages on the WAN', () => {
  const lines = (bodies: readonly Uint8Array[]): string[] => {
    const decoder = new TrafficDecoder();
    const colours = picocolors.createColors(false);
    return bodies.map((body) => trafficLine(decoder.decode(topic, heard(body), false), colours));
  };

  it('show as what they are, and the last with the message', () => {
    const start = '01:29:06.123 ↓ -             00db1234567890a1 GCS16a   command  counter 77';
    expect(lines(blocks)).toEqual([
      `${start} block 1, 1200 octets`,
      `${start} block 2, 1200 octets`,
      `${start} block 3, 1200 octets`,
      `${start} last block 4, 667 octets MAC        Metering GetSnapshot +199`,
    ]);
    const ask = acknowledgementOf(decodeGbtBlock(blocks[3] as Uint8Array), 2);
    expect(lines([encodeGbtBlock(ask)])[0]).toMatch(/counter 77 asks for blocks from 3$/);
  });

  it('are JSON to the last octet', () => {
    const decoder = new TrafficDecoder();
    const objects = blocks.map((body) =>
      JSON.parse(JSON.stringify(trafficJson(decoder.decode(topic, heard(body), false)))),
    );
    expect(objects[1]).toMatchObject({
      plane: 'wan',
      device: '00db1234567890a1',
      block: { craFlag: 'command', originatorCounter: '77', blockNumber: 2, last: false },
    });
    expect(objects[1].message).toBeUndefined();
    expect(objects[1].block.data).toHaveLength(2_400);
    expect(objects[3].message).toMatchObject({ originatorCounter: '77' });
  });

  it('that are none are told as such', () => {
    const [block] = blocks as [Uint8Array];
    expect(lines([block.subarray(0, 40)])[0]).toContain('routingHeader');
  });
});
