import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { hash32 } from '../../functions/hash32.js';
import type { RadioChannel } from './radio.js';
import { bandOf, isSubGhz } from './radio-bands.js';
import type { Environment, NoiseRange, PerBand, Place } from './radio-environments.js';
import type { RadioFaults } from './radio-faults.js';

/**
 * The arithmetic of a home's radio links, all in dB and dBm:
 *
 *     loss   = first metre + 10 * exponent * log10(metres, at least 1) + walls + floors + shadowing
 *     rssi   = transmit power - loss - what a tester put between the two
 *     floor  = the greater of sensitivity and (strongest of noise, jammer, other frames) + needed
 *              signal to noise ratio
 *     margin = rssi - floor
 *     lost   = 1 for margin <= 0; 1 - t * t * (3 - 2 * t) with t = margin / 6; 0 from 6 dB on
 *     lqi    = 255 * margin / 40, held within 0 and 255
 *     energy = 4 * (dBm + 100), held within 0 and 255: -100 dBm is 0, -36 dBm is 255
 *
 * A straight line crosses an inner wall for every 4 m on the plan, a floor for every storey, and an
 * outer wall where one end is outdoors. Shadowing belongs to a pair of radios and a band, and works
 * alike in both directions.
 */

const roomM = 4;
const storeyM = 2.6;
/** From no frame to every frame. */
const slopeDb = 6;
const lqiSpanDb = 40;
const energyZeroDbm = -100;
export const energyPerDb = 4;

/** Purposes of `hash32`, so that no two questions share an answer. */
const purposes = { shadowing: 1, noise: 2, place: 3 } as const;

export function lossAt(marginDb: number): number {
  if (marginDb <= 0) return 1;
  if (marginDb >= slopeDb) return 0;
  const share = marginDb / slopeDb;
  return 1 - share * share * (3 - 2 * share);
}

export function lqiAt(marginDb: number): number {
  return held((255 * marginDb) / lqiSpanDb);
}

export function energyAt(dbm: number): number {
  return held(energyPerDb * (dbm - energyZeroDbm));
}

function held(value: number): number {
  return Math.round(Math.max(0, Math.min(255, value)));
}

/** Weakest signal that is received beside interference of that strength. */
export function floorDbm(page: number, interferenceDbm: number): number {
  const band = bandOf(page);
  return Math.max(band.sensitivityDbm, interferenceDbm + band.signalToNoiseDb);
}

/** Loss between two places but for shadowing. */
export function pathLossDb(environment: Environment, page: number, a: Place, b: Place): number {
  const storeys = Math.abs(a.storey - b.storey);
  const [dx, dy, dz] = [a.x - b.x, a.y - b.y, storeys * storeyM];
  const planM = Math.sqrt(dx * dx + dy * dy);
  const metres = Math.max(1, Math.sqrt(planM * planM + dz * dz));
  const walls = Math.floor(planM / roomM) * ofBand(environment.innerWallDb, page);
  const outer = a.outdoors === b.outdoors ? 0 : ofBand(environment.outerWallDb, page);
  const floors = storeys * ofBand(environment.floorDb, page);
  const distance = 10 * environment.pathLossExponent * Math.log10(metres);
  return bandOf(page).lossAtMetreDb + distance + walls + outer + floors;
}

function ofBand(figure: PerBand, page: number): number {
  return isSubGhz(page) ? figure.subGhz : figure.twoPointFour;
}

/** 2.4 GHz channels that no Wi-Fi network on channel 1, 6 or 11 covers. */
const gapChannels: readonly number[] = [15, 20, 25, 26];

/** How strongly the radios of one home hear each other, and the noise they hear. */
export class Propagation {
  private readonly places: Map<Eui64, Place>;

  constructor(
    readonly environment: Environment,
    private readonly seed: number,
    private readonly faults: RadioFaults,
    places: ReadonlyMap<Eui64, Place> = new Map(),
  ) {
    this.places = new Map(places);
  }

  put(eui: Eui64, place: Place): void {
    this.places.set(eui, place);
  }

  /** A radio that nobody placed is somewhere within 5 m of the hall. */
  placeOf(eui: Eui64): Place {
    const known = this.places.get(eui);
    if (known !== undefined) return known;
    const draw = hash32(this.seed, euiWord(eui), purposes.place);
    const metre = (half: number): number => (10 * half) / 0xffff - 5;
    return { x: metre(draw & 0xffff), y: metre(draw >>> 16), storey: 0, outdoors: false };
  }

  /** Received power, to a hundredth of a dB so that every engine's logarithm gives the same. */
  rssiDbm(from: Eui64, to: Eui64, page: number): number {
    const { environment, faults } = this;
    const attenuation = faults.attenuationDb(from, to);
    if (environment.evenRssiDbm !== undefined) return environment.evenRssiDbm - attenuation;
    const path = pathLossDb(environment, page, this.placeOf(from), this.placeOf(to));
    const loss = path + this.shadowingDb(from, to, page) + attenuation;
    return Math.round((bandOf(page).transmitPowerDbm - loss) * 100) / 100;
  }

  /** Sum of four uniform draws, near enough to a normal distribution; within 3.5 deviations. */
  private shadowingDb(a: Eui64, b: Eui64, page: number): number {
    const deviation = ofBand(this.environment.shadowingDb, page);
    if (deviation === 0) return 0;
    const [low, high] = a < b ? [a, b] : [b, a];
    const first = hash32(this.seed, euiWord(low), euiWord(high));
    const second = hash32(first, purposes.shadowing, isSubGhz(page) ? 1 : 0);
    const third = hash32(second, purposes.shadowing, 2);
    const sum = (second & 0xffff) + (second >>> 16) + (third & 0xffff) + (third >>> 16);
    return (sum / 0xffff - 2) * Math.sqrt(3) * deviation;
  }

  /** Background of a channel with whatever testers made of it. */
  noiseDbm(on: RadioChannel): number {
    const noise = this.faults.noiseDbm(on) ?? this.backgroundDbm(on);
    return Math.max(noise, this.faults.jammerDbm(on));
  }

  private backgroundDbm({ page, channel }: RadioChannel): number {
    const [low, high] = this.noiseRange(page, channel);
    const share = hash32(this.seed, (page << 8) | channel, purposes.noise) / 2 ** 32;
    return Math.round((low + (high - low) * share) * 100) / 100;
  }

  private noiseRange(page: number, channel: number): NoiseRange {
    const { environment } = this;
    if (isSubGhz(page)) return environment.subGhzNoiseDbm;
    return gapChannels.includes(channel) ? environment.gapNoiseDbm : environment.wifiNoiseDbm;
  }
}

function euiWord(eui: Eui64): number {
  const high = Number.parseInt(eui.slice(0, 8), 16);
  return hash32(high, Number.parseInt(eui.slice(8), 16), 0);
}
