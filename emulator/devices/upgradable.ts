import type { Eui64 } from '../../protocols/codec/eui64.js';
import { otaUpgrade } from '../../protocols/zigbee/clusters/ota-upgrade.js';
import type { DeviceClock } from '../functions/device-clock.js';
import { logEvents } from '../functions/device-event-log.js';
import type { Firmware } from '../functions/firmware.js';
import { criticalAlert } from '../functions/firmware-alerts.js';
import { hardwareOf, type UpgradableType } from '../functions/firmware-image.js';
import type { TrustAnchorCells } from '../functions/trust-anchor-cells.js';
import type { DeviceDescription } from './device.js';
import type { DeviceParts } from './device-parts.js';
import { FirmwareKeeper } from './firmware-keeper.js';
import { type DeviceLogs, earliest, HubUpkeep } from './hub-upkeep.js';
import { OtaClient } from './ota-client.js';
import type { RemotePartyDesk } from './remote-party-desk.js';

/** What of a device's state its upkeep works with. */
export interface UpgradableState extends DeviceLogs {
  readonly clock: DeviceClock;
  readonly trustAnchors: TrustAnchorCells;
  readonly firmware: Firmware;
}

/** Blocks that a gas meter fetches at a wake: some 9 KiB, seconds of its radio. Our choice. */
const blocksPerWake = 200;

/**
 * The upkeep of a device with firmware and messages of its own: a meter, a prepayment display, a load switch. Without a
 * hub it still activates what it is told to.
 */
export class UpgradableUpkeep {
  private readonly keeper: FirmwareKeeper;
  private readonly ota: OtaClient | undefined;
  private readonly hub: HubUpkeep | undefined;
  private readonly hubEntity: Eui64 | undefined;

  constructor(
    parts: DeviceParts,
    type: UpgradableType,
    state: UpgradableState,
    desk: Pick<RemotePartyDesk, 'raise'>,
    onVersionChanged?: () => void,
  ) {
    const { host, hub, crypto, random } = parts;
    const { clock, firmware, securityLog } = state;
    const keeper = new FirmwareKeeper({
      type,
      firmware,
      crypto,
      trustAnchors: () => state.trustAnchors,
      clock,
      securityLog,
      host,
      raise: (alert) => desk.raise(alert),
      onVersionChanged,
    });
    this.keeper = keeper;
    this.hubEntity = hub;
    if (hub === undefined) return;
    const isMeter = type === 'esme' || type === 'gsme';
    this.ota = new OtaClient({
      host,
      hub,
      hardware: hardwareOf(type),
      firmware,
      random,
      take: (file) => keeper.take(file),
      onActivate: isMeter ? undefined : () => keeper.activateHeld(),
      blocksPerWake: type === 'gsme' ? blocksPerWake : undefined,
    });
    // A gas meter keeps its clock at its wakes, and nobody is missed while it sleeps.
    if (type === 'gsme') return;
    const onClockOff = (): void => {
      if (type === 'esme') desk.raise(criticalAlert(type, logEvents.clockNotAdjusted));
    };
    this.hub = new HubUpkeep({ host, hub, clock, random, logs: state, onClockOff });
  }

  start(): void {
    this.hub?.start();
  }

  /** When `poll` wants to be called next. */
  get nextMs(): number | undefined {
    return earliest(this.hub?.nextMs, this.ota?.nextMs, this.keeper.nextMs);
  }

  /** Does what is due. */
  poll(): void {
    this.hub?.poll();
    this.ota?.poll();
    this.keeper.poll();
  }

  /** The radio of a sleepy device is on. */
  radioOn(): void {
    this.ota?.radioOn();
  }

  /** A mirror has told a sleepy device that the hub has firmware for it. */
  firmwareAnnounced(): void {
    this.ota?.announced();
  }

  /** Takes a frame of the hub about these things; returns whether it was one. Never throws for any octets. */
  receive(from: Eui64, clusterId: number, frame: Uint8Array): boolean {
    if (this.ota !== undefined && from === this.hubEntity && clusterId === otaUpgrade.id) {
      this.ota.receive(from, frame);
      return true;
    }
    return this.hub?.receive(from, clusterId, frame) ?? false;
  }

  /** For a display: the time as the hub tells it. */
  get clockText(): (() => string) | undefined {
    return this.hub?.clockText;
  }

  /** JSON-safe. */
  describe(): DeviceDescription {
    const firmware = { ...this.keeper.describe(), ...this.ota?.describe() };
    return { firmware, ...this.hub?.describe() };
  }
}
