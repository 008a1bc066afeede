import type { Eui64 } from '../../protocols/codec/eui64.js';

/** What the trust centre of a home network asks of whoever decides who may be on it. */
export interface JoinAuthority {
  /**
   * 16-octet preconfigured link keys to try for this device now, newest rule first; empty: not welcome (not in the log,
   * window closed).
   */
  joiningKeys(device: Eui64, nowMs: number): readonly Uint8Array[];
  /** True while at least one entry's window is open: beacons then permit association. */
  joiningOpen(nowMs: number): boolean;
  isWhitelisted(device: Eui64): boolean;
  /** The device proved a key: its hash is stored, its window closes. */
  joined(device: Eui64, linkKey: Uint8Array, nowMs: number): void;
  /** A frame of the device came in. */
  heard(device: Eui64, nowMs: number): void;
}
