import { describe, expect, it } from 'vitest';
import { NodeSecurity } from '../../../../emulator/han/stack/node-security.js';
import { MemoryStore } from '../../../../emulator/sim/memory-store.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { nodeCryptoForTests } from '../../../support/test-crypto.js';

const own = eui64('02fe110000000003');
const hub = eui64('02fe110000000001');
const display = eui64('02fe110000000006');
const key = (octet: number, sequenceNumber: number) => ({
  key: new Uint8Array(16).fill(octet),
  sequenceNumber,
});

function security(store = new MemoryStore()) {
  return new NodeSecurity({ eui: own, crypto: nodeCryptoForTests(), store });
}

/** As a layer does that has opened a frame. */
function accept(node: NodeSecurity, number: number, frameCounter: number): string {
  const counters = node.networkCounters(number);
  const freshness = counters.judge(hub, frameCounter);
  if (freshness === 'fresh') {
    counters.accept(hub, frameCounter);
    node.rememberNetwork(number, hub, frameCounter);
  }
  return freshness;
}

describe('frame counters of a node', () => {
  it('never give a value again after a restart, and take no old frame', () => {
    const store = new MemoryStore();
    const given = new Set<number>();
    for (let start = 0; start < 5; start++) {
      const node = security(store);
      node.setNetworkKey(key(1, 0));
      for (let n = 0; n < 10; n++) {
        const counter = node.nextCounter('nwk') as number;
        expect(given.has(counter)).toBe(false);
        given.add(counter);
      }
      expect(accept(node, 0, start * 100)).toBe('fresh');
      expect(accept(node, 0, start * 100)).toBe('replayed');
      const restarted = security(store);
      restarted.setNetworkKey(key(1, 0));
      expect(accept(restarted, 0, start * 100)).toBe('replayed');
    }
    expect(given.size).toBe(50);
  });

  it('are written once for a stride of outgoing frames', () => {
    const store = new MemoryStore();
    let writes = 0;
    const put = store.put.bind(store);
    store.put = (name, value) => {
      writes++;
      put(name, value);
    };
    const node = security(store);
    for (let n = 0; n < 1_000; n++) node.nextCounter('aps');
    expect(writes).toBe(1);
  });

  it('end at the last value, and begin anew with another network key', () => {
    const store = new MemoryStore();
    store.put(`${own}/han/nwk`, Uint8Array.of(0xff, 0xff, 0xff, 0xfe));
    const node = security(store);
    node.setNetworkKey(key(1, 0));
    expect(node.nextCounter('nwk')).toBe(0xfffffffe);
    expect(node.nextCounter('nwk')).toBeUndefined();
    node.setNetworkKey(key(2, 1));
    expect(node.nextCounter('nwk')).toBe(0);
    expect(security(store).nextCounter('nwk')).toBe(1024);
  });

  it('go on under another network key where there are enough', () => {
    const node = security();
    node.setNetworkKey(key(1, 0));
    expect([node.nextCounter('nwk'), node.nextCounter('nwk')]).toEqual([0, 1]);
    node.setNetworkKey(key(2, 1));
    expect(node.nextCounter('nwk')).toBe(2);
  });

  it('of peers are kept by network key: one used up comes back with the next', () => {
    const node = security();
    node.setNetworkKey(key(1, 0));
    expect(accept(node, 0, 0xfffffffe)).toBe('fresh');
    expect(accept(node, 0, 0xffffffff)).toBe('replayed');
    node.setUpcomingNetworkKey(key(2, 1));
    expect(accept(node, 1, 7)).toBe('fresh');
    node.networkKeyUsed(1);
    expect(accept(node, 1, 7)).toBe('replayed');
    expect(accept(node, 1, 8)).toBe('fresh');
    expect(accept(node, 0, 0xfffffffe)).toBe('replayed');
  });

  it('of a key that is gone are gone, from the store too', () => {
    const store = new MemoryStore();
    const node = security(store);
    for (let number = 0; number < 600; number++) {
      node.setNetworkKey(key(number % 251, number & 0xff));
      expect(accept(node, number & 0xff, 5)).toBe('fresh');
    }
    expect([...store.entries(`${own}/han/nwk/`)]).toHaveLength(2);
    node.forgetNetwork();
    expect([...store.entries(`${own}/han/nwk/`)]).toEqual([]);
    const restarted = security(store);
    restarted.setNetworkKey(key(9, 3));
    accept(restarted, 3, 1);
    const left = security(store);
    left.setNetworkKey(key(9, 3));
    left.forgetNetwork();
    expect([...store.entries(`${own}/han/nwk/`)]).toEqual([]);
  });

  it('begin anew with another key of the same number', () => {
    const node = security();
    node.setNetworkKey(key(1, 0));
    expect(accept(node, 0, 500)).toBe('fresh');
    node.setNetworkKey(key(2, 0));
    expect(accept(node, 0, 3)).toBe('fresh');
    expect(node.networkKeyNumbered(0)).toEqual(key(2, 0).key);
  });
});

describe('network keys of a node', () => {
  it('are three at most: the one in force, the one before, the one to come', () => {
    const node = security();
    node.setNetworkKey(key(1, 1));
    node.setNetworkKey(key(2, 2));
    node.setUpcomingNetworkKey(key(3, 3));
    const known = () => [1, 2, 3, 4].map((n) => node.networkKeyNumbered(n)?.[0]);
    expect(known()).toEqual([1, 2, 3, undefined]);
    expect(node.switchNetworkKey(4)).toBe(false);
    expect(node.switchNetworkKey(3)).toBe(true);
    expect(known()).toEqual([undefined, 2, 3, undefined]);
    expect(node.switchNetworkKey(3)).toBe(true);
    expect(node.networkKey?.sequenceNumber).toBe(3);
  });

  it('come into force when the first frame under them is heard', () => {
    const node = security();
    node.setNetworkKey(key(1, 255));
    node.setUpcomingNetworkKey(key(2, 0));
    node.networkKeyUsed(255);
    expect(node.networkKey?.sequenceNumber).toBe(255);
    node.networkKeyUsed(0);
    expect(node.networkKey?.sequenceNumber).toBe(0);
  });
});

describe('link keys of a node', () => {
  it('start counting anew when they change, and not when they are set again', () => {
    const node = security();
    const [one, two] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
    node.setLinkKey(hub, one, 'preconfigured');
    node.linkCounters().accept(hub, 10);
    node.setLinkKey(hub, one, 'trust-centre');
    expect(node.linkCounters().judge(hub, 10)).toBe('replayed');
    node.setLinkKey(hub, two, 'trust-centre');
    expect(node.linkCounters().judge(hub, 10)).toBe('fresh');
  });

  it('are bounded in number', () => {
    const node = security();
    const octets = new Uint8Array(16);
    for (let n = 0; n < 32; n++) {
      const partner = eui64(n.toString(16).padStart(16, '0'));
      expect(node.setLinkKey(partner, octets, 'partner')).toBe(true);
    }
    expect(node.setLinkKey(display, octets, 'partner')).toBe(false);
    expect(node.linkKeyOf(display)).toBeUndefined();
  });

  it('give way to an alternate that a frame was opened with', () => {
    const node = security();
    node.setLinkKey(hub, new Uint8Array(16).fill(1), 'preconfigured');
    node.setAlternateLinkKey(hub, new Uint8Array(16).fill(2));
    expect(node.alternateLinkKeyOf(display)).toBeUndefined();
    node.alternateLinkKeyUsed(hub);
    expect(node.linkKeyOf(hub)?.data[0]).toBe(2);
    expect(node.alternateLinkKeyOf(hub)).toBeUndefined();
  });

  it('of a joined home are made when first asked for, and forgotten for good', () => {
    const asked: string[] = [];
    const node = new NodeSecurity({
      eui: own,
      crypto: nodeCryptoForTests(),
      store: new MemoryStore(),
      joinedLinkKey: (partner) => {
        asked.push(partner);
        return partner === hub ? new Uint8Array(16).fill(7) : undefined;
      },
    });
    expect(node.linkKeyOf(hub)?.kind).toBe('trust-centre');
    expect(node.linkKeyOf(hub)?.data[0]).toBe(7);
    expect(node.linkKeyOf(display)).toBeUndefined();
    expect(asked).toEqual([hub, display]);
    node.removeLinkKey(hub);
    expect(node.linkKeyOf(hub)).toBeUndefined();
  });
});
