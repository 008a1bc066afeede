import { describe, expect, it } from 'vitest';
import {
  energyAt,
  floorDbm,
  lossAt,
  lqiAt,
  Propagation,
  pathLossDb,
} from '../../../../emulator/han/air/propagation.js';
import { acknowledgmentUs, airtimeUs } from '../../../../emulator/han/air/radio-bands.js';
import {
  environmentNamed,
  environments,
  type Place,
  usualPlace,
} from '../../../../emulator/han/air/radio-environments.js';
import { RadioFaults } from '../../../../emulator/han/air/radio-faults.js';
import { UsageError } from '../../../../emulator/ports/errors.js';
import { SeededRandom } from '../../../../emulator/sim/seeded-random.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';

const hub = eui64('02fe110000000001');
const meter = eui64('02fe110000000003');
const at = (x: number, y: number, more: Partial<Place> = {}): Place => ({
  x,
  y,
  storey: 0,
  outdoors: false,
  ...more,
});

describe('time on the air', () => {
  // IEEE 802.15.4 at 250 kbit/s: 127 octets with preamble, delimiter and length take 4.256 ms.
  it.each([
    [0, 125, 4_256],
    [0, 3, 352],
    [28, 125, 10_640],
    [31, 3, 880],
  ])('page %i, %i octets: %i µs', (page, octets, us) => {
    expect(airtimeUs(page, octets)).toBe(us);
  });

  it('leaves room for turnaround and acknowledgment', () => {
    expect(acknowledgmentUs(0)).toBe(192 + 352);
  });
});

describe('the link budget, worked out by hand', () => {
  it.each([
    ['one metre', 'house', 0, at(0, 1), 40],
    ['nearer than a metre', 'house', 0, at(0, 0.2), 40],
    ['5 m, one wall', 'house', 0, at(3, 4), 40 + 13.979 + 5],
    ['5 m, one wall, sub-GHz', 'house', 28, at(3, 4), 31 + 13.979 + 3],
    ['10 m, two walls, outdoors', 'house', 0, at(6, 8, { outdoors: true }), 40 + 20 + 10 + 10],
    ['the storey above', 'house', 0, at(0, 0, { storey: 1 }), 40 + 8.299 + 13],
    ['10 m of stone', 'thick-walls', 0, at(10, 0), 40 + 22 + 20],
    ['three floors', 'meter-room', 0, at(0, 0, { storey: -3 }), 40 + 17.842 + 48],
  ] as const)('%s', (_name, environment, page, place, expected) => {
    expect(pathLossDb(environments[environment], page, at(0, 0), place)).toBeCloseTo(expected, 2);
  });

  it.each([
    [-1, 1],
    [0, 1],
    [1.5, 0.84375],
    [3, 0.5],
    [4.5, 0.15625],
    [6, 0],
    [80, 0],
  ])('at a margin of %f dB the share %f is lost', (margin, loss) => {
    expect(lossAt(margin)).toBeCloseTo(loss, 10);
  });

  it('gives link quality and energy as documented', () => {
    expect([-5, 0, 10, 20, 40, 90].map(lqiAt)).toEqual([0, 0, 64, 128, 255, 255]);
    expect([-140, -100, -85, -60, -36, 0].map(energyAt)).toEqual([0, 0, 60, 160, 255, 255]);
  });

  it('takes the greater of sensitivity and noise for the floor', () => {
    expect(floorDbm(0, -120)).toBe(-97);
    expect(floorDbm(0, -80)).toBe(-77);
    expect(floorDbm(28, -100)).toBe(-90);
  });
});

describe('a home', () => {
  const home = (seed: number, environment = environments.house) =>
    new Propagation(environment, seed, new RadioFaults(), new Map([[hub, at(0, 0)]]));

  it('is the same for the same seed, both ways, and another for another', () => {
    const [first, second, other] = [home(1), home(1), home(2)];
    expect(first.rssiDbm(hub, meter, 0)).toBe(second.rssiDbm(hub, meter, 0));
    expect(first.rssiDbm(hub, meter, 0)).toBe(first.rssiDbm(meter, hub, 0));
    expect(first.rssiDbm(hub, meter, 0)).not.toBe(other.rssiDbm(hub, meter, 0));
    expect(first.noiseDbm({ page: 0, channel: 20 })).toBe(
      second.noiseDbm({ page: 0, channel: 20 }),
    );
  });

  it('loses less below a gigahertz, with more power', () => {
    const { house } = environments;
    const clear = { ...house, shadowingDb: { twoPointFour: 0, subGhz: 0 } };
    const air = new Propagation(
      clear,
      1,
      new RadioFaults(),
      new Map([
        [hub, at(0, 0)],
        [meter, at(6, 8, { outdoors: true })],
      ]),
    );
    expect(air.rssiDbm(hub, meter, 0)).toBe(8 - 80);
    expect(air.rssiDbm(hub, meter, 28)).toBe(14 - (31 + 20 + 6 + 6));
  });

  it('scatters links by the shadowing of its environment', () => {
    const place = new Map([
      [hub, at(0, 0)],
      [meter, at(0, 1)],
    ]);
    const deviations = Array.from({ length: 2_000 }, (_, seed) => {
      const air = new Propagation(environments.house, seed, new RadioFaults(), place);
      return air.rssiDbm(hub, meter, 0) - (8 - 40);
    });
    const mean = deviations.reduce((sum, value) => sum + value, 0) / deviations.length;
    const square = deviations.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    expect(mean).toBeCloseTo(0, 0);
    expect(Math.sqrt(square / deviations.length)).toBeCloseTo(4, 0);
    expect(Math.max(...deviations.map(Math.abs))).toBeLessThanOrEqual(2 * Math.sqrt(3) * 4 + 0.01);
  });

  it('has its quiet channels between those of Wi-Fi', () => {
    const air = home(5);
    for (const channel of [15, 20, 25, 26]) {
      expect(air.noiseDbm({ page: 0, channel })).toBeLessThanOrEqual(-92);
    }
    for (const channel of [11, 14, 19, 24]) {
      expect(air.noiseDbm({ page: 0, channel })).toBeGreaterThanOrEqual(-92);
    }
  });

  it('puts devices where such devices are', () => {
    const random = new SeededRandom(7).stream('places');
    expect(usualPlace('esme', environments.house, random)).toEqual(at(0, 0));
    expect(usualPlace('gsme', environments.house, random)).toMatchObject({ outdoors: true });
    expect(usualPlace('esme', environments['meter-room'], random)).toMatchObject({ storey: -3 });
    const display = usualPlace('ihd', environments['meter-room'], random);
    expect(display).toMatchObject({ storey: 0 });
    expect(Math.abs(display.x - 2)).toBeLessThanOrEqual(1.5);
    expect(usualPlace('constructor', environments.house, random)).toMatchObject({ storey: 0 });
  });

  it('in a meter room is out of reach at 2.4 GHz and within it at 868 MHz', () => {
    const random = new SeededRandom(7).stream('places');
    const environment = environments['meter-room'];
    for (let seed = 0; seed < 50; seed++) {
      const place = new Map([
        [hub, usualPlace('chf', environment, random)],
        [meter, usualPlace('ihd', environment, random)],
      ]);
      const air = new Propagation(environment, seed, new RadioFaults(), place);
      expect(air.rssiDbm(hub, meter, 0)).toBeLessThan(-90);
      expect(air.rssiDbm(hub, meter, 28)).toBeGreaterThan(-95);
    }
  });

  it('names the environments there are', () => {
    expect(environmentNamed('house')).toBe(environments.house);
    expect(() => environmentNamed('moon')).toThrow(UsageError);
    expect(() => environmentNamed('toString')).toThrow(/ideal, flat, house/);
    for (const [name, environment] of Object.entries(environments)) {
      expect(environment.name).toBe(name);
    }
  });

  it('refuses faults that are no numbers', () => {
    const faults = new RadioFaults();
    expect(() => faults.attenuate(hub, meter, Number.NaN)).toThrow(UsageError);
    expect(() => faults.jam({ page: 0, channel: 20 }, Number.POSITIVE_INFINITY)).toThrow(
      UsageError,
    );
    expect(faults.any).toBe(false);
  });
});
