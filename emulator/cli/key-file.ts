import { access, constants, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isTopicName } from '../../protocols/bus/topics.js';
import { cannotWrite } from '../adapters/capture-file.js';
import type { HomeKey } from '../fleet/control-protocol.js';
import { UsageError } from '../ports/errors.js';

/** The file of its configuration directory in which Wireshark looks for ZigBee keys. */
export const keyFileName = 'zigbee_pc_keys';

const keyText = /^[0-9a-f]{32}$/i;
/** A row of the table: the key, in Wireshark's own writing with colons between octets. */
const row = /^"([0-9a-f:\s-]*)",/i;
/** Longer ones are cut; of our choice. */
const labelLengthMax = 80;

/** Whether it is one: answers on the bus may come from anybody. */
export function isHomeKey(value: unknown): value is HomeKey {
  if (typeof value !== 'object' || value === null) return false;
  const { home, key, label } = value as Partial<HomeKey>;
  return (
    isTopicName(home) && typeof key === 'string' && keyText.test(key) && typeof label === 'string'
  );
}

/** Where the keys of a capture belong: beside it. */
export function keyFileBeside(capture: string): string {
  return join(dirname(capture), keyFileName);
}

/** The directory that Wireshark has to take for its configuration; undefined for a file of another name. */
export function configDirectoryOf(keyFile: string): string | undefined {
  return basename(keyFile) === keyFileName ? dirname(keyFile) : undefined;
}

/**
 * Adds the keys that are not in the file yet, and leaves all that is there as it is: the file may be that of other
 * captures, or of a person's own profile. It is replaced as a whole, so that a reader never sees half of it. Returns how
 * many keys were new.
 * @throws UsageError for a file that is no table of keys, EnvironmentError where it cannot be written.
 */
export async function mergeKeyFile(path: string, keys: readonly HomeKey[]): Promise<number> {
  const { target, text } = await existing(path);
  const known = keysIn(path, text);
  const lines: string[] = [];
  for (const one of keys) {
    const key = one.key.toLowerCase();
    if (known.has(key)) continue;
    known.add(key);
    lines.push(`"${key}","Normal","${plainLabel(one.label)}"\n`);
  }
  if (lines.length === 0) return 0;
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await replace(path, target, start + lines.join(''));
  return lines.length;
}

/**
 * Whether keys can go there, before anything else of a capture is begun; nothing is written. A directory that cannot be
 * written is told of `first`, the file that was to be there first.
 * @throws UsageError, EnvironmentError as `mergeKeyFile` does
 */
export async function checkKeyFile(path: string, first = path): Promise<void> {
  const { target, text } = await existing(path);
  keysIn(path, text);
  try {
    await access(dirname(target), constants.W_OK);
  } catch (error) {
    throw cannotWrite(first, error);
  }
}

/** @throws UsageError for a text that is no table of keys */
function keysIn(path: string, text: string): Set<string> {
  const known = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key] = row.exec(line) ?? [];
    if (key !== undefined) known.add(key.replace(/[:\s-]/g, '').toLowerCase());
    else if (line.trim() !== '' && !line.startsWith('#')) {
      throw new UsageError(
        `${path} is no file of ZigBee keys as Wireshark writes it: name another`,
      );
    }
  }
  return known;
}

/** Octets as they are, one a character: labels of others may be in any encoding. */
const encoding = 'latin1';

async function existing(path: string): Promise<{ target: string; text: string }> {
  try {
    // What a link leads to is replaced, not the link.
    const target = await realpath(path);
    return { target, text: await readFile(target, encoding) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { target: path, text: '' };
    throw cannotWrite(path, error);
  }
}

async function replace(path: string, target: string, text: string): Promise<void> {
  const fresh = `${target}.${process.pid}.new`;
  try {
    await writeFile(fresh, text, encoding);
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true });
    throw cannotWrite(path, error);
  }
}

/** Printable ASCII that needs no escape in Wireshark's tables. */
function plainLabel(label: string): string {
  return label.slice(0, labelLengthMax).replace(/[^ !#-[\]-~]/g, '?');
}
