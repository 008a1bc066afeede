import { unsafe } from '@noble/ciphers/aes.js';
import { equalBytes } from '../codec/hex.js';
import { blockLength, ccmNonceLength } from './key-shapes.js';

/**
 * CCM with a 13-byte nonce (so lengths and counters of 2 bytes) on noble's bare AES block, for the
 * pure making of `Crypto`. With an integrity code CCM* is the same. Arguments are as `checkCcm`
 * wants them. For what a radio frame holds it takes half the time of node:crypto, which spends most
 * of its own on setting up.
 *
 * @see RFC 3610 2
 */
export function ccmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  message: Uint8Array,
  micLength: number,
): Uint8Array {
  const schedule = scheduleOf(key);
  const { length } = message;
  const sealed = new Uint8Array(length + micLength);
  authenticate(schedule, nonce, additionalData, message, micLength);
  for (let i = 0; i < micLength; i++) sealed[length + i] = block[i] as number;
  encipherCode(schedule, nonce, sealed.subarray(length));
  encipher(schedule, nonce, message, sealed);
  return sealed;
}

/** The message; undefined when the integrity code does not match. */
export function ccmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  sealed: Uint8Array,
  micLength: number,
): Uint8Array | undefined {
  const length = sealed.length - micLength;
  if (length < 0) return undefined;
  const schedule = scheduleOf(key);
  const message = new Uint8Array(length);
  encipher(schedule, nonce, sealed, message);
  const code = sealed.slice(length);
  encipherCode(schedule, nonce, code);
  authenticate(schedule, nonce, additionalData, message, micLength);
  return equalBytes(block.subarray(0, micLength), code) ? message : undefined;
}

const lengthOctets = 2;
const additionalDataFlag = 0x40;

/** The block at work, by octets and by words; every call starts it anew. */
const block = new Uint8Array(blockLength);
const words = new Uint32Array(block.buffer);

interface KeySchedule {
  /** What was expanded: the array may have got other octets since. */
  readonly key: Uint8Array;
  readonly words: Uint32Array;
}

/** Schedules live as long as the arrays that hold their keys. */
const schedules = new WeakMap<Uint8Array, KeySchedule>();

function scheduleOf(key: Uint8Array): Uint32Array {
  const known = schedules.get(key);
  if (known !== undefined && equalBytes(known.key, key)) return known.words;
  const made = unsafe.expandKeyLE(key);
  schedules.set(key, { key: key.slice(), words: made });
  return made;
}

/** Enciphers the block at work. */
function step(schedule: Uint32Array): void {
  const [a, b, c, d] = [words[0], words[1], words[2], words[3]] as [number, number, number, number];
  const { s0, s1, s2, s3 } = unsafe.encrypt(schedule, a, b, c, d);
  words[0] = s0;
  words[1] = s1;
  words[2] = s2;
  words[3] = s3;
}

function startBlock(flags: number, nonce: Uint8Array, tail: number): void {
  block[0] = flags | (lengthOctets - 1);
  block.set(nonce, 1);
  block[1 + ccmNonceLength] = tail >> 8;
  block[2 + ccmNonceLength] = tail & 0xff;
}

/** Chains `octets` into the block at work, from place `at`, and zeros up to its end. */
function chain(schedule: Uint32Array, octets: Uint8Array, at: number): void {
  let place = at;
  for (let i = 0; i < octets.length; i++) {
    block[place] = (block[place] as number) ^ (octets[i] as number);
    if (++place < blockLength) continue;
    step(schedule);
    place = 0;
  }
  if (place > 0) step(schedule);
}

/** Leaves CBC-MAC, not yet enciphered, in the block at work. */
function authenticate(
  schedule: Uint32Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  message: Uint8Array,
  micLength: number,
): void {
  const extra = additionalData.length;
  const flags = (extra === 0 ? 0 : additionalDataFlag) | (((micLength - 2) / 2) << 3);
  startBlock(flags, nonce, message.length);
  step(schedule);
  if (extra > 0) {
    block[0] = (block[0] as number) ^ (extra >> 8);
    block[1] = (block[1] as number) ^ (extra & 0xff);
    chain(schedule, additionalData, lengthOctets);
  }
  chain(schedule, message, 0);
}

/** The integrity code under block 0 of the key stream, in place. */
function encipherCode(schedule: Uint32Array, nonce: Uint8Array, code: Uint8Array): void {
  startBlock(0, nonce, 0);
  step(schedule);
  for (let i = 0; i < code.length; i++) code[i] = (code[i] as number) ^ (block[i] as number);
}

/** The shorter of the two in octets, from `input` to `output`, under the key stream from block 1 on. */
function encipher(
  schedule: Uint32Array,
  nonce: Uint8Array,
  input: Uint8Array,
  output: Uint8Array,
): void {
  const length = Math.min(input.length, output.length);
  for (let at = 0, counter = 1; at < length; at += blockLength, counter++) {
    startBlock(0, nonce, counter);
    step(schedule);
    const end = Math.min(blockLength, length - at);
    for (let i = 0; i < end; i++) output[at + i] = (input[at + i] as number) ^ (block[i] as number);
  }
}
