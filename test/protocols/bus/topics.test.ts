import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterMatches } from '../../../protocols/bus/topic-filter.js';
import {
  bands,
  deviceEventTopic,
  eventStreams,
  eventsFilter,
  fleetFilter,
  formatTopic,
  hanFilter,
  hanTopic,
  isTopicName,
  parseTopic,
  processEventTopic,
  replyTopic,
  requestFilter,
  requestTopic,
  type Topic,
  topicLengthMax,
  wanDirections,
  wanFilter,
  wanTopic,
} from '../../../protocols/bus/topics.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { type Eui64, isEui64 } from '../../../protocols/codec/eui64.js';

const hub = '00db1234567890a0' as Eui64;

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/).filter((n) => n.length < 64);
const eui = fc.stringMatching(/^[0-9a-f]{16}$/).filter(isEui64);
const plane = <K extends string>(text: K) => fc.constant(text);
const stream = fc.constantFrom(...eventStreams);
const anyTopic: fc.Arbitrary<Topic> = fc.oneof(
  fc.record({
    plane: plane('wan'),
    fleet: name,
    hub: eui,
    direction: fc.constantFrom(...wanDirections),
  }),
  fc.record({ plane: plane('han'), fleet: name, home: name, band: fc.constantFrom(...bands) }),
  fc.record({ plane: plane('events'), fleet: name, source: plane('device'), device: eui, stream }),
  fc.record({
    plane: plane('events'),
    fleet: name,
    source: plane('process'),
    process: name,
    stream,
  }),
  fc.record({ plane: plane('control'), fleet: name, role: plane('request'), target: name }),
  fc.record({ plane: plane('control'), fleet: name, role: plane('reply'), asker: name }),
);

describe('topics', () => {
  it('are those of docs/bus.md', () => {
    expect(wanTopic('demo', hub, 'down')).toBe('hubfleet/1/demo/wan/00db1234567890a0/down');
    expect(hanTopic('demo', 'home-0001', '2g4')).toBe('hubfleet/1/demo/han/home-0001/2g4');
    expect(deviceEventTopic('demo', hub, 'presence')).toBe(
      'hubfleet/1/demo/events/device/00db1234567890a0/presence',
    );
    expect(processEventTopic('demo', 'main', 'presence')).toBe(
      'hubfleet/1/demo/events/process/main/presence',
    );
    expect(requestTopic('demo', 'fleet')).toBe('hubfleet/1/demo/control/request/fleet');
    expect(replyTopic('demo', 'tool-7')).toBe('hubfleet/1/demo/control/reply/tool-7');
  });

  it('parse to what they were built from, and fit their limit', () => {
    fc.assert(
      fc.property(anyTopic, (topic) => {
        const text = formatTopic(topic);
        expect(parseTopic(text)).toEqual(topic);
        expect(text.length).toBeLessThanOrEqual(topicLengthMax);
      }),
      { seed: 20261122, numRuns: 2_000 },
    );
  });

  it('are the only texts that parse', () => {
    const good = wanTopic('demo', hub, 'down');
    const wrong = [
      '',
      'hubfleet',
      'hubfleet/1/',
      good.replace('/1/', '/2/'),
      good.replace('demo', 'Demo'),
      good.replace('demo', '-demo'),
      good.replace(hub, hub.toUpperCase()),
      good.replace('down', 'left'),
      good.replace('wan', 'lan'),
      `${good}/x`,
      `/${good}`,
      `${good}/`,
      good.replace('/down', ''),
      'hubfleet/1/demo/han/home-1/915',
      'hubfleet/1/demo/events/device/home-1/presence',
      'hubfleet/1/demo/events/device/00db1234567890a0/other',
      'hubfleet/1/demo/events/robot/main/presence',
      'hubfleet/1/demo/control/order/fleet',
      'hubfleet/1/demo/control/request/+',
      `hubfleet/1/${'a'.repeat(300)}/control/request/x`,
    ];
    for (const text of wrong) expect(parseTopic(text), text).toBeUndefined();
    fc.assert(
      fc.property(fc.mixedCase(anyTopic.map(formatTopic)), (text) => {
        const topic = parseTopic(text);
        if (topic !== undefined) expect(formatTopic(topic)).toBe(text);
      }),
      { seed: 20261122, numRuns: 1_000 },
    );
  });

  it('are not built from names that the grammar does not allow', () => {
    for (const wrong of ['', 'A', 'a b', 'a/b', '+', '#', '-a', 'a-', 'é', 'a'.repeat(64), '$x']) {
      expect(isTopicName(wrong)).toBe(false);
      expect(() => wanTopic(wrong, hub, 'up')).toThrow(CodecError);
      expect(() => hanTopic('demo', wrong, '868')).toThrow(CodecError);
      expect(() => fleetFilter(wrong)).toThrow(CodecError);
      expect(() => requestTopic('demo', wrong)).toThrow(CodecError);
      expect(() => wanTopic('demo', wrong as Eui64, 'up')).toThrow(CodecError);
    }
    expect(() => hanTopic('demo', 'home', '915' as '868')).toThrow("'915' is none of 2g4, 868");
  });

  it('are met by the filters that name them, and by no other', () => {
    const topics = [
      wanTopic('demo', hub, 'down'),
      wanTopic('demo', hub, 'up'),
      hanTopic('demo', 'home-1', '2g4'),
      hanTopic('demo', 'home-2', '868'),
      deviceEventTopic('demo', hub, 'presence'),
      deviceEventTopic('demo', hub, 'alert'),
      processEventTopic('demo', 'main', 'presence'),
      requestTopic('demo', 'fleet'),
      replyTopic('demo', 'fleet'),
      wanTopic('other', hub, 'down'),
    ];
    const met = (filter: string) =>
      topics.flatMap((topic, i) => (filterMatches(filter, topic) ? [i] : []));
    expect(met(fleetFilter('demo'))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(met(wanFilter('demo'))).toEqual([0, 1]);
    expect(met(wanFilter('demo', 'down'))).toEqual([0]);
    expect(met(hanFilter('demo'))).toEqual([2, 3]);
    expect(met(hanFilter('demo', 'home-2'))).toEqual([3]);
    expect(met(hanFilter('demo', '+', '2g4'))).toEqual([2]);
    expect(met(eventsFilter('demo'))).toEqual([4, 5, 6]);
    expect(met(eventsFilter('demo', 'presence'))).toEqual([4, 6]);
    expect(met(eventsFilter('demo', '+', 'device'))).toEqual([4, 5]);
    expect(met(requestFilter('demo'))).toEqual([7]);
  });
});
