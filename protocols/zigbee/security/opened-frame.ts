import type { Eui64 } from '../../codec/eui64.js';
import type { ApsHeader } from '../aps.js';
import type { ApsCommand } from '../aps-command.js';
import type { Beacon } from '../beacon.js';
import type { GasTunnelData } from '../gas-tunnel-header.js';
import type { MacHeader } from '../ieee802154.js';
import type { MacCommand } from '../mac-command.js';
import type { NwkHeader } from '../nwk.js';
import type { NwkCommand } from '../nwk-command.js';
import type { ZclFields } from '../zcl/value.js';
import type { ZdoMessage } from '../zdo/zdo.js';
import type { AuxiliaryFields } from './auxiliary-fields.js';

/**
 * Why a secured layer stays closed. `no-key`: none of the keys fits, or nobody knows who sent it.
 * `mic-invalid`: there is a key for it, which opened the like before, and the integrity code is not
 * the one that this key makes.
 */
export type ClosedReason = 'no-key' | 'mic-invalid';

/** What a layer's auxiliary header says, and what came of it. */
export interface LayerSecurity extends AuxiliaryFields {
  /** Who secured it, also where the frame leaves that to be known. */
  readonly source: Eui64 | undefined;
  readonly verdict: 'ok' | ClosedReason;
}

/** A header with its auxiliary header taken apart. */
export type OpenedHeader<Header> = Header extends unknown ? Omit<Header, 'auxiliaryHeader'> : never;

export interface OpenedLayer<Header> {
  readonly header: OpenedHeader<Header>;
  /** Undefined where the layer is not secured. */
  readonly security: LayerSecurity | undefined;
}

/** What a tunnel carried: a GBCS message, in a gas meter's tunnel under its own header. A view. */
export type Tunnelled = { readonly kind: 'message'; readonly message: Uint8Array } | GasTunnelData;

export interface OpenedZcl {
  readonly kind: 'zcl';
  /** Names as declared; `unknown` where there is none. */
  readonly cluster: string;
  readonly command: string;
  readonly direction: 'to-server' | 'to-client';
  readonly frameControl: number;
  readonly manufacturerCode: number | undefined;
  readonly sequenceNumber: number;
  readonly commandId: number;
  readonly fields: ZclFields;
  /** Of a TransferData command. */
  readonly tunnelled: Tunnelled | undefined;
}

/** Where the octets stopped being what they should be: path, offset within the layer, reason. */
export interface Malformation {
  readonly path: string;
  readonly offset: number;
  readonly reason: string;
}

/** What stands in a frame behind the last header that could be read. Octets are views. */
export type FrameContent =
  | { readonly kind: 'mac-acknowledgment' }
  | { readonly kind: 'beacon'; readonly beacon: Beacon }
  | { readonly kind: 'mac-command'; readonly command: MacCommand }
  | { readonly kind: 'nwk-command'; readonly command: NwkCommand }
  | {
      readonly kind: 'aps-command';
      readonly command: ApsCommand;
      /** What a `tunnel` command carries: a command for a device that has no network key yet. */
      readonly carried: OpenedAps | undefined;
    }
  | { readonly kind: 'aps-acknowledgment' }
  | { readonly kind: 'zdo'; readonly message: ZdoMessage }
  | OpenedZcl
  /** A block of an ASDU that is not whole yet; the last one has the ASDU's content instead. */
  | {
      readonly kind: 'fragment';
      /** From 0. */
      readonly index: number;
      /** Unknown before the first one. */
      readonly count: number | undefined;
      readonly octets: Uint8Array;
    }
  /** Of another profile, or a ZDO message that is not declared. */
  | { readonly kind: 'data'; readonly octets: Uint8Array }
  | {
      readonly kind: 'closed';
      readonly layer: 'nwk' | 'aps';
      readonly reason: ClosedReason;
      readonly octets: Uint8Array;
    }
  | { readonly kind: 'malformed'; readonly error: Malformation; readonly octets: Uint8Array };

export interface OpenedAps {
  readonly aps: OpenedLayer<ApsHeader> | undefined;
  readonly content: FrameContent;
}

/** A frame of the air, as far as it could be opened. */
export interface OpenedFrame extends OpenedAps {
  readonly mac: MacHeader | undefined;
  readonly nwk: OpenedLayer<NwkHeader> | undefined;
}
