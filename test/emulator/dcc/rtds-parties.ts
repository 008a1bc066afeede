import type { PublicKeyUsage } from '../../../emulator/dcc/access-control-broker.js';
import { Inventory } from '../../../emulator/dcc/inventory.js';
import type { Party } from '../../../emulator/dcc/service-user.js';
import { FixedKeyStore, FixedKeys } from '../../../emulator/functions/fixed-keys.js';
import type { KeyStore } from '../../../emulator/ports/key-store.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex } from '../../../protocols/codec/hex.js';
import type { Crypto } from '../../../protocols/crypto/crypto.js';
import { parseCertificate } from '../../../protocols/smki/certificate.js';
import { loadRtdsKeys, type RtdsKey } from '../../support/rtds.js';

/** The parties and devices of the published test data, as a head end knows them. */
export const rtdsParties: readonly Party[] = [
  { eui: eui64('90b3d51f30000002'), role: 'accessControlBroker', name: 'broker' },
  { eui: eui64('90b3d51f30010000'), role: 'supplier', name: 'supplier 1' },
  { eui: eui64('90b3d51f30030000'), role: 'supplier', name: 'supplier 2' },
  { eui: eui64('90b3d51f30020000'), role: 'networkOperator', name: 'network operator' },
  { eui: eui64('90b3d51f30010008'), role: 'loadController', name: 'load controller' },
  { eui: eui64('90b3d51f30000001'), role: 'recovery', name: 'recovery' },
  { eui: eui64('90b3d51f30000004'), role: 'transitionalCoS', name: 'transitional CoS' },
  { eui: eui64('90b3d51f30000007'), role: 'wanProvider', name: 'WAN provider' },
];

export const rtdsHub = eui64('00db1234567890a2');

export function rtdsInventory(): Inventory {
  const types = {
    a0: 'esme',
    a1: 'gsme',
    a2: 'chf',
    a3: 'gpf',
    a4: 'ppmid',
    a5: 'hcalcs',
    a6: 'sapc',
  } as const;
  return new Inventory(
    Object.entries(types).map(([digits, type]) => ({
      device: eui64(`00db1234567890${digits}`),
      type,
      hub: rtdsHub,
      home: 'rtds',
    })),
  );
}

function find(keys: readonly RtdsKey[], eui: Eui64, usage: PublicKeyUsage): RtdsKey | undefined {
  return keys.find((key) => key.eui === eui && key.usage === usage && !key.prepayment);
}

export interface RtdsKeys {
  readonly keyStore: KeyStore;
  publicKeyOf(entity: Eui64, usage: PublicKeyUsage): Uint8Array | undefined;
  /** Key agreement certificate, DER. */
  certificateOf(party: Eui64): Uint8Array | undefined;
}

export function rtdsKeys(crypto: Crypto): RtdsKeys {
  const keys = loadRtdsKeys();
  const publicKeys = new Map<string, Uint8Array>();
  const certificates = new Map<string, Uint8Array>();
  for (const key of keys) {
    if (key.prepayment) continue;
    const der = new Uint8Array(Buffer.from(key.certificate, 'base64'));
    if (key.usage === 'keyAgreement') certificates.set(key.eui, der);
    publicKeys.set(`${key.eui}/${key.usage}`, parseCertificate(der).publicKey);
  }
  const own = rtdsParties.map(({ eui }) => {
    const scalar = (usage: PublicKeyUsage) => fromHex(find(keys, eui, usage)?.privateScalar ?? '');
    const signingPrivateKey = scalar('digitalSignature');
    // Parties that only sign have no other key; this one stands in and agrees on nothing.
    const onlySigns = find(keys, eui, 'keyAgreement') === undefined;
    const agreementPrivateKey = onlySigns ? signingPrivateKey : scalar('keyAgreement');
    return new FixedKeys({ entity: eui, signingPrivateKey, agreementPrivateKey }, crypto);
  });
  return {
    keyStore: new FixedKeyStore(own),
    publicKeyOf: (entity, usage) => publicKeys.get(`${entity}/${usage}`),
    certificateOf: (party) => certificates.get(party),
  };
}
