import { z } from 'zod';
import { UsageError } from '../ports/errors.js';
import {
  type CertifiedKey,
  certifiedKey,
  checkFits,
  derOf,
  type FoundKey,
  privateScalarOfDer,
  privateScalarOfHex,
} from './key-material.js';

const eui = z.string().regex(/^[0-9a-fA-F]{16}$/, 'want 16 hex digits');
const usage = z.enum(['digitalSignature', 'keyAgreement']);

const keyList = z.array(
  z.object({
    eui,
    usage,
    prepayment: z.boolean().optional(),
    certificate: z.string(),
    privateScalar: z.string().optional(),
  }),
);

const keystore = z.record(
  eui,
  z.partialRecord(
    usage,
    z.record(
      z.string(),
      z.object({
        certificate: z.string(),
        privateKey: z.string().optional(),
        name: z.string().optional(),
        role: z.number().optional(),
      }),
    ),
  ),
);

const prepaymentName = /pp-?ka$/i;

/** A list of keys, or a keystore by EUI-64. UsageError, naming the entry, for anything else. */
export function readKeyJson(path: string, text: string, notes: string[]): readonly FoundKey[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`'${path}' is not JSON: ${(error as Error).message}`);
  }
  return Array.isArray(json) ? readKeyList(path, json, notes) : readKeystore(path, json, notes);
}

function parsed<T>(schema: z.ZodType<T>, json: unknown, path: string, wanted: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new UsageError(`'${path}' is no ${wanted}${at}: ${issue?.message ?? 'wrong shape'}`);
}

function readKeyList(path: string, json: unknown, notes: string[]): readonly FoundKey[] {
  const list = parsed(keyList, json, path, 'list of { eui, usage, certificate }');
  return list.flatMap((entry, index) => {
    const where = `${path}[${index}]`;
    const key = certifiedKey(derOf(entry.certificate, where), where);
    if (key === undefined) return [];
    checkEntry(key, entry.eui, entry.usage, where, notes);
    const privateKey =
      entry.privateScalar === undefined
        ? undefined
        : privateScalarOfHex(entry.privateScalar, where);
    if (privateKey !== undefined) checkFits(privateKey, key.publicKey, where);
    return [{ ...key, where, prepayment: entry.prepayment === true, privateKey }];
  });
}

function readKeystore(path: string, json: unknown, notes: string[]): readonly FoundKey[] {
  const store = parsed(keystore, json, path, 'keystore EUI-64 -> usage -> serial -> certificate');
  const found: FoundKey[] = [];
  for (const [entity, byUsage] of Object.entries(store)) {
    for (const [keyUsage, bySerial] of Object.entries(byUsage)) {
      for (const [serial, entry] of Object.entries(bySerial)) {
        const where = `${path} ${entity} ${keyUsage} ${serial}`;
        const key = certifiedKey(derOf(entry.certificate, where), where);
        if (key === undefined) continue;
        checkEntry(key, entity, keyUsage, where, notes);
        const privateKey =
          entry.privateKey === undefined
            ? undefined
            : privateScalarOfDer(derOf(entry.privateKey, where), where);
        if (privateKey !== undefined) checkFits(privateKey, key.publicKey, where);
        const prepayment = key.usage === 'keyAgreement' && prepaymentName.test(entry.name ?? '');
        found.push({ ...key, role: key.role ?? entry.role, where, prepayment, privateKey });
      }
    }
  }
  return found;
}

/** The certificate is what counts: one listed under a wrong name is taken for whose it is, and said. */
function checkEntry(
  key: CertifiedKey,
  entity: string,
  keyUsage: string,
  where: string,
  notes: string[],
): void {
  if (key.usage !== keyUsage) {
    throw new UsageError(`${where}: listed for ${keyUsage}, the certificate is for ${key.usage}`);
  }
  if (key.entity !== entity.toLowerCase()) {
    notes.push(`${where}: listed for ${entity}, taken for ${key.entity} as its certificate says`);
  }
}
