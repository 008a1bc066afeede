import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyFileBeside, mergeKeyFile } from '../../emulator/cli/key-file.js';
import { homeKeysOf } from '../../emulator/fleet/home-keys.js';
import { fromHex } from '../../protocols/codec/hex.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import { clusters } from '../../protocols/zigbee/clusters/clusters.js';
import { FrameOpener } from '../../protocols/zigbee/security/frame-opener.js';
import type { OpenedFrame } from '../../protocols/zigbee/security/opened-frame.js';
import { gateFields, plainValue } from '../support/gate-fields.js';
import { eventfulHome } from '../support/home-run.js';
import { dissect, tsharkAvailable } from '../support/tshark.js';

const objections = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';

/** Clusters that a home of every kind of device uses in a morning. */
const expectedClusters = [
  'Basic',
  'Time',
  'OTAUpgrade',
  'KeepAlive',
  'Price',
  'DemandResponseAndLoadControl',
  'Metering',
  'Messaging',
  'Tunneling',
  'Prepayment',
  'Calendar',
  'DeviceManagement',
  'Events',
  'SubGHz',
  'KeyEstablishment',
];

/** What happens in the run, by the commands that say so. */
const expectedCommands = [
  'InitiateKeyEstablishmentRequest',
  'ConfirmKeyDataResponse',
  'RequestTunnel',
  'TransferData',
  'RequestMirror',
  'MirrorReportAttributeResponse',
  'QueryNextImageRequest',
  'ImageBlockResponse',
  'UpgradeEndRequest',
  'LoadControlEvent',
  'PublishPrice',
  'PublishCalendar',
  'DisplayMessage',
  'ConsumerTopUp',
];

describe.skipIf(!tsharkAvailable)('Wireshark on a home from power-on to readings', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hubfleet-gate-'));
  let capture: Uint8Array;
  let opened: readonly OpenedFrame[];
  /** Rows of tshark's, one a frame of the home network. */
  let rows: readonly (readonly string[])[];
  const names = Object.keys(gateFields);

  const withKeys = <T>(run: () => T): T => {
    process.env.WIRESHARK_CONFIG_DIR = directory;
    try {
      return run();
    } finally {
      delete process.env.WIRESHARK_CONFIG_DIR;
    }
  };

  beforeAll(async () => {
    const home = await eventfulHome('gate');
    capture = home.pcapng();
    const keys = home.fleet.homes.flatMap(homeKeysOf);
    await mergeKeyFile(keyFileBeside(join(directory, 'home.pcapng')), keys);
    const opener = new FrameOpener(nobleCrypto);
    for (const { key } of keys) opener.addKey(fromHex(key));
    opened = home.frames.map(({ psdu }) => opener.open(psdu));
    const fields = ['frame.number', '_ws.col.Info', ...names];
    rows = withKeys(() => dissect(capture, fields, 'wpan'));
  }, 180_000);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('has something to look at', () => {
    expect(rows.length).toBe(opened.length);
    expect(rows.length).toBeGreaterThan(5_000);
  });

  it('objects to nothing, and opens everything', () => {
    const found = withKeys(() => dissect(capture, ['frame.number', '_ws.col.Info'], objections));
    expect(found).toEqual([]);
    expect(rows.filter(([, info = '']) => /unknown/i.test(info))).toEqual([]);
  });

  it('sees every cluster, and all that the run was to show', () => {
    const zcl = opened.flatMap(({ content }) => (content.kind === 'zcl' ? [content] : []));
    expect([...new Set(zcl.map(({ cluster }) => cluster))]).toEqual(
      expect.arrayContaining(expectedClusters),
    );
    expect([...new Set(zcl.map(({ command }) => command))]).toEqual(
      expect.arrayContaining(expectedCommands),
    );
    const kinds = new Set(opened.map(({ content }) => content.kind));
    for (const kind of ['beacon', 'mac-command', 'aps-command', 'zdo', 'fragment'] as const) {
      expect(kinds, kind).toContain(kind);
    }
    const ids = new Set(
      rows.flatMap((row) => row[2 + names.indexOf('zbee_aps.cluster')]?.split(',') ?? []),
    );
    for (const { id, name } of clusters.values()) {
      if (expectedClusters.includes(name)) expect([...ids].map(Number)).toContain(id);
    }
  });

  it('reads the same values as we do, in more than forty fields', () => {
    const compared = new Set<string>();
    const differences: string[] = [];
    for (const [index, frame] of opened.entries()) {
      const row = rows[index] ?? [];
      for (const [column, name] of names.entries()) {
        const ours = gateFields[name]?.(frame);
        if (ours === undefined) continue;
        const theirs = (row[column + 2] ?? '').split(',');
        compared.add(name);
        const equal = ours.every((value, at) => plainValue(theirs[at] ?? '', value) === value);
        if (!equal) differences.push(`${name} in frame ${row[0]}: ${theirs} is not ${ours}`);
      }
    }
    expect(differences).toEqual([]);
    expect(names.filter((name) => !compared.has(name))).toEqual([]);
    expect(compared.size).toBeGreaterThanOrEqual(40);
  });

  it('leaves no octet over by our own count, and nothing closed', () => {
    const odd = opened.filter(
      ({ content }) => content.kind === 'malformed' || content.kind === 'closed',
    );
    expect(odd.slice(0, 3)).toEqual([]);
  });

  it('objects when a single octet is another one', () => {
    const victim = opened.findIndex(({ content }) => content.kind === 'zcl');
    expect(victim).toBeGreaterThan(0);
    for (const back of [1, 5, 9]) {
      const flipped = capture.slice();
      const at = endOfFrame(flipped, victim) - back;
      flipped[at] = (flipped[at] as number) ^ 0x01;
      const found = withKeys(() => dissect(flipped, ['frame.number'], objections));
      expect(found.length, `${back} octets from the end`).toBeGreaterThan(0);
    }
  });

  /** Where the PSDU of frame `index` of the home network ends in the capture. */
  function endOfFrame(octets: Uint8Array, index: number): number {
    const number = Number(rows[index]?.[0]);
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    let packets = 0;
    for (let at = 0; at < octets.length; at += view.getUint32(at + 4, true)) {
      const enhancedPacket = 6;
      if (view.getUint32(at, true) !== enhancedPacket) continue;
      packets++;
      if (packets === number) return at + 28 + view.getUint32(at + 20, true);
    }
    throw new Error(`the capture has no frame ${number}`);
  }
});
