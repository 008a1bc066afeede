import { CodecError } from '../codec/codec-error.js';
import { type Eui64, eui64FromBytes, eui64ToBytes, isEui64 } from '../codec/eui64.js';

/**
 * Senders, remembered both ways: a fleet's traffic comes from few of them, and 16 characters of hex cost more than all
 * the rest of an envelope. Both memories are bounded.
 */
const rememberedMax = 16_384;

const bytesBySender = new Map<Eui64, Uint8Array>();

/** The eight bytes, for reading only; throws CodecError for what is no EUI-64. */
export function senderBytes(sender: Eui64): Uint8Array {
  const known = bytesBySender.get(sender);
  if (known !== undefined) return known;
  if (!isEui64(sender)) {
    throw new CodecError('sender', 0, 'not an EUI-64 of 16 lower-case hex digits');
  }
  if (bytesBySender.size >= rememberedMax) bytesBySender.clear();
  const bytes = eui64ToBytes(sender);
  bytesBySender.set(sender, bytes);
  return bytes;
}

/** By a hash of the eight bytes: a newcomer takes the place of whoever sits there. */
const slotHigh = new Int32Array(rememberedMax);
const slotLow = new Int32Array(rememberedMax);
const slots: (Eui64 | undefined)[] = new Array<undefined>(rememberedMax).fill(undefined);

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** The sender whose eight bytes these are. */
export function senderOf(bytes: Uint8Array): Eui64 {
  const high = wordAt(bytes, 0);
  const low = wordAt(bytes, 4);
  const slot = (Math.imul(high, 31) ^ low ^ (low >>> 14)) & (rememberedMax - 1);
  const known = slots[slot];
  if (known !== undefined && slotHigh[slot] === high && slotLow[slot] === low) return known;
  const sender = eui64FromBytes(bytes);
  slotHigh[slot] = high;
  slotLow[slot] = low;
  slots[slot] = sender;
  return sender;
}
