import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import { messageCodesOfUseCase } from '../../../protocols/gbcs/use-cases/use-case.js';
import { utrnToken } from '../../../protocols/gbcs/utrn-digits.js';
import { basic } from '../../../protocols/zigbee/clusters/basic.js';
import { partnerOf } from '../../functions/partner-devices.js';
import { AccessoryState, accessoryDesk } from '../accessory.js';
import { type UpgradableBasicDesk, upgradableBasicDesk } from '../basic-desk.js';
import type {
  Device,
  DeviceDescription,
  DeviceFault,
  DeviceKey,
  Fuel,
  KeyOutcome,
} from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { Display, type DisplayParts } from '../display/display.js';
import { disturbDevice } from '../disturb.js';
import { earliest } from '../hub-upkeep.js';
import type { RemotePartyDesk } from '../remote-party-desk.js';
import { UpgradableUpkeep } from '../upgradable.js';
import { GasOrders } from './gas-orders.js';
import type { MeterAnswer } from './meter-answers.js';
import { ElectricityOrders, GasMeterOrders, type OrderedMeter } from './meter-orders.js';

export interface PpmidParts extends DeviceParts, Omit<DisplayParts, 'entity' | 'host'> {
  /** The gas meter; it must be among the partners, too, for its key. */
  readonly gsme: Eui64 | undefined;
  /** 4 octets, hex. */
  readonly firmwareVersion?: string;
}

const defaultFirmwareVersion = '01000000';
/** A meter on the mains answers at once; after this it is not going to. Gas meters answer when they wake. */
const patienceMs = 10_000;

/** Under which message code the event log notes what a key did (device-behaviour.md 5). */
const useCases: Readonly<Record<string, Readonly<Partial<Record<Fuel, string>>>>> = {
  'top-up': { electricity: 'PECS01', gas: 'PCS01' },
  'emergency-credit': { electricity: 'PECS02', gas: 'PCS02' },
  'enable-supply': { electricity: 'PECS03' },
};

/** The last key and what came of it. */
interface PressedKey {
  readonly key: DeviceKey['key'];
  readonly fuel: Fuel;
  readonly atMs: number;
  /** Undefined while the meter has not answered. */
  answer: MeterAnswer | undefined;
}

/**
 * Prepayment meter interface device: a display that can also order. Electricity is ordered over the home network, gas by
 * protected messages to the meter.
 */
export class Ppmid implements Device {
  readonly type = 'ppmid';
  readonly state: AccessoryState;
  private readonly desk: RemotePartyDesk;
  private readonly display: Display;
  private readonly electricity: ElectricityOrders | undefined;
  private readonly gasMessages: GasOrders | undefined;
  private readonly gas: OrderedMeter | undefined;
  private pressed: PressedKey | undefined;
  private readonly upkeep: UpgradableUpkeep;
  private readonly basic: UpgradableBasicDesk;

  constructor(private readonly parts: PpmidParts) {
    const { host, esme, gsme, partners } = parts;
    this.state = new AccessoryState(parts, parts.firmwareVersion ?? defaultFirmwareVersion);
    this.desk = accessoryDesk(parts, this.type, this.state);
    this.basic = upgradableBasicDesk(this.type, this.state, host);
    this.upkeep = new UpgradableUpkeep(parts, this.type, this.state, this.desk);
    this.display = new Display({ ...parts, clockText: this.upkeep.clockText });
    const nowSeconds = (): number => secondsSince2000(host.nowMs());
    this.electricity = esme && new ElectricityOrders(this.display.client, esme, nowSeconds);
    const partner = gsme && partnerOf(partners, gsme);
    const nextCounter = (): bigint => this.state.counters.nextOwn();
    this.gasMessages = partner && new GasOrders(parts, partner, nextCounter);
    this.gas = this.gasMessages && new GasMeterOrders(this.gasMessages);
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
    this.display.start();
    this.upkeep.start();
    this.wakeWhenDue();
  }

  wake(): void {
    this.display.poll();
    this.upkeep.poll();
    this.wakeWhenDue();
  }

  private wakeWhenDue(): void {
    const nextMs = earliest(this.display.nextMs, this.upkeep.nextMs);
    if (nextMs !== undefined) this.parts.host.wakeAt(nextMs);
  }

  /** Of a remote party, or the gas meter's answer. */
  receiveMessage(message: Uint8Array): void {
    this.desk.receive(message, (whole) => this.gasMessages?.receive(whole) === true);
    this.wakeWhenDue();
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    const isHubs = this.upkeep.receive(from, clusterId, frame);
    if (clusterId === basic.id) this.basic.receive(from, clusterId, frame);
    else if (!isHubs) this.display.receiveZcl(from, clusterId, frame);
    this.wakeWhenDue();
  }

  press(key: DeviceKey): KeyOutcome {
    switch (key.key) {
      case 'top-up':
        return this.topUp(key.utrn, key.fuel ?? 'electricity');
      case 'emergency-credit': {
        const { fuel = 'electricity' } = key;
        const meter = this.meterOf(fuel);
        if (meter === undefined) return noMeter(fuel);
        meter.activateEmergencyCredit(this.waitFor(key.key, fuel));
        return this.ordered(fuel, 'emergency credit asked for');
      }
      case 'enable-supply':
        if (this.electricity === undefined) return noMeter('electricity');
        this.electricity.enableSupply(this.waitFor(key.key, 'electricity'));
        return this.ordered('electricity', 'supply asked for');
      case 'acknowledge':
        return this.display.acknowledgeMessage()
          ? { accepted: true, text: 'message acknowledged' }
          : { accepted: false, text: 'there is no message' };
    }
  }

  private meterOf(fuel: Fuel): OrderedMeter | undefined {
    return fuel === 'gas' ? this.gas : this.electricity;
  }

  /** A mistyped number is caught here: its last digit checks the others. */
  private topUp(utrn: string, fuel: Fuel): KeyOutcome {
    const meter = this.meterOf(fuel);
    if (meter === undefined) return noMeter(fuel);
    try {
      utrnToken(utrn);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return { accepted: false, text: 'not a top-up number: check the digits' };
    }
    meter.topUp(utrn, this.waitFor('top-up', fuel));
    return this.ordered(fuel, 'top-up sent');
  }

  /** What the meter may have said by now: it answers a display beside it before the person has let go of the key. */
  private ordered(fuel: Fuel, text: string): KeyOutcome {
    const answer = this.pressed?.answer;
    if (answer !== undefined) return { accepted: true, text: answer.text };
    const when = fuel === 'gas' ? ', the gas meter answers when it wakes' : '';
    return { accepted: true, text: `${text}${when}` };
  }

  /** Notes the key as pressed; the function returned takes the meter's answer. */
  private waitFor(key: DeviceKey['key'], fuel: Fuel): (answer: MeterAnswer) => void {
    const pressed: PressedKey = { key, fuel, atMs: this.parts.host.nowMs(), answer: undefined };
    this.pressed = pressed;
    return (answer) => {
      pressed.answer = answer;
      const { code } = messageCodesOfUseCase(useCases[key]?.[fuel] ?? '')[0] ?? {};
      const nowMs = this.state.clock.nowMs();
      if (code !== undefined) this.state.eventLog.addHanCommand(answer.done, code, nowMs);
      this.parts.host.event('display-updated', { key, fuel, ...answer });
      this.display.refresh(fuel);
      this.wakeWhenDue();
    };
  }

  /** The screen; at its foot, the last key and what came of it. */
  render(): readonly string[] {
    const lines = this.display.lines();
    const last = this.lastKey();
    return last === undefined ? lines : [...lines, `${keyNames[last.key]}: ${last.text}`];
  }

  private lastKey() {
    const { pressed } = this;
    if (pressed === undefined) return undefined;
    const { key, fuel, answer, atMs } = pressed;
    if (answer !== undefined) {
      return { key, fuel, state: answer.done ? 'done' : 'refused', text: answer.text };
    }
    if (fuel === 'gas') return { key, fuel, state: 'waiting', text: 'waiting for the gas meter' };
    if (this.parts.host.nowMs() - atMs > patienceMs) {
      return { key, fuel, state: 'refused', text: 'the meter does not answer' };
    }
    return { key, fuel, state: 'waiting', text: 'waiting for the meter' };
  }

  disturb(fault: DeviceFault): void {
    disturbDevice(this.state, fault);
  }

  describe(): DeviceDescription {
    const lastKey = this.lastKey();
    return {
      ...this.display.describe(),
      ...(lastKey === undefined ? {} : { lastKey }),
      clock: this.state.clock.reliability,
      ...this.upkeep.describe(),
      ...this.desk.totals,
      responsesDropped: this.gasMessages?.dropped ?? 0,
      last: this.desk.last,
    };
  }
}

const keyNames: Readonly<Record<DeviceKey['key'], string>> = {
  'top-up': 'Top-up',
  'emergency-credit': 'Emergency credit',
  'enable-supply': 'Supply',
  acknowledge: 'Message',
};

function noMeter(fuel: Fuel): KeyOutcome {
  return { accepted: false, text: `no ${fuel} meter listens to this display` };
}
