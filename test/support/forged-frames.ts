import { encodeWith } from '../../protocols/codec/codec.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { concatBytes } from '../../protocols/codec/hex.js';
import type { ApsDataHeader, ApsHeader } from '../../protocols/zigbee/aps.js';
import { ApsHeader as ApsHeaderCodec } from '../../protocols/zigbee/aps.js';
import { decodeZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { MacHeader } from '../../protocols/zigbee/ieee802154.js';
import { NwkHeader } from '../../protocols/zigbee/nwk.js';
import { IncomingFrameCounters } from '../../protocols/zigbee/security/frame-counters.js';
import {
  openNwk,
  readNwkFrame,
  sealAps,
  sealNwk,
} from '../../protocols/zigbee/security/frame-security.js';
import { keyLoadKey, keyTransportKey } from '../../protocols/zigbee/security/key-derivation.js';
import { channel20, type HomeRadio, type JoinedHome, panId, radios } from './joined-home.js';
import { nodeCryptoForTests } from './test-crypto.js';

/** A frame that a stranger puts on the air of a joined home, layer by layer as he likes. */
export interface Forgery {
  readonly to: HomeRadio;
  /** Who it claims to be from. */
  readonly from?: HomeRadio;
  /** In place of those of `from`. */
  readonly eui?: Eui64;
  readonly short?: number;
  readonly macSource?: number;
  readonly nwk?: Partial<NwkHeader>;
  /** Of the network, unless told; null for none. */
  readonly networkKey?: Uint8Array | null;
  readonly keySequenceNumber?: number;
  /** The next one of `from`, so that it can go on afterwards, unless told. */
  readonly nwkCounter?: number;
  readonly aps?: Partial<ApsDataHeader>;
  /** Instead of a data header. */
  readonly header?: ApsHeader;
  /** Whose link key secures it, and whom the APS frame then names; `from` unless told. */
  readonly signer?: HomeRadio;
  /** The two radios' link key, unless told; null for none. */
  readonly linkKey?: Uint8Array | null;
  readonly linkCounter?: number;
  readonly namesSource?: boolean;
  readonly keyIdentifier?: 'data' | 'key-transport' | 'key-load';
  readonly payload?: Uint8Array;
  /** Instead of the whole APS frame. */
  readonly apdu?: Uint8Array;
}

const crypto = nodeCryptoForTests();
let macSequence = 0;
let counters = 0x1000;

function nextCounter(
  home: JoinedHome,
  { from = 'hub', eui }: Forgery,
  layer: 'nwk' | 'aps',
): number {
  if (eui !== undefined && eui !== radios[from].eui) return counters++;
  return home.nodes[from].security.nextCounter(layer) ?? 0;
}

/** Octets of the frame; every call has fresh counters. */
export function forge(home: JoinedHome, forgery: Forgery): Uint8Array {
  const { to, from = 'hub', keySequenceNumber = 0 } = forgery;
  const { networkKey = home.networkKey.key } = forgery;
  const nwkCounter = forgery.nwkCounter ?? nextCounter(home, forgery, 'nwk');
  const { eui = radios[from].eui, short = radios[from].short } = forgery;
  const nwkHeader: NwkHeader = {
    type: 'data',
    discoverRoute: 0,
    endDeviceInitiator: false,
    destination: radios[to].short,
    source: short,
    radius: 30,
    sequenceNumber: counters++ & 0xff,
    destinationEui: undefined,
    sourceEui: undefined,
    sourceRoute: undefined,
    auxiliaryHeader: undefined,
    ...forgery.nwk,
  };
  const signer = forgery.signer === undefined ? eui : radios[forgery.signer].eui;
  const apdu = forgery.apdu ?? forgeAps(home, forgery, signer);
  const nsdu =
    networkKey === null
      ? concatBytes(encodeWith(NwkHeader, nwkHeader, 'nwk'), apdu)
      : sealNwk(crypto, nwkHeader, apdu, {
          key: networkKey,
          keySequenceNumber,
          source: eui,
          frameCounter: nwkCounter,
        });
  return inMac(nsdu, radios[to].short, forgery.macSource ?? short);
}

/** Puts a NWK frame into a MAC frame. */
export function inMac(nsdu: Uint8Array, destination: number, source: number): Uint8Array {
  const header = {
    type: 'data',
    framePending: false,
    acknowledgmentRequest: true,
    panIdCompression: true,
    version: 0,
    sequenceNumber: macSequence++ & 0xff,
    destinationPanId: panId,
    destination,
    sourcePanId: panId,
    source,
  } as const;
  return concatBytes(encodeWith(MacHeader, header, 'mac'), nsdu);
}

function forgeAps(home: JoinedHome, forgery: Forgery, eui: Eui64): Uint8Array {
  const { to, namesSource = false, keyIdentifier = 'data' } = forgery;
  const { signer } = forgery;
  const signed = signer === undefined ? forgery : { ...forgery, from: signer, eui };
  const frameCounter = forgery.linkCounter ?? nextCounter(home, signed, 'aps');
  const { linkKey = home.linkKey(eui, radios[to].eui) } = forgery;
  const header: ApsHeader = forgery.header ?? {
    type: 'data',
    delivery: 'unicast',
    acknowledgmentRequest: false,
    destinationEndpoint: to === 'hub' ? 3 : 1,
    clusterId: 0x0700,
    profileId: 0x0109,
    sourceEndpoint: (forgery.from ?? 'hub') === 'hub' ? 3 : 1,
    counter: counters++ & 0xff,
    fragment: undefined,
    auxiliaryHeader: undefined,
    ...forgery.aps,
  };
  const payload = forgery.payload ?? Uint8Array.of(0x00, 0x01, 0x00, 0x00, 0x00);
  if (linkKey === null) return concatBytes(encodeWith(ApsHeaderCodec, header, 'aps'), payload);
  const keys = {
    data: linkKey,
    keyTransport: keyTransportKey(crypto, linkKey),
    keyLoad: keyLoadKey(crypto, linkKey),
  };
  return sealAps(crypto, header, payload, {
    keys,
    keyIdentifier,
    source: eui,
    namesSource,
    frameCounter,
  });
}

/** The radio that forged frames come from: none of the home. */
const forger = eui64('02fe1100000000ee');

/** Lets the home hear a frame. */
export function hear(home: JoinedHome, psdu: Uint8Array, sender: Eui64 = forger): void {
  home.inject(psdu, { sender, ...channel20 });
}

/** The APS frame inside a frame of the home, with the network key taken off. */
export function apduOf(home: JoinedHome, psdu: Uint8Array): Uint8Array {
  const { mac } = decodeZigbeeFrame(psdu);
  const nsdu = psdu.subarray(encodeWith(MacHeader, mac, 'mac').length);
  const { key } = home.networkKey;
  const opening = openNwk(crypto, readNwkFrame(nsdu), key, new IncomingFrameCounters());
  if (!('payload' in opening)) throw new Error(opening.verdict);
  return opening.payload;
}
