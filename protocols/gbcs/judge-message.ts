import { CodecError } from '../codec/codec-error.js';
import { equalBytes } from '../codec/hex.js';
import { type DecodedMessage, decodeMessage, encodeMessage } from './decoded-message.js';
import type { CraFlag } from './grouping-header.js';
import type { VerificationKeys } from './key-ring.js';
import { annotate, annotateDecrypted } from './notes/annotate.js';
import type { Payload } from './payload.js';
import { type CheckVerdict, type DecryptedPart, verifyMessage } from './verify-message.js';

/** What a message must stand up to, in this order. */
export const conformanceChecks = [
  'decoded',
  're-encoded',
  'semantic',
  'signature',
  'mac',
  'decryption',
] as const;
export type ConformanceCheck = (typeof conformanceChecks)[number];

/** `absent`: nothing there to check; `unchecked`: an earlier check failed, or there are no keys at all. */
export type ConformanceResult = 'passed' | 'failed' | 'no-key' | 'absent' | 'unchecked';

export interface Judgement {
  readonly useCase: string | undefined;
  readonly craFlag: CraFlag | undefined;
  readonly kind: Payload['kind'] | undefined;
  readonly results: Readonly<Record<ConformanceCheck, ConformanceResult>>;
  /** Of what failed, in words. */
  readonly details: Readonly<Partial<Record<ConformanceCheck, string>>>;
}

/**
 * Judges a message: it decodes; what is printed of it, names and all, encodes to the same bytes; every value is there
 * and no leaf is left unparsed or unnamed; signature, MAC and encrypted parts are right.
 */
export function judgeMessage(bytes: Uint8Array, keys: VerificationKeys | undefined): Judgement {
  const results: Record<ConformanceCheck, ConformanceResult> = {
    decoded: 'failed',
    're-encoded': 'unchecked',
    semantic: 'unchecked',
    signature: 'unchecked',
    mac: 'unchecked',
    decryption: 'unchecked',
  };
  const details: Partial<Record<ConformanceCheck, string>> = {};
  const attempt = (check: ConformanceCheck, body: () => string | undefined): void => {
    const problem = problemOf(body);
    results[check] = problem === undefined ? 'passed' : 'failed';
    if (problem !== undefined) details[check] = problem;
  };
  let message: DecodedMessage | undefined;
  attempt('decoded', () => {
    message = decodeMessage(bytes);
    return undefined;
  });
  if (message === undefined) {
    return { useCase: undefined, craFlag: undefined, kind: undefined, results, details };
  }
  const decoded: DecodedMessage = message;
  let parts: readonly DecryptedPart[] = [];
  attempt('re-encoded', () => reencoded(decoded, bytes));
  if (keys !== undefined) {
    const problem = problemOf(() => {
      const verification = verifyMessage(bytes, keys);
      results.signature = resultOf(verification.signature);
      results.mac = resultOf(verification.mac);
      results.decryption = resultOf(verification.decryption);
      parts = annotateDecrypted(decoded, verification.decrypted);
      return undefined;
    });
    if (problem !== undefined) {
      results.decryption = 'failed';
      details.decryption = problem;
    }
  }
  attempt('semantic', () => semanticProblem(decoded, parts));
  const { useCase, craFlag, payload } = decoded;
  return { useCase, craFlag, kind: payload.kind, results, details };
}

function problemOf(body: () => string | undefined): string | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof CodecError) return error.message;
    throw error;
  }
}

function resultOf(verdict: CheckVerdict): ConformanceResult {
  if (verdict === 'valid') return 'passed';
  return verdict === 'invalid' ? 'failed' : verdict;
}

function reencoded(message: DecodedMessage, bytes: Uint8Array): string | undefined {
  const json = JSON.parse(JSON.stringify(annotate(message))) as DecodedMessage;
  const again = encodeMessage(json);
  if (equalBytes(again, bytes)) return undefined;
  const at = again.findIndex((byte, index) => byte !== bytes[index]);
  return at < 0 ? `${again.length} bytes, not ${bytes.length}` : `differs from byte ${at}`;
}

/** Names that stand for what no declaration knows. */
const unknownNames: ReadonlySet<string> = new Set(['cluster', 'command', 'attribute']);

function semanticProblem(
  message: DecodedMessage,
  parts: readonly DecryptedPart[],
): string | undefined {
  if (message.useCase === undefined) return 'no use case has this message code';
  return (
    leafProblem(message.payload, 'payload') ??
    missingValue(message.payload) ??
    parts.map(({ path, value }) => leafProblem(value ?? null, `${path}.plaintext`)).find(Boolean)
  );
}

function leafProblem(value: unknown, path: string): string | undefined {
  if (value === undefined) return `${path} has no value`;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`;
    if (name === 'unparsed') return `${at} is a leaf that is not parsed`;
    if (member === 'unknown' && unknownNames.has(name)) return `${at} is not known`;
    const problem = leafProblem(member, at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What was read with success has a value. */
function missingValue(payload: Payload): string | undefined {
  if (payload.kind !== 'access-response') return undefined;
  const index = payload.items.findIndex(
    ({ response, result, data }) => response === 'get' && result === 0 && data.type === 'null-data',
  );
  return index < 0 ? undefined : `payload.items[${index}] was read and has no value`;
}
