import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Wireshark's dissectors judge our frames. Where tshark is missing its tests are skipped, and the
 * run says how many.
 */
export const tsharkAvailable = spawnSync('tshark', ['--version']).status === 0;

/** Tells tshark of ZigBee keys (hex); of a link key it derives the others itself. */
export function zigbeeKeys(...keys: readonly string[]): string[] {
  return keys.flatMap((key) => ['-o', `uat:zigbee_pc_keys:"${key}","Normal",""`]);
}

/**
 * Runs tshark over a capture: one row a frame that `filter` keeps (all when empty), with the values
 * of `fields` in order. A field that occurs more than once in a frame has its values joined by
 * commas.
 */
export function dissect(
  pcap: Uint8Array,
  fields: readonly string[],
  filter = '',
  options: readonly string[] = [],
): string[][] {
  const named = fields.flatMap((field) => ['-e', field]);
  const lines = run(pcap, [...options, '-T', 'fields', ...named, '-Y', filter])
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => line.split('\t'));
}

/**
 * The octets (hex) that tshark gave to the dissector of `layer`, reassembled where need be, for
 * each frame kept.
 */
export function dissectOctets(
  pcap: Uint8Array,
  layer: string,
  filter = layer,
  options: readonly string[] = [],
): string[] {
  const frames = JSON.parse(run(pcap, [...options, '-T', 'jsonraw', '-Y', filter])) as {
    _source: { layers: Record<string, [string, ...number[]]> };
  }[];
  return frames.map((frame) => frame._source.layers[`${layer}_raw`]?.[0] ?? '');
}

/** A field as tshark's own tree has it: where it lies in the frame, and what it shows. */
export interface DissectedField {
  readonly name: string;
  /** Name for people, value and meaning. */
  readonly label: string;
  readonly start: number;
  readonly octets: number;
  readonly shown: string;
}

const xmlEntities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

/** For each frame the fields whose names begin with `prefix`, in tshark's order. */
export function dissectFields(pcap: Uint8Array, prefix: string): DissectedField[][] {
  const plain = (text: string) => text.replace(/&\w+;/g, (entity) => xmlEntities[entity] ?? entity);
  const frames = run(pcap, ['-T', 'pdml']).split('<packet>').slice(1);
  return frames.map((frame) => {
    const fields: DissectedField[] = [];
    for (const [, name = '', rest = ''] of frame.matchAll(/<field name="([^"]*)"([^>]*)>/g)) {
      if (!name.startsWith(prefix)) continue;
      const attribute = (key: string) => new RegExp(` ${key}="([^"]*)"`).exec(rest)?.[1] ?? '';
      fields.push({
        name,
        label: plain(attribute('showname')),
        start: Number(attribute('pos')),
        octets: Number(attribute('size')),
        shown: plain(attribute('show')),
      });
    }
    return fields;
  });
}

function run(pcap: Uint8Array, options: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'hubfleet-tshark-'));
  try {
    const file = join(directory, 'frames.pcap');
    writeFileSync(file, pcap);
    const ended = spawnSync('tshark', ['-n', '-r', file, ...options], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (ended.status !== 0) throw new Error(`tshark failed: ${ended.stderr}`);
    return ended.stdout;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
