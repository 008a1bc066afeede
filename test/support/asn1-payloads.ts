import type { CraFlag } from '../../protocols/asn1/structures.js';
import { fromHex, toHex } from '../../protocols/codec/hex.js';
import { loadRtdsIndex, readRtdsMessage } from './rtds.js';

export interface Asn1Sample {
  readonly file: string;
  readonly messageCode: number;
  readonly craFlag: CraFlag;
  readonly payload: Uint8Array;
}

/** Walks the headers by their layout (gbcs-message.md 1), apart from the code that the tests judge. */
function payloadOf(message: Uint8Array): Uint8Array {
  let at = 0;
  const length = (): number => {
    const first = message[at++] ?? 0;
    if (first < 0x80) return first;
    let value = 0;
    for (let i = first & 0x7f; i > 0; i--) value = value * 256 + (message[at++] ?? 0);
    return value;
  };
  if (message[0] === 0xdd) {
    at = 7;
    length();
    at += 5;
  }
  at += 1;
  // transaction-id, originator, recipient, date-time, other-information
  for (let field = 0; field < 5; field++) {
    const size = length();
    at += size;
  }
  const size = length();
  return message.slice(at, at + size);
}

let samples: readonly Asn1Sample[] | undefined;

/** Every ASN.1 payload of the official data. */
export function loadAsn1Samples(): readonly Asn1Sample[] {
  samples ??= loadRtdsIndex()
    .filter((entry) => entry.payload === 'asn1')
    .map((entry) => ({
      file: entry.file,
      messageCode: Number.parseInt(entry.messageCode, 16),
      craFlag: entry.cra,
      payload: payloadOf(readRtdsMessage(entry)),
    }));
  return samples;
}

/** The one sample whose file name (without folder and `_GBCS.HEX`) is `name`. */
export function asn1Sample(name: string): Asn1Sample {
  const found = loadAsn1Samples().filter(({ file }) => file.endsWith(`/${name}_GBCS.HEX`));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} x ${name}`);
  return found[0];
}

/** Samples without repeats: the same bytes under the same code are one. */
export function distinctAsn1Samples(): readonly Asn1Sample[] {
  const byContent = new Map<string, Asn1Sample>();
  for (const sample of loadAsn1Samples()) {
    byContent.set(`${sample.messageCode} ${sample.craFlag} ${toHex(sample.payload)}`, sample);
  }
  return [...byContent.values()];
}

export const bytes = (hex: string): Uint8Array => fromHex(hex.replace(/\s/g, ''));
