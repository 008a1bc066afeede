import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fromHex } from '../../protocols/codec/hex.js';

/**
 * The Reference Test Data Set lives outside the project: `$HUBFLEET_RTDS`, or `../shared/rtds` beside the checkout.
 * Where it is absent the tests that need it are skipped, and the run says how many.
 */
const directory = resolve(process.env.HUBFLEET_RTDS ?? join(process.cwd(), '../shared/rtds'));

export const rtdsDirectory = directory;
export const rtdsAvailable = existsSync(join(directory, 'index.json'));

export interface RtdsEntry {
  readonly file: string;
  readonly group: string;
  readonly role: 'command' | 'response' | 'alert' | 'pre-command';
  readonly cra: 'command' | 'response' | 'alert';
  readonly counter: number;
  readonly originator: string;
  readonly recipient: string;
  readonly messageCode: string;
  readonly payload:
    | 'dlms-access-request'
    | 'dlms-access-response'
    | 'dlms-data-notification'
    | 'gbz'
    | 'asn1';
  readonly mac: boolean;
  readonly signed: boolean;
  readonly bytes: number;
}

export interface RtdsKey {
  readonly eui: string;
  readonly usage: 'digitalSignature' | 'keyAgreement';
  readonly prepayment: boolean;
  /** DER, base64. */
  readonly certificate: string;
  /** Hex; published for parties only. */
  readonly privateScalar?: string;
}

export function loadRtdsIndex(): readonly RtdsEntry[] {
  return JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as RtdsEntry[];
}

export function loadRtdsKeys(): readonly RtdsKey[] {
  return JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8')) as RtdsKey[];
}

/** The message of an index entry, or of a path below `messages/`. */
export function readRtdsMessage(entry: RtdsEntry | string): Uint8Array {
  const file = typeof entry === 'string' ? entry : entry.file;
  return fromHex(readFileSync(join(directory, 'messages', file), 'utf8').trim());
}
