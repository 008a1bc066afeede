import { describe, expect, it } from 'vitest';
import { pollTiming } from '../../../../emulator/han/stack/polling-schedule.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { decodeZigbeeFrame } from '../../../../protocols/zigbee/frame.js';
import { bytesOf } from '../../../support/codec-table.js';
import { forge, hear } from '../../../support/forged-frames.js';
import {
  euis,
  type HomeRadio,
  homeRadios,
  JoinedHome,
  type JoinedHomeOptions,
  pattern,
  radios,
} from '../../../support/joined-home.js';

const tunnelling = 0x0704;
const price = 0x0700;
const readAttributes = bytesOf('00 01 00 0000');

/** A home whose bus takes a while, as one over a network does. */
function slowHome(delayMs: number, options: JoinedHomeOptions = {}): JoinedHome {
  const home: JoinedHome = new JoinedHome({
    ...options,
    onFrame: (psdu, meta) => {
      home.clock.at(home.clock.nowMs() + delayMs, () => home.inject(psdu, meta));
      return [];
    },
  });
  return home;
}

describe('the entities of a node', () => {
  it('talk to each other without the air', () => {
    const home = new JoinedHome();
    expect(home.entities.chf.sendZcl(euis.gpf, price, readAttributes)).toBe('sent');
    expect(home.arrivals).toMatchObject([{ at: 'gpf', source: euis.chf }]);
    expect(home.frames).toEqual([]);
  });

  it('are told apart by their endpoints', () => {
    const home = new JoinedHome();
    expect(home.entities.gsme.sendZcl(euis.gpf, price, readAttributes, 2)).toBe('sent');
    expect(home.entities.esme.sendZcl(euis.chf, price, readAttributes)).toBe('sent');
    expect(home.arrivals.map(({ at, source }) => [at, source])).toEqual([
      ['gpf', euis.gsme],
      ['chf', euis.esme],
    ]);
  });

  it('all hear what is for every endpoint', () => {
    const home = new JoinedHome();
    const aps = { destinationEndpoint: 0xff, sourceEndpoint: 1 };
    hear(home, forge(home, { to: 'hub', from: 'esme', aps }));
    expect(home.arrivals.map(({ at }) => at)).toEqual(['gpf', 'chf']);
  });

  it('ask the newest listener that wants the cluster and the source, else take it themselves', () => {
    const { entities } = new JoinedHome();
    const taken: string[] = [];
    entities.chf.onZcl = () => taken.push('entity');
    entities.chf.listen(price, undefined, () => taken.push('anyone'));
    const stop = entities.chf.listen(price, euis.esme, () => taken.push('esme'));
    entities.esme.sendZcl(euis.chf, price, readAttributes);
    entities.ppmid.sendZcl(euis.chf, price, readAttributes);
    entities.ppmid.sendZcl(euis.chf, 0x000a, readAttributes);
    stop();
    entities.esme.sendZcl(euis.chf, price, readAttributes);
    expect(taken).toEqual(['esme', 'anyone', 'entity', 'anyone']);
  });

  it('say whom they do not know', () => {
    const { entities, frames } = new JoinedHome();
    const nobody = eui64('02fe1100000000ff');
    expect(entities.chf.sendZcl(nobody, price, readAttributes)).toBe('unknown-destination');
    expect(frames).toEqual([]);
  });
});

describe('a frame for a radio whose address is not known', () => {
  it('waits, and goes when the address is told', () => {
    const home = new JoinedHome();
    const { hub } = home.nodes;
    const asked: string[] = [];
    hub.hooks.onUnknownAddress = (radio) => asked.push(radio);
    hub.network.addresses.remove(euis.esme);
    expect(home.entities.chf.sendZcl(euis.esme, price, pattern(5))).toBe('sent');
    expect([asked, home.frames]).toEqual([[euis.esme], []]);
    home.entities.esme.sendZcl(euis.gpf, price, pattern(5));
    expect(home.arrivals.map(({ at }) => at).sort()).toEqual(['esme', 'gpf']);
  });

  it('is given up, and its sender told', () => {
    const home = new JoinedHome();
    home.nodes.hub.network.addresses.remove(euis.esme);
    home.entities.chf.sendZcl(euis.esme, price, pattern(5));
    home.run(5_000);
    expect(home.undelivered).toEqual([{ from: 'hub', reason: 'address-unknown' }]);
    expect(home.clock.pending).toBe(0);
  });

  it('is reported where it cannot go even then', () => {
    const home = new JoinedHome();
    const { hub } = home.nodes;
    hub.network.addresses.remove(euis.esme);
    home.entities.chf.sendZcl(euis.esme, price, pattern(5));
    hub.security.removeLinkKey(euis.esme);
    hub.network.learn(euis.esme, radios.esme.short, home.clock.nowMs());
    expect(home.undelivered).toEqual([{ from: 'hub', reason: 'no-key' }]);
  });
});

describe('the timer of a node', () => {
  it('is set again for what a received frame has begun', () => {
    const home = slowHome(5);
    home.nodes.gsme.wakeRadio();
    home.run(50);
    // The hub's answer to a poll is lost: only the hub's own timer can repeat it.
    home.entities.chf.sendZcl(euis.gsme, price, pattern(5));
    let lost = 0;
    const { onFrame } = home;
    home.onFrame = (psdu, meta, index) => {
      const { mac } = decodeZigbeeFrame(psdu);
      const isAnswer = mac.type === 'data' && meta.sender === euis.gpf;
      if (isAnswer && lost++ === 0) return [];
      return onFrame(psdu, meta, index);
    };
    home.run(1_000);
    expect(lost).toBeGreaterThan(1);
    expect(home.arrivals).toHaveLength(1);
  });

  it('keeps a sleepy node polling at its interval, however slow the bus', () => {
    const home = slowHome(5);
    home.nodes.gsme.wakeRadio();
    home.run(1_500);
    const polls = home.frames.filter(({ psdu }) => decodeZigbeeFrame(psdu).mac.type === 'command');
    const apart = polls.slice(1).map(({ atMs }, index) => atMs - (polls[index]?.atMs ?? 0));
    expect(new Set(apart)).toEqual(new Set([pollTiming.pollIntervalMs + 10]));
    expect(polls.length).toBeGreaterThan(10);
  });

  it('is not left over once nothing waits', () => {
    const home = slowHome(3);
    for (const name of ['esme', 'gsme', 'ihd'] as const) {
      home.entities.chf.sendZcl(euis[name], tunnelling, pattern(200));
    }
    home.nodes.gsme.wakeRadio();
    home.run(120_000);
    expect(home.arrivals).toHaveLength(3);
    expect(home.clock.pending).toBe(0);
    for (const name of homeRadios) {
      expect(home.nodes[name].mac.nextDeadlineMs()).toBeUndefined();
      expect(home.nodes[name].aps.nextDeadlineMs()).toBeUndefined();
    }
  });
});

describe('a sleepy node', () => {
  it('gets what waits when it wakes and not before, and sleeps again', () => {
    const home = slowHome(2);
    const asleepAt: number[] = [];
    const { gsme } = home.nodes;
    gsme.hooks.onAsleep = (nowMs) => asleepAt.push(nowMs - home.clock.nowMs());
    expect(gsme.asleep).toBe(true);
    home.entities.chf.sendZcl(euis.gsme, tunnelling, pattern(5));
    home.run(5_000);
    expect(home.arrivals).toEqual([]);
    gsme.wakeRadio();
    expect(gsme.asleep).toBe(false);
    home.run(1_000);
    expect(home.arrivals).toHaveLength(1);
    home.run(3_000);
    expect(gsme.asleep).toBe(true);
    expect(asleepAt).toEqual([0]);
  });

  it('stays awake for an answer although something else comes first', () => {
    const home = slowHome(2);
    const { gsme } = home.nodes;
    home.entities.gsme.sendZcl(euis.chf, price, pattern(5));
    home.run(200);
    home.entities.gpf.sendZcl(euis.gsme, price, pattern(6));
    home.run(1_300);
    expect(gsme.asleep).toBe(false);
    home.entities.chf.sendZcl(euis.gsme, price, pattern(7));
    home.run(1_000);
    expect(home.arrivals).toHaveLength(3);
  });

  it('gives up polling a hub that is gone, and says so', () => {
    const home = slowHome(2);
    let lost = 0;
    const { gsme } = home.nodes;
    gsme.hooks.onParentLost = () => lost++;
    home.nodes.hub.dispose();
    gsme.wakeRadio();
    home.run(60_000);
    expect([lost, gsme.asleep, home.clock.pending]).toEqual([1, true, 0]);
  });

  it('is held awake as long as somebody wants', () => {
    const home = slowHome(2);
    const { gsme } = home.nodes;
    gsme.holdAwake(true);
    home.run(60_000);
    expect(gsme.asleep).toBe(false);
    gsme.holdAwake(false);
    home.run(5_000);
    expect(gsme.asleep).toBe(true);
  });
});

describe('a broadcast', () => {
  const ask = (home: JoinedHome, from: HomeRadio) =>
    home.nodes[from].sendZdo(0xfffd, {
      name: 'NWK_addr_req',
      fields: { ieeeAddress: euis.ihd, requestType: 0, startIndex: 0 },
    });

  it('that overtakes frames which wait does not make replays of them', () => {
    const home = slowHome(5);
    const { gsme } = home.nodes;
    gsme.holdAwake(true);
    home.run(50);
    for (let n = 0; n < 4; n++) home.entities.chf.sendZcl(euis.gsme, price, pattern(40, n));
    for (let n = 0; n < 4; n++) home.entities.chf.sendZcl(euis.esme, price, pattern(40, n));
    ask(home, 'hub');
    home.run(3_000);
    expect(home.nodes.gsme.drops()).toEqual({});
    expect(home.nodes.esme.drops()).toEqual({});
    expect(home.arrivals).toHaveLength(8);
  });

  it('reaches both bands, and each node once', () => {
    const home = new JoinedHome({ subGhz: ['ihd', 'ppmid'] });
    const heard: string[] = [];
    for (const name of homeRadios) home.nodes[name].hooks.onZdo = () => heard.push(name);
    home.nodes.gsme.holdAwake(true);
    ask(home, 'hub');
    expect(heard.sort()).toEqual(['esme', 'gsme', 'ihd', 'ppmid']);
    for (let n = 0; n < 300; n++) ask(home, 'hub');
    expect(heard).toHaveLength(301 * 4);
  });

  it('of a device is relayed to the other band, and not taken twice on its own', () => {
    const home = new JoinedHome({ subGhz: ['ihd'] });
    const heard: string[] = [];
    for (const name of homeRadios) home.nodes[name].hooks.onZdo = () => heard.push(name);
    ask(home, 'esme');
    expect(heard.sort()).toEqual(['hub', 'ihd', 'ppmid']);
    expect(home.nodes.ppmid.network.dropped.duplicateBroadcast).toBe(1);
    expect(home.nodes.esme.network.dropped.duplicateBroadcast).toBe(1);
  });
});

describe('counters', () => {
  it('of every layer go round, thousands of times if need be', () => {
    const home = new JoinedHome();
    for (let n = 0; n < 1_200; n++) {
      // The same octets every time, so that nothing but the counters tells them apart.
      home.entities.chf.sendZcl(euis.esme, n % 3 === 0 ? tunnelling : price, readAttributes);
    }
    expect(home.arrivals).toHaveLength(1_200);
    expect(home.nodes.esme.drops()).toEqual({});
  });

  it('of a key that is used up stop the node, and are told', () => {
    const home = new JoinedHome();
    home.stores.ihd.put(`${euis.ihd}/han/aps`, Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    expect(home.entities.ihd.sendZcl(euis.esme, price, readAttributes)).toBe('sent');
    expect(home.nodes.ihd.drops()).toEqual({ apsCounterUsedUp: 1 });
    home.entities.ihd.sendZcl(euis.esme, tunnelling, readAttributes);
    home.run(20_000);
    expect(home.undelivered).toEqual([{ from: 'ihd', reason: 'no-ack' }]);
    expect(home.frames).toEqual([]);
    const told: string[] = [];
    home.stores.ppmid.put(`${euis.ppmid}/han/nwk`, Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    home.nodes.ppmid.network.sendCommand(0, { command: 'leave', ...noFlags }, 0, {
      done: (status) => told.push(status),
    });
    expect([told, home.nodes.ppmid.drops()]).toEqual([['not-listening'], { nwkNotSecured: 1 }]);
  });

  const noFlags = { rejoin: false, request: false, removeChildren: false } as const;
});

describe('a link key that goes while a frame waits', () => {
  it('takes the frame with it: nothing goes out that should have been secured', () => {
    const home = new JoinedHome();
    home.onFrame = () => [];
    home.entities.chf.sendZcl(euis.esme, tunnelling, pattern(200));
    const before = home.frames.length;
    home.nodes.hub.security.removeLinkKey(euis.esme);
    home.run(1_700);
    const repeated = home.frames.slice(before).map(({ psdu }) => psdu.length);
    // The MAC repeats what it has; nothing new is made.
    expect(new Set(repeated)).toEqual(new Set([home.frames[0]?.psdu.length]));
    home.run(60_000);
    expect(home.undelivered).toEqual([{ from: 'hub', reason: 'no-ack' }]);
  });
});
