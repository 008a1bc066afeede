import type { Eui64 } from '../../protocols/codec/eui64.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import { TestCertificateAuthority } from '../../protocols/zigbee/cbke/issue-certificate.js';
import { installCodeLinkKey, installCodeOf } from '../../protocols/zigbee/security/install-code.js';
import type { TestPki } from '../functions/test-pki.js';
import type { HomeWorld } from './home.js';

/**
 * What devices bring along for joining: the install code on the label, and a certificate of an authority of our own, which
 * takes a few milliseconds to issue and is made when somebody asks for it.
 */
export function joiningWorld(
  pki: TestPki,
  seed: string,
): Pick<HomeWorld, 'identitiesOf' | 'installCodeOf' | 'labelKeyOf'> {
  const authority = new TestCertificateAuthority(nobleCrypto, 2, new TextEncoder().encode(seed));
  const installCodeOf16 = (device: Eui64): Uint8Array => pki.installCodeOf(device);
  return {
    identitiesOf: (radio) => [authority.issue(radio)],
    installCodeOf: installCodeOf16,
    labelKeyOf: (device) => installCodeLinkKey(nobleCrypto, installCodeOf(installCodeOf16(device))),
  };
}
