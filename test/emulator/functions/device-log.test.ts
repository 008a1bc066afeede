import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  DeviceLog,
  type DeviceLogChange,
  type DeviceLogParts,
} from '../../../emulator/functions/device-log.js';
import { deviceLogKey, deviceLogRecord } from '../../../emulator/functions/device-log-record.js';
import { InvariantError } from '../../../emulator/ports/errors.js';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';
import { decodeWith } from '../../../protocols/codec/codec.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';

const hub = eui64('00db1000000001a2');
const esme = eui64('00db1000000001a0');
const gsme = eui64('00db1000000001a1');
const gpf = eui64('00db1000000001a3');
/** Install code and link key of the Smart Energy standard's example. */
const installCode = fromHex('83fed3407a939723a5c639b26916d505');
const installCodeKey = '66b6900981e1ee3ca4206b6b861c02bb';
const linkKey = new Uint8Array(16).fill(0x11);
const otherKey = new Uint8Array(16).fill(0x22);
/** MMO hash of `linkKey`, by OpenSSL: AES-128-ECB of each padded block, keyed by the hash so far. */
const linkKeyHash = '8da00f6ec50f5441dd811bb990896f99';
const now = Date.UTC(2026, 10, 22);
const second = 1000;

function entity(number: number): Eui64 {
  return eui64(number.toString(16).padStart(16, '0'));
}

describe('device log', () => {
  let store: MemoryStore;
  let log: DeviceLog;
  let changes: DeviceLogChange[];
  const open = (more: Partial<DeviceLogParts> = {}): DeviceLog =>
    new DeviceLog({ hub, crypto: nobleCrypto, store, hanIdentifier: gpf, ...more });
  const keys = (device: Eui64, atMs: number): string[] =>
    log.joiningKeys(device, atMs).map((key) => toHex(key));

  beforeEach(() => {
    store = new MemoryStore();
    changes = [];
    log = open();
    log.onChange((change) => changes.push(change));
  });

  it('welcomes a device with the key of its install code while its window is open', () => {
    expect(log.add(esme, 0, installCode)).toBe('added');
    expect([log.isWhitelisted(esme), log.joiningOpen(now)]).toEqual([true, false]);
    expect(keys(esme, now)).toEqual([]);
    log.allowJoining(esme, 90, now);
    for (const afterMs of [0, 89_999]) {
      expect(log.joiningOpen(now + afterMs)).toBe(true);
      expect(keys(esme, now + afterMs)).toEqual([installCodeKey]);
    }
    expect(log.joiningOpen(now + 90_000)).toBe(false);
    expect(keys(esme, now + 90_000)).toEqual([]);
    expect(keys(gsme, now)).toEqual([]);
    expect(changes).toEqual([{ kind: 'added', entity: esme }]);
  });

  it('stores the hash of a proven key, drops the install code and closes the window', () => {
    log.add(esme, 0, installCode);
    log.allowJoining(esme, 90, now);
    log.joined(esme, linkKey, now + second);
    expect(log.joiningOpen(now + second)).toBe(false);
    expect(log.keyHashes().map(({ linkKeyHash: hash }) => toHex(hash as Uint8Array))).toEqual([
      linkKeyHash,
    ]);
    expect(log.list()[0]).toMatchObject({ entity: esme, typeCode: 0, lastContactMs: now + second });
    expect(changes.map(({ kind }) => kind)).toEqual(['added', 'keyLearned']);
    // Its own key from now on, and only in a window; the same key again is no news.
    expect(keys(esme, now + second)).toEqual([]);
    log.allowJoining(esme, 90, now + second);
    expect(keys(esme, now + second)).toEqual([toHex(linkKey)]);
    log.joined(esme, linkKey, now + second);
    expect(changes).toHaveLength(2);
    log.joined(esme, otherKey, now + second);
    expect(changes).toHaveLength(3);
  });

  it('a device that is present keeps its code and its key', () => {
    log.add(esme, 0, installCode);
    expect(log.add(esme, 1, new Uint8Array(16))).toBe('present');
    log.allowJoining(esme, 90, now);
    expect(keys(esme, now)).toEqual([installCodeKey]);
    expect(log.list()[0]?.typeCode).toBe(0);
    log.joined(esme, linkKey, now);
    expect(log.add(esme, 0, installCode)).toBe('present');
    log.allowJoining(esme, 90, now);
    expect(keys(esme, now)).toEqual([toHex(linkKey)]);
  });

  it.each([
    ['halfWindowEach', [0, 44_999], [45_000, 89_999], 90_000],
    ['wholeWindowEach', [0, 89_999], [90_000, 179_999], 180_000],
  ] as const)(
    '%s: first the old key of one that comes back, then its install code',
    (rule, old, fresh, end) => {
      log = open({ historicKeyRule: rule });
      log.add(esme, 0, installCode);
      log.joined(esme, linkKey, now);
      expect(log.remove(esme)).toBe(true);
      expect(log.isWhitelisted(esme)).toBe(false);
      log.add(esme, 0, installCode);
      log.allowJoining(esme, 90, now);
      for (const afterMs of old) expect(keys(esme, now + afterMs)).toEqual([toHex(linkKey)]);
      for (const afterMs of fresh) expect(keys(esme, now + afterMs)).toEqual([installCodeKey]);
      expect(keys(esme, now + end)).toEqual([]);
      log.joined(esme, linkKey, now);
      expect(log.keyHashes()[0]?.linkKeyHash).toBeDefined();
    },
  );

  it('keeps the keys of the last 15 removed, of the gas proxy function none', () => {
    log.add(gpf, 254, installCode);
    log.joined(gpf, linkKey, now);
    log.remove(gpf);
    log.add(entity(99), 0, installCode);
    log.remove(entity(99));
    expect(log.historicKeyHashes()).toEqual([]);
    for (let number = 1; number <= 16; number++) {
      log.add(entity(number), 0, installCode);
      log.joined(entity(number), linkKey, now);
      log.remove(entity(number));
    }
    const kept = log.historicKeyHashes().map((entry) => entry.entity);
    expect(kept).toEqual(Array.from({ length: 15 }, (_, index) => entity(index + 2)));
    // One that goes again is the newest again.
    log.add(entity(2), 0, installCode);
    log.joined(entity(2), otherKey, now);
    log.remove(entity(2));
    expect(log.historicKeyHashes().at(-1)?.entity).toBe(entity(2));
    expect(log.historicKeyHashes()).toHaveLength(15);
    expect(log.remove(entity(2))).toBe(false);
  });

  it('has room for 16', () => {
    for (let number = 1; number <= 16; number++) {
      expect(log.add(entity(number), 0, installCode)).toBe('added');
    }
    expect(log.add(entity(17), 0, installCode)).toBe('full');
    expect(log.add(entity(16), 0, installCode)).toBe('present');
    expect([log.size, log.isWhitelisted(entity(17))]).toEqual([16, false]);
  });

  it('after a restart is what it was, window and all', () => {
    log.add(esme, 0, installCode);
    log.add(gsme, 1, installCode);
    log.joined(gsme, linkKey, now);
    log.add(entity(3), 130, installCode);
    log.joined(entity(3), otherKey, now);
    log.remove(entity(3));
    log.heard(gsme, now + second);
    log.allowJoining(esme, 3600, now);
    const again = open({ hanIdentifier: hub, preset: [{ entity: entity(9), typeCode: 0 }] });
    expect(again.hanIdentifier).toBe(gpf);
    expect(again.list()).toEqual(log.list());
    expect(again.keyHashes()).toEqual(log.keyHashes());
    expect(again.historicKeyHashes()).toEqual(log.historicKeyHashes());
    expect(again.joiningKeys(esme, now + second)).toEqual(log.joiningKeys(esme, now + second));
  });

  it('starts with what it is given, deriving no key before one is asked for', () => {
    let derived = 0;
    const preset = [
      {
        entity: esme,
        typeCode: 0,
        linkKey: () => {
          derived++;
          return linkKey;
        },
      },
      { entity: gpf, typeCode: 254 },
    ];
    log = open({ preset });
    expect([log.isWhitelisted(esme), log.joiningOpen(now), derived]).toEqual([true, false, 0]);
    expect(store.get(deviceLogKey(hub))).toBeUndefined();
    expect(log.keyHashes().map(({ linkKeyHash: hash }) => hash && toHex(hash))).toEqual([
      linkKeyHash,
      undefined,
    ]);
    log.keyHashes();
    expect(derived).toBe(1);
  });

  it('takes over the network of another hub; its devices need no window until they have joined', () => {
    log.add(entity(5), 0, installCode);
    const hash = fromHex(linkKeyHash);
    log.restore({ hanIdentifier: entity(77), devices: [{ entity: esme, linkKeyHash: hash }] });
    expect([log.hanIdentifier, log.size, log.isWhitelisted(entity(5))]).toEqual([
      entity(77),
      1,
      false,
    ]);
    expect(keys(esme, now)).toEqual([linkKeyHash]);
    expect(open().joiningKeys(esme, now)).toEqual([hash]);
    log.joined(esme, otherKey, now);
    expect(keys(esme, now)).toEqual([]);
    expect(changes.map(({ kind }) => kind)).toEqual(['added', 'restored', 'keyLearned']);
  });

  it('closes all windows at once, minds only devices of its own, and lets listeners go', () => {
    log.add(esme, 0, installCode);
    log.allowJoining(esme, 90, now);
    log.closeJoining();
    expect(log.joiningOpen(now)).toBe(false);
    expect(log.allowJoining(gsme, 90, now)).toBe(false);
    log.heard(gsme, now);
    log.joined(gsme, linkKey, now);
    expect(log.size).toBe(1);
    const stop = log.onChange((change) => changes.push(change));
    stop();
    log.remove(esme);
    expect(changes.map(({ kind }) => kind)).toEqual(['added', 'removed']);
  });

  it('a record that is cut or has a wrong octet reads the same, otherwise, or as a CodecError', () => {
    log.add(esme, 0, installCode);
    log.allowJoining(esme, 90, now);
    log.joined(esme, linkKey, now);
    log.add(gsme, 1, installCode);
    const record = store.get(deviceLogKey(hub)) as Uint8Array;
    const read = (octets: Uint8Array): void => {
      try {
        decodeWith(deviceLogRecord, octets);
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError);
      }
    };
    for (let length = 0; length < record.length; length++) {
      expect(() => decodeWith(deviceLogRecord, record.subarray(0, length))).toThrow(CodecError);
    }
    for (let bit = 0; bit < record.length * 8; bit++) {
      const flipped = record.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      read(flipped);
    }
    store.put(deviceLogKey(hub), record.subarray(1));
    expect(() => open()).toThrow(InvariantError);
  });

  it('whatever happens to it, it stays within its bounds and a restart changes nothing', () => {
    const device = fc.integer({ min: 1, max: 24 }).map(entity);
    const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), device, key }),
      fc.record({ do: fc.constant('join' as const), device, key }),
      fc.record({ do: fc.constant('remove' as const), device, key }),
      fc.record({ do: fc.constant('allow' as const), device, key }),
    );
    const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      store = new MemoryStore();
      log = open();
      const inLog = new Set<Eui64>();
      steps.forEach((one, index) => {
        const atMs = now + index * second;
        if (one.do === 'add') {
          if (log.add(one.device, 0, one.key) !== 'full') inLog.add(one.device);
        } else if (one.do === 'join') log.joined(one.device, one.key, atMs);
        else if (one.do === 'remove') {
          expect(log.remove(one.device)).toBe(inLog.delete(one.device));
        } else log.allowJoining(one.device, 60, atMs);
        for (const keyNow of log.joiningKeys(one.device, atMs)) expect(keyNow).toHaveLength(16);
      });
      expect(
        log
          .list()
          .map((entry) => entry.entity)
          .sort(),
      ).toEqual([...inLog].sort());
      expect(log.size).toBeLessThanOrEqual(16);
      expect(log.historicKeyHashes().length).toBeLessThanOrEqual(15);
      const again = open();
      expect(again.keyHashes()).toEqual(log.keyHashes());
      expect(again.historicKeyHashes()).toEqual(log.historicKeyHashes());
    });
    fc.assert(property, { seed: 20261122, numRuns: 200 });
  });
});
