import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import {
  encodeZclFrame,
  isClusterCommand,
  isServerToClient,
  type ZclFrame,
  zclFrameControls,
} from '../../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import {
  type GasAttributeSet,
  gasAttributeSets,
  gasHistorySets,
} from '../../functions/gas-attribute-sets.js';
import { meteringCluster } from '../../functions/gas-metering.js';
import { snapshotFields } from '../../functions/gas-snapshots.js';
import {
  flagWords,
  gasMeterFlags,
  historySetMask,
  historySetShifts,
  meterCommandIds,
  mirrorCapacity,
  mirrorCommandIds,
  mirrorFrameControls,
  noMirrorEndpoint,
  notificationScheme,
} from '../../functions/mirroring.js';
import { generalCommandIds } from '../../functions/zcl-interpreter.js';
import type { DeviceHost } from '../device.js';
import type { ZclClient } from '../zcl-client.js';
import { meterReports } from './meter-reports.js';
import type { SnapshotTaker } from './snapshot-taker.js';
import type { GsmeState } from './state.js';

export interface WakeCycleParts {
  readonly host: DeviceHost;
  /** The gas proxy function that keeps the mirror. */
  readonly gpf: Eui64;
  readonly state: GsmeState;
  readonly snapshots: SnapshotTaker;
  readonly client: ZclClient;
  /** What ConfigureMirror announces. */
  readonly intervalMs: number;
  /** The hub has something of its own for this meter. */
  readonly onNotified: (what: 'ota' | 'cbke') => void;
}

const basicCluster = 0x0000;
const physicalEnvironment = 0x0011;

/** Wakes in a row without a word of the mirror after which the meter sets one up anew; our choice. */
const silentWakesMax = 3;

/** How far the meter has come with its mirror: none, granted on an endpoint, or told what it is to do. */
export type MirrorState = 'none' | 'granted' | 'configured';

/**
 * What a gas meter and its mirror say to each other while the meter's radio is on. Each wake goes on from where the last
 * one got to; an answer that is lost costs one wake. The mirror is set up once (PhysicalEnvironment, RequestMirror,
 * ConfigureMirror); from then on each wake pushes what fell due and the readings, and the flags in the mirror's answer
 * say what else is to be done.
 *
 * Not sent: ConfigureNotificationScheme and ConfigureNotificationFlags. They describe flags of a supplier's own making;
 * scheme B is predefined.
 *
 * @see device-behaviour.md 3.1, 3.4
 */
export class WakeCycle {
  wakes = 0;
  mirror: MirrorState = 'none';
  endpoint: number | undefined;
  private sequenceNumber = 0;
  private requested = false;
  private configuring: number | undefined;
  private silentWakes = 0;
  /** The mirror has not answered the readings of this wake yet. */
  private awaitsFlags = false;
  /** Flags acted on in this wake: a mirror repeats them with every answer. */
  private readonly acted = new Set<number>();

  constructor(private readonly parts: WakeCycleParts) {}

  /** The meter has woken: its radio goes on, and off by itself when nothing more is to be said. */
  begin(): void {
    const { host, client, gpf } = this.parts;
    this.wakes++;
    host.wakeRadio();
    client.giveUp(gpf);
    this.acted.clear();
    this.countSilence();
    if (this.mirror === 'configured') this.push();
    else if (this.mirror === 'granted') this.configure();
    else this.ask();
  }

  private countSilence(): void {
    this.silentWakes = this.awaitsFlags ? this.silentWakes + 1 : 0;
    this.awaitsFlags = false;
    if (this.silentWakes < silentWakesMax) return;
    // Another hub, perhaps, which knows of no mirror.
    this.silentWakes = 0;
    this.mirror = 'none';
  }

  private ask(): void {
    const { client, gpf } = this.parts;
    this.requested = false;
    client.readAttributes(gpf, basicCluster, [physicalEnvironment], (values) => {
      const environment = values.get(physicalEnvironment);
      if (typeof environment !== 'number' || (environment & mirrorCapacity) === 0) return;
      this.requested = true;
      this.command(meterCommandIds.requestMirror, {}, mirrorFrameControls.fromMeter);
    });
  }

  private configure(): void {
    const fields = {
      issuerEventId: 0,
      reportingInterval: Math.round(this.parts.intervalMs / 1000),
      mirrorNotificationReporting: true,
      notificationScheme: notificationScheme.number,
    };
    const { configureMirror } = meterCommandIds;
    this.configuring = this.sequenceNumber;
    this.command(configureMirror, fields, mirrorFrameControls.fromMeter);
  }

  /** What fell due, the account, and last the readings: those the mirror answers with its flags. */
  private push(): void {
    const { state, snapshots } = this.parts;
    const nowMs = state.clock.nowMs();
    if (state.clock.reliability === 'reliable') {
      for (const snapshot of snapshots.takeDue(nowMs)) {
        const { publishSnapshot } = meterCommandIds;
        this.command(
          publishSnapshot,
          snapshotFields(snapshot),
          mirrorFrameControls.fromMeterQuietly,
        );
      }
    }
    if (state.parts.account !== undefined) this.report(gasAttributeSets.account);
    this.reportReadings();
  }

  /** Between two wakes when something has changed, and only where there is a mirror to tell. */
  reportReadings(): void {
    if (this.mirror !== 'configured') return;
    this.awaitsFlags = true;
    this.report(gasAttributeSets.readings);
  }

  /** What seldom changes has: another firmware runs. */
  reportStaticMetering(): void {
    if (this.mirror === 'configured') this.report(gasAttributeSets.staticMetering);
  }

  /**
   * Takes a frame of the mirror's own part of Metering; false for any other, which is for the meter's server.
   * @throws CodecError when it does not parse.
   */
  receive(from: Eui64, clusterId: number, frame: ZclFrame): boolean {
    const { gpf } = this.parts;
    if (from !== gpf || clusterId !== meteringCluster) return false;
    const { frameControl, commandId, sequenceNumber, payload } = frame;
    if (isServerToClient(frameControl)) return false;
    const fields = () => decodeZclPayload(clusterId, frameControl, commandId, payload);
    if (!isClusterCommand(frameControl)) {
      if (commandId !== generalCommandIds.defaultResponse) return false;
      this.takeDefaultResponse(sequenceNumber, fields());
      return true;
    }
    switch (commandId) {
      case mirrorCommandIds.requestMirrorResponse:
        this.takeMirror(fields().endpointId as number);
        return true;
      case mirrorCommandIds.mirrorRemoved:
        fields();
        this.mirror = 'none';
        return true;
      case mirrorCommandIds.mirrorReportAttributeResponse:
        this.takeFlags(fields());
        return true;
      default:
        return false;
    }
  }

  private takeMirror(endpoint: number): void {
    if (!this.requested || endpoint === noMirrorEndpoint) return;
    this.requested = false;
    this.mirror = 'granted';
    this.endpoint = endpoint & 0xff;
    this.configure();
  }

  private takeDefaultResponse(sequenceNumber: number, { commandId, status }: GbzFields): void {
    if (sequenceNumber !== this.configuring || commandId !== meterCommandIds.configureMirror)
      return;
    this.configuring = undefined;
    if (status === zclStatuses.success && this.mirror === 'granted') {
      this.mirror = 'configured';
      this.push();
    } else if (status !== zclStatuses.success) {
      this.mirror = 'none';
    }
  }

  private takeFlags({ notificationScheme: scheme, notificationFlags }: GbzFields): void {
    if (scheme !== notificationScheme.number || this.mirror !== 'configured') return;
    this.awaitsFlags = false;
    const flags = (notificationFlags as readonly number[])[flagWords.functional] ?? 0;
    for (const [mask, act] of this.actions) {
      const set = flags & mask;
      if (set === 0 || this.acted.has(set)) continue;
      this.acted.add(set);
      act(set);
    }
  }

  /** In this order: what concerns the mirror first, messages last. */
  private readonly actions: readonly (readonly [mask: number, act: (set: number) => void])[] = [
    [gasMeterFlags.stayAwakeRequestHan, () => this.parts.host.wakeRadio()],
    [
      historySetMask << historySetShifts.metering,
      (set) => this.report(gasHistorySets[set >> historySetShifts.metering]?.metering),
    ],
    [
      historySetMask << historySetShifts.prepayment,
      (set) => this.report(gasHistorySets[set >> historySetShifts.prepayment]?.prepayment),
    ],
    [gasMeterFlags.pushAllStaticDataBasicCluster, () => this.report(gasAttributeSets.staticBasic)],
    [
      gasMeterFlags.pushAllStaticDataPrepaymentCluster,
      () => this.report(gasAttributeSets.staticPrepayment),
    ],
    [
      gasMeterFlags.pushAllStaticDataMeteringCluster,
      () => this.report(gasAttributeSets.staticMetering),
    ],
    [gasMeterFlags.getSnapshot, (set) => this.fetchCommand(set)],
    [gasMeterFlags.getSampledData, (set) => this.fetchCommand(set)],
    [gasMeterFlags.newOtaFirmware, () => this.parts.onNotified('ota')],
    [gasMeterFlags.cbkeUpdateRequest, () => this.parts.onNotified('cbke')],
    [gasMeterFlags.tunnelMessagePending, () => this.parts.host.fetchMessages()],
  ];

  /** The mirror holds a command for this meter; it sends it when asked. */
  private fetchCommand(notificationFlags: number): void {
    const fields = {
      notificationScheme: notificationScheme.number,
      notificationFlagAttributeId: flagWords.functional,
      notificationFlags,
    };
    const { getNotifiedMessage } = meterCommandIds;
    this.command(getNotifiedMessage, fields, mirrorFrameControls.fromMeterQuietly);
  }

  private report(attributes: GasAttributeSet | undefined): void {
    if (attributes === undefined) return;
    const { state, host } = this.parts;
    const call = { device: state, nowMs: state.clock.nowMs() };
    const reports = meterReports(attributes, call, (reason) => host.event('fault', { reason }));
    const frameControl = zclFrameControls.generalToClientWithoutDefaultResponse;
    for (const { clusterId, payload } of reports) {
      this.send(clusterId, frameControl, generalCommandIds.reportAttributes, payload);
    }
  }

  private command(commandId: number, fields: GbzFields, frameControl: number): void {
    const payload = encodeZclPayload(meteringCluster, frameControl, commandId, fields);
    this.send(meteringCluster, frameControl, commandId, payload);
  }

  /** Once there is a mirror, its endpoint is whom the meter speaks to. */
  private send(
    clusterId: number,
    frameControl: number,
    commandId: number,
    payload: Uint8Array,
  ): void {
    const { host, gpf } = this.parts;
    const { sequenceNumber } = this;
    this.sequenceNumber = (sequenceNumber + 1) & 0xff;
    const frame = encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
    const to = this.mirror === 'none' ? undefined : this.endpoint;
    host.sendZcl(gpf, clusterId, frame, { to });
  }
}
