import { describe, expect, it } from 'vitest';
import { environments } from '../../../../emulator/han/air/radio-environments.js';
import { SeededRandom } from '../../../../emulator/sim/seeded-random.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { decodeZigbeeFrame } from '../../../../protocols/zigbee/frame.js';
import {
  euis,
  type HomeEntity,
  homeEntities,
  homeRadios,
  JoinedHome,
  type JoinedHomeOptions,
  pattern,
  radioOf,
  radios,
} from '../../../support/joined-home.js';

/** Acknowledged by the application support layer, and not. */
const tunnelling = 0x0704;
const price = 0x0700;

const zclOf = (home: JoinedHome) => home.arrivals.map(({ zcl }) => zcl);
const drops = (home: JoinedHome) =>
  Object.fromEntries(
    homeRadios.flatMap((name) => {
      const counted = home.nodes[name].drops();
      return Object.keys(counted).length === 0 ? [] : [[name, counted]];
    }),
  );

describe('ZCL frames of a joined home', () => {
  it.each([
    ['a device that listens', 'esme', 1],
    ['a device that sleeps', 'gsme', 97],
    ['a device on the other band', 'ppmid', 97],
  ] as const)('of every length from 1 to 1500 octets arrive once and whole: %s', (_, to, step) => {
    const home = new JoinedHome({ subGhz: ['ppmid'] });
    for (let length = 1; length <= 1500; length += step) {
      const asdu = pattern(length, length);
      home.arrivals.length = 0;
      home.frames.length = 0;
      const cluster = length % 2 === 0 ? tunnelling : price;
      expect(home.entities.chf.sendZcl(euis[to], cluster, asdu)).toBe('sent');
      if (to === 'gsme') {
        home.nodes.gsme.wakeRadio();
        home.run(10_000);
      }
      expect(home.arrivals).toEqual([
        { at: to, source: euis.chf, clusterId: cluster, zcl: toHex(asdu) },
      ]);
      for (const { psdu } of home.frames) expect(psdu.length).toBeLessThanOrEqual(125);
    }
    expect(drops(home)).toEqual({});
    expect(home.undelivered).toEqual([]);
    home.run(60_000);
    expect(home.clock.pending).toBe(0);
  });

  it('reach every entity from every other, across bands and into sleep', () => {
    const home = new JoinedHome({ subGhz: ['ihd'], sleepy: ['gsme', 'ppmid'] });
    for (const from of homeEntities) {
      for (const to of homeEntities) {
        if (from === to) continue;
        home.arrivals.length = 0;
        for (const name of homeRadios) home.nodes[name].wakeRadio();
        expect(home.entities[from].sendZcl(euis[to], tunnelling, pattern(150))).toBe('sent');
        home.run(10_000);
        expect(home.arrivals).toEqual([
          { at: to, source: euis[from], clusterId: tunnelling, zcl: toHex(pattern(150)) },
        ]);
      }
    }
    expect(drops(home)).toEqual({});
  });

  it('go through the hub where sender and receiver are on different bands', () => {
    const home = new JoinedHome({ subGhz: ['ihd'] });
    home.entities.ihd.sendZcl(euis.esme, price, pattern(10));
    const hops = home.frames.flatMap(({ psdu, meta }) => {
      const { mac, nwk } = decodeZigbeeFrame(psdu);
      return nwk === undefined
        ? []
        : [[meta.page, mac.source, mac.destination, nwk.source, nwk.destination, nwk.radius]];
    });
    const { ihd, esme } = radios;
    expect(hops).toEqual([
      [28, ihd.short, 0, ihd.short, esme.short, 30],
      [0, 0, esme.short, ihd.short, esme.short, 29],
    ]);
    expect(home.arrivals).toHaveLength(1);
    expect(home.nodes.hub.network.relayed).toBe(1);
  });

  it('say what they cannot do', () => {
    const { entities, frames } = new JoinedHome();
    expect(entities.chf.sendZcl(euis.esme, tunnelling, pattern(2049))).toBe('too-long');
    expect(frames).toEqual([]);
  });

  it('keep their order, however many are sent at once', () => {
    const home = new JoinedHome();
    const sent = Array.from({ length: 30 }, (_, index) => pattern(1 + index * 17, index));
    for (const asdu of sent) home.entities.chf.sendZcl(euis.gsme, tunnelling, asdu);
    expect(home.entities.chf.sendZcl(euis.esme, tunnelling, pattern(3))).toBe('sent');
    home.nodes.gsme.holdAwake(true);
    home.run(60_000);
    expect(zclOf(home)).toEqual([pattern(3), ...sent].map((asdu) => toHex(asdu)));
  });

  it('do not wait in endless queues', () => {
    const home = new JoinedHome();
    const verdicts = Array.from({ length: 104 }, () =>
      home.entities.chf.sendZcl(euis.gsme, tunnelling, pattern(10)),
    );
    expect(verdicts.filter((verdict) => verdict === 'sent')).toHaveLength(96);
    expect(new Set(verdicts.slice(96))).toEqual(new Set(['queue-full']));
    home.run(120 * 60_000);
    expect(home.undelivered).toHaveLength(96);
    expect(new Set(home.undelivered.map(({ reason }) => reason))).toEqual(new Set(['no-ack']));
    expect(home.nodes.hub.aps.waiting).toBe(0);
    expect(home.clock.pending).toBe(0);
    expect(home.works()).toBe(true);
  });
});

describe('two senders of long frames to one receiver', () => {
  it('have their fragments interleaved, and each its message whole', () => {
    // Every frame takes a while, so that both are under way at once.
    const home = new JoinedHome({ environment: environments.flat, places: sameRoom() });
    const [one, other] = [pattern(700, 1), pattern(700, 2)];
    home.entities.esme.sendZcl(euis.ihd, tunnelling, one);
    home.entities.ppmid.sendZcl(euis.ihd, tunnelling, other);
    home.run(20_000);
    expect(zclOf(home).sort()).toEqual([toHex(one), toHex(other)].sort());
    const senders = home.frames
      .filter(({ psdu }) => psdu.length > 100)
      .map(({ meta }) => meta.sender);
    const changes = senders.filter((sender, index) => sender !== senders[index - 1]).length;
    expect(changes).toBeGreaterThan(3);
  });
});

describe('on an air where frames take time, collide and get lost', () => {
  it.each(['house', 'flat'] as const)('everything acknowledged arrives once: %s', (name) => {
    const home = new JoinedHome({ environment: environments[name], places: sameRoom() });
    const chance = new SeededRandom(7).stream('loss');
    home.onFrame = (psdu) => (chance.fraction() < 0.15 ? [] : [psdu]);
    home.nodes.gsme.holdAwake(true);
    const sent: string[] = [];
    for (let round = 0; round < 12; round++) {
      for (const from of ['chf', 'esme', 'gsme', 'ihd'] as const) {
        const to: HomeEntity = from === 'chf' ? 'gsme' : from === 'ihd' ? 'gsme' : 'chf';
        const asdu = pattern(chance.int(1, 400), sent.length);
        expect(home.entities[from].sendZcl(euis[to], tunnelling, asdu)).toBe('sent');
        sent.push(toHex(asdu));
      }
      home.run(6_000);
    }
    home.run(120_000);
    expect(home.undelivered).toEqual([]);
    expect(zclOf(home).sort()).toEqual(sent.sort());
  });
});

describe('whatever is lost', () => {
  interface Exchange {
    readonly from: HomeEntity;
    readonly to: HomeEntity;
    readonly options?: JoinedHomeOptions;
  }

  /** Sends three ASDUs, one of them long, and lets everything settle. */
  function exchange({ from, to, options = {} }: Exchange, lost: (index: number) => boolean) {
    const home = new JoinedHome(options);
    home.onFrame = (psdu, _meta, index) => (lost(index) ? [] : [psdu]);
    const sent = [pattern(60, 1), pattern(230, 2), pattern(5, 3)];
    home.nodes[radioOf(from)].wakeRadio();
    home.nodes[radioOf(to)].holdAwake(true);
    for (const asdu of sent) home.entities[from].sendZcl(euis[to], tunnelling, asdu);
    home.run(90_000);
    return { home, sent: sent.map((asdu) => toHex(asdu)) };
  }

  const cases: readonly (readonly [string, Exchange])[] = [
    ['to a device that listens', { from: 'chf', to: 'esme' }],
    ['to a device that sleeps', { from: 'chf', to: 'gsme' }],
    ['from a device that sleeps', { from: 'gsme', to: 'chf' }],
    ['across bands', { from: 'esme', to: 'ihd', options: { subGhz: ['ihd'] } }],
  ];

  it.each(cases)('any single frame, %s: all arrive once, in order', (_, how) => {
    const { length } = exchange(how, () => false).home.frames;
    expect(length).toBeGreaterThan(15);
    for (let lost = 0; lost < Math.min(length, 60); lost++) {
      const { home, sent } = exchange(how, (index) => index === lost);
      expect([lost, zclOf(home)]).toEqual([lost, sent]);
      expect(home.undelivered).toEqual([]);
    }
  });

  it.each(cases)('everything for a while, %s: all arrive once, in order', (_, how) => {
    const { length } = exchange(how, () => false).home.frames;
    for (let from = 0; from < Math.min(length, 40); from++) {
      // Longer than the MAC goes on repeating a frame.
      const { home, sent } = exchange(how, (index) => index >= from && index < from + 6);
      expect([from, zclOf(home)]).toEqual([from, sent]);
      expect(home.undelivered).toEqual([]);
    }
  });

  it('for good: told to the sender, and nothing is kept', () => {
    const { home } = exchange({ from: 'chf', to: 'esme' }, (index) => index > 4);
    expect(home.undelivered.length).toBeGreaterThan(0);
    expect(home.nodes.hub.aps.waiting).toBe(0);
    home.onFrame = (psdu) => [psdu];
    home.nodes.gsme.wakeRadio();
    expect(home.works()).toBe(true);
  });
});

/** All radios within a few metres of each other. */
function sameRoom() {
  return new Map(
    homeRadios.map((name, index) => [
      radios[name].eui,
      { x: index, y: index % 2, storey: 0, outdoors: false },
    ]),
  );
}
