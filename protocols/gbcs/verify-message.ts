import { within } from '../codec/codec-error.js';
import type { Eui64 } from '../codec/eui64.js';
import { toHex } from '../codec/hex.js';
import type { DlmsData } from '../dlms/data.js';
import type { GbzFields } from './gbz-types.js';
import type { SharedSecret, VerificationKeys } from './key-ring.js';
import { decodeGbcsMessage, type GbcsMessage } from './message.js';
import { decodePayload } from './payload.js';
import { decodePart, type ProtectedPart, protectedParts } from './protected-parts.js';
import { checkMac, type DataProtection, decryptData } from './protection.js';
import { messageCodeOf } from './use-cases/use-case.js';

/** `absent`: the message carries none. `no-key`: it does, and the key to judge it by is not known here. */
export type CheckVerdict = 'valid' | 'invalid' | 'absent' | 'no-key';

export interface MessageChecks {
  readonly signature: CheckVerdict;
  readonly mac: CheckVerdict;
  /** Of all encrypted parts together: the worst of them. */
  readonly decryption: CheckVerdict;
}

/** An encrypted part, opened. */
export interface DecryptedPart {
  /** Where it is in the decoded message: `payload.items[0].data`, `payload.components[1]`. */
  readonly path: string;
  readonly verdict: CheckVerdict;
  /** Hex; absent where it does not open. */
  readonly plaintext?: string;
  /** The plaintext decoded to its leaves: a DLMS value, or the fields of a ZCL command. */
  readonly value?: DlmsData | GbzFields;
}

export interface Verification extends MessageChecks {
  readonly decrypted: readonly DecryptedPart[];
}

/**
 * Judges signature, MAC and encryption of one message over the bytes that arrived. A verdict is a value; nothing here
 * says whether the sender was entitled to the command.
 *
 * @throws CodecError when the message, its payload or a plaintext does not parse.
 */
export function verifyMessage(
  message: Uint8Array | GbcsMessage,
  keys: VerificationKeys,
): Verification {
  const whole = message instanceof Uint8Array ? decodeGbcsMessage(message) : message;
  const { otherInformation, craFlag } = whole.header;
  const payload = within('payload', () =>
    decodePayload(whole.content, otherInformation.messageCode, craFlag),
  );
  const protection = dataProtectionOf(whole);
  const decrypted = protectedParts(payload).map((part) => openPart(keys, protection, part));
  return {
    signature: checkSignature(keys, whole),
    mac: checkMessageMac(keys, whole),
    decryption: decrypted.reduce<CheckVerdict>((all, { verdict }) => worse(all, verdict), 'absent'),
    decrypted,
  };
}

/** The originator's signature, by its digital signature key. @see gbcs-message.md 3 */
export function checkSignature(keys: VerificationKeys, message: GbcsMessage): CheckVerdict {
  const { signature } = message;
  if (!(signature instanceof Uint8Array)) return 'absent';
  const candidates = keys.signingPublicKeys(message.header.originator);
  if (candidates.length === 0) return 'no-key';
  return candidates.some((key) => keys.crypto.verify(key, message.signedBytes, signature))
    ? 'valid'
    : 'invalid';
}

/** A pair of entities whose key agreement keys may have made a MAC. */
export type MacParties = readonly [party: Eui64, device: Eui64];

/**
 * Whose keys made the MAC: the access control broker's and the device's in a command, whoever originated it; the
 * device's and the recipient's in a response or alert. Commands that no remote party may send go from device to device
 * over the home network, and no broker is in between. @see gbcs-message.md 2.1, 4
 */
export function macParties(keys: VerificationKeys, message: GbcsMessage): readonly MacParties[] {
  const { craFlag, originator, recipient, otherInformation } = message.header;
  if (craFlag !== 'command') return [[recipient, originator]];
  const code = messageCodeOf(otherInformation.messageCode);
  if (code?.roles.length === 0) return [[originator, recipient]];
  return keys.accessControlBrokers().map((broker) => [broker, recipient] as const);
}

export function macSecrets(keys: VerificationKeys, message: GbcsMessage): readonly SharedSecret[] {
  return macParties(keys, message).flatMap(([party, device]) => keys.sharedSecrets(party, device));
}

export function checkMessageMac(keys: VerificationKeys, message: GbcsMessage): CheckVerdict {
  const { mac, inner } = message;
  if (mac === undefined) return 'absent';
  const secrets = macSecrets(keys, message);
  if (secrets.length === 0) return 'no-key';
  return secrets.some(({ z }) => checkMac(keys.crypto, z, inner, mac)) ? 'valid' : 'invalid';
}

/**
 * For whom the encrypted parts of a message are, and under which counter: the header's values, or the supplementary
 * ones where it carries them. The blocks inside a DLMS payload may say otherwise, and are wrong then.
 * @see gbcs-message.md 5
 */
export function dataProtectionOf(message: GbcsMessage): DataProtection {
  const { originator, recipient, originatorCounter, otherInformation } = message.header;
  return {
    device: originator,
    dataRecipient: otherInformation.supplementaryRemotePartyId ?? recipient,
    counter: otherInformation.supplementaryOriginatorCounter ?? originatorCounter,
  };
}

const worst: readonly CheckVerdict[] = ['absent', 'valid', 'no-key', 'invalid'];

function worse(a: CheckVerdict, b: CheckVerdict): CheckVerdict {
  return worst.indexOf(a) > worst.indexOf(b) ? a : b;
}

interface OpenedBlob {
  readonly verdict: CheckVerdict;
  readonly plaintext?: Uint8Array;
}

function openBlob(
  keys: VerificationKeys,
  protection: DataProtection,
  blob: Uint8Array,
): OpenedBlob {
  const secrets = keys.sharedSecrets(protection.dataRecipient, protection.device);
  for (const { z } of secrets) {
    const plaintext = decryptData(keys.crypto, z, protection, blob);
    if (plaintext !== undefined) return { verdict: 'valid', plaintext };
  }
  return { verdict: secrets.length === 0 ? 'no-key' : 'invalid' };
}

/** Opens the encrypted parts of one message, all under one key, and keeps the worst verdict. */
export class ProtectedParts {
  verdict: CheckVerdict = 'absent';
  private readonly protection: DataProtection;

  constructor(
    private readonly keys: VerificationKeys,
    message: GbcsMessage,
  ) {
    this.protection = dataProtectionOf(message);
  }

  /** The plaintext of a blob; undefined where it does not open. */
  open(blob: Uint8Array): Uint8Array | undefined {
    const { verdict, plaintext } = openBlob(this.keys, this.protection, blob);
    this.verdict = worse(this.verdict, verdict);
    return plaintext;
  }
}

function openPart(
  keys: VerificationKeys,
  protection: DataProtection,
  part: ProtectedPart,
): DecryptedPart {
  const { path, blob } = part;
  const { verdict, plaintext } = openBlob(keys, protection, blob);
  if (plaintext === undefined) return { path, verdict };
  const value = within(`${path}.plaintext`, () => decodePart(part, plaintext));
  return { path, verdict, plaintext: toHex(plaintext), value };
}
