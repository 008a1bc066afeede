import type { Eui64 } from '../../protocols/codec/eui64.js';
import { otaUpgrade } from '../../protocols/zigbee/clusters/ota-upgrade.js';
import { logEvents } from '../functions/device-event-log.js';
import { criticalAlert } from '../functions/firmware-alerts.js';
import { hardwareOf, type UpgradableType } from '../functions/firmware-image.js';
import type { DeviceDescription } from './device.js';
import type { DeviceParts } from './device-parts.js';
import { FirmwareKeeper, type UpgradableState } from './firmware-keeper.js';
import { earliest, HubUpkeep } from './hub-upkeep.js';
import { OtaClient, otaQueryIntervalMs } from './ota-client.js';
import type { RemotePartyDesk } from './remote-party-desk.js';

/** Blocks that a gas meter fetches at a wake: some 9 KiB, seconds of its radio. Our choice. */
const blocksPerWake = 200;
/** A device first asks for firmware when its home has settled. Our choice. */
const firstQueryMs = 3_600_000;

/**
 * The upkeep of a device with firmware and messages of its own: a meter, a prepayment display, a load switch. Without a
 * hub it still activates what it is told to.
 */
export class UpgradableUpkeep {
  private readonly keeper: FirmwareKeeper;
  private readonly hub: HubUpkeep | undefined;
  /** Exists while there is something to fetch: most of the time there is not. */
  private ota: OtaClient | undefined;
  private queryMs: number;

  constructor(
    private readonly parts: DeviceParts,
    private readonly type: UpgradableType,
    private readonly state: UpgradableState,
    desk: Pick<RemotePartyDesk, 'raise'>,
    onVersionChanged?: () => void,
  ) {
    const { host, hub, random } = parts;
    this.keeper = new FirmwareKeeper({ type, state, device: parts, desk, onVersionChanged });
    const first = hub === undefined ? 0 : random.int(firstQueryMs, otaQueryIntervalMs);
    this.queryMs = host.nowMs() + first;
    // A gas meter keeps its clock at its wakes, and nobody is missed while it sleeps.
    if (hub === undefined || type === 'gsme') return;
    const onClockOff = (): void => {
      if (type === 'esme') desk.raise(criticalAlert(type, logEvents.clockNotAdjusted));
    };
    const { clock } = state;
    const showsTime = type === 'ppmid';
    this.hub = new HubUpkeep({ host, hub, clock, random, logs: state, onClockOff, showsTime });
  }

  /** Works with the client that fetches firmware, which is there only while it is needed. */
  private withOta(work: (ota: OtaClient) => void): void {
    const { hub } = this.parts;
    if (hub === undefined) return;
    this.ota ??= this.makeOta(hub);
    const { ota } = this;
    work(ota);
    const { restsUntilMs } = ota;
    if (restsUntilMs === undefined || ota !== this.ota) return;
    this.queryMs = restsUntilMs;
    this.ota = undefined;
  }

  private makeOta(hub: Eui64): OtaClient {
    const { parts, type, state, keeper } = this;
    const isMeter = type === 'esme' || type === 'gsme';
    return new OtaClient({
      host: parts.host,
      hub,
      hardware: hardwareOf(type),
      firmware: state.firmware,
      take: (file) => keeper.take(file),
      onActivate: isMeter ? undefined : () => keeper.activateHeld(),
      blocksPerWake: type === 'gsme' ? blocksPerWake : undefined,
      firstQueryMs: this.queryMs,
    });
  }

  start(): void {
    this.hub?.start();
  }

  private get nextOtaMs(): number | undefined {
    if (this.ota !== undefined) return this.ota.nextMs;
    return this.type === 'gsme' || this.parts.hub === undefined ? undefined : this.queryMs;
  }

  /** When `poll` wants to be called next. */
  get nextMs(): number | undefined {
    return earliest(this.hub?.nextMs, this.nextOtaMs, this.keeper.nextMs);
  }

  /** Does what is due. */
  poll(): void {
    this.hub?.poll();
    const { nextOtaMs } = this;
    if (nextOtaMs !== undefined && this.parts.host.nowMs() >= nextOtaMs) {
      this.withOta((ota) => ota.poll());
    }
    this.keeper.poll();
  }

  /** The radio of a sleepy device is on. */
  radioOn(): void {
    if (this.ota !== undefined || this.parts.host.nowMs() >= this.queryMs) {
      this.withOta((ota) => ota.radioOn());
    }
  }

  /** A mirror has told a sleepy device that the hub has firmware for it. */
  firmwareAnnounced(): void {
    this.withOta((ota) => ota.announced());
  }

  /** Takes a frame of the hub about these things; returns whether it was one. Never throws for any octets. */
  receive(from: Eui64, clusterId: number, frame: Uint8Array): boolean {
    if (clusterId === otaUpgrade.id && from === this.parts.hub) {
      this.withOta((ota) => ota.receive(from, frame));
      return true;
    }
    return this.hub?.receive(from, clusterId, frame) ?? false;
  }

  /** For a display: the time as the hub tells it. */
  get clockText(): (() => string) | undefined {
    const { hub } = this;
    return hub && (() => hub.clockText());
  }

  /** JSON-safe. */
  describe(): DeviceDescription {
    const firmware = { ...this.keeper.describe(), ...this.ota?.describe() };
    return { firmware, ...this.hub?.describe() };
  }
}
