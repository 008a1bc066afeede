import { decodeWith, encodeWith } from '../../protocols/codec/codec.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { equalBytes } from '../../protocols/codec/hex.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { deviceLogTypes } from '../../protocols/gbcs/device-log-types.js';
import { installCodeLinkKey, installCodeOf } from '../../protocols/zigbee/security/install-code.js';
import { mmoHash } from '../../protocols/zigbee/security/mmo.js';
import { InvariantError } from '../ports/errors.js';
import type { Store } from '../ports/store.js';
import {
  type DeviceLogRecord,
  deviceLogEntriesMax,
  deviceLogKey,
  deviceLogRecord,
  type EntryRecord,
  type HistoricRecord,
  historicEntriesMax,
} from './device-log-record.js';
import type { JoinAuthority } from './join-authority.js';
import type { LinkQuality } from './link-quality.js';

/**
 * How the old key of a device that comes back shares the join window with its install code: half of it each (GBCS 4.5), or
 * the whole of it each, one after the other (GBCS 4.1; device-behaviour.md 2.1).
 */
export type HistoricKeyRule = 'halfWindowEach' | 'wholeWindowEach';

/** A device that is in the log from the start, its window closed. */
export interface PresetEntry {
  readonly entity: Eui64;
  readonly typeCode: number | undefined;
  /** Trust centre link key, 16 octets, asked for when it is needed; absent: it has not joined yet. */
  readonly linkKey?: (() => Uint8Array) | undefined;
}

export interface DeviceLogParts {
  readonly hub: Eui64;
  readonly crypto: Pick<Crypto, 'aesEncryptBlock'>;
  readonly store: Store;
  /** Extended PAN id of the home network until a restore brings another. */
  readonly hanIdentifier: Eui64;
  /** The log of a hub that starts for the first time; what the store holds counts more. */
  readonly preset?: readonly PresetEntry[];
  readonly historicKeyRule?: HistoricKeyRule | undefined;
}

/** One entry as others see it. */
export type DeviceLogEntry = Readonly<
  Pick<EntryRecord, 'entity' | 'typeCode' | 'lastContactMs'>
> & {
  readonly linkQuality: LinkQuality | undefined;
};

/** A device and the hash of its trust centre link key; undefined before there is one. */
export interface DeviceKeyHash {
  readonly entity: Eui64;
  readonly linkKeyHash: Uint8Array | undefined;
}

export type DeviceLogChange =
  | { readonly kind: 'added' | 'removed' | 'keyLearned'; readonly entity: Eui64 }
  | { readonly kind: 'restored' };

/** What a hub gets of another's network, to go on where that one ended. */
export interface RestoredNetwork {
  readonly hanIdentifier: Eui64;
  /** Up to 16; the hash is the key that a device of the network proves to its new trust centre. */
  readonly devices: readonly { readonly entity: Eui64; readonly linkKeyHash: Uint8Array }[];
}

interface Entry extends EntryRecord {
  presetKey: (() => Uint8Array) | undefined;
  linkQuality: LinkQuality | undefined;
}

/**
 * The hub's device log and historic device log: which devices may be on the home network, and with which key each may
 * join. Time is an argument; a window that has ended is closed without anybody doing anything. Changes are stored at
 * once, times of last contact with the next change.
 *
 * @see device-behaviour.md 2.1
 */
export class DeviceLog implements JoinAuthority {
  private readonly entries = new Map<Eui64, Entry>();
  /** Oldest first. */
  private readonly historic = new Map<Eui64, HistoricRecord>();
  private readonly listeners = new Set<(change: DeviceLogChange) => void>();
  private extendedPanId: Eui64;

  constructor(private readonly parts: DeviceLogParts) {
    this.extendedPanId = parts.hanIdentifier;
    const stored = parts.store.get(deviceLogKey(parts.hub));
    if (stored === undefined) this.fill(parts.preset ?? []);
    else this.resume(stored);
  }

  private fill(preset: readonly PresetEntry[]): void {
    for (const { entity, typeCode, linkKey } of preset.slice(0, deviceLogEntriesMax)) {
      this.entries.set(entity, { ...blankEntry(entity, typeCode), presetKey: linkKey });
    }
  }

  private resume(stored: Uint8Array): void {
    const record = recordOf(this.parts.hub, stored);
    this.extendedPanId = record.hanIdentifier;
    for (const entry of record.entries) {
      this.entries.set(entry.entity, { ...entry, presetKey: undefined, linkQuality: undefined });
    }
    for (const entry of record.historic) this.historic.set(entry.entity, entry);
  }

  get size(): number {
    return this.entries.size;
  }

  /** Extended PAN id of the home network. */
  get hanIdentifier(): Eui64 {
    return this.extendedPanId;
  }

  /** In the order in which they were added. */
  list(): readonly DeviceLogEntry[] {
    return [...this.entries.values()].map(({ entity, typeCode, lastContactMs, linkQuality }) => ({
      entity,
      typeCode,
      lastContactMs,
      linkQuality,
    }));
  }

  keyHashes(): readonly DeviceKeyHash[] {
    return [...this.entries.values()].map((entry) => this.hashed(entry));
  }

  /** Of the historic log, oldest first. */
  historicKeyHashes(): readonly DeviceKeyHash[] {
    return [...this.historic.values()].map((entry) => this.hashed(entry));
  }

  /** Calls `listener` after every change of the log, until the function returned is called. */
  onChange(listener: (change: DeviceLogChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Adds a device with its window closed. One that is present stays as it is, its code and key with it. */
  add(entity: Eui64, typeCode: number, installCode: Uint8Array): 'added' | 'present' | 'full' {
    if (this.entries.has(entity)) return 'present';
    if (this.entries.size >= deviceLogEntriesMax) return 'full';
    this.entries.set(entity, { ...blankEntry(entity, typeCode), installCode: installCode.slice() });
    this.changed({ kind: 'added', entity });
    return 'added';
  }

  /** Opens a device's window from now on; false where it is not in the log. */
  allowJoining(entity: Eui64, seconds: number, nowMs: number): boolean {
    const entry = this.entries.get(entity);
    if (entry === undefined) return false;
    const lengthMs = seconds * 1000;
    const comesBack = this.historicKeyOf(entity) !== undefined && entry.installCode !== undefined;
    const whole = this.parts.historicKeyRule === 'wholeWindowEach';
    const historicMs = comesBack ? (whole ? lengthMs : lengthMs / 2) : 0;
    entry.window = {
      fromMs: nowMs,
      installCodeFromMs: nowMs + historicMs,
      toMs: nowMs + (comesBack && whole ? 2 * lengthMs : lengthMs),
    };
    this.save();
    return true;
  }

  /** Closes all windows. */
  closeJoining(): void {
    for (const entry of this.entries.values()) entry.window = undefined;
    this.save();
  }

  /**
   * Removes a device; its key goes to the historic log, the oldest there giving way. One that never joined has no key to
   * keep, and that of the gas proxy function is never kept.
   */
  remove(entity: Eui64): boolean {
    const entry = this.entries.get(entity);
    if (entry === undefined) return false;
    this.entries.delete(entity);
    const { linkKeyHash } = this.hashed(entry);
    if (entry.typeCode !== deviceLogTypes.gpf && linkKeyHash !== undefined) {
      this.historic.delete(entity);
      this.historic.set(entity, { entity, linkKey: this.keyOf(entry), linkKeyHash });
      for (const oldest of this.historic.keys()) {
        if (this.historic.size <= historicEntriesMax) break;
        this.historic.delete(oldest);
      }
    }
    this.changed({ kind: 'removed', entity });
    return true;
  }

  /**
   * Takes over the network of another hub: its log in place of this one, its extended PAN id. A device of it is welcome
   * without a window until it has joined, with the hash of its old key for a key (ZSE trust centre swap-out [mem]).
   */
  restore(network: RestoredNetwork): void {
    this.entries.clear();
    for (const { entity, linkKeyHash } of network.devices.slice(0, deviceLogEntriesMax)) {
      const hash = linkKeyHash.slice();
      this.entries.set(entity, { ...blankEntry(entity), linkKeyHash: hash, restored: true });
    }
    this.extendedPanId = network.hanIdentifier;
    this.changed({ kind: 'restored' });
  }

  joiningKeys(device: Eui64, nowMs: number): readonly Uint8Array[] {
    const entry = this.entries.get(device);
    if (entry === undefined) return [];
    if (entry.restored && entry.linkKeyHash !== undefined) return [entry.linkKeyHash];
    if (!isOpen(entry, nowMs)) return [];
    const own = this.keyOf(entry);
    if (own !== undefined) return [own];
    if (nowMs < (entry.window?.installCodeFromMs ?? 0)) {
      const old = this.historicKeyOf(device);
      return old === undefined ? [] : [old];
    }
    const { installCode } = entry;
    if (installCode === undefined) return [];
    return [installCodeLinkKey(this.parts.crypto, installCodeOf(installCode))];
  }

  joiningOpen(nowMs: number): boolean {
    for (const entry of this.entries.values()) if (isOpen(entry, nowMs)) return true;
    return false;
  }

  /** The number in its entry; undefined for a device that is not in the log, or of no type that has a number. */
  typeCodeOf(device: Eui64): number | undefined {
    return this.entries.get(device)?.typeCode;
  }

  isWhitelisted(device: Eui64): boolean {
    return this.entries.has(device);
  }

  joined(device: Eui64, linkKey: Uint8Array, nowMs: number): void {
    const entry = this.entries.get(device);
    if (entry === undefined) return;
    entry.lastContactMs = nowMs;
    const known = this.keyOf(entry);
    if (known !== undefined && equalBytes(known, linkKey)) {
      if (entry.window === undefined) return;
      entry.window = undefined;
      this.save();
      return;
    }
    entry.linkKey = linkKey.slice();
    entry.linkKeyHash = undefined;
    entry.presetKey = undefined;
    entry.installCode = undefined;
    entry.window = undefined;
    entry.restored = false;
    this.changed({ kind: 'keyLearned', entity: device });
  }

  heard(device: Eui64, nowMs: number): void {
    const entry = this.entries.get(device);
    if (entry !== undefined) entry.lastContactMs = nowMs;
  }

  /** What the radio measured of a device's frames. */
  measured(device: Eui64, linkQuality: LinkQuality): void {
    const entry = this.entries.get(device);
    if (entry !== undefined) entry.linkQuality = linkQuality;
  }

  private keyOf(entry: Entry): Uint8Array | undefined {
    if (entry.linkKey === undefined && entry.presetKey !== undefined) {
      entry.linkKey = entry.presetKey();
      entry.presetKey = undefined;
    }
    return entry.linkKey;
  }

  private historicKeyOf(entity: Eui64): Uint8Array | undefined {
    return this.historic.get(entity)?.linkKey;
  }

  private hashed(entry: Entry | HistoricRecord): DeviceKeyHash {
    const key = 'presetKey' in entry ? this.keyOf(entry) : entry.linkKey;
    if (key !== undefined) entry.linkKeyHash ??= mmoHash(this.parts.crypto, key);
    return { entity: entry.entity, linkKeyHash: entry.linkKeyHash };
  }

  private changed(change: DeviceLogChange): void {
    this.save();
    for (const listener of this.listeners) listener(change);
  }

  private save(): void {
    const { store, hub } = this.parts;
    const entries = [...this.entries.values()];
    for (const entry of entries) this.keyOf(entry);
    const historic = [...this.historic.values()];
    const record = { hanIdentifier: this.extendedPanId, entries, historic };
    store.put(deviceLogKey(hub), encodeWith(deviceLogRecord, record).slice());
  }
}

function recordOf(hub: Eui64, stored: Uint8Array): DeviceLogRecord {
  try {
    return decodeWith(deviceLogRecord, stored, 'deviceLog');
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new InvariantError(`the stored device log of ${hub} does not read: ${error.message}`);
  }
}

function blankEntry(entity: Eui64, typeCode?: number): Entry {
  return {
    entity,
    typeCode,
    installCode: undefined,
    window: undefined,
    linkKey: undefined,
    linkKeyHash: undefined,
    restored: false,
    lastContactMs: undefined,
    presetKey: undefined,
    linkQuality: undefined,
  };
}

function isOpen({ window }: Entry, nowMs: number): boolean {
  return window !== undefined && nowMs < window.toMs;
}
