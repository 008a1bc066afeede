import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { otaFieldControlBits, otaUpgrade } from '../../../protocols/zigbee/clusters/ota-upgrade.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { encodeZclFrame, zclFrameControls } from '../../../protocols/zigbee/zcl/frame.js';
import { encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import type { Alert } from '../../functions/alert-sender.js';
import {
  answering,
  type ClusterRows,
  clusterRows,
  commandNumber,
} from '../../functions/cluster-rows.js';
import { type TransferResult, transferAlert } from '../../functions/firmware-alerts.js';
import {
  firmwareVersionText,
  type UpgradableType,
  unfitness,
} from '../../functions/firmware-image.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import type { ZclAnswer, ZclCall } from '../../functions/zcl-model.js';
import { ImageStore, type StoredImage, type TransferState } from './image-store.js';

export interface OtaServerParts {
  readonly nowMs: () => number;
  /** Devices of the log that have this type. */
  readonly devicesOf: (type: UpgradableType) => readonly Eui64[];
  /** Type of a device of the log, if it gets firmware. */
  readonly typeOf: (device: Eui64) => UpgradableType | undefined;
  readonly send: (to: Eui64, clusterId: number, frame: Uint8Array) => void;
  /** There is firmware for the gas meter, or no longer: it sleeps, and its mirror has to tell it. */
  readonly announceToGasMeter: (isThere: boolean) => void;
  readonly raise: (alert: Alert) => boolean;
  readonly options?: Partial<OtaServerOptions> | undefined;
}

export interface OtaServerOptions {
  /** Between two blocks of one device, so that others find the air free. */
  readonly minimumBlockPeriodMs: number;
  /** How soon a device that finds the hub busy with another may ask again. */
  readonly busyForMs: number;
}

/** Our choices. */
const defaultOptions: OtaServerOptions = { minimumBlockPeriodMs: 50, busyForMs: 10_000 };
/** A transfer that has asked for nothing for so long no longer keeps others waiting. */
const activeForMs = 10_000;
/** What a frame takes beside what its client asks for, where it asks for much. */
const blockOctetsMax = 64;
const untilTold = 0xffff_ffff;
/** Payload type of an Image Notify that names the version. */
const withVersion = 3;
const queryJitterMax = 100;

/** What became of an image that came over the WAN. */
export type FirmwareReceipt =
  | {
      readonly accepted: true;
      readonly type: UpgradableType;
      /** Four octets, hex. */
      readonly version: string;
      /** Those that were told, or will be when they wake. */
      readonly devices: readonly Eui64[];
    }
  | { readonly accepted: false; readonly reason: string };

export interface OtaServed {
  readonly ota: OtaServer;
}

type Call = ZclCall<OtaServed>;

const imageNotify = commandNumber(otaUpgrade, 'client', 'ImageNotify');
const nextImage = answering(otaUpgrade, 'QueryNextImageResponse');
const imageBlock = answering(otaUpgrade, 'ImageBlockResponse');
const upgradeEnd = answering(otaUpgrade, 'UpgradeEndResponse');

/** Server side of OTA Upgrade over the hub's images. */
export function otaRows<S extends OtaServed>(): ClusterRows<S> {
  const behaviours = {
    QueryNextImageRequest: ({ device, from }: Call, fields: GbzFields) => [
      device.ota.query(from, fields),
    ],
    ImageBlockRequest: ({ device, from }: Call, fields: GbzFields) => [
      device.ota.block(from, fields),
    ],
    UpgradeEndRequest: ({ device, from }: Call, fields: GbzFields) => device.ota.end(from, fields),
  };
  return clusterRows<S>(otaUpgrade, {}, behaviours);
}

/**
 * What the hub does with firmware: keeps it, tells the devices that it is for, hands it to them block by block, and
 * reports for those that do not report themselves.
 *
 * not kept: pages of blocks, files for one device by name.
 *
 * @see device-behaviour.md 2.5, ZigBee OTA 09-5264-23
 */
export class OtaServer {
  blocksSent = 0;
  private readonly images: ImageStore;
  private readonly options: OtaServerOptions;
  private sequenceNumber = 0;
  /** Who is being served, and when it last asked. */
  private active: { readonly device: Eui64; readonly atMs: number } | undefined;

  constructor(private readonly parts: OtaServerParts) {
    this.options = { ...defaultOptions, ...parts.options };
    this.images = new ImageStore((image) => this.discarded(image));
  }

  /** An image from the WAN: keeps it and tells its devices. */
  receive(file: Uint8Array): FirmwareReceipt {
    const image = this.images.put(file, this.parts.nowMs());
    if (typeof image === 'string') return { accepted: false, reason: image };
    const { type, header, transfers } = image;
    const devices = this.parts.devicesOf(type);
    for (const device of devices) transfers.set(device, 'waiting');
    for (const device of devices) this.tell(device, image);
    return { accepted: true, type, version: firmwareVersionText(header.fileVersion), devices };
  }

  private tell(device: Eui64, { type, header }: StoredImage): void {
    if (type === 'gsme') {
      this.parts.announceToGasMeter(true);
      return;
    }
    const { manufacturerCode, imageType, fileVersion } = header;
    const frameControl = zclFrameControls.clusterToClientWithoutDefaultResponse;
    const payload = encodeZclPayload(otaUpgrade.id, frameControl, imageNotify, {
      payloadType: withVersion,
      queryJitter: queryJitterMax,
      manufacturerCode,
      imageType,
      fileVersion,
    });
    const { sequenceNumber } = this;
    this.sequenceNumber = (sequenceNumber + 1) & 0xff;
    const frame = { frameControl, sequenceNumber, commandId: imageNotify, payload };
    this.parts.send(device, otaUpgrade.id, encodeZclFrame(frame));
  }

  /** A device asks whether there is an image for it. */
  query(from: Eui64 | undefined, fields: GbzFields): ZclAnswer {
    const image = this.imageFor(from);
    if (image === 'not-authorized') return nextImage({ status: zclStatuses.notAuthorized });
    const none = nextImage({ status: zclStatuses.noImageAvailable });
    if (from === undefined || image === undefined) return none;
    const { header, transfers } = image;
    const { manufacturerCode, imageType, fileVersion } = header;
    const { hardwareVersion } = fields;
    const asking = {
      manufacturerCode: fields.manufacturerCode as number,
      imageType: fields.imageType as number,
      // A device that keeps its hardware to itself is offered whatever there is.
      hardwareVersion:
        typeof hardwareVersion === 'number'
          ? hardwareVersion
          : (header.hardwareVersions?.minimum ?? 0),
    };
    const unfit = unfitness(header, asking);
    if (unfit === 'other-hardware') this.settle(image, from, 'mismatch');
    if (unfit !== undefined || fields.fileVersion === fileVersion) return none;
    if (!transfers.has(from)) transfers.set(from, 'waiting');
    return nextImage({
      status: zclStatuses.success,
      manufacturerCode,
      imageType,
      fileVersion,
      imageSize: header.totalImageSize,
    });
  }

  private imageFor(from: Eui64 | undefined): StoredImage | 'not-authorized' | undefined {
    const type = from === undefined ? undefined : this.parts.typeOf(from);
    return type === undefined ? 'not-authorized' : this.images.of(type);
  }

  /** A device asks for octets of it. */
  block(from: Eui64 | undefined, fields: GbzFields): ZclAnswer {
    const image = this.imageFor(from);
    if (image === 'not-authorized') return imageBlock({ status: zclStatuses.notAuthorized });
    const { fileOffset, maximumDataSize } = fields as Readonly<Record<string, number>>;
    if (from === undefined || image === undefined || !isSame(image, fields)) {
      // It has been replaced while it was being fetched.
      return imageBlock({ status: zclStatuses.abort });
    }
    const { header, file, type } = image;
    const offset = fileOffset as number;
    if (offset >= file.length || maximumDataSize === 0) {
      throw new ProtocolError(zclStatuses.malformedCommand, 'nothing lies there');
    }
    // A gas meter has its radio on for this: it waits for nobody.
    const wait = type === 'gsme' ? undefined : this.waitOf(from, fields);
    if (wait !== undefined) return wait;
    this.settle(image, from, 'active');
    this.blocksSent++;
    const octets = Math.min(maximumDataSize as number, blockOctetsMax);
    const data = file.subarray(offset, offset + octets);
    const { manufacturerCode, imageType, fileVersion } = header;
    return imageBlock({
      status: zclStatuses.success,
      manufacturerCode,
      imageType,
      fileVersion,
      fileOffset: offset,
      dataSize: data.length,
      imageData: toHex(data),
    });
  }

  /** "Not now": another device is being served, or this one does not keep the pace yet. */
  private waitOf(from: Eui64, fields: GbzFields): ZclAnswer | undefined {
    const nowMs = this.parts.nowMs();
    const { minimumBlockPeriodMs: minimumBlockPeriod, busyForMs } = this.options;
    const isActive = this.active !== undefined && nowMs - this.active.atMs < activeForMs;
    if (isActive && this.active?.device !== from) {
      return imageBlock({
        status: zclStatuses.waitForData,
        currentTime: secondsSince2000(nowMs),
        requestTime: secondsSince2000(nowMs + busyForMs),
        minimumBlockPeriod,
      });
    }
    this.active = { device: from, atMs: nowMs };
    const { fieldControl, minimumBlockPeriod: kept } = fields;
    const keepsPace =
      ((fieldControl as number) & otaFieldControlBits.minimumBlockPeriodPresent) !== 0;
    if (!keepsPace || kept === minimumBlockPeriod) return undefined;
    return imageBlock({
      status: zclStatuses.waitForData,
      currentTime: 0,
      requestTime: 0,
      minimumBlockPeriod,
    });
  }

  /** A device tells how it ended. Nothing is answered to a failure but a default response. */
  end(from: Eui64 | undefined, fields: GbzFields): readonly ZclAnswer[] {
    const image = this.imageFor(from);
    if (from === undefined || image === undefined || image === 'not-authorized') {
      throw new ProtocolError(zclStatuses.notAuthorized, 'no image of this device');
    }
    if (!isSame(image, fields)) {
      throw new ProtocolError(zclStatuses.invalidValue, 'that is not the image here');
    }
    if (this.active?.device === from) this.active = undefined;
    const isDone = fields.status === zclStatuses.success;
    this.settle(image, from, isDone ? 'done' : 'failed');
    if (image.type === 'gsme') this.parts.announceToGasMeter(false);
    if (!isDone) return [];
    const { manufacturerCode, imageType, fileVersion } = image.header;
    const now = secondsSince2000(this.parts.nowMs());
    // A meter waits for its supplier's word; a display or load switch goes on at once [mem].
    const isMeter = image.type === 'esme' || image.type === 'gsme';
    const upgradeTime = isMeter ? untilTold : now;
    return [
      upgradeEnd({ manufacturerCode, imageType, fileVersion, currentTime: now, upgradeTime }),
    ];
  }

  /** Notes how far the device is; what ends a transfer is reported (CCS08) where the device does not do so itself. */
  private settle(image: StoredImage, device: Eui64, state: TransferState): void {
    const before = image.transfers.get(device);
    if (before === state) return;
    image.transfers.set(device, state);
    const result = results[state];
    if (result !== undefined) this.report(image, device, result);
  }

  private report({ type, header }: StoredImage, device: Eui64, result: TransferResult): void {
    if (type === 'esme' || type === 'gsme') return;
    this.parts.raise(transferAlert(device, firmwareVersionText(header.fileVersion), result));
  }

  private discarded(image: StoredImage): void {
    if (image.type === 'gsme') this.parts.announceToGasMeter(false);
    for (const [device, state] of image.transfers) {
      if (state === 'waiting' || state === 'active') this.report(image, device, 'imageDiscarded');
    }
  }

  /** When `expire` wants to be called next. */
  get nextMs(): number | undefined {
    return this.images.nextMs;
  }

  expire(): void {
    this.images.expire(this.parts.nowMs());
  }

  /** JSON-safe: `esme: { version, octets, 00db…a0: 'done' }`. */
  describe(): Readonly<Record<string, unknown>> {
    const entries = this.images.list().map(({ type, header, file, transfers }) => {
      const version = firmwareVersionText(header.fileVersion);
      return [type, { version, octets: file.length, ...Object.fromEntries(transfers) }];
    });
    return Object.fromEntries(entries);
  }
}

const results: Readonly<Partial<Record<TransferState, TransferResult>>> = {
  done: 'success',
  failed: 'fileTransferFailure',
  mismatch: 'hardwareVersionMismatch',
};

function isSame({ header }: StoredImage, fields: GbzFields): boolean {
  return (
    fields.manufacturerCode === header.manufacturerCode &&
    fields.imageType === header.imageType &&
    fields.fileVersion === header.fileVersion
  );
}
