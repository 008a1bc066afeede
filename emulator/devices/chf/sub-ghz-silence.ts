import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { decodeGbtBlock, isGbtBlock } from '../../../protocols/gbcs/gbt.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import { otaUpgrade } from '../../../protocols/zigbee/clusters/ota-upgrade.js';
import { subGhz } from '../../../protocols/zigbee/clusters/sub-ghz.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import {
  decodeZclFrame,
  encodeZclFrame,
  isClusterCommand,
  isGeneralCommand,
  type ZclFrame,
  zclFrameControls,
} from '../../../protocols/zigbee/zcl/frame.js';
import { encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import type { Alert } from '../../functions/alert-sender.js';
import { commandNumber } from '../../functions/cluster-rows.js';
import type { SubGhzConfiguration } from '../../functions/sub-ghz-configuration.js';
import {
  DutyCycleControl,
  type DutyCycleOutcome,
  type DutyCycleState,
} from '../../functions/sub-ghz-duty-cycle.js';
import type { SubGhzRadio } from '../../functions/sub-ghz-radio.js';
import { suspendCommandId } from '../../functions/sub-ghz-server.js';
import { generalCommandIds } from '../../functions/zcl-interpreter.js';
import type { DeviceHost } from '../device.js';
import {
  aboutDevice,
  type MessageName,
  messageDiscardedAlert,
  subGhzAlert,
} from './sub-ghz-alerts.js';

export interface SubGhzSilenceParts {
  readonly radio: SubGhzRadio;
  readonly host: Pick<DeviceHost, 'nowMs' | 'sendZcl'>;
  readonly configuration: () => SubGhzConfiguration;
  readonly tell: (alert: Alert) => void;
  readonly suspensionMinutes: number | undefined;
}

const readImageBlock = commandNumber(otaUpgrade, 'server', 'ImageBlockRequest');
const imageBlock = commandNumber(otaUpgrade, 'client', 'ImageBlockResponse');

/**
 * Who of the home has to be silent on the sub-GHz band, and what happens to those who are not.
 *
 * @see device-behaviour.md 2.6
 */
export class SubGhzSilence {
  /** Frames of devices that should have been silent. */
  framesRefused = 0;
  /** Remote messages for them. */
  messagesDiscarded = 0;
  private readonly dutyCycle: DutyCycleControl;
  private sequenceNumber = 0;

  constructor(private readonly parts: SubGhzSilenceParts) {
    this.dutyCycle = new DutyCycleControl(parts.suspensionMinutes);
  }

  get state(): DutyCycleState {
    return this.dutyCycle.state;
  }

  remainingMinutes(device: Eui64): number {
    return this.dutyCycle.remainingMinutes(device, this.parts.host.nowMs());
  }

  nextDeadlineMs(): number | undefined {
    return this.dutyCycle.nextDeadlineMs();
  }

  assess(nowMs: number): void {
    const { radio, configuration, tell } = this.parts;
    const percent = radio.dutyCyclePercent();
    const outcome = this.dutyCycle.assess(percent, radio.clients(), configuration(), nowMs);
    this.tellOfState(outcome);
    for (const device of outcome.suspended) {
      if (outcome.state === 'limited') tell(aboutDevice('limitedActionTaken', device));
      this.suspend(device);
    }
    for (const device of outcome.renewed) this.suspend(device);
  }

  private tellOfState({ state, before }: DutyCycleOutcome): void {
    const { tell } = this.parts;
    if (before === undefined) return;
    if (state === 'critical') tell(subGhzAlert('criticalActionTaken'));
    if (before === 'critical') tell(subGhzAlert('belowCritical'));
    if (state === 'normal') tell(subGhzAlert('belowLimited'));
  }

  private suspend(device: Eui64): void {
    const suspensionPeriodMinutes = this.remainingMinutes(device);
    this.send(device, subGhz.id, suspendCommandId, { suspensionPeriodMinutes });
  }

  private send(
    to: Eui64,
    clusterId: number,
    commandId: number,
    fields: GbzFields,
    sequenceNumber = this.nextSequenceNumber(),
  ): void {
    const frameControl = zclFrameControls.clusterToClientWithoutDefaultResponse;
    const payload = encodeZclPayload(clusterId, frameControl, commandId, fields);
    const frame = encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
    this.parts.host.sendZcl(to, clusterId, frame);
  }

  private nextSequenceNumber(): number {
    const number = this.sequenceNumber;
    this.sequenceNumber = (number + 1) & 0xff;
    return number;
  }

  /**
   * True where the sender of a frame has to be silent: it is told for how long, and that is all.
   * What a channel change and, in the limited state, an upgrade need goes through.
   */
  screens(from: Eui64, clusterId: number, bytes: Uint8Array): boolean {
    if (clusterId === subGhz.id || this.remainingMinutes(from) === 0) return false;
    const isUpgrade = clusterId === otaUpgrade.id;
    if (isUpgrade && this.state !== 'critical') return false;
    this.framesRefused++;
    const frame = readZclFrame(bytes);
    if (frame === undefined || isDefaultResponse(frame)) return true;
    if (isUpgrade && frame.commandId === readImageBlock && isClusterCommand(frame.frameControl)) {
      this.holdUpgrade(from, frame.sequenceNumber);
    } else {
      this.suspend(from);
    }
    return true;
  }

  /** The image is there, but not now: `requestTime` is a number of seconds where `currentTime` is 0. */
  private holdUpgrade(device: Eui64, sequenceNumber: number): void {
    const fields = {
      status: zclStatuses.waitForData,
      currentTime: 0,
      requestTime: this.remainingMinutes(device) * 60,
      minimumBlockPeriod: 0,
    };
    this.send(device, otaUpgrade.id, imageBlock, fields, sequenceNumber);
  }

  /** True where a remote message is for a device that has to be silent: it goes no further (DBCH10). */
  discards(recipient: Eui64, message: Uint8Array): boolean {
    if (this.remainingMinutes(recipient) === 0) return false;
    this.messagesDiscarded++;
    try {
      const header = discardedHeader(message);
      if (header !== undefined) this.parts.tell(messageDiscardedAlert(header));
    } catch (error) {
      // The alert names the message by its header, which this one does not have.
      if (!(error instanceof CodecError)) throw error;
    }
    return true;
  }
}

/** What names the message; of its blocks the first tells it, so that there is one alert for all of them. */
function discardedHeader(bytes: Uint8Array): MessageName | undefined {
  if (!isGbtBlock(bytes)) return decodeGbcsMessage(bytes).header;
  const block = decodeGbtBlock(bytes);
  return block.blockNumber === 1 && block.data.length > 0 ? block : undefined;
}

function isDefaultResponse({ frameControl, commandId }: ZclFrame): boolean {
  return isGeneralCommand(frameControl) && commandId === generalCommandIds.defaultResponse;
}

/** Undefined for octets that are no ZCL frame. */
export function readZclFrame(bytes: Uint8Array): ZclFrame | undefined {
  try {
    return decodeZclFrame(bytes);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return undefined;
  }
}
