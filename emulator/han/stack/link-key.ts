import {
  keyLoadKey,
  keyTransportKey,
  type LinkKeySet,
} from '../../../protocols/zigbee/security/key-derivation.js';
import type { BlockCipher } from '../../../protocols/zigbee/security/mmo.js';

/** How a link key came about; a later kind replaces an earlier one. */
export type LinkKeyKind = 'preconfigured' | 'trust-centre' | 'partner';

/** A link key; what is derived from it is needed only while a device joins, and made only then. */
export class LinkKey implements LinkKeySet {
  private transport: Uint8Array | undefined = undefined;
  private load: Uint8Array | undefined = undefined;

  constructor(
    private readonly cipher: BlockCipher,
    readonly data: Uint8Array,
    readonly kind: LinkKeyKind,
  ) {}

  get keyTransport(): Uint8Array {
    this.transport ??= keyTransportKey(this.cipher, this.data);
    return this.transport;
  }

  get keyLoad(): Uint8Array {
    this.load ??= keyLoadKey(this.cipher, this.data);
    return this.load;
  }
}
