import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import {
  acknowledgementOf,
  decodeGbtBlock,
  encodeGbtBlock,
  type GbtBlock,
  gbtThreshold,
  isGbtBlock,
  splitMessage,
} from '../../../protocols/gbcs/gbt.js';
import { GbtJoiner } from '../../../protocols/gbcs/gbt-joiner.js';
import { decodeGbcsMessage, peekRecipient } from '../../../protocols/gbcs/message.js';
import { largeMessage } from '../../support/large-message.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';

const message = largeMessage(200, 0x123456789an);
const blocks = splitMessage(message);
const decoded = blocks.map(decodeGbtBlock);

/** Written out by hand after gbcs-message.md 7. */
const byHand =
  'dd0901000000123456789a0890b3d51f300100000800db1234567890a100020077000f0100000000e0c10003000203abcdef';
const byHandBlock: GbtBlock = {
  craFlag: 'command',
  originatorCounter: 0x123456789an,
  originator: eui64('90b3d51f30010000'),
  recipient: eui64('00db1234567890a1'),
  messageCode: 0x0077,
  securityControl: 1,
  last: true,
  streaming: true,
  window: 1,
  blockNumber: 3,
  blockNumberAcknowledged: 2,
  data: fromHex('abcdef'),
};

function acceptAll(joiner: GbtJoiner, some: readonly GbtBlock[], nowMs = 0) {
  let progress = joiner.accept(some[0] as GbtBlock, nowMs);
  for (const block of some.slice(1)) progress = joiner.accept(block, nowMs);
  return progress;
}

describe('general block transfer blocks', () => {
  it('have the layout of gbcs-message.md 7', () => {
    expect(decodeGbtBlock(fromHex(byHand))).toEqual(byHandBlock);
    expect(toHex(encodeGbtBlock(byHandBlock))).toBe(byHand);
    expect(isGbtBlock(fromHex(byHand))).toBe(true);
    expect(isGbtBlock(message)).toBe(false);
    expect(isGbtBlock(Uint8Array.of(0xdd))).toBe(false);
  });

  it('cut a message into numbered parts of 1,200 bytes', () => {
    expect(message.length).toBeGreaterThan(3 * gbtThreshold);
    expect(decoded.map(({ data }) => data.length)).toEqual([
      1200,
      1200,
      1200,
      message.length - 3600,
    ]);
    expect(decoded.map(({ blockNumber }) => blockNumber)).toEqual([1, 2, 3, 4]);
    expect(decoded.map(({ last }) => last)).toEqual([false, false, false, true]);
    const { header } = decodeGbcsMessage(message);
    for (const block of decoded) {
      expect(block).toMatchObject({
        craFlag: header.craFlag,
        originator: header.originator,
        recipient: header.recipient,
        originatorCounter: header.originatorCounter,
        messageCode: header.otherInformation.messageCode,
      });
    }
    expect(() => splitMessage(message, { blockDataMax: 10 })).toThrow(CodecError);
    expect(() => splitMessage(message, { blockDataMax: 0 })).toThrow(CodecError);
    expect(() => splitMessage(message.subarray(1))).toThrow(CodecError);
  });

  it('cut short, lengthened or damaged end in CodecError or encode to what was read', () => {
    const bytes = fromHex(byHand);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeGbtBlock(bytes.subarray(0, length)), `${length}`).toThrow(CodecError);
    }
    expect(() => decodeGbtBlock(fromHex(`${byHand}00`))).toThrow(CodecError);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      let block: GbtBlock;
      try {
        block = decodeGbtBlock(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError);
        continue;
      }
      expect(toHex(encodeGbtBlock(block))).toBe(toHex(damaged));
    }
  });

  it('show a hub their recipient as whole messages do', () => {
    expect(toHex(peekRecipient(fromHex(byHand)) as Uint8Array)).toBe('00db1234567890a1');
    for (const block of blocks) expect(peekRecipient(block)).toEqual(peekRecipient(message));
    expect(peekRecipient(fromHex(byHand).subarray(0, 28))).toBeUndefined();
    expect(peekRecipient(fromHex(byHand.replace('dd0901', 'dd0801')))).toBeUndefined();
  });

  it('are asked for again by one without data, titles swapped', () => {
    const acknowledgement = acknowledgementOf(byHandBlock, 2);
    // By hand after gbcs-message.md 7: block number 1, 2 acknowledged, no data.
    const octets =
      'dd0901000000123456789a0800db1234567890a10890b3d51f300100000002007700' +
      '0c0100000000e0010001000200';
    expect(toHex(encodeGbtBlock(acknowledgement))).toBe(octets);
    expect(decodeGbtBlock(fromHex(octets))).toEqual(acknowledgement);
  });

  it('refuse values that do not fit', () => {
    const wrong: object[] = [
      { window: 64 },
      { window: -1 },
      { blockNumber: 0 },
      { blockNumber: 65536 },
      { craFlag: 'request' },
      { messageCode: 65536 },
      { originator: 'x' },
      { originatorCounter: 1n << 64n },
    ];
    for (const part of wrong) {
      expect(() => encodeGbtBlock({ ...byHandBlock, ...part } as GbtBlock)).toThrow(CodecError);
    }
  });
});

describe('joining blocks', () => {
  it.skipIf(!rtdsAvailable)('gives back every long official message', () => {
    const long = loadRtdsIndex().filter(({ bytes }) => bytes > gbtThreshold);
    expect(long.length).toBeGreaterThan(20);
    for (const entry of long) {
      const official = readRtdsMessage(entry);
      const progress = acceptAll(new GbtJoiner(), splitMessage(official).map(decodeGbtBlock));
      expect(progress.state === 'complete' && toHex(progress.message), entry.file).toBe(
        toHex(official),
      );
    }
  });

  it('does so in any order, with blocks repeated', () => {
    const parts = splitMessage(message, { blockDataMax: 300 }).map(decodeGbtBlock);
    const order = fc
      .shuffledSubarray(parts, { minLength: parts.length })
      .chain((all) => fc.tuple(fc.constant(all), fc.subarray(all.slice(0, -1))));
    fc.assert(
      fc.property(order, ([all, again]) => {
        const joiner = new GbtJoiner();
        const early = acceptAll(joiner, [...all.slice(0, -1), ...again]);
        expect(early.state).toBe('waiting');
        const progress = joiner.accept(all.at(-1) as GbtBlock, 0);
        expect(progress.state === 'complete' && toHex(progress.message)).toBe(toHex(message));
        expect(joiner.size).toBe(0);
      }),
      { seed: 20261122, numRuns: 100 },
    );
  });

  it('names what is missing', () => {
    const [first, second, third, last] = decoded as [GbtBlock, GbtBlock, GbtBlock, GbtBlock];
    const joiner = new GbtJoiner();
    expect(joiner.accept(third, 0)).toEqual({ state: 'waiting', missing: [1, 2] });
    expect(joiner.accept(first, 0)).toEqual({ state: 'waiting', missing: [2] });
    expect(joiner.accept(last, 0)).toEqual({ state: 'waiting', missing: [2] });
    expect(joiner.accept(second, 0).state).toBe('complete');
    const acknowledgement = { ...second, data: new Uint8Array(), blockNumberAcknowledged: 7 };
    expect(joiner.accept(acknowledgement, 0)).toEqual({
      state: 'acknowledgement',
      blockNumberAcknowledged: 7,
    });
    expect(joiner.size).toBe(0);
  });

  it('knows late blocks of a message that is complete, and lets it begin anew', () => {
    const joiner = new GbtJoiner();
    expect(acceptAll(joiner, decoded).state).toBe('complete');
    expect(joiner.bytesHeld).toBe(0);
    for (const late of decoded.slice(1)) expect(joiner.accept(late, 1)).toEqual({ state: 'late' });
    expect(joiner.size).toBe(0);
    expect(acceptAll(joiner, decoded, 2).state).toBe('complete');
    const [first, second] = decoded as [GbtBlock, GbtBlock];
    // Only the last few messages are remembered.
    for (let counter = 0n; counter < 16n; counter++) {
      const other = splitMessage(largeMessage(60, counter)).map(decodeGbtBlock);
      expect(acceptAll(joiner, other, 3).state).toBe('complete');
    }
    expect(joiner.accept(second, 4)).toEqual({ state: 'waiting', missing: [1] });
    expect(joiner.accept(first, 4).state).toBe('waiting');
    expect(joiner.bytesHeld).toBe(2400);
  });

  it('keeps no view of what it was given', () => {
    const bytes = blocks.map((block) => block.slice());
    const joiner = new GbtJoiner();
    let progress: ReturnType<GbtJoiner['accept']> | undefined;
    for (const block of bytes) {
      progress = joiner.accept(decodeGbtBlock(block), 0);
      block.fill(0);
    }
    expect(progress?.state === 'complete' && toHex(progress.message)).toBe(toHex(message));
  });

  it('gives a message up that contradicts itself', () => {
    const [first, second, , last] = decoded as [GbtBlock, GbtBlock, GbtBlock, GbtBlock];
    const differing = { ...first, data: new Uint8Array(1200) };
    const contradictions: readonly (readonly GbtBlock[])[] = [
      [first, differing],
      [first, { ...first, last: true }],
      [last, { ...last, blockNumber: 5 }],
      [last, { ...second, last: true }],
      [{ ...first, blockNumber: 256 }],
      decoded.map((block) => ({ ...block, originatorCounter: 1n })),
      decoded.map((block) => ({ ...block, messageCode: 0x0096 })),
      decoded.map((block) => (block === first ? differing : block)),
    ];
    for (const some of contradictions) {
      const joiner = new GbtJoiner();
      expect(acceptAll(joiner, some)).toMatchObject({ state: 'refused' });
      expect(joiner.size).toBe(0);
    }
  });

  it('holds no more blocks, bytes and messages than it may, nor longer', () => {
    const first = decoded[0] as GbtBlock;
    const joiner = new GbtJoiner({ transfersMax: 2, bytesMax: 2000, blocksMax: 3, ageMaxMs: 1000 });
    const other = (originatorCounter: bigint) => ({ ...first, originatorCounter });
    expect(joiner.nextDeadlineMs()).toBeUndefined();
    expect(joiner.accept(other(1n), 100).state).toBe('waiting');
    expect(joiner.accept(other(2n), 200).state).toBe('waiting');
    expect(joiner.accept(other(3n), 300)).toMatchObject({ state: 'refused' });
    expect(joiner.size).toBe(2);
    expect(joiner.nextDeadlineMs()).toBe(1101);
    expect(joiner.expire(1100)).toBe(0);
    expect(joiner.expire(1101)).toBe(1);
    expect(joiner.accept(other(3n), 1101).state).toBe('waiting');
    expect(joiner.accept({ ...other(3n), blockNumber: 2 }, 1101)).toMatchObject({
      state: 'refused',
      reason: 'more than 2000 bytes',
    });
    expect(joiner.accept({ ...other(3n), blockNumber: 4 }, 1101).state).toBe('refused');
    expect(joiner.size).toBe(1);
  });
});
