import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterMatches, isTopicFilter, isTopicText } from '../../../protocols/bus/topic-filter.js';
import { TopicRouter } from '../../../protocols/bus/topic-router.js';

const nothing = new Uint8Array(0);

describe('MQTT filters', () => {
  // The examples of MQTT 3.1.1 4.7.1 and 4.7.2.
  it.each([
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['#', 'sport/tennis', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/monitor', false],
    ['+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['$SYS/#', '$SYS/monitor', true],
    ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
  ])('%s and %s: %s', (filter, topic, matches) => {
    expect(filterMatches(filter, topic)).toBe(matches);
  });

  it('are told from what is none', () => {
    for (const good of ['#', '+', 'a/#', '+/tennis/#', 'sport/+/player1', '/', 'a//b']) {
      expect(isTopicFilter(good), good).toBe(true);
    }
    for (const wrong of ['', 'sport/tennis#', 'sport/tennis/#/ranking', 'sport+', 'a\0']) {
      expect(isTopicFilter(wrong), wrong).toBe(false);
    }
    expect(isTopicText('a/b')).toBe(true);
    for (const wrong of ['', 'a/+', '#', 'a\0', 'a'.repeat(65_536)]) {
      expect(isTopicText(wrong)).toBe(false);
    }
  });
});

describe('TopicRouter', () => {
  const level = fc.constantFrom('a', 'b', '');
  const topic = fc.array(level, { minLength: 1, maxLength: 3 }).map((levels) => levels.join('/'));
  const filter = fc
    .array(fc.constantFrom('a', 'b', '', '+', '#'), { minLength: 1, maxLength: 3 })
    .map((levels) => levels.join('/'))
    .filter(isTopicFilter);
  const step = fc.oneof(
    fc.record({ add: filter }),
    fc.record({ remove: fc.nat(20) }),
    fc.record({ deliver: topic }),
  );

  it('reaches exactly the handlers that match, in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const router = new TopicRouter();
        const present: { filter: string; id: number; remove: () => void }[] = [];
        let heard: number[] = [];
        steps.forEach((action, id) => {
          if ('add' in action) {
            const remove = router.add(action.add, () => heard.push(id));
            present.push({ filter: action.add, id, remove });
          } else if ('remove' in action) {
            present.splice(action.remove, 1)[0]?.remove();
          } else {
            heard = [];
            const expected = present.filter((one) => filterMatches(one.filter, action.deliver));
            router.deliver(action.deliver, nothing, false);
            expect(heard).toEqual(expected.map((one) => one.id));
          }
        });
      }),
      { seed: 20261122, numRuns: 1_000 },
    );
  });

  it('takes subscriptions that come and go during a delivery', () => {
    const router = new TopicRouter();
    const heard: string[] = [];
    const removals: (() => void)[] = [];
    router.add('x', () => {
      heard.push('first');
      for (const remove of removals) remove();
      router.add('x', () => heard.push('late'));
    });
    removals.push(router.add('+', () => heard.push('removed')));
    router.deliver('x', nothing, false);
    expect(heard).toEqual(['first']);
    router.deliver('x', nothing, false);
    expect(heard).toEqual(['first', 'first', 'late']);
  });

  it('passes an error on, or hands it over and goes on', () => {
    const strict = new TopicRouter();
    const boom = () => {
      throw new Error('boom');
    };
    strict.add('x', boom);
    expect(() => strict.deliver('x', nothing, false)).toThrow('boom');
    const errors: string[] = [];
    const lenient = new TopicRouter((error, topic) => errors.push(`${topic} ${error}`));
    let heard = 0;
    lenient.add('x', boom);
    lenient.add('x', () => heard++);
    lenient.deliver('x', nothing, false);
    expect({ heard, errors }).toEqual({ heard: 1, errors: ['x Error: boom'] });
  });
});
