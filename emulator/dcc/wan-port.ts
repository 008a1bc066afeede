import type { Eui64 } from '../../protocols/codec/eui64.js';

export type HubState = 'online' | 'offline' | 'unknown';

/** The wide area network as the head end sees it. What comes back goes to `HeadEnd.onMessage`. */
export interface WanPort {
  /** Hands a GBCS message to a hub's queue; must not throw. Whether it arrives shows in a response only. */
  send(hub: Eui64, message: Uint8Array): void;
  /** What presence messages say of a hub; used in the reason of a timeout only. */
  hubState?(hub: Eui64): HubState;
}
