import { UsageError } from '../../ports/errors.js';
import type { RandomStream } from '../../ports/random.js';

/** Where a radio is: metres on the plan of the home, its hall at 0, 0; the street is at negative y. */
export interface Place {
  readonly x: number;
  readonly y: number;
  /** 0 is the ground floor of a house, the own floor in a block. */
  readonly storey: number;
  readonly outdoors: boolean;
}

/** One figure for each band. */
export interface PerBand {
  readonly twoPointFour: number;
  readonly subGhz: number;
}

/** Least and greatest power in dBm of a channel's background noise. */
export type NoiseRange = readonly [lowDbm: number, highDbm: number];

/** A kind of building, and how radio fares in it. */
export interface Environment {
  readonly name: string;
  readonly title: string;
  /** Received power of every link, where places and walls shall not matter. */
  readonly evenRssiDbm: number | undefined;
  /** Whether frames take time, wait for a clear channel and can collide. */
  readonly contention: boolean;
  /** Share of frames lost on the best of links. */
  readonly residualLoss: number;
  /** Tens of dB for each tenfold distance; 2 is free space, walls count extra. */
  readonly pathLossExponent: number;
  readonly innerWallDb: PerBand;
  readonly outerWallDb: PerBand;
  readonly floorDb: PerBand;
  /** Standard deviation of what this description does not know of: furniture, pipes, mirrors. */
  readonly shadowingDb: PerBand;
  /** 2.4 GHz channels that lie in the gaps of the Wi-Fi channels 1, 6 and 11. */
  readonly gapNoiseDbm: NoiseRange;
  /** 2.4 GHz channels under them. */
  readonly wifiNoiseDbm: NoiseRange;
  readonly subGhzNoiseDbm: NoiseRange;
  /** Instead of `usualPlaces`. */
  readonly places: Readonly<Record<string, UsualPlace>>;
}

/** Where devices of a type are put, and how far from there along x and y they may be. */
export interface UsualPlace extends Place {
  readonly spreadM: number;
}

const hall: UsualPlace = { x: 0, y: 0, storey: 0, outdoors: false, spreadM: 0 };

/** By device type. The communications hub sits on the electricity meter. */
const usualPlaces: Readonly<Record<string, UsualPlace>> = {
  chf: hall,
  gpf: hall,
  esme: hall,
  gsme: { x: 5, y: -2, storey: 0, outdoors: true, spreadM: 2 },
  ihd: { x: 2, y: 8, storey: 0, outdoors: false, spreadM: 1.5 },
  ppmid: { x: 4, y: 4, storey: 0, outdoors: false, spreadM: 1.5 },
  hcalcs: { x: 3, y: 6, storey: 1, outdoors: false, spreadM: 1.5 },
};

/** Where anything else is: somewhere in the living room. */
const livingRoom: UsualPlace = { x: 4, y: 5, storey: 0, outdoors: false, spreadM: 3 };

const meterRoom: UsualPlace = { x: -6, y: -4, storey: -3, outdoors: false, spreadM: 0 };

const ideal = {
  name: 'ideal',
  title: 'nothing is lost, frames take no time',
  evenRssiDbm: -35,
  contention: false,
  residualLoss: 0,
  pathLossExponent: 2,
  innerWallDb: { twoPointFour: 0, subGhz: 0 },
  outerWallDb: { twoPointFour: 0, subGhz: 0 },
  floorDb: { twoPointFour: 0, subGhz: 0 },
  shadowingDb: { twoPointFour: 0, subGhz: 0 },
  gapNoiseDbm: [-98, -92],
  wifiNoiseDbm: [-92, -80],
  subGhzNoiseDbm: [-112, -104],
  places: {},
} as const satisfies Environment;

const flat = {
  ...ideal,
  name: 'flat',
  title: 'one storey, light walls, many neighbours on the air',
  evenRssiDbm: undefined,
  contention: true,
  residualLoss: 0.002,
  innerWallDb: { twoPointFour: 4, subGhz: 2.5 },
  outerWallDb: { twoPointFour: 8, subGhz: 5 },
  floorDb: { twoPointFour: 16, subGhz: 11 },
  shadowingDb: { twoPointFour: 3, subGhz: 2 },
  gapNoiseDbm: [-96, -88],
  wifiNoiseDbm: [-88, -78],
} as const satisfies Environment;

const house = {
  ...flat,
  name: 'house',
  title: 'two storeys of brick, the gas meter in a box outside',
  innerWallDb: { twoPointFour: 5, subGhz: 3 },
  outerWallDb: { twoPointFour: 10, subGhz: 6 },
  floorDb: { twoPointFour: 13, subGhz: 9 },
  shadowingDb: { twoPointFour: 4, subGhz: 3 },
  gapNoiseDbm: [-98, -92],
  wifiNoiseDbm: [-92, -80],
} as const satisfies Environment;

/**
 * Figures are our choice, within what is published for dwellings: walls and floors as in multi-wall
 * models of indoor propagation (3 to 7 dB for an inner wall, 13 to 18 dB for a floor around 2 GHz),
 * about two thirds of that in dB at 868 MHz.
 */
export const environments = {
  ideal,
  flat,
  house,
  'thick-walls': {
    ...house,
    name: 'thick-walls',
    title: 'an old house of stone',
    residualLoss: 0.005,
    pathLossExponent: 2.2,
    innerWallDb: { twoPointFour: 10, subGhz: 6 },
    outerWallDb: { twoPointFour: 20, subGhz: 12 },
    floorDb: { twoPointFour: 18, subGhz: 12 },
    shadowingDb: { twoPointFour: 5, subGhz: 4 },
  },
  'meter-room': {
    ...flat,
    name: 'meter-room',
    title: 'a block whose meters are in a room three floors below: 2.4 GHz hardly gets there',
    places: { chf: meterRoom, gpf: meterRoom, esme: meterRoom, gsme: meterRoom },
  },
} as const satisfies Readonly<Record<string, Environment>>;

export type EnvironmentName = keyof typeof environments;

/** @throws UsageError naming those there are. */
export function environmentNamed(name: string): Environment {
  if (Object.hasOwn(environments, name)) return environments[name as EnvironmentName];
  throw new UsageError(
    `no radio environment '${name}'; there are ${Object.keys(environments).join(', ')}`,
  );
}

/** A place such as devices of this type have, drawn anew at each call. */
export function usualPlace(type: string, environment: Environment, random: RandomStream): Place {
  const known = Object.hasOwn(environment.places, type) ? environment.places : usualPlaces;
  const usual = (Object.hasOwn(known, type) ? known[type] : undefined) ?? livingRoom;
  const { x, y, storey, outdoors, spreadM } = usual;
  const shift = (): number => (2 * random.fraction() - 1) * spreadM;
  return { x: x + shift(), y: y + shift(), storey, outdoors };
}
