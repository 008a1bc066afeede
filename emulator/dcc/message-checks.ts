import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import type { GbcsMessage } from '../../protocols/gbcs/message.js';
import { checkMac, decryptData } from '../../protocols/gbcs/protection.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { PublicKeyOf } from './access-control-broker.js';

/** `absent`: the message carries none. `no-key`: it does, and the key to judge it by is not known here. */
export type CheckVerdict = 'valid' | 'invalid' | 'absent' | 'no-key';

export interface MessageChecks {
  readonly signature: CheckVerdict;
  readonly mac: CheckVerdict;
  /** Of all encrypted parts together: the worst of them. */
  readonly decryption: CheckVerdict;
}

export interface VerificationKeys {
  readonly crypto: Crypto;
  /** Keys of the parties that the head end speaks for; undefined for all others. */
  readonly keysOf: (party: Eui64) => EntityKeys | undefined;
  /** Public keys of devices; undefined for those that are not known. */
  readonly publicKeyOf: PublicKeyOf;
}

/** A device's signature, over the bytes that arrived. */
export function checkSignature(keys: VerificationKeys, message: GbcsMessage): CheckVerdict {
  if (!(message.signature instanceof Uint8Array)) return 'absent';
  const publicKey = keys.publicKeyOf(message.header.originator, 'digitalSignature');
  if (publicKey === undefined) return 'no-key';
  const valid = keys.crypto.verify(publicKey, message.signedBytes, message.signature);
  return valid ? 'valid' : 'invalid';
}

/** A device's MAC towards the recipient in the header (gbcs-message.md 4). */
export function checkDeviceMac(keys: VerificationKeys, message: GbcsMessage): CheckVerdict {
  if (message.mac === undefined) return 'absent';
  const { originator, recipient } = message.header;
  const z = sharedSecret(keys, originator, recipient);
  if (z === undefined) return 'no-key';
  return checkMac(keys.crypto, z, message.inner, message.mac) ? 'valid' : 'invalid';
}

function sharedSecret(keys: VerificationKeys, device: Eui64, party: Eui64): Uint8Array | undefined {
  const publicKey = keys.publicKeyOf(device, 'keyAgreement');
  return publicKey === undefined ? undefined : keys.keysOf(party)?.sharedSecret(publicKey);
}

const worst: readonly CheckVerdict[] = ['absent', 'valid', 'no-key', 'invalid'];

/** Opens the encrypted parts of one message, all under one key, and keeps the verdict. */
export class ProtectedParts {
  verdict: CheckVerdict = 'absent';

  constructor(
    private readonly keys: VerificationKeys,
    private readonly message: GbcsMessage,
  ) {}

  /**
   * The plaintext of a part; undefined where it does not open. Who it is for and which counter made the key are the
   * header's values, or the supplementary ones where it has them (gbcs-message.md 5).
   */
  open(blob: Uint8Array): Uint8Array | undefined {
    const { originator, recipient, originatorCounter, otherInformation } = this.message.header;
    const dataRecipient = otherInformation.supplementaryRemotePartyId ?? recipient;
    const counter = otherInformation.supplementaryOriginatorCounter ?? originatorCounter;
    const z = sharedSecret(this.keys, originator, dataRecipient);
    if (z === undefined) return this.judge('no-key');
    const protection = { device: originator, dataRecipient, counter };
    const plaintext = decryptData(this.keys.crypto, z, protection, blob);
    this.judge(plaintext === undefined ? 'invalid' : 'valid');
    return plaintext;
  }

  private judge(verdict: CheckVerdict): undefined {
    if (worst.indexOf(verdict) > worst.indexOf(this.verdict)) this.verdict = verdict;
  }
}
