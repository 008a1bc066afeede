import { encodeWith } from '../../protocols/codec/codec.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { concatBytes } from '../../protocols/codec/hex.js';
import { Writer } from '../../protocols/codec/writer.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import { type ApsDataHeader, ApsHeader } from '../../protocols/zigbee/aps.js';
import { ApsCommand } from '../../protocols/zigbee/aps-command.js';
import { MacHeader } from '../../protocols/zigbee/ieee802154.js';
import { NwkHeader } from '../../protocols/zigbee/nwk.js';
import {
  type ApsSecurity,
  sealAps,
  sealNwk,
} from '../../protocols/zigbee/security/frame-security.js';
import { linkKeySet } from '../../protocols/zigbee/security/key-derivation.js';

/** A node with the short address that it has for good. */
export interface AirNode {
  readonly eui: Eui64;
  readonly short: number;
}

export interface LinkProtection {
  readonly key: Uint8Array;
  readonly as?: ApsSecurity['keyIdentifier'];
  readonly namesSource?: boolean;
}

function encoded(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer(128);
  write(writer);
  return writer.finish();
}

/** Makes the frames of a network one by one, as its nodes would: counters move on, layers are sealed. */
export class SecuredAir {
  private frameCounter = 100;
  private sequence = 0;

  constructor(readonly panId = 0x1a62) {}

  data(
    from: AirNode,
    to: AirNode,
    aps: Uint8Array,
    networkKey?: Uint8Array,
    hop = [from, to],
  ): Uint8Array {
    this.sequence = (this.sequence + 1) & 0xff;
    const [sender, receiver] = hop as [AirNode, AirNode];
    const header: NwkHeader = {
      type: 'data',
      discoverRoute: 0,
      endDeviceInitiator: false,
      destination: to.short,
      source: from.short,
      radius: 30,
      sequenceNumber: this.sequence,
      destinationEui: undefined,
      sourceEui: undefined,
      sourceRoute: undefined,
      auxiliaryHeader: undefined,
    };
    const nwk =
      networkKey === undefined
        ? concatBytes(
            encoded((writer) => NwkHeader.encode(writer, header)),
            aps,
          )
        : sealNwk(nobleCrypto, header, aps, {
            key: networkKey,
            keySequenceNumber: 0,
            source: sender.eui,
            frameCounter: this.frameCounter++,
          });
    return concatBytes(this.macHeader('data', sender.short, receiver.short), nwk);
  }

  macHeader(
    type: MacHeader['type'],
    source: MacHeader['source'],
    destination: MacHeader['destination'],
  ): Uint8Array {
    const header: MacHeader = {
      type,
      framePending: false,
      acknowledgmentRequest: true,
      panIdCompression: true,
      version: 0,
      sequenceNumber: this.sequence,
      destinationPanId: this.panId,
      destination,
      sourcePanId: this.panId,
      source,
    };
    return encoded((writer) => MacHeader.encode(writer, header));
  }

  aps(
    addressing: Partial<ApsDataHeader>,
    payload: Uint8Array,
    from?: AirNode,
    link?: LinkProtection,
  ): Uint8Array {
    const header: ApsDataHeader = {
      type: 'data',
      delivery: 'unicast',
      acknowledgmentRequest: true,
      destinationEndpoint: 1,
      clusterId: 0x0702,
      profileId: 0x0109,
      sourceEndpoint: 1,
      counter: this.sequence,
      fragment: undefined,
      auxiliaryHeader: undefined,
      ...addressing,
    };
    return this.secured(header, payload, from, link);
  }

  command(command: ApsCommand, from?: AirNode, link?: LinkProtection): Uint8Array {
    const header: ApsHeader = {
      type: 'command',
      delivery: 'unicast',
      acknowledgmentRequest: false,
      counter: this.sequence,
      auxiliaryHeader: undefined,
    };
    return this.secured(header, encodeWith(ApsCommand, command), from, link);
  }

  private secured(
    header: ApsHeader,
    payload: Uint8Array,
    from?: AirNode,
    link?: LinkProtection,
  ): Uint8Array {
    if (from === undefined || link === undefined) {
      return concatBytes(
        encoded((writer) => ApsHeader.encode(writer, header)),
        payload,
      );
    }
    return sealAps(nobleCrypto, header, payload, {
      keys: linkKeySet(nobleCrypto, link.key),
      keyIdentifier: link.as ?? 'data',
      source: from.eui,
      namesSource: link.namesSource ?? false,
      frameCounter: this.frameCounter++,
    });
  }
}
