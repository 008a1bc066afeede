import type { Eui64 } from '../codec/eui64.js';
import { fromHex } from '../codec/hex.js';
import { transientOctets } from '../codec/transient-octets.js';
import type { Crypto } from '../crypto/crypto.js';
import { groupingHeaderOffsets as at } from './grouping-header.js';
import { macLength } from './message.js';

/**
 * How GBCS protects: key derivation, MAC and encryption (gbcs-message.md 4, 5). Everything takes the shared secret Z of
 * a static key agreement; whose keys that takes is the caller's business (the tables of gbcs-message.md 4 and 5).
 */

/**
 * AlgorithmID, first part of the other-info of the key derivation. The fourth byte is 06: the DLMS registration arc
 * would have 05, yet all official MACs need 06.
 */
const algorithmId = fromHex('60857406080300');
/** CRA flag in the other-info when the key is for encrypting data, whatever the message is. */
const encryptionCraFlag = 4;
/** SHA-256 input: 00000001 ‖ Z (32) ‖ other-info (33). */
const kdfInputLength = 69;
const titleLength = 8;
const keyLength = 16;
/** Security control (suite 1, authentication and encryption) and invocation counter 0. */
const dataSecurityHeader = Uint8Array.of(0x31, 0, 0, 0, 0);
/** What encrypted data is authenticated with: the security control octet alone. */
export const dataAdditionalData = Uint8Array.of(0x31);
/** Security control and five empty general-ciphering lengths, in front of the inner message. */
const macAdditionalDataPrefix = Uint8Array.of(0x11, 0, 0, 0, 0, 0);
const nothing = new Uint8Array(0);

/** The one KDF input: hashing is synchronous, and an allocation would cost as much as the hash. */
const kdfScratch = new Uint8Array(kdfInputLength);
kdfScratch[3] = 1;
kdfScratch.set(algorithmId, 36);
kdfScratch[51] = 9;

/** Valid until the next call. */
function kdfInput(z: Uint8Array): Uint8Array {
  kdfScratch.set(z, 4);
  return kdfScratch;
}

/** The key that protects an unMACed message `inner` (from its 0xDF tag): all inputs are its own header's values. */
export function macKey(crypto: Crypto, z: Uint8Array, inner: Uint8Array): Uint8Array {
  const input = kdfInput(z);
  input.set(inner.subarray(at.originator, at.originator + titleLength), 43);
  input.set(inner.subarray(at.craFlag, at.craFlag + 9), 52);
  input.set(inner.subarray(at.recipient, at.recipient + titleLength), 61);
  return crypto.sha256(input).subarray(0, keyLength);
}

/** What `macKey`'s hash is taken of, for explaining it: 00000001 ‖ Z ‖ other-info. */
export function macOtherInfo(inner: Uint8Array): Uint8Array {
  const input = kdfInput(new Uint8Array(32));
  input.set(inner.subarray(at.originator, at.originator + titleLength), 43);
  input.set(inner.subarray(at.craFlag, at.craFlag + 9), 52);
  input.set(inner.subarray(at.recipient, at.recipient + titleLength), 61);
  return input.slice(36);
}

/** Title ‖ 00000000. */
export function initialisationVector(title: Uint8Array): Uint8Array {
  const iv = new Uint8Array(12);
  iv.set(title);
  return iv;
}

/** IV of a message's MAC: originator title ‖ 00000000. */
export function macInitialisationVector(inner: Uint8Array): Uint8Array {
  return initialisationVector(inner.subarray(at.originator, at.originator + titleLength));
}

/** What the MAC authenticates: 11 ‖ 0000000000 ‖ inner message. */
export function macAdditionalData(inner: Uint8Array): Uint8Array {
  const data = transientOctets(macAdditionalDataPrefix.length + inner.length);
  data.set(macAdditionalDataPrefix);
  data.set(inner, macAdditionalDataPrefix.length);
  return data;
}

/** The 12-byte MAC of an unMACed message, its signature length and signature included. */
export function computeMac(crypto: Crypto, z: Uint8Array, inner: Uint8Array): Uint8Array {
  return crypto.gcmSeal(
    macKey(crypto, z, inner),
    macInitialisationVector(inner),
    macAdditionalData(inner),
    nothing,
  );
}

export function checkMac(
  crypto: Crypto,
  z: Uint8Array,
  inner: Uint8Array,
  mac: Uint8Array,
): boolean {
  if (mac.length !== macLength) return false;
  const opened = crypto.gcmOpen(
    macKey(crypto, z, inner),
    macInitialisationVector(inner),
    macAdditionalData(inner),
    mac,
  );
  return opened !== undefined;
}

/** For whom, by whom and under which counter data inside a payload is encrypted. */
export interface DataProtection {
  /** The device: originator of the message, whose title is the IV. */
  readonly device: Eui64;
  /** The known remote party, or the supplementary one of an unknown remote party's command. */
  readonly dataRecipient: Eui64;
  /** Header counter, or the supplementary originator counter where the message carries one. */
  readonly counter: bigint;
}

/** The key of one transaction between two parties, from its values rather than out of a message. */
export function transactionKey(
  crypto: Crypto,
  z: Uint8Array,
  originator: Eui64,
  craFlag: number,
  counter: bigint,
  recipient: Eui64,
): Uint8Array {
  const input = transactionInput(z, originator, craFlag, counter, recipient);
  return crypto.sha256(input).subarray(0, keyLength);
}

function transactionInput(
  z: Uint8Array,
  originator: Eui64,
  craFlag: number,
  counter: bigint,
  recipient: Eui64,
): Uint8Array {
  const input = kdfInput(z);
  input.set(fromHex(originator), 43);
  input[52] = craFlag;
  new DataView(input.buffer).setBigUint64(53, counter);
  input.set(fromHex(recipient), 61);
  return input;
}

/** The key of encrypted data. */
export function dataKey(crypto: Crypto, z: Uint8Array, protection: DataProtection): Uint8Array {
  const { device, counter, dataRecipient } = protection;
  return transactionKey(crypto, z, device, encryptionCraFlag, counter, dataRecipient);
}

/** The other-info of `dataKey`, for explaining it. */
export function dataOtherInfo({ device, counter, dataRecipient }: DataProtection): Uint8Array {
  const z = new Uint8Array(32);
  return transactionInput(z, device, encryptionCraFlag, counter, dataRecipient).subarray(36);
}

/**
 * Encrypts sensitive data: 31 00000000 ‖ ciphertext ‖ tag(12). The same key and IV serve every blob of one message, as
 * in the field: several GBZ components encrypted together share a key stream.
 */
export function encryptData(
  crypto: Crypto,
  z: Uint8Array,
  protection: DataProtection,
  plaintext: Uint8Array,
): Uint8Array {
  const sealed = crypto.gcmSeal(
    dataKey(crypto, z, protection),
    initialisationVector(fromHex(protection.device)),
    dataAdditionalData,
    plaintext,
  );
  const blob = new Uint8Array(dataSecurityHeader.length + sealed.length);
  blob.set(dataSecurityHeader);
  blob.set(sealed, dataSecurityHeader.length);
  return blob;
}

/** The plaintext of a blob, or undefined when its security header or tag is not right. */
export function decryptData(
  crypto: Crypto,
  z: Uint8Array,
  protection: DataProtection,
  blob: Uint8Array,
): Uint8Array | undefined {
  if (blob.length < dataSecurityHeader.length + macLength) return undefined;
  for (let i = 0; i < dataSecurityHeader.length; i++) {
    if (blob[i] !== dataSecurityHeader[i]) return undefined;
  }
  return crypto.gcmOpen(
    dataKey(crypto, z, protection),
    initialisationVector(fromHex(protection.device)),
    dataAdditionalData,
    blob.subarray(dataSecurityHeader.length),
  );
}
