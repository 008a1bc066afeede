import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes, toHex } from '../../protocols/codec/hex.js';
import { MemoryKeyRing } from '../../protocols/gbcs/key-ring.js';
import { EnvironmentError, UsageError } from '../ports/errors.js';
import { readKeyJson } from './key-json.js';
import {
  type CertifiedKey,
  certifiedKey,
  type FoundKey,
  looksLikePem,
  pemBlocks,
  privateScalarOfDer,
  publicKeyOf,
} from './key-material.js';

export interface LoadedKeys {
  readonly ring: MemoryKeyRing;
  readonly certificates: number;
  readonly privateKeys: number;
  /** Oddities that did no harm, one line each. */
  readonly notes: readonly string[];
}

/** Remote party roles end here; what is above signs DUIS, never GBCS (smki.md 5). */
const roleMax = 127;
const pemFile = /\.(pem|crt|cer|key)$/i;
const privateKeyLabel = /^(EC )?PRIVATE KEY$/;
/** File name of a private key and what remains of it in the name of its certificate. */
const keyFileEnding = /(\.key)?\.(pem|key)$/i;
const prepaymentName = /pp-?ka(\.key)?\.(pem|crt|cer|key)$/i;
const jsonNames = ['keys.json', 'keystore.json'];
const depthMax = 4;

/**
 * Loads keys for verifying messages:
 *
 * - JSON, a list of `{ eui, usage, prepayment, certificate, privateScalar? }`, certificates in base64;
 * - JSON, EUI-64 -> usage -> serial -> `{ certificate, privateKey, name, role }`, base64 DER or PEM;
 * - PEM: one file, or a directory of certificates and keys to any order and depth (as `hubfleet pki` writes it). The
 *   certificate says whose key it is and for what; a private key belongs to the certificate of its public key. A file
 *   name ending in `pp-ka` marks a supplier's key agreement key for top-ups.
 *
 * A directory without PEM files is searched for `keys.json` and `keystore.json`.
 *
 * @throws UsageError, naming the file, for what is none of these, a key that is not on P-256, and a private key that does
 *   not fit its certificate.
 */
export function loadKeys(path: string): LoadedKeys {
  if (!existsSync(path)) throw new UsageError(`there is no key file or directory '${path}'`);
  const notes: string[] = [];
  const found = statSync(path).isDirectory()
    ? readDirectory(path, notes)
    : readFile(path, textOf(path), notes);
  const ring = new MemoryKeyRing();
  let privateKeys = 0;
  for (const key of found) {
    if (key.role !== undefined && key.role > roleMax) {
      notes.push(`${key.where}: left out, role ${key.role} does not sign GBCS messages`);
      continue;
    }
    ring.add(key);
    if (key.privateKey !== undefined) privateKeys++;
  }
  if (found.length === 0) throw new UsageError(`'${path}' holds no certificate of a key`);
  return { ring, certificates: found.length, privateKeys, notes };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EnvironmentError(`cannot read ${path}: ${(error as Error).message}`);
  }
}

function readFile(path: string, text: string, notes: string[]): readonly FoundKey[] {
  const start = text.trimStart()[0];
  // First, because the JSON forms may hold PEM.
  if (start === '[' || start === '{') return readKeyJson(path, text, notes);
  if (looksLikePem(text)) return readPem([{ path, text }], notes);
  throw new UsageError(
    `'${path}' is no key file: want PEM, a JSON list of keys, or a JSON keystore by EUI-64`,
  );
}

function readDirectory(path: string, notes: string[]): readonly FoundKey[] {
  const files = pemFilesBelow(path, depthMax);
  if (files.length > 0) {
    return readPem(
      files.map((file) => ({ path: file, text: textOf(file) })),
      notes,
    );
  }
  const name = jsonNames.find((one) => existsSync(join(path, one)));
  if (name !== undefined) return readFile(join(path, name), textOf(join(path, name)), notes);
  throw new UsageError(`directory '${path}' holds neither PEM files nor ${jsonNames.join(' or ')}`);
}

function pemFilesBelow(directory: string, depth: number): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && depth > 1) files.push(...pemFilesBelow(path, depth - 1));
    else if (entry.isFile() && pemFile.test(entry.name)) files.push(path);
  }
  return files.sort();
}

interface PemFile {
  readonly path: string;
  readonly text: string;
}

interface PemPrivateKey {
  readonly path: string;
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

function readPem(files: readonly PemFile[], notes: string[]): readonly FoundKey[] {
  const certificates: (CertifiedKey & { readonly path: string })[] = [];
  const privateKeys: PemPrivateKey[] = [];
  for (const { path, text } of files) {
    for (const { label, der } of pemBlocks(text)) {
      if (label === 'CERTIFICATE') {
        const key = certifiedKey(der, path);
        if (key !== undefined) certificates.push({ path, ...key });
      } else if (privateKeyLabel.test(label)) {
        const privateKey = privateScalarOfDer(der, path);
        privateKeys.push({ path, privateKey, publicKey: publicKeyOf(privateKey, path) });
      } else if (label === 'ENCRYPTED PRIVATE KEY') {
        throw new UsageError(`${path}: the key is encrypted; openssl pkcs8 takes the password off`);
      }
    }
  }
  checkNamesakes(certificates, privateKeys, notes);
  const byPoint = new Map(privateKeys.map((key) => [toHex(key.publicKey), key.privateKey]));
  return certificates.map(({ path, ...key }) => ({
    ...key,
    where: path,
    prepayment: key.usage === 'keyAgreement' && prepaymentName.test(path),
    privateKey: byPoint.get(toHex(key.publicKey)),
  }));
}

/** A private key whose file is named after a certificate must be that certificate's. */
function checkNamesakes(
  certificates: readonly (CertifiedKey & { readonly path: string })[],
  privateKeys: readonly PemPrivateKey[],
  notes: string[],
): void {
  for (const { path, publicKey } of privateKeys) {
    if (certificates.some((one) => equalBytes(one.publicKey, publicKey))) continue;
    const stem = path.replace(keyFileEnding, '');
    const namesake = certificates.find((one) => one.path.replace(pemFile, '') === stem);
    if (namesake !== undefined) {
      throw new UsageError(
        `${path}: the private key does not fit the certificate ${namesake.path}`,
      );
    }
    notes.push(`${path}: left out, the private key belongs to none of the certificates`);
  }
}
