import { join } from 'node:path';
import { type DecodedMessage, decodeMessage, encodeMessage } from 'hubfleet/protocols/gbcs';
import { RingVerificationKeys } from 'hubfleet/protocols/gbcs/key-ring';
import { decodeGbcsMessage, type GbcsMessage } from 'hubfleet/protocols/gbcs/message';
import { verifyMessage } from 'hubfleet/protocols/gbcs/verify-message';
import { loadKeys } from '../../emulator/adapters/key-files.js';
import { NodeCrypto } from '../../emulator/adapters/node-crypto.js';
import {
  loadRtdsIndex,
  readRtdsMessage,
  rtdsAvailable,
  rtdsDirectory,
} from '../../test/support/rtds.js';
import { type Contestant, contest, printTable, rounded } from './measure.js';

/**
 * Whole official messages decoded, encoded and verified per CPU second, in alternating rounds with what bounds them:
 * JSON.parse and JSON.stringify of the same decoded values, and the bare signature checks of the same messages. The codec
 * is imported by the package's own name: what runs is the build, as for any application.
 */
function overAll<T>(items: readonly T[], work: (item: T) => unknown): Contestant {
  return () => {
    for (const item of items) work(item);
  };
}

function benchJson(messages: readonly Uint8Array[]): void {
  const texts = messages.map((message) => JSON.stringify(decodeMessage(message)));
  const values = texts.map((text) => JSON.parse(text) as DecodedMessage);
  const [decode = 0, parse = 0, encode = 0, stringify = 0] = contest(messages.length, [
    overAll(messages, decodeMessage),
    overAll(texts, (text) => JSON.parse(text) as unknown),
    overAll(values, encodeMessage),
    overAll(values, (value) => JSON.stringify(value)),
  ]);
  printTable(`Codec over the ${messages.length} official messages, per CPU second`, [
    { what: 'decodeMessage (aim: 60,000)', value: rounded(decode) },
    { what: 'JSON.parse of the same values', value: rounded(parse) },
    { what: 'ratio (aim: 0.5)', value: (decode / parse).toFixed(2) },
    { what: 'encodeMessage', value: rounded(encode) },
    { what: 'JSON.stringify of the same values', value: rounded(stringify) },
    { what: 'ratio (aim: 0.5)', value: (encode / stringify).toFixed(2) },
  ]);
}

/** The bare checks of the same signatures: node:crypto alone, everything made ready. */
function signatureChecks(keys: RingVerificationKeys, messages: readonly GbcsMessage[]): Contestant {
  const signed = messages.flatMap(({ header, signedBytes, signature }) => {
    const [key] = keys.signingPublicKeys(header.originator);
    return signature instanceof Uint8Array && key !== undefined
      ? [{ key, signedBytes, signature }]
      : [];
  });
  return overAll(signed, ({ key, signedBytes, signature }) => {
    if (!keys.crypto.verify(key, signedBytes, signature)) throw new Error('bad signature');
  });
}

function benchVerify(messages: readonly Uint8Array[]): void {
  const { ring } = loadKeys(join(rtdsDirectory, 'keys.json'));
  const keys = new RingVerificationKeys(ring, new NodeCrypto());
  const [verify = 0, signatures = 0] = contest(messages.length, [
    overAll(messages, (message) => verifyMessage(message, keys)),
    signatureChecks(keys, messages.map(decodeGbcsMessage)),
  ]);
  printTable('Verification of the same messages: signature, MAC, decryption', [
    { what: 'verifyMessage per CPU second', value: rounded(verify) },
    { what: 'their signatures alone, bare node:crypto', value: rounded(signatures) },
    { what: 'ratio', value: (verify / signatures).toFixed(2) },
  ]);
}

export function benchCodec(): void {
  if (!rtdsAvailable) {
    process.stdout.write('\nCodec: skipped, the official messages are not here\n');
    return;
  }
  const messages = loadRtdsIndex().map(readRtdsMessage);
  benchJson(messages);
  benchVerify(messages);
}
