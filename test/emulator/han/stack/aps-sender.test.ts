import { describe, expect, it } from 'vitest';
import type { ApsRequest } from '../../../../emulator/han/stack/aps-layer.js';
import {
  ApsSender,
  type ApsTransmission,
  blockOctetsMax,
} from '../../../../emulator/han/stack/aps-sender.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import type { ApsAcknowledgmentHeader, ApsFragment } from '../../../../protocols/zigbee/aps.js';

const partner = eui64('02fe110000000003');
const other = eui64('02fe110000000004');

const request = (destination: number, secured = false): ApsRequest => ({
  destination,
  destinationEui: partner,
  addressing: { destinationEndpoint: 1, clusterId: 0x0704, profileId: 0x0109, sourceEndpoint: 3 },
  secured,
  acknowledged: true,
  sleepy: false,
});

const acknowledgment = (
  counter: number,
  fragment?: ApsFragment & { readonly bitmap: number },
): ApsAcknowledgmentHeader => ({
  type: 'acknowledgment',
  delivery: 'unicast',
  addressing: undefined,
  counter,
  fragment,
  auxiliaryHeader: undefined,
});

function senderWith(onTransmit: (sent: ApsTransmission) => void = () => undefined) {
  const sent: ApsTransmission[] = [];
  const ends: string[] = [];
  const sender = new ApsSender((transmission) => {
    sent.push(transmission);
    onTransmit(transmission);
  });
  const add = (destination: number, counter: number, octets = 10) =>
    sender.add(request(destination), new Uint8Array(octets), counter, 0, (status) =>
      ends.push(`${counter} ${status}`),
    );
  return { sender, sent, ends, add };
}

describe('ApsSender', () => {
  it('sends one after the other to a destination, and to several at once', () => {
    const { sender, sent, ends, add } = senderWith();
    for (const counter of [1, 2, 3]) add(0x1111, counter);
    add(0x2222, 4);
    expect(sent.map(({ counter }) => counter)).toEqual([1, 4]);
    expect(sender.acknowledged(0x1111, undefined, acknowledgment(1), 5)).toBe(true);
    expect(sender.acknowledged(0x2222, undefined, acknowledgment(4), 5)).toBe(true);
    expect(sent.map(({ counter }) => counter)).toEqual([1, 4, 2]);
    expect(ends).toEqual(['1 success', '4 success']);
    expect(sender.waiting).toBe(2);
  });

  it('takes no acknowledgment of anything else for its own', () => {
    const { sender, add } = senderWith();
    add(0x1111, 1);
    add(0x2222, 2, 200);
    const first = { first: true, blockNumber: 0, bitmap: 1 };
    expect(sender.acknowledged(0x1111, undefined, acknowledgment(2), 0)).toBe(false);
    expect(sender.acknowledged(0x3333, undefined, acknowledgment(1), 0)).toBe(false);
    expect(sender.acknowledged(0x1111, undefined, acknowledgment(1, first), 0)).toBe(false);
    expect(sender.acknowledged(0x2222, undefined, acknowledgment(2), 0)).toBe(false);
    const late = { first: false, blockNumber: 1, bitmap: 1 };
    expect(sender.acknowledged(0x2222, undefined, acknowledgment(2, late), 0)).toBe(false);
    const missing = { ...first, bitmap: 0 };
    expect(sender.acknowledged(0x2222, undefined, acknowledgment(2, missing), 0)).toBe(false);
    expect(sender.acknowledged(0x2222, undefined, acknowledgment(2, first), 0)).toBe(true);
    // The same one again is about a block that is through.
    expect(sender.acknowledged(0x2222, undefined, acknowledgment(2, first), 0)).toBe(false);
  });

  it('wants the acknowledgment of link-secured data under the same link key', () => {
    const { sender } = senderWith();
    sender.add(request(0x1111, true), new Uint8Array(5), 1, 0);
    expect(sender.acknowledged(0x1111, undefined, acknowledgment(1), 0)).toBe(false);
    expect(sender.acknowledged(0x1111, other, acknowledgment(1), 0)).toBe(false);
    expect(sender.acknowledged(0x1111, partner, acknowledgment(1), 0)).toBe(true);
  });

  it('repeats three times, then tells and goes on to the next', () => {
    const { sender, sent, ends, add } = senderWith();
    add(0x1111, 1);
    add(0x1111, 2);
    for (let n = 0; n < 4; n++) sender.expire(sender.nextDeadlineMs() ?? 0);
    expect(sent.map(({ counter }) => counter)).toEqual([1, 1, 1, 1, 2]);
    expect(ends).toEqual(['1 no-ack']);
    sender.expire(0);
    expect(sent).toHaveLength(5);
  });

  it('ends each of them once when one repetition brings back everything', () => {
    let answering = false;
    const { sender, sent, ends, add } = senderWith(() => {
      if (!answering) return;
      answering = false;
      // Within the repetition of the first, all destinations answer at last.
      for (const counter of [1, 2, 3]) {
        sender.acknowledged(0x1111 * counter, undefined, acknowledgment(counter), 2_000);
      }
    });
    for (const counter of [1, 2, 3]) add(0x1111 * counter, counter);
    add(0x2222, 12);
    answering = true;
    sender.expire(2_000);
    expect(sent.map(({ counter }) => counter)).toEqual([1, 2, 3, 1, 12]);
    expect(ends).toEqual(['1 success', '2 success', '3 success']);
    expect(sender.waiting).toBe(1);
  });

  it('does not send what was given up while the end of another was told', () => {
    const sent: number[] = [];
    const sender: ApsSender = new ApsSender(({ counter }) => sent.push(counter));
    const ends: string[] = [];
    sender.add(request(0x1111), new Uint8Array(5), 1, 0, () => sender.purge(0x1111, 0));
    sender.add(request(0x1111), new Uint8Array(5), 2, 0, (status) => ends.push(status));
    sender.acknowledged(0x1111, undefined, acknowledgment(1), 0);
    expect([sent, ends, sender.waiting]).toEqual([[1], ['gone'], 0]);
    expect(sender.nextDeadlineMs()).toBeUndefined();
  });

  it('does not repeat what was given up during the repetition of another', () => {
    const sent: number[] = [];
    const sender: ApsSender = new ApsSender(({ counter }) => {
      if (sent.push(counter) === 3) sender.purge(0x2222, 2_000);
    });
    sender.add(request(0x1111), new Uint8Array(5), 1, 0);
    sender.add(request(0x2222), new Uint8Array(5), 2, 0);
    sender.expire(2_000);
    expect(sent).toEqual([1, 2, 1]);
  });

  it('sends what is added while an end is told, in its turn', () => {
    const sent: number[] = [];
    const sender: ApsSender = new ApsSender(({ counter }) => sent.push(counter));
    const again = () => sender.add(request(0x1111), new Uint8Array(5), 9, 0);
    sender.add(request(0x1111), new Uint8Array(5), 1, 0, again);
    sender.acknowledged(0x1111, undefined, acknowledgment(1), 0);
    expect(sent).toEqual([1, 9]);
    sender.add(request(0x1111), new Uint8Array(5), 2, 0);
    expect(sent).toEqual([1, 9]);
  });

  it('bounds queues and destinations, and keeps none that is empty', () => {
    const { sender, add } = senderWith();
    for (let n = 0; n < 96; n++) expect(add(0x1111, n)).toBe('sent');
    expect(add(0x1111, 99)).toBe('queue-full');
    for (let n = 1; n < 32; n++) expect(add(n, n)).toBe('sent');
    expect(add(0x2222, 99)).toBe('queue-full');
    expect(sender.acknowledged(1, undefined, acknowledgment(1), 0)).toBe(true);
    expect(add(0x2222, 99)).toBe('sent');
  });

  it('goes on past 255', () => {
    const { sender, sent, add } = senderWith();
    for (let n = 0; n < 600; n++) {
      add(0x1111, n & 0xff);
      expect(sender.acknowledged(0x1111, undefined, acknowledgment(n & 0xff), n)).toBe(true);
    }
    expect(sent).toHaveLength(600);
    expect(sender.waiting).toBe(0);
  });

  it('leaves room for the security that a frame needs', () => {
    expect(blockOctetsMax({ secured: false })).toBe(80);
    expect(blockOctetsMax({ secured: true })).toBe(71);
    expect(blockOctetsMax({ secured: true, via: 0 })).toBe(63);
  });
});
