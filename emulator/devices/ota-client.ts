import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { GbzFields, GbzValue } from '../../protocols/gbcs/gbz-types.js';
import { otaFieldControlBits, otaUpgrade } from '../../protocols/zigbee/clusters/ota-upgrade.js';
import { otaFileHeaderOctetsMin } from '../../protocols/zigbee/ota-file.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { decodeZclFrame, type ZclFrame } from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload } from '../../protocols/zigbee/zcl/payload.js';
import { commandNumber } from '../functions/cluster-rows.js';
import type { Firmware } from '../functions/firmware.js';
import {
  firmwareOctetsMax,
  firmwareVersionText,
  type HardwareIdentity,
} from '../functions/firmware-image.js';
import type { DeviceHost } from './device.js';
import {
  answerToRead,
  isReadOfClient,
  type OtaClientStatus,
  type OtaPhase,
} from './ota-client-attributes.js';
import { OtaTransfer } from './ota-transfer.js';
import { isServerCommand, ZclClient } from './zcl-client.js';

export interface OtaClientParts {
  readonly host: DeviceHost;
  readonly hub: Eui64;
  readonly hardware: HardwareIdentity;
  readonly firmware: Firmware;
  /** A whole file has arrived; returns whether it is held from now on. */
  readonly take: (file: Uint8Array) => boolean;
  /** The server wants what is held to be activated; absent where that takes a command. */
  readonly onActivate?: (() => void) | undefined;
  /** A device that sleeps asks for so many blocks at a wake, and for none in between. */
  readonly blocksPerWake?: number | undefined;
  /** When it asks for an image unless told before. */
  readonly firstQueryMs: number;
}

const commands = {
  imageNotify: commandNumber(otaUpgrade, 'client', 'ImageNotify'),
  query: commandNumber(otaUpgrade, 'server', 'QueryNextImageRequest'),
  nextImage: commandNumber(otaUpgrade, 'client', 'QueryNextImageResponse'),
  blockRequest: commandNumber(otaUpgrade, 'server', 'ImageBlockRequest'),
  block: commandNumber(otaUpgrade, 'client', 'ImageBlockResponse'),
  end: commandNumber(otaUpgrade, 'server', 'UpgradeEndRequest'),
  endResponse: commandNumber(otaUpgrade, 'client', 'UpgradeEndResponse'),
} as const;

/** How often a device asks whether there is firmware for it. Our choice. */
export const otaQueryIntervalMs = 86_400_000;

/** Our choices; of the home's time, which may run faster than frames travel. */
const timing = {
  /** Without being told, a device asks whether there is an image. */
  queryIntervalMs: otaQueryIntervalMs,
  /** For an answer at first; doubled whenever none has come. */
  patienceMs: 10_000,
  patienceMsMax: 300_000,
  /** Before a transfer that nobody answers is taken up again. */
  pauseMs: 600_000,
} as const;
/** Questions without an answer before a pause. */
const attemptsMax = 6;
/** Upgrade time: wait until told. */
const untilTold = 0xffff_ffff;
const anyNumber = 0xffff;

/**
 * Client of OTA Upgrade: asks the hub for firmware when it is told or once a day, fetches it block by block, goes on
 * where it was interrupted, and reports how it ended. The device around it owns the timer: it calls `poll` at `nextMs`.
 * One that sleeps calls `radioOn` at each wake instead, and fetches a bounded number of blocks then.
 *
 * not kept: pages of blocks, files for one device by name; a transfer does not survive a restart.
 *
 * @see ZigBee OTA 09-5264-23
 */
export class OtaClient {
  /** Answers that did not fit the question, and frames that do not parse. */
  dropped = 0;
  private readonly client: ZclClient;
  private phase: OtaPhase = 'idle';
  private transfer: OtaTransfer | undefined;
  private attempts = 0;
  private patienceMs: number = timing.patienceMs;
  private minimumBlockPeriodMs = 0;
  private wakeMs: number | undefined;
  private dueMs: number;
  private blocksLeft: number;
  private announcedMeanwhile = false;

  constructor(private readonly parts: OtaClientParts) {
    this.client = new ZclClient(parts.host);
    this.dueMs = parts.firstQueryMs;
    this.blocksLeft = parts.blocksPerWake ?? 0;
  }

  private get sleepy(): boolean {
    return this.parts.blocksPerWake !== undefined;
  }

  /** With nothing under way: when it asks again. Another client can take its place until then. */
  get restsUntilMs(): number | undefined {
    return this.phase === 'idle' ? this.dueMs : undefined;
  }

  /** When `poll` wants to be called next; never for a device that sleeps. */
  get nextMs(): number | undefined {
    if (this.sleepy) return undefined;
    return this.phase === 'idle' ? this.dueMs : this.wakeMs;
  }

  /** Does what is due. */
  poll(): void {
    const { nextMs } = this;
    if (nextMs !== undefined && this.parts.host.nowMs() >= nextMs) this.act();
  }

  /** The radio of a device that sleeps is on: asks where it is time, goes on where it left off. */
  radioOn(): void {
    this.blocksLeft = this.parts.blocksPerWake ?? 0;
    const dueMs = this.phase === 'idle' ? this.dueMs : (this.wakeMs ?? 0);
    if (this.parts.host.nowMs() >= dueMs) this.act();
  }

  /** There may be an image: asks at once. */
  announced(): void {
    this.parts.firmware.rejected = undefined;
    if (this.phase === 'idle') this.query();
    // A mirror repeats its flags at every wake, also those that are being acted upon.
    else this.announcedMeanwhile = !this.sleepy;
  }

  private act(): void {
    if (this.phase === 'idle') {
      this.query();
      return;
    }
    this.attempts++;
    if (this.attempts > 1) this.patienceMs = Math.min(2 * this.patienceMs, timing.patienceMsMax);
    if (this.attempts > attemptsMax) this.pause();
    else if (this.phase === 'querying') this.sendQuery();
    else if (this.phase === 'downloading') this.askBlock();
    else this.sendEnd();
  }

  /** Nobody answers: a transfer goes on later, anything else begins anew some day. */
  private pause(): void {
    const { transfer } = this;
    this.attempts = 0;
    if (this.phase !== 'downloading' || transfer?.isOnePauseTooMany() !== false) this.rest();
    else this.wakeIn(timing.pauseMs);
  }

  private query(): void {
    this.phase = 'querying';
    this.attempts = 1;
    this.patienceMs = timing.patienceMs;
    this.announcedMeanwhile = false;
    this.sendQuery();
  }

  private sendQuery(): void {
    const { hardwareVersion, ...image } = this.parts.hardware;
    const fields = {
      fieldControl: otaFieldControlBits.hardwareVersionPresent,
      ...image,
      fileVersion: this.parts.firmware.fileVersion,
      hardwareVersion,
    };
    this.ask(commands.query, fields, commands.nextImage, (answer) => this.takeOffer(answer));
  }

  /** The timer is set first: an answer may come before this returns, and set another. */
  private ask(
    commandId: number,
    fields: GbzFields,
    answerId: number,
    take: (answer: GbzFields | undefined) => void,
  ): void {
    this.wakeIn(this.patienceMs);
    const clusterId = otaUpgrade.id;
    this.client.ask(this.parts.hub, { clusterId, commandId, fields, answerId }, take);
  }

  private takeOffer(answer: GbzFields | undefined): void {
    if (this.phase !== 'querying') return;
    const { hardware, firmware } = this.parts;
    const { status, manufacturerCode, imageType, fileVersion, imageSize } = answer ?? {};
    const isOurs =
      status === zclStatuses.success &&
      manufacturerCode === hardware.manufacturerCode &&
      imageType === hardware.imageType;
    if (
      !isOurs ||
      fileVersion === firmware.fileVersion ||
      fileVersion === firmware.rejected?.fileVersion
    ) {
      this.rest();
      return;
    }
    const size = imageSize as number;
    if (size <= otaFileHeaderOctetsMin || size > firmwareOctetsMax) {
      this.dropped++;
      this.rest();
      return;
    }
    this.begin(fileVersion as number, size);
  }

  private begin(fileVersion: number, size: number): void {
    const { hardware, firmware, host } = this.parts;
    this.transfer = new OtaTransfer(hardware, fileVersion, size);
    if (firmware.held?.fileVersion === fileVersion) {
      // It lies here already: the server need only be told again.
      this.end(this.transfer, zclStatuses.success);
      return;
    }
    const version = firmwareVersionText(fileVersion);
    host.event('firmware-changed', { state: 'downloading', version, octets: size });
    this.phase = 'downloading';
    this.nextBlock();
  }

  /** Asks for the next block, now or when the server's pace and the battery let it. */
  private nextBlock(): void {
    this.attempts = 0;
    const mustWait = this.sleepy ? this.blocksLeft <= 0 : this.minimumBlockPeriodMs > 0;
    if (!mustWait) {
      this.attempts = 1;
      this.askBlock();
    } else if (this.sleepy) {
      this.wakeMs = undefined;
    } else {
      this.wakeIn(this.minimumBlockPeriodMs);
    }
  }

  private askBlock(): void {
    const { transfer } = this;
    if (transfer === undefined) return;
    this.blocksLeft--;
    const fields = {
      fieldControl: otaFieldControlBits.minimumBlockPeriodPresent,
      ...transfer.request(this.minimumBlockPeriodMs),
    };
    this.ask(commands.blockRequest, fields, commands.block, (answer) => this.takeBlock(answer));
  }

  private takeBlock(answer: GbzFields | undefined): void {
    const { transfer } = this;
    if (transfer === undefined || this.phase !== 'downloading') return;
    switch (answer?.status) {
      case zclStatuses.success:
        this.takeData(transfer, answer);
        return;
      case zclStatuses.waitForData:
        this.wait(transfer, answer);
        return;
      case zclStatuses.abort:
      case zclStatuses.notAuthorized:
      case zclStatuses.noImageAvailable:
        this.rest();
        return;
      default:
        this.takeBadAnswer(transfer);
    }
  }

  private takeData(transfer: OtaTransfer, answer: GbzFields): void {
    const verdict = transfer.takeBlock(answer);
    if (verdict === 'bad') this.takeBadAnswer(transfer);
    if (verdict !== 'taken') return;
    if (!transfer.isComplete) {
      this.nextBlock();
      return;
    }
    const isHeld = this.parts.take(transfer.release());
    const { fileVersion } = transfer;
    if (!isHeld) this.parts.firmware.rejected = { fileVersion, reason: 'not verified' };
    this.end(transfer, isHeld ? zclStatuses.success : zclStatuses.invalidImage);
  }

  private wait(transfer: OtaTransfer, answer: GbzFields): void {
    const wait = transfer.wait(answer, this.minimumBlockPeriodMs);
    this.attempts = 0;
    if (wait === undefined) {
      this.end(transfer, zclStatuses.abort);
      return;
    }
    this.minimumBlockPeriodMs = wait.minimumBlockPeriodMs;
    this.wakeIn(wait.waitMs);
  }

  /** The timer that runs asks again; a device that sleeps asks at its next wake. */
  private takeBadAnswer(transfer: OtaTransfer): void {
    this.dropped++;
    if (transfer.isOneBadAnswerTooMany()) this.end(transfer, zclStatuses.abort);
  }

  private end(transfer: OtaTransfer, status: number): void {
    this.phase = 'ending';
    this.attempts = 1;
    transfer.release();
    transfer.ending = status;
    this.sendEnd();
  }

  private sendEnd(): void {
    const { transfer } = this;
    if (transfer?.ending === undefined) return;
    const { manufacturerCode, imageType } = this.parts.hardware;
    const { ending: status, fileVersion } = transfer;
    const fields = { status, manufacturerCode, imageType, fileVersion };
    this.ask(commands.end, fields, commands.endResponse, (answer) => this.ended(answer));
  }

  private ended(answer: GbzFields | undefined): void {
    const { transfer } = this;
    if (transfer === undefined || this.phase !== 'ending') return;
    this.rest();
    if (transfer.ending !== zclStatuses.success || answer === undefined) return;
    const { fileVersion, upgradeTime } = answer;
    // Hubs here say "now" or "when told"; a time in between is taken as now.
    const mayActivate = fileVersion === transfer.fileVersion && upgradeTime !== untilTold;
    if (mayActivate) this.parts.onActivate?.();
  }

  /** Nothing under way; asks again in a day, or soon if an image was announced in the meantime. */
  private rest(): void {
    this.phase = 'idle';
    this.transfer = undefined;
    this.wakeMs = undefined;
    const { queryIntervalMs, patienceMs } = timing;
    const waitMs = this.announcedMeanwhile ? patienceMs : queryIntervalMs;
    this.dueMs = this.parts.host.nowMs() + waitMs;
  }

  private wakeIn(waitMs: number): void {
    this.wakeMs = this.parts.host.nowMs() + waitMs;
  }

  /** A frame of the hub on this cluster. Never throws for any octets. */
  receive(from: Eui64, bytes: Uint8Array): void {
    const { host, hub } = this.parts;
    try {
      const frame = decodeZclFrame(bytes);
      if (isReadOfClient(frame)) {
        host.sendZcl(hub, otaUpgrade.id, answerToRead(frame, this.status()));
      } else if (isServerCommand(frame, commands.imageNotify)) {
        this.notified(frame);
      } else {
        this.client.receive(from, otaUpgrade.id, bytes);
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped++;
      host.event('frame-dropped', { from, clusterId: otaUpgrade.id, reason: error.message });
    }
  }

  /** Sent to this device alone it is answered at once; the jitter is for broadcasts. */
  private notified({ frameControl, commandId, payload }: ZclFrame): void {
    const fields = decodeZclPayload(otaUpgrade.id, frameControl, commandId, payload);
    const { hardware, firmware } = this.parts;
    const isForUs =
      matches(fields.manufacturerCode, hardware.manufacturerCode) &&
      matches(fields.imageType, hardware.imageType) &&
      fields.fileVersion !== firmware.fileVersion;
    if (isForUs) this.announced();
  }

  private status(): OtaClientStatus {
    const { hub, hardware, firmware } = this.parts;
    const { transfer, minimumBlockPeriodMs, phase } = this;
    return { hub, hardware, firmware, transfer, minimumBlockPeriodMs, phase };
  }

  /** JSON-safe: how far a transfer is. */
  describe(): Readonly<Record<string, unknown>> {
    const { transfer, phase } = this;
    if (transfer === undefined || phase !== 'downloading') return {};
    return {
      downloading: firmwareVersionText(transfer.fileVersion),
      octets: transfer.received,
      ofOctets: transfer.size,
    };
  }
}

/** A field left off, or all ones, stands for any. */
function matches(named: GbzValue | undefined, own: number): boolean {
  return named === undefined || named === own || named === anyNumber;
}
