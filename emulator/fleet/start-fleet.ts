import { readFileSync } from 'node:fs';
import { encodeEnvelope } from '../../protocols/bus/envelope.js';
import { processEventTopic } from '../../protocols/bus/topics.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import { EmbeddedBroker } from '../adapters/embedded-broker.js';
import { MqttBus } from '../adapters/mqtt-bus.js';
import { NodeCrypto } from '../adapters/node-crypto.js';
import { SystemClock } from '../adapters/system-clock.js';
import type { CommandOutcome, CommandRequest } from '../dcc/command-outcome.js';
import type { CounterGranularity } from '../functions/counters.js';
import { TestPki } from '../functions/test-pki.js';
import { type TrustAnchorCells, trustAnchorCellsOf } from '../functions/trust-anchor-cells.js';
import { environmentNamed } from '../han/air/radio-environments.js';
import type { Bus } from '../ports/bus.js';
import type { Clock } from '../ports/clock.js';
import { EnvironmentError, UsageError } from '../ports/errors.js';
import type { Log } from '../ports/log.js';
import { MemoryStore } from '../sim/memory-store.js';
import { SeededRandom } from '../sim/seeded-random.js';
import { silentLog } from '../sim/silent-log.js';
import { Control } from './control.js';
import { type DeviceSummary, Fleet, type FleetEvent, type FleetStats } from './fleet.js';
import type { FleetWorld } from './fleet-world.js';
import type { Beginning, HanKind, HomePlan } from './home.js';
import { type HomeDeviceType, loadHomeTemplate } from './home-template.js';
import { joiningWorld } from './joining-world.js';
import { Routine, type RoutineTotals } from './routine.js';

export type {
  CommandOutcome,
  CommandRequest,
  DeviceSummary,
  FleetEvent,
  FleetStats,
  RoutineTotals,
};

export interface FleetOptions {
  /** Default 10; up to 100,000. */
  readonly homes?: number;
  /** Everything random follows from it; default `hubfleet`. */
  readonly seed?: string;
  /** Name of the fleet in topics; default `default`. */
  readonly name?: string;
  /** A home template that ships, or the path of one; default `dual-fuel-home`. */
  readonly template?: string;
  /** `mqtt://host:port` or `mqtts://…` of a broker to join; without it the fleet brings its own. */
  readonly broker?: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM file of the authority that signed the broker's certificate. */
  readonly caFile?: string;
  /** Where the fleet's own broker listens; default 127.0.0.1. */
  readonly host?: string;
  /** Default 21883; 0 takes any free port. */
  readonly port?: number;
  /** Emulated seconds per real second; default 1. */
  readonly speed?: number;
  /** Emulated time at the start, milliseconds since 1970; default now. */
  readonly startTimeMs?: number;
  /** `node` is fast; `noble` is pure and signs deterministically. */
  readonly crypto?: 'node' | 'noble';
  readonly counterGranularity?: CounterGranularity;
  /**
   * `frames` (default): every ZigBee frame on the air, secured; `messages`: whole ZCL frames from device to device and
   * nothing on the air, for big fleets.
   */
  readonly han?: HanKind;
  /**
   * `joined` (default): homes whose devices joined long ago; `power-on`: hubs with empty device logs, which the head end
   * fills (CCS01), and devices that join, with key establishment of some milliseconds each.
   */
  readonly from?: Beginning;
  /** How radio fares in the homes: `ideal` (default), `flat`, `house`, `thick-walls`, `meter-room`. */
  readonly radio?: string;
  /** How often gas meters wake, emulated; default half an hour, as in the field. */
  readonly gasWakeIntervalMs?: number;
  /** `mixed`: the head end sends commands of all kinds, in turn; `none` (default): only what is asked of it. */
  readonly routine?: 'none' | 'mixed';
  /** Of the routine, for the whole fleet; default one per home and second, at most 200. */
  readonly commandsPerSecond?: number;
  readonly log?: Log;
  /** Gets the fleet's bus before anything is on it: what it subscribes to, it hears from the very first frame. */
  readonly beforeStart?: (bus: Bus) => Promise<void>;
}

/** The port of a fleet's own broker: not MQTT's 1883, which a broker of the machine may have. */
export const defaultPort = 21_883;
export const homesMax = 100_000;
export const defaultSeed = 'hubfleet';
/** How often a gas meter turns its radio on (device-behaviour.md 3.4). */
export const defaultGasWakeIntervalMs = 1_800_000;

function gasWakeIntervalOf({ gasWakeIntervalMs = defaultGasWakeIntervalMs }: FleetOptions): number {
  if (gasWakeIntervalMs >= 1_000 && gasWakeIntervalMs <= 86_400_000) return gasWakeIntervalMs;
  throw new UsageError(`gas meters wake every 1 s to 24 h, not every ${gasWakeIntervalMs} ms`);
}

/**
 * Frames cross the bus in real time: at this speed the joining window, an hour of emulated time, is half a minute, which
 * scanning, associating and key establishment of a home's devices need.
 */
const joiningSpeedMax = 120;

/** Real milliseconds the head end waits for a response. */
const responseTimeoutMs = 30_000;

/** A fleet that runs; stop it, and no timer, socket or subscription of it is left. */
export interface RunningFleet {
  readonly name: string;
  readonly seed: string;
  readonly brokerUrl: string;
  readonly clock: Clock;
  readonly fleet: Fleet;
  /** Real milliseconds until every device was up. */
  readonly startupMs: number;
  /** @throws UsageError when no command comes of the request. */
  send(request: CommandRequest): Promise<CommandOutcome>;
  devices(): DeviceSummary[];
  stats(): FleetStats;
  onDeviceEvent(listener: (event: FleetEvent) => void): () => void;
  /** Resolves when every device of every home is on its network, at once in homes that start joined. */
  whenJoined(): Promise<void>;
  routineTotals(): RoutineTotals;
  /** No further routine commands; resolves when none is in flight. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/** Last octet of the entity identifiers of a home, as in the official test data. */
const entitySuffixes: Readonly<Record<HomeDeviceType, string>> = {
  esme: 'a0',
  gsme: 'a1',
  chf: 'a2',
  gpf: 'a3',
  ppmid: 'a4',
  hcalcs: 'a5',
  ihd: 'a7',
};
const entityPrefix = '00db10';

/** Entity identifiers of home `number` (from 1): `00db10` ‖ number ‖ device. */
export function entitiesOfHome(number: number): Readonly<Record<HomeDeviceType, Eui64>> {
  const middle = number.toString(16).padStart(8, '0');
  const entity = (type: HomeDeviceType): Eui64 =>
    eui64(`${entityPrefix}${middle}${entitySuffixes[type]}`);
  return {
    chf: entity('chf'),
    gpf: entity('gpf'),
    esme: entity('esme'),
    gsme: entity('gsme'),
    ihd: entity('ihd'),
    ppmid: entity('ppmid'),
    hcalcs: entity('hcalcs'),
  };
}

function plansOf(options: FleetOptions): HomePlan[] {
  const homes = options.homes ?? 10;
  if (!Number.isInteger(homes) || homes < 1 || homes > homesMax) {
    throw new UsageError(`${homes} homes: want a whole number from 1 to ${homesMax}`);
  }
  const template = loadHomeTemplate(options.template ?? 'dual-fuel-home');
  return Array.from({ length: homes }, (_, index) => {
    const number = index + 1;
    const all = entitiesOfHome(number);
    const entities = Object.fromEntries(
      template.devices.map(({ type }) => [type, all[type]]),
    ) as HomePlan['entities'];
    // 0xffff is the broadcast PAN; neighbours in a street may share an id, each has an air of its own here.
    return { name: `home-${number}`, template, panId: number % 0xfffe, entities };
  });
}

function worldOf(options: FleetOptions, clock: Clock): FleetWorld {
  const seed = options.seed ?? defaultSeed;
  const crypto = options.crypto === 'noble' ? nobleCrypto : new NodeCrypto();
  const pki = new TestPki({ seed, crypto });
  const store = new MemoryStore();
  const anchors = new Map<string, TrustAnchorCells>();
  const trustAnchorsOf = (type: HomeDeviceType): TrustAnchorCells => {
    let cells = anchors.get(type);
    if (cells === undefined) {
      cells = trustAnchorCellsOf(type, pki.trustAnchors());
      anchors.set(type, cells);
    }
    return cells;
  };
  return {
    clock,
    home: {
      clock,
      crypto,
      keys: pki,
      trustAnchorsOf,
      store,
      random: new SeededRandom(seed),
      hanCrypto: nobleCrypto,
      han: options.han,
      gasWakeIntervalMs: gasWakeIntervalOf(options),
      environment: environmentNamed(options.radio ?? 'ideal'),
      from: options.from,
      ...joiningWorld(pki, seed),
      counterGranularity: options.counterGranularity ?? 'perRoleAndMessageCode',
    },
    headEnd: {
      clock,
      crypto,
      keys: pki,
      publicKeyOf: (entity, usage) => pki.publicKeyOf(entity, usage),
      certificateOf: (party) => pki.certificateOf(party, 'keyAgreement'),
      store,
      parties: pki.parties,
      // Timeouts are in emulated time, but messages travel in real time however fast the days pass.
      limits: {
        timeoutMs: responseTimeoutMs * Math.max(1, clock.speed),
        sleepyExtraMs: gasWakeIntervalOf(options),
      },
    },
  };
}

interface Connection {
  readonly bus: Bus;
  readonly url: string;
  close(): Promise<void>;
}

/** The process of the fleet, in presence topics. */
const processName = 'fleet';

function processPresence(
  name: string,
  state: 'online' | 'offline',
  timeMs: number,
): PublishedPresence {
  return {
    topic: processEventTopic(name, processName, 'presence'),
    payload: encodeEnvelope({
      kind: 'presence',
      timeMs,
      sequence: 0,
      body: { state, type: 'fleet', process: processName },
    }),
  };
}

interface PublishedPresence {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Leaves out what was not given: the makings' options tell absent from undefined. */
function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

async function connect(options: FleetOptions, name: string, clock: Clock): Promise<Connection> {
  const { broker: url, username, password, caFile } = options;
  if (url === undefined) {
    const { host = '127.0.0.1', port = defaultPort } = options;
    const broker = await EmbeddedBroker.start({ host, port, ...given({ username, password }) });
    return { bus: broker.bus(), url: broker.url, close: () => broker.close() };
  }
  const ca = caFile === undefined ? undefined : readCertificate(caFile);
  // Should this process die, the broker says so in its place.
  const will = processPresence(name, 'offline', clock.nowMs());
  const bus = await MqttBus.connect({ url, will, ...given({ username, password, ca }) });
  return { bus, url, close: () => bus.close() };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EnvironmentError(`cannot read the CA file ${path}: ${(error as Error).message}`);
  }
}

/** The head end fills the device logs, and the devices join. */
async function commissioned(fleet: Fleet, { from }: FleetOptions, log: Log): Promise<void> {
  if (from !== 'power-on') return;
  try {
    await fleet.commission();
    await fleet.whenJoined();
  } catch (error) {
    log.error({ error: String(error) }, 'the homes could not be commissioned');
  }
}

/**
 * Brings up a fleet of homes and its head end on a broker.
 * @throws UsageError for options that make no fleet, EnvironmentError when the port or broker is not to be had.
 */
export async function startFleet(options: FleetOptions = {}): Promise<RunningFleet> {
  const log = options.log ?? silentLog;
  const name = options.name ?? 'default';
  if (options.from === 'power-on' && options.han === 'messages') {
    throw new UsageError('devices join with frames: power-on goes with --han frames only');
  }
  if (options.han === 'messages' && (options.radio ?? 'ideal') !== 'ideal') {
    throw new UsageError(`--han messages leaves the radio out: there is no '${options.radio}'`);
  }
  const { speed = 1 } = options;
  if (options.from === 'power-on' && speed > joiningSpeedMax) {
    throw new UsageError(
      `at ${speed} times the speed the hour in which devices may join is over before they have: ` +
        `power-on goes with a speed up to ${joiningSpeedMax}`,
    );
  }
  const plans = plansOf(options);
  const clock = new SystemClock({
    speed: options.speed ?? 1,
    ...(options.startTimeMs === undefined ? {} : { startMs: options.startTimeMs }),
  });
  const startedAtMs = clock.stopwatchMs();
  // Whatever options are refused for, they are before a port is open that would keep the process alive.
  const world = worldOf(options, clock);
  const connection = await connect(options, name, clock).catch((error: unknown) => {
    clock.close();
    throw error;
  });
  await options.beforeStart?.(connection.bus).catch(async (error: unknown) => {
    clock.close();
    await connection.close();
    throw error;
  });
  const fleet = new Fleet(name, connection.bus, world, plans, log);
  const control = new Control(fleet, connection.bus, clock, log);
  const routine = new Routine(fleet, clock, {
    perSecond: options.commandsPerSecond ?? Math.min(plans.length, 200),
    random: new SeededRandom(options.seed ?? defaultSeed).stream('routine'),
  });
  const announce = (state: 'online' | 'offline'): void => {
    const { topic, payload } = processPresence(name, state, clock.nowMs());
    connection.bus.publish(topic, payload, { retain: true, atLeastOnce: true });
  };
  announce('online');
  await fleet.start();
  await control.open();
  // Homes from power-on join in the background: whoever must wait for that has `whenJoined`.
  const joined = commissioned(fleet, options, log);
  if (options.routine === 'mixed') {
    if (options.from === 'power-on') void joined.then(() => stopped ?? routine.start());
    else routine.start();
  }
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    routine.stop();
    await control.close();
    announce('offline');
    await fleet.stop();
    clock.close();
    await connection.close();
  };
  return {
    name,
    seed: options.seed ?? defaultSeed,
    brokerUrl: connection.url,
    clock,
    fleet,
    startupMs: clock.stopwatchMs() - startedAtMs,
    send: (request) => fleet.send(request),
    devices: () => fleet.devices(),
    stats: () => fleet.stats(),
    onDeviceEvent: (listener) => fleet.onDeviceEvent(listener),
    whenJoined: () => joined,
    routineTotals: () => routine.totals(),
    drain: () => routine.drain(),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
