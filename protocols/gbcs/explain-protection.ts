import { CodecError } from '../codec/codec-error.js';
import { equalBytes, fromHex, toHex } from '../codec/hex.js';
import { Trace } from '../codec/trace.js';
import type { Crypto } from '../crypto/crypto.js';
import { spanNode, valueText } from './explain-payload.js';
import { derived, type Explanation, field, type LocatedMessage } from './explanation.js';
import type { SharedSecret, VerificationKeys } from './key-ring.js';
import { macLength, signatureLength } from './message.js';
import { noteDecrypted } from './notes/annotate.js';
import { Notes } from './notes/notes.js';
import type { Payload } from './payload.js';
import { decodePart, type ProtectedPart, protectedParts } from './protected-parts.js';
import {
  checkMac,
  type DataProtection,
  dataAdditionalData,
  dataKey,
  dataOtherInfo,
  decryptData,
  initialisationVector,
  macAdditionalData,
  macInitialisationVector,
  macKey,
  macOtherInfo,
} from './protection.js';
import {
  checkMessageMac,
  checkSignature,
  dataProtectionOf,
  macParties,
  macSecrets,
} from './verify-message.js';

/** How signature, MAC and encrypted parts come about, and whether they are right. */
export function explainProtection(
  located: LocatedMessage,
  payload: Payload | undefined,
  keys: VerificationKeys,
): Explanation {
  const { message } = located;
  const parts = payload === undefined ? [] : protectedParts(payload);
  const children: Explanation[] = [];
  if (message.signature instanceof Uint8Array) children.push(signature(located, keys));
  if (message.mac !== undefined) children.push(mac(located, keys));
  for (const part of parts) children.push(encryption(located, payload as Payload, part, keys));
  return derived('protection', children.length === 0 ? 'none' : undefined, children);
}

function signature(located: LocatedMessage, keys: VerificationKeys): Explanation {
  const { message, innerAt } = located;
  const { originator } = message.header;
  const bytes = message.signature as Uint8Array;
  const candidates = keys.signingPublicKeys(originator);
  return derived('signature', checkSignature(keys, message), [
    derived('signer', `${originator}, digital signature key`),
    ...candidates.map((key) => derived('publicKey', toHex(key))),
    field(
      'covers',
      innerAt + 1,
      message.signedBytes.length,
      'from behind the tag df to the end of the content',
    ),
    derived('sha256', toHex(keys.crypto.sha256(message.signedBytes))),
    derived('r', toHex(bytes, 0, signatureLength / 2)),
    derived('s', toHex(bytes, signatureLength / 2)),
  ]);
}

function mac(located: LocatedMessage, keys: VerificationKeys): Explanation {
  const { message, bytes } = located;
  const { inner } = message;
  const found = message.mac as Uint8Array;
  const parties = macParties(keys, message);
  const secrets = macSecrets(keys, message);
  const verdict = checkMessageMac(keys, message);
  return derived('mac', verdict, [
    ...parties.map(([party, device]) => derived('keyAgreement', `${party} with ${device}`)),
    ...(parties.length === 0
      ? [derived('keyAgreement', 'no access control broker among the keys')]
      : []),
    otherInfo(macOtherInfo(inner)),
    derived('iv', toHex(macInitialisationVector(inner))),
    derived('additionalData', toHex(macAdditionalData(inner))),
    ...secrets.map((secret) => macWith(secret, keys.crypto, inner, found)),
    field('found', bytes.length - macLength, macLength, toHex(found)),
    ...(verdict === 'invalid' ? otherMakers(located, keys, found) : []),
  ]);
}

function otherInfo(info: Uint8Array): Explanation {
  return derived('otherInfo', toHex(info), [
    derived('algorithmId', toHex(info, 0, 7)),
    derived('originator', toHex(info, 7, 15)),
    derived(
      'transactionId',
      `${toHex(info, 15, 16)} ${toHex(info, 16, 17)} ${toHex(info, 17, 25)}`,
    ),
    derived('recipient', toHex(info, 25)),
  ]);
}

function source({ privateKeyOf, publicKeyOf }: SharedSecret): Explanation {
  return derived('sharedSecret', `private key of ${privateKeyOf}, certificate of ${publicKeyOf}`);
}

function macWith(
  secret: SharedSecret,
  crypto: Crypto,
  inner: Uint8Array,
  found: Uint8Array,
): Explanation {
  const key = macKey(crypto, secret.z, inner);
  const tag = crypto.gmac(key, macInitialisationVector(inner), macAdditionalData(inner));
  return derived('computed', difference(tag.subarray(0, macLength), found), [
    source(secret),
    derived('key', toHex(key)),
    derived('tag', `${toHex(tag)}, sent are its first ${macLength} bytes`),
  ]);
}

function difference(expected: Uint8Array, found: Uint8Array): string {
  if (equalBytes(expected, found)) return `${toHex(expected)}, as found`;
  const first = expected.findIndex((byte, index) => byte !== found[index]);
  const [want, have] = [expected, found].map((bytes) => toHex(bytes, first, first + 1));
  return `${toHex(expected)}, differs from byte ${first}: want ${want}, found ${have}`;
}

/** Mistakes that are easily made: the right computation with the keys of other parties. */
function otherMakers(
  { message }: LocatedMessage,
  keys: VerificationKeys,
  found: Uint8Array,
): readonly Explanation[] {
  const { originator, recipient } = message.header;
  const brokers = keys.accessControlBrokers();
  const pairs = [
    [originator, recipient] as const,
    ...brokers.flatMap((broker) => [[broker, recipient] as const, [broker, originator] as const]),
  ];
  return pairs.flatMap(([a, b]) =>
    keys
      .sharedSecrets(a, b)
      .filter(({ z }) => checkMac(keys.crypto, z, message.inner, found))
      .map(() => derived('hint', `it is right with the key agreement keys of ${a} and ${b}`)),
  );
}

function encryption(
  { message }: LocatedMessage,
  payload: Payload,
  part: ProtectedPart,
  keys: VerificationKeys,
): Explanation {
  const protection = dataProtectionOf(message);
  const { device, dataRecipient, counter } = protection;
  const secrets = keys.sharedSecrets(dataRecipient, device);
  const opened = secrets
    .map(({ z }) => decryptData(keys.crypto, z, protection, part.blob))
    .find((plaintext) => plaintext !== undefined);
  const verdict = opened !== undefined ? 'valid' : secrets.length === 0 ? 'no-key' : 'invalid';
  const iv = initialisationVector(fromHex(device));
  return derived(`encrypted ${part.path}`, verdict, [
    derived('keyAgreement', `${dataRecipient} with ${device}`),
    derived('counter', `${counter}`),
    otherInfo(dataOtherInfo(protection)),
    derived('iv', toHex(iv)),
    derived('additionalData', toHex(dataAdditionalData)),
    ...secrets.map((secret) => dataWith(secret, keys.crypto, protection, part, opened)),
    ...(opened === undefined
      ? []
      : [plaintextNode(message.header.otherInformation.messageCode, payload, part, opened)]),
  ]);
}

function dataWith(
  secret: SharedSecret,
  crypto: Crypto,
  protection: DataProtection,
  { blob }: ProtectedPart,
  opened: Uint8Array | undefined,
): Explanation {
  const key = dataKey(crypto, secret.z, protection);
  const iv = initialisationVector(fromHex(protection.device));
  const found = blob.subarray(blob.length - macLength);
  const nodes = [source(secret), derived('key', toHex(key)), derived('tag', toHex(found))];
  if (opened !== undefined) {
    const sealed = crypto.gcmSeal(key, iv, dataAdditionalData, opened);
    return derived(
      'computed',
      difference(sealed.subarray(sealed.length - macLength), found),
      nodes,
    );
  }
  return derived('computed', 'the tag is not right', nodes);
}

/** Offsets count from the start of the plaintext. */
function plaintextNode(
  messageCode: number,
  payload: Payload,
  part: ProtectedPart,
  plaintext: Uint8Array,
): Explanation {
  const trace = new Trace();
  const { path } = part;
  const notes = new Notes();
  let text: string | undefined;
  try {
    const value = decodePart(part, plaintext, trace);
    noteDecrypted(notes, payload, messageCode, { path, value });
    text = valueText(value, notes);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    text = error.message;
  }
  const hex = toHex(plaintext);
  const children = trace.spans.map((span) => spanNode(span, 0, notes));
  return derived('plaintext', text === undefined ? hex : `${hex}  ${text}`, children);
}
