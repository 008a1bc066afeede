import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeKeyFile } from '../../emulator/cli/key-file.js';
import { toHex } from '../../protocols/codec/hex.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import { FrameOpener } from '../../protocols/zigbee/security/frame-opener.js';
import type { OpenedFrame } from '../../protocols/zigbee/security/opened-frame.js';
import { FrameHome } from '../support/frame-home.js';
import { linkTypeIeee802154, pcapOf } from '../support/pcap.js';
import { dissect, tsharkAvailable } from '../support/tshark.js';

describe('a home heard from power-on, with the keys that its nodes tell of afterwards', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hubfleet-join-'));
  let frames: Uint8Array[];
  let opened: OpenedFrame[];

  beforeAll(async () => {
    const home = new FrameHome();
    home.powerOn();
    expect(home.runUntil(() => home.allJoined(), 3_600_000)).toBe(true);
    frames = home.frames.map(({ psdu }) => psdu);
    const keys = [home.hub, ...home.all()].flatMap(({ node }) => [...node.security.keys()]);
    await mergeKeyFile(
      join(directory, 'zigbee_pc_keys'),
      keys.map(({ key, label }) => ({ home: 'home-1', key: toHex(key), label })),
    );
    const opener = new FrameOpener(nobleCrypto);
    for (const { key } of keys) opener.addKey(key);
    opened = frames.map((psdu) => opener.open(psdu));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('opens to our own listener, frame by frame', () => {
    const kinds = opened.map(({ content }) => content.kind);
    for (const kind of ['closed', 'malformed', 'data']) expect(kinds).not.toContain(kind);
    for (const kind of ['beacon', 'mac-command', 'aps-command', 'zdo', 'zcl']) {
      expect(kinds).toContain(kind);
    }
    const commands = opened.flatMap(({ content }) =>
      content.kind === 'zcl' && content.cluster === 'KeyEstablishment' ? [content.command] : [],
    );
    const steps = ['InitiateKeyEstablishment', 'EphemeralData', 'ConfirmKeyData'];
    for (const step of steps.flatMap((name) => [`${name}Request`, `${name}Response`])) {
      expect(commands).toContain(step);
    }
  });

  it.skipIf(!tsharkAvailable)('opens to tshark with nothing but the key file', () => {
    const pcap = pcapOf(frames, linkTypeIeee802154);
    process.env.WIRESHARK_CONFIG_DIR = directory;
    try {
      const objection = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
      expect(dissect(pcap, ['frame.number', '_ws.col.Info'], objection)).toEqual([]);
      const rows = dissect(pcap, ['zbee_nwk.src', 'zbee_aps.cmd.id'], '');
      const shown = (value: number, digits: number): string =>
        `0x${value.toString(16).padStart(digits, '0')}`;
      const commandIds: Readonly<Record<string, number>> = { 'transport-key': 5, 'request-key': 8 };
      const expected = opened.map(({ nwk, content }) => [
        nwk === undefined ? '' : shown(nwk.header.source, 4),
        content.kind === 'aps-command' ? shown(commandIds[content.command.command] ?? 0, 2) : '',
      ]);
      expect(rows).toEqual(expected);
    } finally {
      delete process.env.WIRESHARK_CONFIG_DIR;
    }
  });
});
