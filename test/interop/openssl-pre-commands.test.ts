import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeEcdsaSignature } from '../../protocols/smki/ecdsa-signature.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../support/rtds.js';
import { rtdsKeyRing } from '../support/rtds-keys.js';
import { nodeCryptoForTests } from '../support/test-crypto.js';

const opensslMissing = spawnSync('openssl', ['version']).status !== 0;
const why = opensslMissing ? ' (skipped: openssl is not installed)' : '';

/** SubjectPublicKeyInfo of a P-256 point, as PEM. */
function publicKeyPem(point: Uint8Array): string {
  const head = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
  const base64 = Buffer.concat([head, point]).toString('base64');
  return `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
}

describe.skipIf(opensslMissing || !rtdsAvailable)(`our signatures over pre-commands${why}`, () => {
  it('are accepted by openssl, one pre-command of every use case', () => {
    const ring = rtdsKeyRing();
    const crypto = nodeCryptoForTests();
    const directory = mkdtempSync(join(tmpdir(), 'hubfleet-'));
    const seen = new Set<string>();
    try {
      for (const entry of loadRtdsIndex()) {
        if (entry.role !== 'pre-command' || seen.has(entry.messageCode)) continue;
        const own = ring.privateKey(entry.originator, 'digitalSignature');
        const point = ring.publicKey(entry.originator, 'digitalSignature');
        if (own === undefined || point === undefined) continue;
        // What is signed starts behind the general-signing tag (gbcs-message.md 3).
        const signed = readRtdsMessage(entry).subarray(1);
        const file = (name: string): string => join(directory, name);
        writeFileSync(file('data'), signed);
        writeFileSync(file('key'), publicKeyPem(point));
        writeFileSync(file('signature'), encodeEcdsaSignature(crypto.sign(own, signed)));
        const args = ['dgst', '-sha256', '-verify', file('key'), '-signature', file('signature')];
        const said = execFileSync('openssl', [...args, file('data')], { encoding: 'utf8' });
        expect(said.trim(), entry.file).toBe('Verified OK');
        seen.add(entry.messageCode);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
    const codes = loadRtdsIndex().filter((entry) => entry.role === 'pre-command');
    expect(seen.size).toBe(new Set(codes.map((entry) => entry.messageCode)).size);
  });
});
