import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LargeMessages } from '../../../emulator/functions/large-messages.js';
import { toHex } from '../../../protocols/codec/hex.js';
import {
  decodeGbtBlock,
  encodeGbtBlock,
  gbtThreshold,
  isGbtBlock,
  splitMessage,
} from '../../../protocols/gbcs/gbt.js';
import { gbtLimits } from '../../../protocols/gbcs/gbt-joiner.js';
import { messageOfOctets } from '../../support/large-message.js';

/** Two ends and the way between them; what is under way waits until the test lets it go. */
function twoEnds() {
  let nowMs = 0;
  const underWay: { readonly to: 'sender' | 'receiver'; readonly bytes: Uint8Array }[] = [];
  const problems: string[] = [];
  const arrived: string[] = [];
  const end = (to: 'sender' | 'receiver') =>
    new LargeMessages({
      send: (bytes) => underWay.push({ to, bytes }),
      nowMs: () => nowMs,
      refuse: ({ messageCode }) => (messageCode === 0x0077 ? undefined : 'not for this test'),
      onProblem: (problem, detail) => problems.push(`${problem}: ${detail}`),
    });
  const sender = end('receiver');
  const receiver = end('sender');
  const take = (to: 'sender' | 'receiver', bytes: Uint8Array): void => {
    const message = (to === 'sender' ? sender : receiver).receive(bytes);
    if (message !== undefined) arrived.push(toHex(message));
  };
  return {
    sender,
    receiver,
    underWay,
    problems,
    arrived,
    take,
    /** Delivers all that is under way, and what comes of it; `copies` says how often each. */
    run: (copies: () => number = () => 1): void => {
      for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) {
        for (let n = copies(); n > 0; n--) take(next.to, next.bytes.slice());
      }
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const sizes = fc.integer({ min: 1, max: 60_000 });

describe('large messages', () => {
  it('leave as they are up to the threshold, in blocks above it', () => {
    const { sender, underWay } = twoEnds();
    const around = messageOfOctets(gbtThreshold, 1n).length - gbtThreshold;
    const longest = messageOfOctets(gbtThreshold - around, 1n);
    const shortest = messageOfOctets(gbtThreshold - around + 1, 1n);
    expect([longest.length, shortest.length]).toEqual([gbtThreshold, gbtThreshold + 1]);
    sender.send(longest);
    expect(underWay.splice(0).map(({ bytes }) => bytes)).toEqual([longest]);
    expect(sender.describe()).toEqual({});
    sender.send(shortest);
    expect(underWay.map(({ bytes }) => isGbtBlock(bytes))).toEqual([true, true]);
    expect(sender.totals).toMatchObject({ sent: 2 });
  });

  it('arrive whole whatever becomes of their order, some of it twice', () => {
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.nat({ max: 2 ** 31 })), (size, chance) => {
        const draw = (below: number): number => (chance.next().value as number) % below;
        const { sender, receiver, underWay, arrived, run, problems } = twoEnds();
        const message = messageOfOctets(size, 5n);
        sender.send(message);
        for (let at = underWay.length - 1; at > 0; at--) {
          const other = draw(at + 1);
          [underWay[at], underWay[other]] = [underWay[other] as never, underWay[at] as never];
        }
        run(() => 1 + draw(2));
        expect(new Set(arrived)).toEqual(new Set([toHex(message)]));
        expect(problems.filter((text) => text.includes('differs'))).toEqual([]);
        expect(receiver.totals.joined).toBe(message.length > gbtThreshold ? arrived.length : 0);
      }),
      { seed: 20261122, numRuns: 60 },
    );
  });

  it('come again from the first block that was lost', () => {
    const { sender, receiver, underWay, arrived, run, problems } = twoEnds();
    const message = messageOfOctets(10_000, 6n);
    sender.send(message);
    underWay.splice(3, 1);
    underWay.splice(5, 1);
    const count = splitMessage(message).length;
    run();
    expect(arrived).toEqual([toHex(message)]);
    expect(problems).toEqual([]);
    expect(receiver.totals).toMatchObject({ asked: 1, joined: 1, refused: 0 });
    expect(sender.totals).toMatchObject({ repeated: 1, sent: count + count - 3 });
  });

  it('come again three times, not for ever', () => {
    const { sender, receiver, underWay, arrived, take, problems } = twoEnds();
    const message = messageOfOctets(5_000, 7n);
    sender.send(message);
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) {
      const block = decodeGbtBlock(next.bytes);
      if (block.blockNumber !== 2 || block.data.length === 0) take(next.to, next.bytes);
    }
    expect(arrived).toEqual([]);
    expect(sender.totals).toMatchObject({ repeated: 3, refused: 1 });
    expect(receiver.totals).toMatchObject({ asked: 4, joined: 0 });
    expect(problems).toEqual(['blockRefused: repeated often enough']);
  });

  it('are told apart by their counters, however their blocks are mixed', () => {
    const { sender, underWay, arrived, run } = twoEnds();
    const [one, other] = [messageOfOctets(6_000, 8n), messageOfOctets(6_000, 9n)];
    sender.send(one);
    const ones = underWay.splice(0);
    sender.send(other);
    const others = underWay.splice(0);
    for (const [at, block] of ones.entries()) underWay.push(block, others[at] as typeof block);
    run();
    expect(arrived).toEqual([toHex(one), toHex(other)]);
  });

  it('that stay incomplete are given up after their time, and counted', () => {
    const { sender, receiver, underWay, problems, run, pass } = twoEnds();
    sender.send(messageOfOctets(5_000, 10n));
    underWay.pop();
    run();
    expect(receiver.bytesHeld).toBeGreaterThan(3_000);
    pass(gbtLimits.ageMaxMs);
    expect(receiver.totals).toMatchObject({ expired: 0 });
    pass(1);
    expect(receiver.totals).toMatchObject({ expired: 1 });
    expect(receiver.bytesHeld).toBe(0);
    expect(problems).toEqual(['messageIncomplete: 1 given up, blocks of it never came']);
    // Nobody can ask for it any more either.
    const [first] = splitMessage(messageOfOctets(5_000, 10n)).map(decodeGbtBlock);
    if (first === undefined) throw new Error('no block');
    const { originator: recipient, recipient: originator } = first;
    const ask = { ...first, originator, recipient, data: new Uint8Array() };
    sender.receive(encodeGbtBlock(ask));
    expect(sender.totals).toMatchObject({ repeated: 0, refused: 1 });
  });

  it('a bomb of blocks costs a bounded memory, and each block counts', () => {
    const { receiver, take, problems } = twoEnds();
    const [first] = splitMessage(messageOfOctets(5_000, 0n)).map(decodeGbtBlock);
    if (first === undefined) throw new Error('no block');
    const data = new Uint8Array(1_200);
    for (let n = 0; n < 20_000; n++) {
      const originatorCounter = BigInt(n % 100);
      const blockNumber = 1 + (n % 300);
      take('receiver', encodeGbtBlock({ ...first, originatorCounter, blockNumber, data }));
      expect(receiver.bytesHeld).toBeLessThanOrEqual(4 * gbtLimits.bytesMax);
    }
    const { received, refused, joined } = receiver.totals;
    expect({ received, joined }).toEqual({ received: 20_000, joined: 0 });
    expect(refused).toBe(problems.length);
    expect(refused).toBeGreaterThan(18_000);
  });

  it('cut short, damaged or not for here are refused, and nothing is thrown', () => {
    const { receiver, take, problems, arrived } = twoEnds();
    const [block] = splitMessage(messageOfOctets(3_000, 11n)) as [Uint8Array];
    for (let length = 2; length < 120; length++) take('receiver', block.subarray(0, length));
    for (let bit = 16; bit < 60 * 8; bit++) {
      const damaged = block.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      take('receiver', damaged);
    }
    const { refused, received } = receiver.totals;
    expect(received).toBe(118 + 464);
    expect(refused).toBe(problems.length);
    expect(refused).toBeGreaterThan(118);
    expect(problems).toContain('blockRefused: not for this test');
    expect(arrived).toEqual([]);
  });
});
