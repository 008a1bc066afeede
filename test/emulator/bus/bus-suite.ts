import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../../../emulator/ports/bus.js';
import { UsageError } from '../../../emulator/ports/errors.js';
import { until } from '../../support/until.js';

/** One making of the Bus port, with a way to get at both sides of it. */
export interface BusWorld {
  publisher(): Promise<Bus>;
  subscriber(): Promise<Bus>;
  stop(): Promise<void>;
}

export interface SuiteOptions {
  /** Delivery assured in storms: for brokers in another process, which may drop the rest. */
  readonly atLeastOnce?: boolean;
  readonly stormLength?: number;
  /** How often a ball is thrown back and forth. */
  readonly throws?: number;
}

const payloadLengthMax = 65_536;

function numbered(n: number): Uint8Array {
  return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
}

function numberOf(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0);
}

/** Every promise of `Bus` that all its makings must keep. */
export function busSuite(
  name: string,
  open: () => Promise<BusWorld>,
  options: SuiteOptions = {},
): void {
  const stormLength = options.stormLength ?? 50_000;
  const throws = options.throws ?? 20_000;
  const atLeastOnce = options.atLeastOnce === true;

  describe(`Bus over ${name}`, () => {
    let world: BusWorld;
    let publisher: Bus;
    let subscriber: Bus;
    /** Tests so far: each has a topic space of its own, because retained messages stay. */
    let used = 0;

    beforeAll(async () => {
      world = await open();
      publisher = await world.publisher();
      subscriber = await world.subscriber();
    });
    afterEach(() => {
      used++;
    });
    afterAll(() => world.stop());

    const topic = (rest: string) => `suite/${used}/${rest}`;

    it('keeps the order of each topic', async () => {
      const heard = new Map<string, number[]>();
      await subscriber.subscribe(topic('+'), (at, payload) => {
        heard.set(at, [...(heard.get(at) ?? []), numberOf(payload)]);
      });
      for (let n = 0; n < 500; n++) publisher.publish(topic(`t${n % 5}`), numbered(n));
      await until('500 messages', () => [...heard.values()].flat().length === 500);
      for (let t = 0; t < 5; t++) {
        const expected = Array.from({ length: 100 }, (_, i) => i * 5 + t);
        expect(heard.get(topic(`t${t}`))).toEqual(expected);
      }
    });

    it('loses nothing when retained, assured and plain messages mix in one tick', async () => {
      const heard: string[] = [];
      await subscriber.subscribe(topic('#'), (at, payload) => {
        heard.push(`${at.split('/').at(-1)}${payload[0]}`);
      });
      for (let n = 0; n < 20; n++) {
        publisher.publish(topic('kept'), Uint8Array.of(n), { retain: true });
        publisher.publish(topic('plain'), Uint8Array.of(n));
        publisher.publish(topic('sure'), Uint8Array.of(n), { atLeastOnce: true });
      }
      await until('60 messages', () => heard.length >= 60);
      for (const kind of ['kept', 'plain', 'sure']) {
        const expected = Array.from({ length: 20 }, (_, n) => `${kind}${n}`);
        expect(heard.filter((text) => text.startsWith(kind))).toEqual(expected);
      }
    });

    it('matches + and # as MQTT does, each handler once', async () => {
      const heard: string[] = [];
      const listen = (filter: string) =>
        subscriber.subscribe(filter, (at) => heard.push(`${filter} ${at}`));
      for (const filter of ['a', 'a/b', 'a/+', 'a/#', '+/b', '#']) await listen(topic(filter));
      for (const rest of ['a', 'a/b', 'a/b/c', 'b', 'b/b']) {
        publisher.publish(topic(rest), Uint8Array.of(1));
      }
      publisher.publish(topic('end'), Uint8Array.of(1));
      await until('the last message', () => heard.some((text) => text.endsWith('/end')));
      const expected = [
        ['a', 'a'],
        ['a/b', 'a/b'],
        ['a/+', 'a/b'],
        ['a/#', 'a'],
        ['a/#', 'a/b'],
        ['a/#', 'a/b/c'],
        ['+/b', 'a/b'],
        ['+/b', 'b/b'],
        ...['a', 'a/b', 'a/b/c', 'b', 'b/b', 'end'].map((rest) => ['#', rest]),
      ].map(([filter, rest]) => `${topic(filter as string)} ${topic(rest as string)}`);
      expect([...heard].sort()).toEqual(expected.sort());
    });

    it('hands retained messages to whoever comes later, marked as such, until cleared', async () => {
      publisher.publish(topic('kept/x'), Uint8Array.of(1), { retain: true });
      publisher.publish(topic('kept/x'), Uint8Array.of(2), { retain: true });
      publisher.publish(topic('kept/y'), Uint8Array.of(3), { retain: true });
      publisher.publish(topic('kept/z'), Uint8Array.of(4));
      // `flush` says that they have left; the end of this same stream says that they have arrived.
      let arrived = false;
      await subscriber.subscribe(topic('end'), () => {
        arrived = true;
      });
      publisher.publish(topic('end'), Uint8Array.of(0));
      await until('the end', () => arrived);
      const heard: string[] = [];
      const note = (at: string, payload: Uint8Array, retained: boolean) => {
        heard.push(`${at.at(-1)}${payload[0] ?? '-'}${retained ? 'r' : ''}`);
      };
      await subscriber.subscribe(topic('kept/+'), note);
      await until('retained messages', () => heard.length >= 2);
      expect(heard.sort()).toEqual(['x2r', 'y3r']);
      publisher.publish(topic('kept/x'), Uint8Array.of(5), { retain: true });
      await until('the live message', () => heard.includes('x5'));
      publisher.publish(topic('kept/x'), new Uint8Array(0), { retain: true });
      await until('the clearing', () => heard.includes('x-'));
      const later: string[] = [];
      await subscriber.subscribe(topic('kept/#'), (at) => later.push(at));
      await until('what is left', () => later.length > 0);
      expect(new Set(later)).toEqual(new Set([topic('kept/y')]));
    });

    it('carries any bytes and any length up to the limit', async () => {
      const sent = [
        Uint8Array.from({ length: 256 }, (_, i) => i),
        new Uint8Array(0),
        new Uint8Array(payloadLengthMax).fill(0xa5),
        // A view into something larger.
        Uint8Array.from({ length: 100 }, (_, i) => i).subarray(10, 20),
      ];
      const heard: Uint8Array[] = [];
      await subscriber.subscribe(topic('bytes'), (_, payload) => heard.push(payload));
      for (const payload of sent) publisher.publish(topic('bytes'), payload);
      await until('all payloads', () => heard.length === sent.length);
      expect(heard.map((payload) => Buffer.from(payload).toString('hex'))).toEqual(
        sent.map((payload) => Buffer.from(payload).toString('hex')),
      );
    });

    it('drops and counts a payload over the limit, and goes on', async () => {
      const before = publisher.stats().dropped;
      let heard = 0;
      await subscriber.subscribe(topic('big'), () => heard++);
      publisher.publish(topic('big'), new Uint8Array(payloadLengthMax + 1));
      publisher.publish(topic('big'), Uint8Array.of(1));
      await until('the small one', () => heard === 1);
      expect(publisher.stats().dropped - before).toBe(1);
    });

    it('stops at unsubscribe, for that handler only', async () => {
      let first = 0;
      let second = 0;
      const subscription = await subscriber.subscribe(topic('u'), () => first++);
      await subscriber.subscribe(topic('u'), () => second++);
      publisher.publish(topic('u'), Uint8Array.of(1));
      await until('both', () => first === 1 && second === 1);
      await subscription.unsubscribe();
      await subscription.unsubscribe();
      publisher.publish(topic('u'), Uint8Array.of(2));
      await until('the other', () => second === 2);
      expect(first).toBe(1);
    });

    it('lets handlers publish without end, breadth first', async () => {
      let last = 0;
      await subscriber.subscribe(topic('ball'), (at, payload) => {
        last = numberOf(payload);
        if (last < throws) subscriber.publish(at, numbered(last + 1));
      });
      publisher.publish(topic('ball'), numbered(1));
      await until('the last round', () => last === throws);
    });

    it(`survives a storm of ${stormLength} messages in one tick without loss`, async () => {
      const before = publisher.stats();
      let heard = 0;
      let ordered = true;
      await subscriber.subscribe(topic('storm'), (_, payload) => {
        ordered &&= numberOf(payload) === heard;
        heard++;
      });
      const payload = new Uint8Array(350);
      for (let n = 0; n < stormLength; n++) {
        payload.set(numbered(n));
        publisher.publish(topic('storm'), payload.slice(), { atLeastOnce });
      }
      await publisher.flush();
      await until(`all of the storm`, () => heard >= stormLength, 20_000);
      expect({ heard, ordered }).toEqual({ heard: stormLength, ordered: true });
      const after = publisher.stats();
      expect(after.published - before.published).toBe(stormLength);
      expect(after.dropped).toBe(before.dropped);
    });

    it('refuses topics and filters that are none', async () => {
      for (const wrong of ['', 'a/+', 'a/#', 'a\0b']) {
        expect(() => publisher.publish(wrong, Uint8Array.of(1))).toThrow(UsageError);
      }
      for (const wrong of ['', 'a#', 'a+/b', '#/a']) {
        await expect(subscriber.subscribe(wrong, () => undefined)).rejects.toThrow(UsageError);
      }
    });

    it('flushes what was published, then closes; afterwards it drops', async () => {
      let heard = 0;
      await subscriber.subscribe(topic('last'), () => heard++);
      for (let n = 0; n < 100; n++) publisher.publish(topic('last'), numbered(n));
      await publisher.flush();
      await until('100 messages', () => heard === 100);
      const before = publisher.stats().dropped;
      await publisher.close();
      await publisher.close();
      publisher.publish(topic('last'), numbered(0));
      expect(publisher.stats().dropped - before).toBe(1);
      await expect(publisher.subscribe(topic('last'), () => undefined)).rejects.toThrow(UsageError);
      await publisher.flush();
    });
  });
}
