import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { GbzFields, GbzValue } from '../../protocols/gbcs/gbz-types.js';
import { imageUpgradeStatuses, otaUpgrade } from '../../protocols/zigbee/clusters/ota-upgrade.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import {
  encodeZclFrame,
  isGeneralCommand,
  isManufacturerSpecific,
  isServerToClient,
  type ZclFrame,
  zclFrameControls,
} from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../protocols/zigbee/zcl/payload.js';
import { type ZclDataTypeName, zclDataTypeId } from '../../protocols/zigbee/zcl/types.js';
import type { Firmware } from '../functions/firmware.js';
import type { HardwareIdentity } from '../functions/firmware-image.js';
import { generalCommandIds } from '../functions/zcl-interpreter.js';
import type { OtaTransfer } from './ota-transfer.js';

export type OtaPhase = 'idle' | 'querying' | 'downloading' | 'ending';

/** What the attributes of an OTA client tell of. */
export interface OtaClientStatus {
  readonly hub: Eui64;
  readonly hardware: HardwareIdentity;
  readonly firmware: Firmware;
  readonly transfer: OtaTransfer | undefined;
  readonly phase: OtaPhase;
  readonly minimumBlockPeriodMs: number;
}

const notKnown = { u16: 0xffff, u32: 0xffff_ffff } as const;
const zigBeeProStackVersion = 2;

function imageUpgradeStatus({ phase, firmware }: OtaClientStatus): number {
  if (phase === 'downloading') return imageUpgradeStatuses.downloadInProgress;
  if (firmware.held === undefined) return imageUpgradeStatuses.normal;
  return phase === 'ending'
    ? imageUpgradeStatuses.downloadComplete
    : imageUpgradeStatuses.waitingToUpgradeByExternalEvent;
}

const getters: Readonly<Record<string, (status: OtaClientStatus) => GbzValue>> = {
  UpgradeServerID: ({ hub }) => hub,
  FileOffset: ({ transfer }) => transfer?.received ?? notKnown.u32,
  CurrentFileVersion: ({ firmware }) => firmware.fileVersion,
  CurrentZigBeeStackVersion: () => zigBeeProStackVersion,
  DownloadedFileVersion: ({ transfer, firmware }) =>
    transfer?.fileVersion ?? firmware.held?.fileVersion ?? notKnown.u32,
  DownloadedZigBeeStackVersion: ({ firmware }) =>
    firmware.held === undefined ? notKnown.u16 : zigBeeProStackVersion,
  ImageUpgradeStatus: imageUpgradeStatus,
  ManufacturerID: ({ hardware }) => hardware.manufacturerCode,
  ImageTypeID: ({ hardware }) => hardware.imageType,
  MinimumBlockPeriod: ({ minimumBlockPeriodMs }) => minimumBlockPeriodMs,
};

/** Whether the frame is a server that reads attributes of its client. */
export function isReadOfClient({ frameControl, commandId }: ZclFrame): boolean {
  return (
    isServerToClient(frameControl) &&
    isGeneralCommand(frameControl) &&
    !isManufacturerSpecific(frameControl) &&
    commandId === generalCommandIds.readAttributes
  );
}

/** The frame that answers such a read. @throws CodecError where it does not parse */
export function answerToRead(read: ZclFrame, status: OtaClientStatus): Uint8Array {
  const { id: clusterId, clientAttributes } = otaUpgrade;
  const { frameControl, sequenceNumber, commandId, payload } = read;
  const fields = decodeZclPayload(clusterId, frameControl, commandId, payload);
  const asked = fields.attributes as readonly { readonly attributeId: number }[];
  const attributes = asked.map(({ attributeId }): GbzFields => {
    const [name = '', type] = (clientAttributes?.[attributeId] ?? []) as readonly [
      string?,
      ZclDataTypeName?,
    ];
    const get = getters[name];
    if (get === undefined || type === undefined) {
      return { attributeId, status: zclStatuses.unsupportedAttribute };
    }
    const value = get(status);
    return { attributeId, status: zclStatuses.success, dataType: zclDataTypeId(type), value };
  });
  const answer = {
    frameControl: zclFrameControls.generalToServer,
    commandId: generalCommandIds.readAttributesResponse,
  };
  return encodeZclFrame({
    ...answer,
    sequenceNumber,
    payload: encodeZclPayload(clusterId, answer.frameControl, answer.commandId, { attributes }),
  });
}
