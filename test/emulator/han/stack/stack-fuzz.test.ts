import { describe, expect, it } from 'vitest';
import type { RandomStream } from '../../../../emulator/ports/random.js';
import { type Forgery, forge, hear } from '../../../support/forged-frames.js';
import {
  channel20,
  type HomeRadio,
  homeRadios,
  JoinedHome,
  radios,
} from '../../../support/joined-home.js';

const mutantsPerRole = 20_000;
const reception = { ...channel20, lqi: 200, rssiDbm: -50 };

/** Frames of all kinds that the home has sent, and forged ones of kinds that it has not. */
function corpus(home: JoinedHome, to: HomeRadio): Uint8Array[] {
  const frames = home.frames.map(({ psdu }) => psdu);
  const forgeries: Partial<Forgery>[] = [
    { networkKey: null },
    { linkKey: null },
    { linkKey: null, aps: { clusterId: 0x0013, profileId: 0, destinationEndpoint: 0 } },
    { linkKey: null, aps: { clusterId: 0x0800, fragment: { first: true, blockNumber: 9 } } },
    { aps: { fragment: { first: true, blockNumber: 3 } } },
    { nwk: { type: 'command' }, apdu: Uint8Array.of(4, 0x40) },
  ];
  return [...frames, ...forgeries.map((forgery) => forge(home, { to, ...forgery }))];
}

/** Random octets, or a frame with a few octets changed, cut off, or grown. */
function mutant(random: RandomStream, frames: readonly Uint8Array[]): Uint8Array {
  if (random.int(0, 9) === 0) return random.bytes(random.int(0, 140));
  const frame = (frames[random.int(0, frames.length - 1)] as Uint8Array).slice();
  for (let changes = random.int(0, 4); changes > 0; changes--) {
    frame[random.int(0, frame.length - 1)] = random.int(0, 255);
  }
  const how = random.int(0, 9);
  if (how === 0) return frame.subarray(0, random.int(0, frame.length));
  if (how === 1) return Uint8Array.of(...frame, ...random.bytes(random.int(1, 20)));
  return frame;
}

/**
 * A mutant that passes the network key: what fuzzing from outside does not reach. From a device of
 * the home, so that the frame counter of nobody else is moved on.
 */
function insider(home: JoinedHome, to: HomeRadio, random: RandomStream): Uint8Array {
  const from = to === 'ihd' ? 'ppmid' : 'ihd';
  const type = random.int(0, 4) === 0 ? 'command' : 'data';
  const [apdu, base] = [random.bytes(random.int(0, 60)), random.int(0, 2)];
  const aps = {
    clusterId: [0x0800, 0x0013, 0x0704][base] as number,
    profileId: base === 1 ? 0 : 0x0109,
    destinationEndpoint: base === 1 ? 0 : random.int(0, 4),
    counter: random.int(0, 255),
    acknowledgmentRequest: random.int(0, 1) === 1,
    fragment:
      random.int(0, 2) === 0
        ? { first: random.int(0, 1) === 1, blockNumber: random.int(0, 70) }
        : undefined,
  };
  const payload = random.bytes(random.int(0, 50));
  const raw = random.int(0, 2) === 0;
  return forge(home, {
    to,
    from,
    nwk: { type, destination: random.int(0, 9) === 0 ? 0xfffd : radios[to].short },
    linkKey: base === 2 ? home.linkKey(radios[from].eui, radios[to].eui) : null,
    ...(raw ? { apdu } : { aps, payload }),
  });
}

/** Everything of a node that could grow. */
function held(home: JoinedHome, name: HomeRadio) {
  const { network, security, aps, mac } = home.nodes[name];
  const { neighbours, underWay, indirect } = mac.describe();
  return {
    addresses: network.addresses.size,
    networkCounters: security.networkCounters(0).size,
    linkCounters: security.linkCounters().size,
    reassembling: aps.reassembling,
    sending: aps.waiting,
    neighbours,
    underWay,
    indirect: indirect.waiting,
    stored: [...home.stores[name].entries(`${radios[name].eui}/`)].length,
    timers: home.clock.pending,
  };
}

describe('a node under mutated frames', () => {
  it.each(['hub', 'esme', 'gsme'] as const)('goes on as before: %s', (to) => {
    const home = new JoinedHome();
    const random = home.random.stream('fuzz', to);
    expect(home.works()).toBe(true);
    const frames = corpus(home, to);
    home.nodes.gsme.holdAwake(true);
    for (let n = 0; n < mutantsPerRole; n++) {
      home.nodes[to].receive(mutant(random, frames), reception);
      if (n % 4 === 0) hear(home, insider(home, to, random));
      if (n % 64 === 0) home.run(20);
    }
    const most = held(home, to);
    expect(most.addresses).toBeLessThanOrEqual(64);
    expect(most.networkCounters).toBeLessThanOrEqual(256);
    expect(most.linkCounters).toBeLessThanOrEqual(4);
    expect(most.reassembling).toBeLessThanOrEqual(16);
    expect(most.neighbours).toBeLessThanOrEqual(64);
    expect(most.stored).toBeLessThanOrEqual(2 + 256 + 4);
    home.run(120_000);
    home.nodes.gsme.holdAwake(false);
    home.run(10_000);
    expect(held(home, to)).toMatchObject({
      reassembling: 0,
      sending: 0,
      underWay: 0,
      indirect: 0,
      timers: 0,
    });
    expect(Object.keys(home.nodes[to].drops()).length).toBeGreaterThan(15);
    for (const name of homeRadios) expect([name, home.nodes[name].joined]).toEqual([name, true]);
    expect(home.works()).toBe(true);
  });
});
