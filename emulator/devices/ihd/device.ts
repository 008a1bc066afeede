import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msToIso } from '../../../protocols/codec/utc.js';
import { meteringCluster } from '../../functions/gas-metering.js';
import type { Device, DeviceDescription, DeviceHost } from '../device.js';
import { ZclClient, type ZclQuestion } from '../zcl-client.js';
import {
  type AmbientThresholds,
  ambientBand,
  type FuelView,
  fuelLines,
  isStale,
} from './display.js';
import { attributeIds, Fuel } from './fuel.js';

export interface IhdParts {
  readonly entity: Eui64;
  readonly host: DeviceHost;
  /** The electricity meter to show; undefined where there is none. */
  readonly esme: Eui64 | undefined;
  /** The gas proxy function that stands for the gas meter; undefined where there is none. */
  readonly gpf: Eui64 | undefined;
  /** Default ten seconds (device-behaviour.md 5). */
  readonly electricityIntervalMs?: number;
  /** Default half an hour (device-behaviour.md 5). */
  readonly gasIntervalMs?: number;
  readonly ambientThresholds?: AmbientThresholds;
}

/** Until there is a first reading nobody waits for the timetable: in a home that starts, the mirror is still empty. */
const retryIntervalMs = 5_000;

/** One supply that the display follows, with its timetable. */
interface Followed extends FuelView {
  readonly server: Eui64;
  readonly attributes: readonly number[];
  nextReadMs: number;
  /** Something on the display changed since it was last announced. */
  changed: boolean;
}

const { instantaneousDemand, ...commonAttributes } = attributeIds;
const gasAttributes = Object.values(commonAttributes);
const electricityAttributes = [...gasAttributes, instantaneousDemand];

const getCurrentPrice: ZclQuestion = {
  clusterId: 0x0700,
  commandId: 0x00,
  fields: { commandOptions: 0 },
  answerId: 0x00,
};

const defaults = {
  electricityIntervalMs: 10_000,
  gasIntervalMs: 1_800_000,
  /** A home at rest stays below the first; a kettle or a shower goes beyond the second. */
  ambientThresholds: { mediumFromW: 500, highFromW: 2000 },
} as const;

/**
 * In-home display. It takes part in no remote party message: it asks the electricity meter and the gas proxy over the
 * home network and shows what they said.
 */
export class Ihd implements Device {
  readonly type = 'ihd';
  private readonly client: ZclClient;
  private readonly thresholds: AmbientThresholds;
  private readonly electricity: Followed | undefined;
  private readonly gas: Followed | undefined;
  private readonly followed: readonly Followed[];
  private messagesDropped = 0;

  constructor(private readonly parts: IhdParts) {
    const { esme, gpf } = parts;
    this.client = new ZclClient(parts.host);
    this.thresholds = parts.ambientThresholds ?? defaults.ambientThresholds;
    const follow = (name: string, server: Eui64, attributes: number[], intervalMs: number) => ({
      name,
      server,
      attributes,
      intervalMs,
      fuel: new Fuel(),
      nextReadMs: 0,
      changed: false,
    });
    const { electricityIntervalMs = defaults.electricityIntervalMs } = parts;
    const { gasIntervalMs = defaults.gasIntervalMs } = parts;
    this.electricity =
      esme && follow('Electricity', esme, electricityAttributes, electricityIntervalMs);
    this.gas = gpf && follow('Gas', gpf, gasAttributes, gasIntervalMs);
    this.followed = [this.electricity, this.gas].filter((one) => one !== undefined);
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
    this.readDue();
  }

  wake(): void {
    this.readDue();
  }

  /** Displays hold no credentials: nothing is sent to them. */
  receiveMessage(): void {
    this.messagesDropped++;
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    this.client.receive(from, clusterId, frame);
  }

  private readDue(): void {
    const nowMs = this.parts.host.nowMs();
    for (const supply of this.followed) {
      if (nowMs < supply.nextReadMs) continue;
      supply.nextReadMs = nowMs + Math.min(supply.intervalMs, retryIntervalMs);
      // Of the cycle before: what came is shown, what did not come will not.
      this.client.giveUp(supply.server);
      this.announce(supply);
      this.read(supply, nowMs);
      if (supply.fuel.reading !== undefined) supply.nextReadMs = nowMs + supply.intervalMs;
    }
    this.wakeWhenDue();
  }

  private wakeWhenDue(): void {
    if (this.followed.length === 0) return;
    this.parts.host.wakeAt(Math.min(...this.followed.map(({ nextReadMs }) => nextReadMs)));
  }

  private read(supply: Followed, nowMs: number): void {
    const { server, attributes, fuel } = supply;
    const { host } = this.parts;
    const isFirst = fuel.reading === undefined;
    let outstanding = 2;
    const answered = (changed: boolean) => {
      supply.changed ||= changed;
      outstanding--;
      if (outstanding > 0) return;
      this.announce(supply);
      if (!isFirst || fuel.reading === undefined) return;
      supply.nextReadMs = nowMs + supply.intervalMs;
      this.wakeWhenDue();
    };
    this.client.readAttributes(server, meteringCluster, attributes, (values) =>
      answered(fuel.takeAttributes(values, host.nowMs())),
    );
    this.client.ask(server, getCurrentPrice, (fields) =>
      answered(fuel.takePrice(fields, host.nowMs())),
    );
  }

  /** At most once per supply and reading cycle, and only when people would see a difference. */
  private announce(supply: Followed): void {
    if (!supply.changed) return;
    supply.changed = false;
    this.parts.host.event('display-updated', {
      fuel: supply.name.toLowerCase(),
      ...describeFuel(supply, this.parts.host.nowMs()),
    });
  }

  /** The display as a person sees it, line by line. */
  render(): readonly string[] {
    const nowMs = this.parts.host.nowMs();
    const clock = `${msToIso(nowMs).slice(0, 16).replace('T', ' ')} UTC`;
    return [clock, ...this.followed.flatMap((one) => fuelLines(one, this.thresholds, nowMs))];
  }

  describe(): DeviceDescription {
    const nowMs = this.parts.host.nowMs();
    const { electricity, gas, client } = this;
    const powerW = electricity?.fuel.powerW?.value;
    return {
      ...(powerW === undefined ? {} : { ambient: ambientBand(powerW, this.thresholds) }),
      ...(electricity === undefined ? {} : { electricity: describeFuel(electricity, nowMs) }),
      ...(gas === undefined ? {} : { gas: describeFuel(gas, nowMs) }),
      unanswered: client.unanswered,
      framesDropped: client.dropped + client.unmatched,
      messagesDropped: this.messagesDropped,
    };
  }
}

/** JSON-safe; what is not known yet is left out. */
function describeFuel({ fuel, intervalMs }: FuelView, nowMs: number): Record<string, unknown> {
  const { reading, powerW, supply, pencePerKwh } = fuel;
  const todayPence = fuel.todayPence(nowMs);
  const todayKwh = fuel.today(nowMs)?.kwh;
  const description = {
    powerW: powerW?.value,
    meter: reading?.value.amount,
    unit: reading?.value.unit,
    todayKwh: todayKwh === undefined ? undefined : Number(todayKwh.toFixed(3)),
    todayPounds: todayPence === undefined ? undefined : Math.round(todayPence) / 100,
    pencePerKwh: pencePerKwh?.value,
    supply: supply?.value,
    readAt: reading && msToIso(reading.atMs),
    stale: reading && isStale(reading, nowMs, intervalMs),
  };
  return Object.fromEntries(Object.entries(description).filter(([, value]) => value !== undefined));
}
