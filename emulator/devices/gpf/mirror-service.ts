import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msOfSecondsSince2000, secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import {
  encodeZclFrame,
  isClusterCommand,
  type ZclFrame,
} from '../../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import { halfHourMs } from '../../functions/demand.js';
import { gasAttributeSets } from '../../functions/gas-attribute-sets.js';
import { meteringCluster } from '../../functions/gas-metering.js';
import { snapshotCauses, snapshotOf } from '../../functions/gas-snapshots.js';
import {
  flagWords,
  gasMeterFlags,
  meterCommandIds,
  mirrorCommandIds,
  mirrorFrameControls,
  noMirrorEndpoint,
  notificationScheme,
  profileSamples,
} from '../../functions/mirroring.js';
import { generalCommandIds } from '../../functions/zcl-interpreter.js';
import type { DeviceHost } from '../device.js';
import type { GasLogs, SlotRun } from './gas-logs.js';

export interface MirrorServiceParts {
  readonly host: DeviceHost;
  /** The only meter that gets the mirror; undefined in a home without gas. */
  readonly gsme: Eui64 | undefined;
  /** Where on the hub the mirror is. */
  readonly endpoint: number;
  readonly logs: GasLogs;
}

/** Half hours asked for at once, which a meter answers in one message of some fragments; our choice. */
const samplesMax = 48;

/** Sets that a mirror asks for once, by the flag that asks for each. */
const staticSets = [
  [gasMeterFlags.pushAllStaticDataBasicCluster, gasAttributeSets.staticBasic.clusterId],
  [gasMeterFlags.pushAllStaticDataMeteringCluster, gasAttributeSets.staticMetering.clusterId],
  [gasMeterFlags.pushAllStaticDataPrepaymentCluster, gasAttributeSets.staticPrepayment.clusterId],
] as const;
const allStatic = staticSets.reduce((flags, [flag]) => flags | flag, 0);
const [staticOfMetering = 0] = gasAttributeSets.staticMetering.attributeIds;

/**
 * The gas proxy's side of the conversation with a sleepy meter: it grants the mirror, answers the meter's reports with
 * what the meter is to do before its radio sleeps again, and asks for what it has missed.
 *
 * @see device-behaviour.md 3.1, 3.2, 3.4
 */
export class MirrorService {
  granted = false;
  /** The meter wants its reports answered. */
  configured = false;
  private flags = 0;
  private staticWanted = allStatic;
  private sequenceNumber = 0;
  /** Questions under way, by sequence number. */
  private snapshotsAsked: number | undefined;
  private samplesAsked: (SlotRun & { readonly sequenceNumber: number }) | undefined;

  constructor(private readonly parts: MirrorServiceParts) {}

  /** Sets or clears functional notification flags that others are in charge of. */
  setFlags(mask: number, on: boolean): void {
    this.flags = on ? this.flags | mask : this.flags & ~mask;
  }

  /** What the meter is told to do. */
  get functionalFlags(): number {
    const { logs } = this.parts;
    return (
      (this.flags |
        this.staticWanted |
        (logs.lacksSnapshot ? gasMeterFlags.getSnapshot : 0) |
        (logs.missing(1) === undefined ? 0 : gasMeterFlags.getSampledData)) >>>
      0
    );
  }

  /**
   * Takes a command or default response of a meter's Metering server; false for anything else.
   * @throws CodecError when it does not parse.
   */
  receive(from: Eui64, clusterId: number, frame: ZclFrame): boolean {
    if (clusterId !== meteringCluster) return false;
    const { frameControl, commandId, sequenceNumber, payload } = frame;
    const isMeter = from === this.parts.gsme;
    const fields = decodeZclPayload(clusterId, frameControl, commandId, payload);
    if (!isClusterCommand(frameControl)) {
      if (!isMeter || commandId !== generalCommandIds.defaultResponse) return false;
      this.takeRefusal(sequenceNumber, fields);
      return true;
    }
    if (commandId === meterCommandIds.requestMirror) {
      this.grant(from, isMeter, sequenceNumber);
      return true;
    }
    return isMeter && this.take(commandId, sequenceNumber, fields);
  }

  private take(commandId: number, sequenceNumber: number, fields: GbzFields): boolean {
    switch (commandId) {
      case meterCommandIds.configureMirror:
        this.configure(sequenceNumber, fields);
        return true;
      case meterCommandIds.removeMirror:
        this.remove(sequenceNumber);
        return true;
      case meterCommandIds.getNotifiedMessage:
        this.handOver(fields);
        return true;
      case meterCommandIds.publishSnapshot:
        this.takeSnapshot(sequenceNumber, fields);
        return true;
      case meterCommandIds.getSampledDataResponse:
        this.takeSamples(sequenceNumber, fields);
        return true;
      default:
        return false;
    }
  }

  /** There is one mirror, and the home's meter may ask for it again. */
  private grant(to: Eui64, isMeter: boolean, sequenceNumber: number): void {
    const endpointId = isMeter ? this.parts.endpoint : noMirrorEndpoint;
    if (isMeter) {
      this.granted = true;
      this.configured = false;
      this.staticWanted = allStatic;
    }
    this.reply(to, sequenceNumber, mirrorCommandIds.requestMirrorResponse, { endpointId });
  }

  private configure(sequenceNumber: number, fields: GbzFields): void {
    const { configureMirror: commandId } = meterCommandIds;
    const known = fields.notificationScheme === notificationScheme.number;
    const status = this.granted && known ? zclStatuses.success : zclStatuses.invalidField;
    if (status === zclStatuses.success) {
      this.configured = fields.mirrorNotificationReporting === true;
    }
    const frameControl = mirrorFrameControls.defaultResponseToMeter;
    const { defaultResponse } = generalCommandIds;
    const answer = { commandId, status };
    this.send(this.parts.gsme as Eui64, frameControl, sequenceNumber, defaultResponse, answer);
  }

  private remove(sequenceNumber: number): void {
    this.granted = false;
    this.configured = false;
    const removedEndpointId = this.parts.endpoint;
    const { mirrorRemoved } = mirrorCommandIds;
    this.reply(this.parts.gsme as Eui64, sequenceNumber, mirrorRemoved, { removedEndpointId });
  }

  /** A report of the meter was taken: what was wanted of that cluster has come, and the meter hears what is next. */
  reported(clusterId: number, attributeIds: readonly number[], sequenceNumber: number): void {
    for (const [flag, cluster] of staticSets) {
      if (cluster !== clusterId) continue;
      // Readings and the account come by themselves; they are not what was asked for.
      const isStatic = cluster !== meteringCluster || attributeIds.includes(staticOfMetering);
      if (isStatic) this.staticWanted &= ~flag;
    }
    if (clusterId !== meteringCluster || !this.configured) return;
    const { number, attributeIds: words } = notificationScheme;
    const notificationFlags = words.map((word) =>
      word === flagWords.functional ? this.functionalFlags : 0,
    );
    const { mirrorReportAttributeResponse } = mirrorCommandIds;
    const fields = { notificationScheme: number, notificationFlags };
    this.reply(this.parts.gsme as Eui64, sequenceNumber, mirrorReportAttributeResponse, fields);
  }

  /** GetNotifiedMessage: the meter is ready for what the flags announced. */
  private handOver({ notificationFlagAttributeId, notificationFlags }: GbzFields): void {
    if (notificationFlagAttributeId !== flagWords.functional) return;
    const flags = notificationFlags as number;
    if ((flags & gasMeterFlags.getSnapshot) !== 0) this.askForSnapshot();
    if ((flags & gasMeterFlags.getSampledData) !== 0) this.askForSamples();
  }

  private askForSnapshot(): void {
    const { logs, host } = this.parts;
    if (!logs.lacksSnapshot) return;
    this.snapshotsAsked = this.sequenceNumber;
    this.ask(mirrorCommandIds.getSnapshot, {
      earliestStartTime: secondsSince2000(logs.snapshotsFromMs),
      latestEndTime: secondsSince2000(host.nowMs()),
      snapshotOffset: 0,
      snapshotCause: snapshotCauses.general,
    });
  }

  private askForSamples(): void {
    const missing = this.parts.logs.missing(samplesMax);
    if (missing === undefined) return;
    const { sequenceNumber } = this;
    this.samplesAsked = { ...missing, sequenceNumber };
    const { sampleId, sampleType } = profileSamples;
    this.ask(mirrorCommandIds.getSampledData, {
      sampleId,
      earliestSampleTime: secondsSince2000(missing.slot * halfHourMs),
      sampleType,
      numberOfSamples: missing.count,
    });
  }

  /** A meter publishes what fell due by itself, and the rest one by one as it is asked. */
  private takeSnapshot(sequenceNumber: number, fields: GbzFields): void {
    const { logs } = this.parts;
    const snapshot = snapshotOf(fields);
    if (sequenceNumber !== this.snapshotsAsked) {
      if (snapshot !== undefined) logs.addSnapshot(snapshot);
      return;
    }
    this.snapshotsAsked = undefined;
    if (snapshot !== undefined && logs.addAsked(snapshot)) this.askForSnapshot();
    else logs.forgoSnapshots();
  }

  private takeSamples(sequenceNumber: number, fields: GbzFields): void {
    const asked = this.samplesAsked;
    if (asked === undefined || asked.sequenceNumber !== sequenceNumber) return;
    this.samplesAsked = undefined;
    const { sampleStartTime, sampleRequestInterval, samples } = fields;
    const isAsked =
      msOfSecondsSince2000(sampleStartTime as number) === asked.slot * halfHourMs &&
      sampleRequestInterval === profileSamples.intervalSeconds;
    this.parts.logs.fill(asked, isAsked ? (samples as readonly number[]) : []);
    this.askForSamples();
  }

  /** The meter does not have what it was asked for. */
  private takeRefusal(sequenceNumber: number, { status }: GbzFields): void {
    if (status === zclStatuses.success) return;
    const { logs } = this.parts;
    if (sequenceNumber === this.snapshotsAsked) {
      this.snapshotsAsked = undefined;
      logs.forgoSnapshots();
    } else if (sequenceNumber === this.samplesAsked?.sequenceNumber) {
      logs.fill(this.samplesAsked, []);
      this.samplesAsked = undefined;
      this.askForSamples();
    }
  }

  private ask(commandId: number, fields: GbzFields): void {
    const { sequenceNumber } = this;
    this.sequenceNumber = (sequenceNumber + 1) & 0xff;
    const { toMeter } = mirrorFrameControls;
    this.send(this.parts.gsme as Eui64, toMeter, sequenceNumber, commandId, fields);
  }

  private reply(to: Eui64, sequenceNumber: number, commandId: number, fields: GbzFields): void {
    this.send(to, mirrorFrameControls.toMeterQuietly, sequenceNumber, commandId, fields);
  }

  private send(
    to: Eui64,
    frameControl: number,
    sequenceNumber: number,
    commandId: number,
    fields: GbzFields,
  ): void {
    const payload = encodeZclPayload(meteringCluster, frameControl, commandId, fields);
    const frame = encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
    const { host, endpoint } = this.parts;
    host.sendZcl(to, meteringCluster, frame, { from: endpoint });
  }
}
