import { CodecError } from '../../protocols/codec/codec-error.js';
import { toHex } from '../../protocols/codec/hex.js';
import type { DeviceClock } from '../functions/device-clock.js';
import type { Firmware } from '../functions/firmware.js';
import {
  activatedAlert,
  criticalAlert,
  firmwareCodes,
  plannedActivationAlert,
  receiptAlert,
} from '../functions/firmware-alerts.js';
import {
  type FirmwareImage,
  firmwareVersionText,
  hardwareOf,
  readFirmwareImage,
  type UpgradableType,
  unfitness,
} from '../functions/firmware-image.js';
import type { TrustAnchorCells } from '../functions/trust-anchor-cells.js';
import type { DeviceParts } from './device-parts.js';
import type { DeviceLogs } from './hub-upkeep.js';
import type { RemotePartyDesk } from './remote-party-desk.js';

/** What of a device's state its firmware concerns. */
export interface UpgradableState extends DeviceLogs {
  readonly clock: DeviceClock;
  readonly trustAnchors: TrustAnchorCells;
  readonly firmware: Firmware;
}

export interface FirmwareKeeperParts {
  readonly type: UpgradableType;
  readonly state: UpgradableState;
  readonly device: Pick<DeviceParts, 'host' | 'crypto'>;
  readonly desk: Pick<RemotePartyDesk, 'raise'>;
  /** Another version runs. */
  readonly onVersionChanged?: (() => void) | undefined;
}

/** How soon a device whose clock is in doubt looks again whether it still is. */
const doubtfulClockMs = 900_000;

/**
 * What a device does with firmware that has arrived: it verifies and holds it, tells whom that concerns, and activates it
 * when it is told to. A meter waits for its supplier's CS06, a display or load switch for the hub's word.
 *
 * @see device-behaviour.md 2.5
 */
export class FirmwareKeeper {
  constructor(private readonly parts: FirmwareKeeperParts) {
    parts.state.firmware.onActivation = (result) => this.activated(result);
  }

  /** The meter whose supplier is told; undefined for a display or load switch. */
  private get meter(): 'esme' | 'gsme' | undefined {
    const { type } = this.parts;
    return type === 'esme' || type === 'gsme' ? type : undefined;
  }

  /** Verifies a file that has arrived whole, and holds it; returns whether it does. Never throws for any octets. */
  take(file: Uint8Array): boolean {
    const { crypto, host } = this.parts.device;
    let image: FirmwareImage;
    try {
      image = readFirmwareImage(file, crypto);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.reject(crypto.sha256(file), error.message);
      return false;
    }
    const { header, hash } = image;
    const unfit = unfitness(header, hardwareOf(this.parts.type)) ?? this.badSignature(image);
    if (unfit !== undefined) {
      this.reject(hash, unfit);
      return false;
    }
    this.parts.state.firmware.hold(image);
    const { meter } = this;
    this.log(firmwareCodes.verificationSuccessful);
    if (meter !== undefined) this.parts.desk.raise(receiptAlert(meter, true, hash));
    const version = firmwareVersionText(header.fileVersion);
    host.event('firmware-changed', { state: 'held', version, imageHash: toHex(hash) });
    return true;
  }

  /** A file without a signature passes: the command that activates it is signed. One with a wrong signature does not. */
  private badSignature({ manufacturerImage, signature }: FirmwareImage): string | undefined {
    if (signature === undefined) return undefined;
    const { device, state } = this.parts;
    const cell = state.trustAnchors.find('supplier', 'digitalSignature');
    if (cell === undefined) return undefined;
    const isValid = device.crypto.verify(cell.publicKey, manufacturerImage, signature);
    return isValid ? undefined : 'wrong-signature';
  }

  private reject(hash: Uint8Array, reason: string): void {
    this.log(firmwareCodes.verificationFailed);
    const { meter } = this;
    if (meter !== undefined) this.parts.desk.raise(receiptAlert(meter, false, hash));
    this.parts.device.host.event('firmware-changed', { state: 'rejected', reason });
  }

  /** Activates what is held, for a device that needs no command for it. */
  activateHeld(): void {
    const { state, desk } = this.parts;
    const { firmware } = state;
    const { held } = firmware;
    if (held === undefined) return;
    const { result, firmwareVersion } = firmware.activate(held.hash);
    desk.raise(activatedAlert(firmwareVersion, result === 'success'));
  }

  /** When a planned activation is due, in the home's time. */
  get nextMs(): number | undefined {
    const { state, device } = this.parts;
    const { firmware, clock } = state;
    const { planned } = firmware;
    if (planned === undefined) return undefined;
    const dueMs = planned.atMs - clock.aheadMs;
    if (clock.reliability === 'reliable') return dueMs;
    return Math.max(dueMs, device.host.nowMs() + doubtfulClockMs);
  }

  /** Executes what is due. Nothing runs by a clock that is not to be trusted (device-behaviour.md 1.12). */
  poll(): void {
    const { state, desk } = this.parts;
    const { firmware, clock } = state;
    const { planned } = firmware;
    if (planned === undefined || clock.nowMs() < planned.atMs) return;
    if (clock.reliability !== 'reliable') return;
    firmware.cancelPlan();
    desk.raise(plannedActivationAlert(planned, firmware.activate(planned.hash)));
  }

  /** JSON-safe. */
  describe(): Readonly<Record<string, unknown>> {
    return this.parts.state.firmware.describe();
  }

  private activated(result: 'success' | 'activationFailure'): void {
    const { host } = this.parts.device;
    const { version } = this.parts.state.firmware;
    if (result === 'success') {
      this.log(firmwareCodes.versionChanged);
      host.event('firmware-changed', { state: 'running', version });
      this.parts.onVersionChanged?.();
      return;
    }
    const { verificationFailedAtPowerOn } = firmwareCodes;
    this.log(verificationFailedAtPowerOn);
    const { meter } = this;
    if (meter !== undefined)
      this.parts.desk.raise(criticalAlert(meter, verificationFailedAtPowerOn));
    host.event('firmware-changed', { state: 'failed-to-start', version });
  }

  private log(eventCode: number): void {
    const { securityLog, clock } = this.parts.state;
    securityLog.add(eventCode, clock.nowMs());
  }
}
