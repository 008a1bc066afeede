import { describe, expect, it } from 'vitest';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { VirtualClock } from '../../../emulator/sim/virtual-clock.js';
import { HeadEndWanLink, HubWanLink } from '../../../emulator/wan/wan-link.js';
import { decodeEnvelope, encodeEnvelope } from '../../../protocols/bus/envelope.js';
import { wanTopic } from '../../../protocols/bus/topics.js';
import { eui64 } from '../../../protocols/codec/eui64.js';

const hub = eui64('00db000000000001');
const otherHub = eui64('00db000000000002');

async function setUp() {
  const bus = new MemoryBus();
  const problems: string[] = [];
  const parts = {
    bus,
    clock: new VirtualClock(1000),
    fleet: 'test',
    onProblem: (topic: string, reason: string) => problems.push(`${topic}: ${reason}`),
  };
  const headEnd = new HeadEndWanLink(parts);
  const hubs = new HubWanLink(parts);
  await headEnd.open();
  await hubs.open();
  return { bus, headEnd, hubs, problems };
}

describe('WAN link', () => {
  it('carries messages down to their hub and up to the head end', async () => {
    const { headEnd, hubs, problems } = await setUp();
    const heard: unknown[] = [];
    hubs.attach(hub, (message) => heard.push(['hub', ...message]));
    hubs.attach(otherHub, (message) => heard.push(['other hub', ...message]));
    headEnd.onMessage((from, message) => heard.push([from, ...message]));
    headEnd.send(hub, Uint8Array.of(1));
    headEnd.send(otherHub, Uint8Array.of(2));
    hubs.send(hub, Uint8Array.of(3));
    hubs.send(hub, Uint8Array.of(4));
    expect(heard).toEqual([
      ['hub', 1],
      ['other hub', 2],
      [hub, 3],
      [hub, 4],
    ]);
    expect(problems).toEqual([]);
    expect(hubs.stats()).toMatchObject({ sent: 2, received: 2 });
  });

  it('numbers envelopes and names the hub that sends, not the head end', async () => {
    const { bus, headEnd, hubs } = await setUp();
    const seen: unknown[] = [];
    await bus.subscribe('hubfleet/1/test/wan/#', (_topic, payload) => {
      const { sequence, sender, timeMs } = decodeEnvelope(payload);
      seen.push([sequence, sender, timeMs]);
    });
    headEnd.onMessage(() => undefined);
    headEnd.send(hub, Uint8Array.of(1));
    hubs.send(hub, Uint8Array.of(1));
    hubs.send(otherHub, Uint8Array.of(1));
    expect(seen).toEqual([
      [0, undefined, 1000],
      [0, hub, 1000],
      [1, otherHub, 1000],
    ]);
  });

  it('counts and reports what is malformed, misplaced, for nobody or too long, and goes on', async () => {
    const { bus, headEnd, hubs, problems } = await setUp();
    const up = wanTopic('test', hub, 'up');
    headEnd.onMessage(() => undefined);
    bus.publish(up, Uint8Array.of(0xff));
    bus.publish(up, new Uint8Array(0));
    bus.publish(up, encodeEnvelope({ kind: 'event', timeMs: 0, sequence: 0, body: {} }));
    bus.publish('hubfleet/1/test/wan/not-a-hub/up', Uint8Array.of(1));
    headEnd.send(hub, Uint8Array.of(1));
    headEnd.send(hub, new Uint8Array(65_530));
    hubs.send(hub, Uint8Array.of(1));
    expect(headEnd.stats()).toEqual({
      sent: 1,
      received: 1,
      malformed: 4,
      unrouted: 0,
      oversized: 1,
    });
    expect(hubs.stats()).toMatchObject({ unrouted: 1 });
    expect(problems).toHaveLength(6);
    expect(problems[2]).toMatch(/kind event on the WAN plane/);
    expect(problems[3]).toMatch(/not a topic of the WAN plane/);
  });

  it('hears nothing once it is closed or the hub is detached', async () => {
    const { headEnd, hubs } = await setUp();
    const heard: unknown[] = [];
    headEnd.onMessage((from) => heard.push(from));
    hubs.attach(hub, () => heard.push('hub'));
    hubs.detach(hub);
    headEnd.send(hub, Uint8Array.of(1));
    await headEnd.close();
    hubs.send(hub, Uint8Array.of(1));
    expect(heard).toEqual([]);
    expect(hubs.stats().unrouted).toBe(1);
  });
});
