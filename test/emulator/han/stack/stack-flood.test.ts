import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../protocols/codec/hex.js';
import { busyHome, moved } from '../../../support/attacked-home.js';
import { type Forgery, forge, hear, inMac } from '../../../support/forged-frames.js';
import {
  euis,
  type HomeRadio,
  homeRadios,
  type JoinedHome,
  pattern,
  radios,
} from '../../../support/joined-home.js';

const tunnelling = 0x0704;
const keyEstablishment = 0x0800;

describe('a bomb of fragments', () => {
  const first = (blocks: number) =>
    ({ clusterId: keyEstablishment, fragment: { first: true, blockNumber: blocks } }) as const;

  it('of endless first blocks takes eight places, and leaves link-secured messages alone', () => {
    const home = busyHome();
    const before = home.nodes.esme.drops();
    for (let n = 0; n < 3_000; n++) {
      const { eui, short } = n % 2 === 0 ? radios.ppmid : radios.ihd;
      const from = n % 2 === 0 ? 'ppmid' : 'ihd';
      const source = { from, eui, short: n < 1_000 ? short : 0x5000 + n } as const;
      const aps = { ...first(30), counter: n & 0xff };
      hear(home, forge(home, { to: 'esme', ...source, linkKey: null, aps, payload: pattern(60) }));
    }
    const { aps } = home.nodes.esme;
    expect(aps.reassembling).toBe(8);
    const counted = moved(home, 'esme', before);
    expect((counted.full ?? 0) + (counted.superseded ?? 0)).toBe(3_000 - 8);
    // Messages under link keys have places of their own.
    const message = pattern(1_200);
    home.arrivals.length = 0;
    home.entities.chf.sendZcl(euis.esme, tunnelling, message);
    expect(home.arrivals.map(({ zcl }) => zcl)).toEqual([toHex(message)]);
    home.run(60_000);
    expect(aps.reassembling).toBe(0);
    expect(aps.reassemblyDropped?.expired).toBe(8);
    expect(home.clock.pending).toBe(0);
    expect(home.works()).toBe(true);
  });

  it('of totals that change, and of blocks beyond them', () => {
    const home = busyHome();
    const block = (isFirst: boolean, blockNumber: number, counter: number) => ({
      clusterId: keyEstablishment,
      counter,
      fragment: { first: isFirst, blockNumber },
    });
    const send = (aps: Forgery['aps'] & object) =>
      hear(home, forge(home, { to: 'esme', linkKey: null, aps, payload: pattern(60) }));
    for (let n = 0; n < 200; n++) {
      send(block(true, 3, n));
      send(block(n % 2 === 0, n % 2 === 0 ? 4 : 9, n));
    }
    expect(home.nodes.esme.aps.reassemblyDropped?.inconsistent).toBe(200);
    expect(home.nodes.esme.aps.reassembling).toBe(0);
    expect(home.arrivals).toEqual([]);
    expect(home.works()).toBe(true);
  });

  it('of blocks that together are longer than any message', () => {
    const home = busyHome();
    for (let number = 0; number < 40; number++) {
      const aps = {
        clusterId: keyEstablishment,
        counter: 5,
        fragment: number === 0 ? first(40).fragment : { first: false, blockNumber: number },
      };
      hear(home, forge(home, { to: 'esme', linkKey: null, aps, payload: pattern(75) }));
    }
    expect(home.nodes.esme.aps.reassemblyDropped?.tooLong).toBe(1);
    expect(home.arrivals).toEqual([]);
    expect(home.works()).toBe(true);
  });
});

describe('a flood', () => {
  it('of everything a stranger without keys can make leaves no trace but counts', () => {
    const home = busyHome();
    const random = home.random.stream('flood');
    const sizes = tableSizes(home);
    for (let n = 0; n < 3_000; n++) {
      const to = homeRadios[n % homeRadios.length] as HomeRadio;
      const nsdu = random.bytes(1 + (n % 100));
      hear(home, inMac(nsdu, radios[to].short, n & 0xffff));
    }
    expect(tableSizes(home)).toEqual(sizes);
    for (const name of homeRadios) {
      expect(home.nodes[name].mac.describe().neighbours).toBeLessThanOrEqual(64);
    }
    expect(home.works()).toBe(true);
  });

  it('of frames for a sleepy node is cut off at the hub, which goes on', () => {
    const home = busyHome();
    for (let n = 0; n < 500; n++) {
      const via = { to: 'gsme', from: 'ihd', macSource: radios.ihd.short } as const;
      const nsdu = forge(home, { ...via, namesSource: true }).slice(9);
      hear(home, inMac(nsdu, radios.hub.short, radios.ihd.short));
    }
    const { indirect } = home.nodes.hub.mac.describe();
    expect(indirect.waiting).toBe(8);
    expect(indirect.overflow).toBe(492);
    home.run(10_000);
    expect(home.nodes.hub.mac.describe().indirect.waiting).toBe(0);
    expect(home.clock.pending).toBe(0);
    expect(home.works()).toBe(true);
  });
});

function tableSizes(home: JoinedHome) {
  return homeRadios.map((name) => {
    const { network, security, aps } = home.nodes[name];
    return [
      network.addresses.size,
      security.networkCounters(0).size,
      security.linkCounters().size,
      aps.reassembling,
      aps.waiting,
    ];
  });
}
