import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msToIso, secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { messageCodesOfUseCase } from '../../../protocols/gbcs/use-cases/use-case.js';
import { basic } from '../../../protocols/zigbee/clusters/basic.js';
import {
  decodeZclFrame,
  encodeZclFrame,
  isClusterCommand,
  isManufacturerSpecific,
  isServerToClient,
  zclFrameControls,
} from '../../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import { logEvents } from '../../functions/device-event-log.js';
import {
  eventStatuses,
  loadControlCluster,
  loadControlCommandIds,
  notUsed,
} from '../../functions/load-control-event.js';
import { AccessoryState, accessoryDesk } from '../accessory.js';
import { type UpgradableBasicDesk, upgradableBasicDesk } from '../basic-desk.js';
import type { Device, DeviceDescription, DeviceFault } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { earliest } from '../hub-upkeep.js';
import type { RemotePartyDesk } from '../remote-party-desk.js';
import { UpgradableUpkeep } from '../upgradable.js';
import { type EventReport, LoadSwitches } from './load-switches.js';

export interface HcalcsParts extends DeviceParts {
  /** The meter whose timetable it follows; undefined where there is none. */
  readonly esme: Eui64 | undefined;
  /** Numbers of the auxiliary switches that it is; default 1 and 2. */
  readonly switches?: readonly number[];
  /** How often it asks for the timetable; default half an hour ([mem?]: the reference only says that it asks). */
  readonly askIntervalMs?: number;
  /** 4 octets, hex. */
  readonly firmwareVersion?: string;
}

const defaults = {
  switches: [1, 2],
  askIntervalMs: 1_800_000,
  firmwareVersion: '01000000',
} as const;
/** In a home that starts, the meter may not listen yet. */
const retryIntervalMs = 10_000;
/** Code under which logs note what a switch was asked to do (device-behaviour.md 5). */
const loadControlCode = messageCodesOfUseCase('HECS01')[0]?.code ?? 0;
/** Of GetScheduledEvents: from now on, as many as there are. */
const everything = { startTime: 0, numberOfEvents: 0 } as const;
/** A report of type 0 carries no signature. */
const unsigned = { signatureType: 0, signature: '' } as const;

/**
 * HAN connected auxiliary load control switch: asks the electricity meter for its timetable, switches by it and reports
 * what it did.
 */
export class Hcalcs implements Device {
  readonly type = 'hcalcs';
  readonly state: AccessoryState;
  readonly switches: LoadSwitches;
  private readonly desk: RemotePartyDesk;
  private readonly askIntervalMs: number;
  private nextAskMs = 0;
  private sequenceNumber = 0;
  private answered = false;
  private framesDropped = 0;
  private readonly upkeep: UpgradableUpkeep;
  private readonly basic: UpgradableBasicDesk;
  /** The switches as last announced. */
  private announced: string;

  constructor(private readonly parts: HcalcsParts) {
    this.askIntervalMs = parts.askIntervalMs ?? defaults.askIntervalMs;
    this.state = new AccessoryState(parts, parts.firmwareVersion ?? defaults.firmwareVersion);
    this.switches = new LoadSwitches(parts.switches ?? defaults.switches);
    this.desk = accessoryDesk(parts, this.type, this.state);
    this.basic = upgradableBasicDesk(this.type, this.state, parts.host);
    this.upkeep = new UpgradableUpkeep(parts, this.type, this.state, this.desk);
    this.announced = JSON.stringify(this.describeSwitches());
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
    this.upkeep.start();
    this.wake();
  }

  receiveMessage(message: Uint8Array): void {
    this.desk.receive(message);
    this.wakeWhenDue();
  }

  wake(): void {
    const { host, esme } = this.parts;
    const nowMs = host.nowMs();
    this.report(this.switches.advance(this.state.clock.nowMs()));
    this.upkeep.poll();
    if (esme !== undefined && nowMs >= this.nextAskMs) {
      this.nextAskMs = nowMs + (this.answered ? this.askIntervalMs : retryIntervalMs);
      this.send(esme, loadControlCommandIds.getScheduledEvents, everything);
    }
    this.wakeWhenDue();
  }

  /** A clock that is off switches at its own time, but asks by the home's. */
  private wakeWhenDue(): void {
    const { host, esme } = this.parts;
    const offsetMs = host.nowMs() - this.state.clock.nowMs();
    const switchMs = this.switches.nextMs();
    const times = [
      ...(esme === undefined ? [] : [this.nextAskMs]),
      ...(switchMs === undefined ? [] : [switchMs + offsetMs]),
    ];
    const wakeMs = earliest(...times, this.upkeep.nextMs);
    if (wakeMs !== undefined) host.wakeAt(wakeMs);
  }

  receiveZcl(from: Eui64, clusterId: number, bytes: Uint8Array): void {
    if (this.upkeep.receive(from, clusterId, bytes)) {
      this.wakeWhenDue();
      return;
    }
    if (clusterId === basic.id) {
      this.basic.receive(from, clusterId, bytes);
      return;
    }
    if (clusterId !== loadControlCluster || from !== this.parts.esme) {
      this.drop(from, clusterId, 'not the load control of this meter');
      return;
    }
    try {
      const frame = decodeZclFrame(bytes);
      const { frameControl, commandId } = frame;
      if (!isServerToClient(frameControl) || isManufacturerSpecific(frameControl)) {
        this.drop(from, clusterId, 'no command of a server');
        return;
      }
      const fields = decodeZclPayload(clusterId, frameControl, commandId, frame.payload);
      this.noteAnswer();
      if (isClusterCommand(frameControl)) this.obey(from, commandId, fields);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.drop(from, clusterId, error.message);
    }
  }

  /** The meter speaks: from now on the timetable of questions holds. */
  private noteAnswer(): void {
    if (this.answered) return;
    this.answered = true;
    this.nextAskMs = this.parts.host.nowMs() + this.askIntervalMs;
    this.wakeWhenDue();
  }

  private obey(from: Eui64, commandId: number, fields: GbzFields): void {
    const reports = this.reportsOf(commandId, fields);
    if (reports === undefined) {
      this.drop(from, loadControlCluster, `command ${commandId} is unknown`);
      return;
    }
    this.report(reports);
    this.wakeWhenDue();
  }

  private reportsOf(commandId: number, fields: GbzFields): readonly EventReport[] | undefined {
    switch (commandId) {
      case loadControlCommandIds.loadControlEvent:
        return this.switches.take(fields, this.state.clock.nowMs());
      case loadControlCommandIds.cancelLoadControlEvent:
        return this.switches.cancel(fields);
      case loadControlCommandIds.cancelAllLoadControlEvents:
        return this.switches.cancelAll();
      default:
        return undefined;
    }
  }

  /** Tells the meter, writes the log and says to the world which switch moved. */
  private report(reports: readonly EventReport[]): void {
    const { esme, host } = this.parts;
    const nowMs = this.state.clock.nowMs();
    for (const { event, status } of reports) {
      if (status === 'rejected') this.state.eventLog.add(logEvents.loadSwitchFailure, nowMs);
      if (status === 'started') this.state.eventLog.addHanCommand(true, loadControlCode, nowMs);
      if (esme === undefined) continue;
      this.send(esme, loadControlCommandIds.reportEventStatus, {
        issuerEventId: event.issuerEventId,
        eventStatus: eventStatuses[status],
        eventStatusTime: secondsSince2000(nowMs),
        criticalityLevelApplied: event.criticalityLevel,
        coolingTemperatureSetPointApplied: notUsed.setPoint,
        heatingTemperatureSetPointApplied: notUsed.setPoint,
        averageLoadAdjustmentPercentageApplied: notUsed.loadAdjustment,
        dutyCycleApplied: event.dutyCycle,
        eventControl: event.eventControl,
        ...unsigned,
      });
    }
    const switches = this.describeSwitches();
    const announced = JSON.stringify(switches);
    if (announced === this.announced) return;
    this.announced = announced;
    host.event('load-switched', { switches });
  }

  private send(to: Eui64, commandId: number, fields: GbzFields): void {
    const frameControl = zclFrameControls.clusterToServer;
    const sequenceNumber = this.sequenceNumber;
    this.sequenceNumber = (sequenceNumber + 1) & 0xff;
    const payload = encodeZclPayload(loadControlCluster, frameControl, commandId, fields);
    const frame = encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
    this.parts.host.sendZcl(to, loadControlCluster, frame);
  }

  private drop(from: Eui64, clusterId: number, reason: string): void {
    this.framesDropped++;
    this.parts.host.event('frame-dropped', { from, clusterId, reason });
  }

  disturb(fault: DeviceFault): void {
    disturbDevice(this.state, fault);
  }

  /** `1: 'on until …'`. */
  private describeSwitches(): Readonly<Record<string, string>> {
    const entries = this.switches.states().map(({ number, on, untilMs }) => {
      const state = on ? 'on' : 'off';
      return [number, untilMs === undefined ? state : `${state} until ${msToIso(untilMs)}`];
    });
    return Object.fromEntries(entries);
  }

  describe(): DeviceDescription {
    return {
      switches: this.describeSwitches(),
      scheduledEvents: this.switches.scheduled,
      clock: this.state.clock.reliability,
      ...this.upkeep.describe(),
      ...this.desk.totals,
      framesDropped: this.framesDropped,
      last: this.desk.last,
    };
  }
}
