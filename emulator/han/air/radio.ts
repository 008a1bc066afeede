import type { Eui64 } from '../../../protocols/codec/eui64.js';

/** Where in the spectrum: channel page and channel of IEEE 802.15.4. */
export interface RadioChannel {
  /** 0 is 2.4 GHz; 28 to 31 are Great Britain's sub-GHz pages. */
  readonly page: number;
  readonly channel: number;
}

/** How a radio heard a frame. */
export interface Reception extends RadioChannel {
  /** 0 to 255. */
  readonly lqi: number;
  readonly rssiDbm: number;
}

/** One radio as the medium sees it. */
export interface Radio {
  readonly eui: Eui64;
  /** FFFF while the node has none. */
  readonly shortAddress: number;
  /** Whether it would hear a frame on this channel now: tuned to it, and not asleep. */
  listens(page: number, channel: number): boolean;
  /** `psdu` is a view, valid during the call only. Must not throw. */
  receive(psdu: Uint8Array, reception: Reception): void;
}

/** What all radios of a home share. */
export interface Medium {
  attach(radio: Radio): void;
  detach(radio: Radio): void;
  /** Puts a frame of an attached radio on the air; `psdu` is copied if it is kept. */
  transmit(radio: Radio, psdu: Uint8Array, on: RadioChannel): void;
  /**
   * Whether all that its radios put on the air has come back from the bus. While it has not, the bus
   * is behind, and what a radio waits for may be on its way.
   */
  readonly settled?: boolean;
  /** Energy on a channel as a radio would measure it, 0 (silence) to 255. */
  energyOn(channel: RadioChannel): number;
}

export function sameChannel(a: RadioChannel, b: RadioChannel): boolean {
  return a.page === b.page && a.channel === b.channel;
}
