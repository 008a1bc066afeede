import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { CodecError } from '../../protocols/codec/codec-error.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { NodeCrypto } from '../adapters/node-crypto.js';
import { defaultSeed, entitiesOfHome, homesMax } from '../fleet/start-fleet.js';
import { type ExportedFile, exportPki } from '../functions/export-pki.js';
import { TestPki } from '../functions/test-pki.js';
import { EnvironmentError, UsageError } from '../ports/errors.js';
import { parseWhole } from './duration.js';
import { examples, type Session } from './session.js';

interface ExportOptions {
  readonly seed: string;
  readonly homes?: number;
  readonly device?: readonly string[];
  readonly force?: boolean;
  readonly json?: boolean;
}

const defaultHomes = 10;

export function addPki(program: Command, session: Session): void {
  const pki = program
    .command('pki')
    .summary('the test PKI of a fleet')
    .description(
      'The test PKI of a fleet: authorities, organisations and devices, all out of one seed.',
    )
    .addHelpText('after', examples(['hubfleet pki export pki', 'certificates and keys as files']));
  pki
    .command('export')
    .summary('write certificates and keys as PEM files')
    .description(
      'Writes the certificates of the authorities, and certificates and private keys of organisations and devices, as ' +
        'PEM files and one keystore.json. They are test keys, as public as their seed.',
    )
    .argument('<dir>', 'directory to write to; made if it does not exist')
    .option('--seed <text>', 'the seed of the fleet', defaultSeed)
    .option(
      '--homes <n>',
      `devices of the first n homes (default: ${defaultHomes})`,
      parseWhole(0, homesMax),
    )
    .option('--device <eui...>', 'these devices instead')
    .option('--force', 'write into a directory that is not empty')
    .option('--json', 'say what was written as one JSON object')
    .addHelpText(
      'after',
      examples(
        ['hubfleet pki export pki', 'for a fleet with the default seed'],
        [
          'hubfleet pki export pki --seed mine --homes 100',
          'for `hubfleet up --seed mine --homes 100`',
        ],
        ['hubfleet pki export pki --device 00db1234567890a0', 'one device'],
      ),
    )
    .action((directory: string, options: ExportOptions) => {
      exportTo(session, directory, options);
    });
}

function exportTo(session: Session, directory: string, options: ExportOptions): void {
  const devices = devicesOf(options);
  checkDirectory(directory, options.force === true);
  if (devices.length > 400) {
    session.err.line(`making certificates of ${devices.length} devices: a few milliseconds each`);
  }
  const pki = new TestPki({ seed: options.seed, crypto: new NodeCrypto() });
  const files = exportPki(pki, devices);
  for (const file of files) write(directory, file);
  report(session, directory, files, options.json === true);
}

function devicesOf({ device, homes }: ExportOptions): Eui64[] {
  if (device !== undefined) {
    if (homes !== undefined) throw new UsageError('give either --homes or --device, not both');
    return device.map(entityOf);
  }
  // In-home displays speak no GBCS and hold no certificates.
  return Array.from({ length: homes ?? defaultHomes }, (_, index) => {
    const { chf, gpf, esme, gsme } = entitiesOfHome(index + 1);
    return [chf, gpf, esme, gsme];
  }).flat();
}

function entityOf(text: string): Eui64 {
  try {
    return eui64(text);
  } catch (error) {
    if (error instanceof CodecError) throw new UsageError(error.reason);
    throw error;
  }
}

function checkDirectory(directory: string, force: boolean): void {
  try {
    mkdirSync(directory, { recursive: true });
    if (force || readdirSync(directory).length === 0) return;
  } catch (error) {
    throw new EnvironmentError(`cannot write to ${directory}: ${(error as Error).message}`);
  }
  throw new UsageError(`${directory} is not empty: choose another directory or give --force`);
}

function write(directory: string, { path, contents }: ExportedFile): void {
  const target = join(directory, path);
  const secret = path.endsWith('.key.pem') || path === 'keystore.json';
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, contents, { mode: secret ? 0o600 : 0o644 });
  } catch (error) {
    throw new EnvironmentError(`cannot write ${target}: ${(error as Error).message}`);
  }
}

function report(
  { out }: Session,
  directory: string,
  files: readonly ExportedFile[],
  json: boolean,
): void {
  const pems = files.map((file) => file.path).filter((path) => path.endsWith('.pem'));
  const keys = pems.filter((path) => path.endsWith('.key.pem'));
  const certificates = pems.length - keys.length;
  if (json) {
    out.json({ directory, files: files.length, certificates, privateKeys: keys.length });
    return;
  }
  out.line(`${certificates} certificates and ${keys.length} private keys in ${directory}`);
  const device = pems.find((path) => path.startsWith('devices/') && path.endsWith('-ds.pem'));
  const [issuer, leaf] =
    device === undefined
      ? ['issuing-organisations.pem', pems.find((path) => path.startsWith('organisations/'))]
      : ['issuing-devices.pem', device];
  const path = (name = ''): string => join(directory, name);
  out.line('try:');
  out.line(`  openssl verify -CAfile ${path('root.pem')} -untrusted ${path(issuer)} ${path(leaf)}`);
}
