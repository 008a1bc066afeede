import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import { Chf } from '../devices/chf/device.js';
import {
  firmwareOctetsMax,
  isUpgradable,
  makeFirmwareFile,
  readFirmwareImage,
  type UpgradableType,
  upgradableTypeOf,
} from '../functions/firmware-image.js';
import { UsageError } from '../ports/errors.js';
import type { FleetWorld } from './fleet-world.js';
import type { Home } from './home.js';

/** A test image to be made for whoever gets it. */
export interface FirmwareWish {
  /** Four octets, hex. */
  readonly version: string;
  /** Of the manufacturer image. */
  readonly octets?: number | undefined;
  readonly faulty?: boolean | undefined;
}

/** A file that was uploaded in parts, or one to be made. */
export type FirmwareSource = { readonly upload: string } | { readonly make: FirmwareWish };

/** What a hub has taken in, and for whom; JSON-safe. */
export interface DistributedFirmware {
  readonly home: string;
  readonly type: UpgradableType;
  /** Four octets, hex. */
  readonly version: string;
  /** Of the file. */
  readonly octets: number;
  /** Hex: what CS06 names it by. */
  readonly imageHash: string;
  readonly devices: readonly Eui64[];
}

/** Files under way at once; the oldest makes room. Our choice. */
const uploadsMax = 4;

/**
 * Brings firmware to hubs, in place of the WAN's own way, which GBCS leaves open: takes files in parts or makes test
 * images, signed by the fleet's supplier, and hands them to the hubs of the devices that are named.
 */
export class FirmwareDesk {
  private readonly uploads = new Map<string, Uint8Array>();

  constructor(
    private readonly world: FleetWorld,
    private readonly homes: readonly Home[],
  ) {}

  /** Takes the next part of a file; offset 0 begins it. Returns how much there is. @throws UsageError */
  addPart(upload: string, offset: number, octets: Uint8Array): number {
    const before = offset === 0 ? new Uint8Array(0) : (this.uploads.get(upload) ?? []);
    if (before.length !== offset) {
      throw new UsageError(`upload ${upload} has ${before.length} octets, not ${offset}`);
    }
    const length = offset + octets.length;
    if (length > firmwareOctetsMax) {
      throw new UsageError(`a firmware file has at most ${firmwareOctetsMax} octets`);
    }
    const file = new Uint8Array(length);
    file.set(before);
    file.set(octets, offset);
    this.uploads.delete(upload);
    const [oldest] = this.uploads.keys();
    if (this.uploads.size >= uploadsMax && oldest !== undefined) this.uploads.delete(oldest);
    this.uploads.set(upload, file);
    return length;
  }

  /** Hands firmware to the hub of a device, or of a home for all its devices. @throws UsageError */
  distribute(target: string, source: FirmwareSource): readonly DistributedFirmware[] {
    const { home, types } = this.targetOf(target);
    if ('make' in source) {
      return types.map((type) => this.handOver(home, this.make(type, source.make)));
    }
    const file = this.uploads.get(source.upload);
    if (file === undefined) throw new UsageError(`there is no upload ${source.upload}`);
    return [this.handOver(home, file, types)];
  }

  private targetOf(target: string) {
    for (const home of this.homes) {
      const devices = [...home.devices.values()];
      const named = devices.filter(({ entity }) => home.name === target || entity === target);
      if (named.length === 0) continue;
      const types = named.map(({ type }) => type).filter(isUpgradable);
      if (types.length > 0) return { home, types };
      throw new UsageError(
        `no firmware for ${target} (${named[0]?.type}): only esme, gsme, ppmid and hcalcs get it`,
      );
    }
    throw new UsageError(`there is no home or device '${target}' in this fleet`);
  }

  private make(type: UpgradableType, { version, octets, faulty }: FirmwareWish): Uint8Array {
    const { home, headEnd } = this.world;
    const supplier = headEnd.parties.find(({ role }) => role === 'supplier');
    const keys = supplier && headEnd.keys.keysOf(supplier.eui);
    return makeFirmwareFile({
      type,
      fileVersion: Number.parseInt(version, 16),
      octets,
      isFaulty: faulty,
      sign: keys && ((image) => keys.sign(image)),
      random: home.random.stream('firmware', type, version),
    });
  }

  private handOver(
    home: Home,
    file: Uint8Array,
    types?: readonly UpgradableType[],
  ): DistributedFirmware {
    const { imageHash, type: fileType } = this.inspect(file);
    const hub = home.devices.get(home.hub);
    if (!(hub instanceof Chf)) throw new UsageError(`${home.name} has no hub`);
    if (types !== undefined && !types.some((type) => type === fileType)) {
      throw new UsageError(`the file is for a device of another type than ${types.join(', ')}`);
    }
    const receipt = hub.receiveFirmware(file);
    if (!receipt.accepted) throw new UsageError(`the hub refuses the file: ${receipt.reason}`);
    const { type, version, devices } = receipt;
    return { home: home.name, type, version, octets: file.length, imageHash, devices };
  }

  private inspect(file: Uint8Array) {
    try {
      const { header, hash } = readFirmwareImage(file, this.world.home.crypto);
      return { imageHash: toHex(hash), type: upgradableTypeOf(header.imageType) };
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      throw new UsageError(`that is no firmware file: ${error.message}`);
    }
  }
}
