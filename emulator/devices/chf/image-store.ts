import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { decodeOtaFile, type OtaFileHeader } from '../../../protocols/zigbee/ota-file.js';
import {
  firmwareOctetsMax,
  type UpgradableType,
  upgradableTypeOf,
} from '../../functions/firmware-image.js';

/** How far a device is with an image; `mismatch` for hardware that the image is not for. */
export type TransferState = 'waiting' | 'active' | 'done' | 'failed' | 'mismatch';

/** One image as the hub has it. */
export interface StoredImage {
  readonly type: UpgradableType;
  readonly header: OtaFileHeader;
  readonly file: Uint8Array;
  readonly receivedMs: number;
  /** By device; those that it came for are there from the start. */
  readonly transfers: Map<Eui64, TransferState>;
}

/** How long a hub keeps an image that nobody fetches ([mem?]: that there is such a time is said, not how long). */
const keptMs = 14 * 86_400_000;

/**
 * The hub's images: at most one for each type of device, each within bounds; a new one takes the place of an old one
 * (device-behaviour.md 2.5).
 */
export class ImageStore {
  private readonly images = new Map<UpgradableType, StoredImage>();

  /** Called with an image that is there no more. */
  constructor(private readonly onDiscard: (image: StoredImage) => void) {}

  of(type: UpgradableType): StoredImage | undefined {
    return this.images.get(type);
  }

  list(): readonly StoredImage[] {
    return [...this.images.values()];
  }

  /** Takes a file in; its content is the device's to judge. Returns the image, or why there is none. */
  put(file: Uint8Array, nowMs: number): StoredImage | string {
    if (file.length > firmwareOctetsMax) {
      return `${file.length} octets are more than the ${firmwareOctetsMax} that a hub stores`;
    }
    let header: OtaFileHeader;
    try {
      ({ header } = decodeOtaFile(file));
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return error.message;
    }
    const type = upgradableTypeOf(header.imageType);
    if (type === undefined) {
      return `image type ${header.imageType} is of no device that gets firmware over the home network`;
    }
    this.discard(type);
    const image = { type, header, file, receivedMs: nowMs, transfers: new Map() };
    this.images.set(type, image);
    return image;
  }

  /** When the next image is old enough to go. */
  get nextMs(): number | undefined {
    let next: number | undefined;
    for (const { receivedMs } of this.images.values()) {
      if (next === undefined || receivedMs + keptMs < next) next = receivedMs + keptMs;
    }
    return next;
  }

  expire(nowMs: number): void {
    for (const { type, receivedMs } of this.list()) {
      if (nowMs >= receivedMs + keptMs) this.discard(type);
    }
  }

  private discard(type: UpgradableType): void {
    const image = this.images.get(type);
    if (image === undefined) return;
    this.images.delete(type);
    this.onDiscard(image);
  }
}
