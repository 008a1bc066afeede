import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Air, type AirNode } from '../../../emulator/han/air.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { bytesOf } from '../../support/codec-table.js';

interface Heard extends AirNode {
  readonly heard: Uint8Array[];
}

function radio(shortAddress: number, eui: string): Heard {
  const heard: Uint8Array[] = [];
  return { shortAddress, eui: eui64(eui), heard, receive: (psdu) => heard.push(psdu) };
}

function home() {
  const published: { psdu: Uint8Array; sender: string }[] = [];
  const air = new Air((psdu, { sender }) => published.push({ psdu, sender }));
  const hub = radio(0x0000, '02fe110000000001');
  const meter = radio(0x4f21, '02fe110000000003');
  const display = radio(0xc354, '02fe110000000006');
  for (const node of [hub, meter, display]) air.attach(node);
  return { air, published, hub, meter, display };
}

const toMeter = bytesOf('4188 01 621a 214f 0000');
const toAll = bytesOf('4188 01 621a ffff 0000');
const counts = (...nodes: Heard[]) => nodes.map((node) => node.heard.length);

describe('the air of a home', () => {
  it('puts what a node transmits on the bus, and lets nobody hear it before it comes back', () => {
    const { air, published, hub, meter, display } = home();
    air.transmit(hub, toMeter);
    expect(published).toEqual([{ psdu: toMeter, sender: hub.eui }]);
    expect(counts(hub, meter, display)).toEqual([0, 0, 0]);
    air.receive(toMeter, hub.eui);
    expect(counts(hub, meter, display)).toEqual([0, 1, 0]);
  });

  it('gives a broadcast to all but its sender, and so a frame that names no destination', () => {
    const { air, hub, meter, display } = home();
    air.receive(toAll, hub.eui);
    expect(counts(hub, meter, display)).toEqual([0, 1, 1]);
    air.receive(bytesOf('0200 01'), meter.eui);
    expect(counts(hub, meter, display)).toEqual([1, 1, 2]);
  });

  it('finds a node by its extended address', () => {
    const { air, hub, meter, display } = home();
    air.receive(bytesOf('63cc 01 621a ff0000000011fe02 010000000011fe02'), hub.eui);
    expect(counts(hub, meter, display)).toEqual([0, 0, 0]);
    expect(air.stats.unheard).toBe(1);
    air.receive(bytesOf('63cc 01 621a 030000000011fe02 010000000011fe02'), hub.eui);
    expect(counts(hub, meter, display)).toEqual([0, 1, 0]);
  });

  it('takes frames of radios it does not know, and counts those it knows no addressee for', () => {
    const { air, meter } = home();
    air.receive(toMeter, eui64('02fe1100000000ff'));
    expect(meter.heard).toHaveLength(1);
    air.detach(meter);
    air.receive(toMeter, eui64('02fe1100000000ff'));
    expect(air.stats).toMatchObject({ received: 2, delivered: 1, unheard: 1 });
  });

  it('does not carry what a detached node transmits', () => {
    const { air, published, meter } = home();
    air.detach(meter);
    air.transmit(meter, toAll);
    expect(published).toEqual([]);
  });

  it('lets nodes come and go while a frame is being delivered', () => {
    const { air, hub, display } = home();
    const late = radio(0x7777, '02fe110000000007');
    const leaver: Heard = {
      ...radio(0x6666, '02fe110000000008'),
      receive: () => {
        air.detach(leaver);
        air.attach(late);
      },
    };
    air.detach(display);
    air.attach(leaver);
    air.attach(display);
    air.receive(toAll, hub.eui);
    expect(counts(display, late)).toEqual([1, 0]);
    air.receive(toAll, hub.eui);
    expect(counts(display, late)).toEqual([2, 1]);
  });

  it.each([
    ['tooShort', ''],
    ['tooShort', '4188'],
    ['tooShort', '4188 01 621a 21'],
    ['tooShort', '63cc 01 621a 030000000011fe'],
    ['tooLong', '4188 01 621a 214f 0000'.padEnd(600, '0')],
    ['unknownType', '4788 01 621a 214f 0000'],
    ['reservedAddressing', '4184 01 621a 214f 0000'],
  ] as const)('drops and counts what it cannot carry: %s', (reason, wire) => {
    const { air, published, hub, meter } = home();
    air.receive(bytesOf(wire), hub.eui);
    air.transmit(hub, bytesOf(wire));
    expect(published).toEqual([]);
    expect(meter.heard).toEqual([]);
    expect(air.stats.dropped[reason]).toBe(2);
  });

  it('accounts for every frame of noise', () => {
    const { air, hub } = home();
    const property = fc.property(fc.uint8Array({ maxLength: 140 }), (noise) => {
      const before = air.stats.received + sum(air.stats.dropped);
      air.receive(noise, hub.eui);
      expect(air.stats.received + sum(air.stats.dropped)).toBe(before + 1);
    });
    fc.assert(property, { seed: 20261122, numRuns: 2000 });
  });
});

function sum(dropped: Readonly<Record<string, number>>): number {
  return Object.values(dropped).reduce((total, count) => total + count, 0);
}
