import { CodecError } from '../../protocols/codec/codec-error.js';
import { toHex } from '../../protocols/codec/hex.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import type { Alert } from '../functions/alert-sender.js';
import type { DeviceClock } from '../functions/device-clock.js';
import type { DeviceEventLog } from '../functions/device-event-log.js';
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
import type { DeviceHost } from './device.js';

export interface FirmwareKeeperParts {
  readonly type: UpgradableType;
  readonly firmware: Firmware;
  readonly crypto: Crypto;
  readonly trustAnchors: () => TrustAnchorCells;
  readonly clock: DeviceClock;
  readonly securityLog: DeviceEventLog;
  readonly host: Pick<DeviceHost, 'event' | 'nowMs'>;
  readonly raise: (alert: Alert) => boolean;
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
    parts.firmware.onActivation = (result) => this.activated(result);
  }

  /** The meter whose supplier is told; undefined for a display or load switch. */
  private get meter(): 'esme' | 'gsme' | undefined {
    const { type } = this.parts;
    return type === 'esme' || type === 'gsme' ? type : undefined;
  }

  /** Verifies a file that has arrived whole, and holds it; returns whether it does. Never throws for any octets. */
  take(file: Uint8Array): boolean {
    const { crypto, firmware, host } = this.parts;
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
    firmware.hold(image);
    const { meter } = this;
    this.log(firmwareCodes.verificationSuccessful);
    if (meter !== undefined) this.parts.raise(receiptAlert(meter, true, hash));
    const version = firmwareVersionText(header.fileVersion);
    host.event('firmware-changed', { state: 'held', version, imageHash: toHex(hash) });
    return true;
  }

  /** A file without a signature passes: the command that activates it is signed. One with a wrong signature does not. */
  private badSignature({ manufacturerImage, signature }: FirmwareImage): string | undefined {
    if (signature === undefined) return undefined;
    const { crypto, trustAnchors } = this.parts;
    const cell = trustAnchors().find('supplier', 'digitalSignature');
    if (cell === undefined) return undefined;
    const isValid = crypto.verify(cell.publicKey, manufacturerImage, signature);
    return isValid ? undefined : 'wrong-signature';
  }

  private reject(hash: Uint8Array, reason: string): void {
    this.log(firmwareCodes.verificationFailed);
    const { meter } = this;
    if (meter !== undefined) this.parts.raise(receiptAlert(meter, false, hash));
    this.parts.host.event('firmware-changed', { state: 'rejected', reason });
  }

  /** Activates what is held, for a device that needs no command for it. */
  activateHeld(): void {
    const { firmware, raise } = this.parts;
    const { held } = firmware;
    if (held === undefined) return;
    const { result, firmwareVersion } = firmware.activate(held.hash);
    raise(activatedAlert(firmwareVersion, result === 'success'));
  }

  /** When a planned activation is due, in the home's time. */
  get nextMs(): number | undefined {
    const { firmware, clock, host } = this.parts;
    const { planned } = firmware;
    if (planned === undefined) return undefined;
    const dueMs = planned.atMs - clock.aheadMs;
    if (clock.reliability === 'reliable') return dueMs;
    return Math.max(dueMs, host.nowMs() + doubtfulClockMs);
  }

  /** Executes what is due. Nothing runs by a clock that is not to be trusted (device-behaviour.md 1.12). */
  poll(): void {
    const { firmware, clock, raise } = this.parts;
    const { planned } = firmware;
    if (planned === undefined || clock.nowMs() < planned.atMs) return;
    if (clock.reliability !== 'reliable') return;
    firmware.cancelPlan();
    raise(plannedActivationAlert(planned, firmware.activate(planned.hash)));
  }

  /** JSON-safe. */
  describe(): Readonly<Record<string, unknown>> {
    return this.parts.firmware.describe();
  }

  private activated(result: 'success' | 'activationFailure'): void {
    const { firmware, host } = this.parts;
    const { version } = firmware;
    if (result === 'success') {
      this.log(firmwareCodes.versionChanged);
      host.event('firmware-changed', { state: 'running', version });
      this.parts.onVersionChanged?.();
      return;
    }
    const { verificationFailedAtPowerOn } = firmwareCodes;
    this.log(verificationFailedAtPowerOn);
    const { meter } = this;
    if (meter !== undefined) this.parts.raise(criticalAlert(meter, verificationFailedAtPowerOn));
    host.event('firmware-changed', { state: 'failed-to-start', version });
  }

  private log(eventCode: number): void {
    this.parts.securityLog.add(eventCode, this.parts.clock.nowMs());
  }
}
