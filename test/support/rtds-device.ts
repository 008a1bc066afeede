import type { DeviceHost } from '../../emulator/devices/device.js';
import type { DeviceParts } from '../../emulator/devices/device-parts.js';
import { FixedKeys } from '../../emulator/functions/fixed-keys.js';
import {
  type TrustAnchorCell,
  TrustAnchorCells,
} from '../../emulator/functions/trust-anchor-cells.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { remotePartyRoleName } from '../../protocols/gbcs/roles.js';
import { parseCertificate } from '../../protocols/smki/certificate.js';
import { loadRtdsKeys } from './rtds.js';
import { rtdsKeyRing } from './rtds-keys.js';

/** The parties whose commands the published devices obey. */
export const rtdsParties = {
  supplier: eui64('90b3d51f30010000'),
  networkOperator: eui64('90b3d51f30020000'),
  accessControlBroker: eui64('90b3d51f30000002'),
} as const;
const trusted: readonly string[] = Object.values(rtdsParties);

/** Cells of the published certificates of those parties. */
export function rtdsTrustAnchors(): TrustAnchorCells {
  const cells = loadRtdsKeys()
    .filter(({ eui }) => trusted.includes(eui))
    .map((key): TrustAnchorCell => {
      const certificate = parseCertificate(Buffer.from(key.certificate, 'base64'));
      const role = remotePartyRoleName(certificate.role ?? -1);
      if (role === undefined) throw new Error(`${key.eui} has no role`);
      return {
        role,
        keyUsage: certificate.keyUsage,
        cellUsage: key.prepayment ? 'prePaymentTopUp' : 'management',
        entity: eui64(key.eui),
        publicKey: certificate.publicKey,
        subjectKeyIdentifier: toHex(certificate.subjectKeyIdentifier),
      };
    });
  return new TrustAnchorCells(cells);
}

/** With it a device of the test data signs: its own private key was never published. */
export const standInSigningKey: Uint8Array = new Uint8Array(32).fill(7);

/** Everything that a published device identity needs to run, with Z of every party known from the party's side. */
export function rtdsDeviceParts(identity: string, host: DeviceHost, crypto: Crypto): DeviceParts {
  const ring = rtdsKeyRing();
  const entity = eui64(identity);
  const agreementPublicKey = ring.publicKey(identity, 'keyAgreement');
  if (agreementPublicKey === undefined) throw new Error(`no certificate of ${identity}`);
  const sharedSecrets = trusted.map((party) => {
    const privateKey = ring.privateKey(party, 'keyAgreement');
    const peerPublicKey = ring.publicKey(party, 'keyAgreement');
    if (privateKey === undefined || peerPublicKey === undefined) throw new Error(`no ${party}`);
    return { peerPublicKey, z: crypto.sharedSecret(privateKey, agreementPublicKey) };
  });
  const material = {
    entity,
    signingPrivateKey: standInSigningKey,
    agreementPublicKey,
    sharedSecrets,
  };
  return {
    entity,
    host,
    crypto,
    keys: new FixedKeys(material, crypto),
    trustAnchors: rtdsTrustAnchors(),
    store: new MemoryStore(),
    counterGranularity: 'perRoleAndMessageCode',
    random: new SeededRandom(20261122).stream(identity),
    household: 20261122,
  };
}
