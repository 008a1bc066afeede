import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../../../emulator/han/stack/address-map.js';
import { Directory } from '../../../../emulator/han/stack/directory.js';
import { DuplicateWindow } from '../../../../emulator/han/stack/duplicates.js';
import { ParkedFrames } from '../../../../emulator/han/stack/parked-frames.js';
import { type Eui64, eui64 } from '../../../../protocols/codec/eui64.js';

const euiOf = (n: number): Eui64 => eui64(n.toString(16).padStart(16, '0'));

describe('AddressMap', () => {
  it('knows one address of a radio and one radio at an address', () => {
    const map = new AddressMap();
    map.add(euiOf(1), 10);
    map.add(euiOf(2), 20);
    map.add(euiOf(1), 20);
    expect([map.shortOf(euiOf(1)), map.shortOf(euiOf(2)), map.euiOf(10)]).toEqual([
      20,
      undefined,
      undefined,
    ]);
    expect(map.size).toBe(1);
    map.remove(euiOf(1));
    expect([...map.entries()]).toEqual([]);
  });

  it('forgets those who only said who they are before those it was given', () => {
    const map = new AddressMap();
    for (let n = 1; n <= 10; n++) map.add(euiOf(n), n);
    for (let n = 100; n < 1_000; n++) map.add(euiOf(n), n, true);
    expect(map.size).toBe(64);
    for (let n = 1; n <= 10; n++) expect(map.shortOf(euiOf(n))).toBe(n);
    expect(map.shortOf(euiOf(999))).toBe(999);
    expect(map.shortOf(euiOf(100))).toBeUndefined();
  });

  it('does not take who was given for hearsay because it told its new address', () => {
    const map = new AddressMap();
    map.add(euiOf(1), 1);
    map.add(euiOf(1), 2, true);
    for (let n = 100; n < 300; n++) map.add(euiOf(n), n, true);
    expect(map.shortOf(euiOf(1))).toBe(2);
  });

  it('forgets the one known longest where all were given', () => {
    const map = new AddressMap();
    for (let n = 0; n < 70; n++) map.add(euiOf(n), n);
    expect(map.size).toBe(64);
    expect(map.shortOf(euiOf(5))).toBeUndefined();
    expect(map.shortOf(euiOf(6))).toBe(6);
  });
});

describe('DuplicateWindow', () => {
  const [one, other] = [Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 4)];

  it('knows what it has seen, from the same source, under the same counter', () => {
    const window = new DuplicateWindow();
    window.add(0x1111, 255, one, 0);
    expect(window.has(0x1111, 255, one, 39_999)).toBe(true);
    expect(window.has(0x1111, 255, one, 40_000)).toBe(false);
    expect(window.has(0x1111, 0, one, 0)).toBe(false);
    expect(window.has(0x1112, 255, one, 0)).toBe(false);
    expect(window.has(euiOf(0x1111), 255, one, 0)).toBe(false);
    // The sender has come round to the counter.
    expect(window.has(0x1111, 255, other, 0)).toBe(false);
  });

  it('remembers the last sixteen', () => {
    const window = new DuplicateWindow();
    for (let n = 0; n < 1_000; n++) {
      expect(window.has(0x1111, n & 0xff, one, n)).toBe(false);
      window.add(0x1111, n & 0xff, one, n);
      window.add(0x1111, n & 0xff, one, n);
    }
    const known = Array.from({ length: 256 }, (_, n) => n).filter((n) =>
      window.has(0x1111, n, one, 1_000),
    );
    expect(known).toEqual(Array.from({ length: 16 }, (_, n) => (984 + n) & 0xff));
  });
});

describe('ParkedFrames', () => {
  it('lets frames go in their order once the address is known', () => {
    const parked = new ParkedFrames();
    const sent: number[] = [];
    const asdu = Uint8Array.of(1);
    const send = (kept: Uint8Array) => sent.push(kept[0] as number);
    for (const n of [1, 2, 3]) {
      asdu[0] = n;
      parked.add(euiOf(n === 2 ? 2 : 1), asdu, 0, send, () => undefined);
    }
    parked.release(euiOf(1));
    expect(sent).toEqual([1, 3]);
    expect(parked.nextDeadlineMs()).toBe(5_000);
    parked.release(euiOf(2));
    expect(parked.nextDeadlineMs()).toBeUndefined();
  });

  it('tells what it gave up, and takes no more than sixteen', () => {
    const parked = new ParkedFrames();
    const told: string[] = [];
    const add = (nowMs: number) =>
      parked.add(
        euiOf(1),
        Uint8Array.of(1),
        nowMs,
        () => undefined,
        (reason) => told.push(reason),
      );
    for (let n = 0; n < 16; n++) expect(add(n)).toBe(true);
    expect(add(16)).toBe(false);
    parked.expire(5_007);
    expect(told).toEqual(new Array(8).fill('address-unknown'));
    expect(parked.nextDeadlineMs()).toBe(5_008);
    expect(add(5_007)).toBe(true);
  });
});

describe('Directory', () => {
  const listing = (n: number, radio: number, endpoint: number) =>
    ({
      entity: euiOf(n),
      type: 'chf',
      radio: euiOf(radio),
      endpoints: [endpoint],
      sleepy: false,
      band: '2g4',
    }) as const;

  it('tells entities of one radio apart by their endpoints', () => {
    const directory = new Directory([listing(1, 1, 1), listing(2, 1, 3), listing(3, 3, 1)]);
    expect(directory.at(euiOf(1), 3)?.entity).toBe(euiOf(2));
    expect(directory.at(euiOf(1), 2)).toBeUndefined();
    expect(directory.at(euiOf(2), 3)).toBeUndefined();
    expect(directory.ofRadio(euiOf(3))?.entity).toBe(euiOf(3));
    directory.remove(euiOf(3));
    expect(directory.find(euiOf(3))).toBeUndefined();
    expect([...directory.listings()]).toHaveLength(2);
  });
});
