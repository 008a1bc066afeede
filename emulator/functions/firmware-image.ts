import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { deviceLogTypes } from '../../protocols/gbcs/device-log-types.js';
import type { DeviceType } from '../../protocols/gbcs/use-cases/use-case.js';
import {
  decodeOtaFile,
  encodeOtaFile,
  type OtaFileHeader,
} from '../../protocols/zigbee/ota-file.js';
import type { RandomStream } from '../ports/random.js';

/**
 * Octets of a firmware file that a hub stores and a device takes. GBCS names a limit of this order [mem]; a
 * bound there must be, because the size of a file is what its sender says.
 */
export const firmwareOctetsMax = 750 * 1024;

/** Devices that get firmware over the home network; the number of their images is that of their type in device logs. */
export const upgradableTypes = ['esme', 'gsme', 'ppmid', 'hcalcs'] as const;
export type UpgradableType = (typeof upgradableTypes)[number];

export function isUpgradable(type: DeviceType): type is UpgradableType {
  return upgradableTypes.some((one) => one === type);
}

export function upgradableTypeOf(imageType: number): UpgradableType | undefined {
  return upgradableTypes.find((type) => deviceLogTypes[type] === imageType);
}

/** What a device is to the maker of its firmware. */
export interface HardwareIdentity {
  readonly manufacturerCode: number;
  readonly imageType: number;
  readonly hardwareVersion: number;
}

/** From the range for tests; all hardware here is of one make. */
const manufacturerCode = 0xfff1;
const hardwareVersion = 0x0100;
const zigBeeProStackVersion = 2;

export function hardwareOf(type: UpgradableType): HardwareIdentity {
  return { manufacturerCode, imageType: deviceLogTypes[type], hardwareVersion };
}

/** A firmware file taken apart. */
export interface FirmwareImage {
  readonly header: OtaFileHeader;
  /** What the hash covers; a view. */
  readonly manufacturerImage: Uint8Array;
  /** SHA-256 of the manufacturer image: what CS06 names it by. */
  readonly hash: Uint8Array;
  /** Of the party that is responsible for the device, over the manufacturer image; 64 octets, a view. */
  readonly signature: Uint8Array | undefined;
  /** An image made to fail when it is started. */
  readonly isFaulty: boolean;
}

/** Behind the manufacturer image of a meter: `00 40` and the signature of its supplier (duis.md 8). */
const signatureOctets = 64;
const trailerOctets = 2 + signatureOctets;

function trailerOf(content: Uint8Array): Uint8Array | undefined {
  const at = content.length - trailerOctets;
  const isThere = at > 0 && content[at] === 0 && content[at + 1] === signatureOctets;
  return isThere ? content.subarray(at + 2) : undefined;
}

/** Takes a file apart. @throws CodecError */
export function readFirmwareImage(file: Uint8Array, crypto: Pick<Crypto, 'sha256'>): FirmwareImage {
  const { header, content } = decodeOtaFile(file);
  if (content.length === 0) throw new CodecError('otaFile', file.length, 'there is no image in it');
  const type = upgradableTypeOf(header.imageType);
  // Files for displays and load switches end with their image.
  const isMeters = type === 'esme' || type === 'gsme';
  const signature = isMeters ? trailerOf(content) : undefined;
  const manufacturerImage = signature === undefined ? content : content.subarray(0, -trailerOctets);
  return {
    header,
    manufacturerImage,
    hash: crypto.sha256(manufacturerImage),
    signature,
    isFaulty: beginsWith(manufacturerImage, faultyMark),
  };
}

/** Four octets as GBCS writes a firmware version: `01000001`. */
export function firmwareVersionText(fileVersion: number): string {
  return fileVersion.toString(16).padStart(8, '0');
}

/** First octets of test images: one that starts, and one that does not. */
const goodMark = 'hubfleet firmware ';
const faultyMark = 'hubfleet faulty ';

function beginsWith(image: Uint8Array, text: string): boolean {
  if (image.length < text.length) return false;
  for (let at = 0; at < text.length; at++) if (image[at] !== text.charCodeAt(at)) return false;
  return true;
}

export interface FirmwareMaking {
  readonly type: UpgradableType;
  readonly fileVersion: number;
  /** Of the manufacturer image; default 4 KiB. */
  readonly octets?: number | undefined;
  /** It can be held, but fails when it is activated. */
  readonly isFaulty?: boolean | undefined;
  /** Of the responsible party; only files for meters have one. */
  readonly sign?: ((manufacturerImage: Uint8Array) => Uint8Array) | undefined;
  readonly random: RandomStream;
}

const defaultImageOctets = 4096;
const imageOctetsMin = 32;
/** Largest manufacturer image that makes a file within bounds. */
export const imageOctetsMax = firmwareOctetsMax - 256;

/** A file that every device of the type takes: a mark, its version, and octets without meaning. */
export function makeFirmwareFile(making: FirmwareMaking): Uint8Array {
  const { type, fileVersion, isFaulty = false, sign, random } = making;
  const octets = Math.min(
    Math.max(making.octets ?? defaultImageOctets, imageOctetsMin),
    imageOctetsMax,
  );
  const version = firmwareVersionText(fileVersion);
  const image = random.bytes(octets).slice();
  const mark = `${isFaulty ? faultyMark : goodMark}${version}`;
  for (let at = 0; at < mark.length; at++) image[at] = mark.charCodeAt(at);
  const isMeters = type === 'esme' || type === 'gsme';
  const signature = isMeters ? sign?.(image) : undefined;
  const content = new Uint8Array(octets + (signature === undefined ? 0 : trailerOctets));
  content.set(image);
  if (signature !== undefined) {
    content[octets + 1] = signatureOctets;
    content.set(signature, octets + 2);
  }
  const header = {
    manufacturerCode,
    imageType: deviceLogTypes[type],
    fileVersion,
    zigBeeStackVersion: zigBeeProStackVersion,
    headerString: `hubfleet ${type} ${version}`,
    securityCredentialVersion: undefined,
    upgradeFileDestination: undefined,
    hardwareVersions: { minimum: hardwareVersion, maximum: hardwareVersion },
  };
  return encodeOtaFile(header, content);
}

/** Why a device with that hardware cannot use the file; undefined where it can. */
export function unfitness(
  header: OtaFileHeader,
  { manufacturerCode: maker, imageType, hardwareVersion: hardware }: HardwareIdentity,
): 'other-manufacturer' | 'other-type' | 'other-hardware' | undefined {
  if (header.manufacturerCode !== maker) return 'other-manufacturer';
  if (header.imageType !== imageType) return 'other-type';
  const { hardwareVersions: range } = header;
  if (range === undefined) return undefined;
  return hardware < range.minimum || hardware > range.maximum ? 'other-hardware' : undefined;
}
