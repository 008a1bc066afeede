import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadKeys } from '../../../emulator/adapters/key-files.js';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { decodeMessage, encodeMessage } from '../../../protocols/gbcs/decoded-message.js';
import { explainMessage } from '../../../protocols/gbcs/explain.js';
import { type Explanation, renderExplanation } from '../../../protocols/gbcs/explanation.js';
import { RingVerificationKeys } from '../../../protocols/gbcs/key-ring.js';
import { annotate } from '../../../protocols/gbcs/notes/annotate.js';
import { verifyMessage } from '../../../protocols/gbcs/verify-message.js';
import {
  loadRtdsIndex,
  readRtdsMessage,
  rtdsAvailable,
  rtdsDirectory,
} from '../../support/rtds.js';

// Worked example E4 of gbcs-message.md 10: published test data.
const e4 =
  'dd00000000000081891100000000df090100000000000003e80890b3d51f300100000800db1234567890a00002004f15d9200003e8000103000900000a006aff010112003340a76d84f6e53d8d1b7b58b8b4a69c06a1c449c48b2742ae7d9c96d24ba8e4e7c9d7fbf0595f1dfce16f42ae59167191d02b8e5c67a50ec442a30a0a5b701d0e58efd36e695298259fadf662fa';

function find(node: Explanation, ...path: readonly string[]): Explanation {
  let found = node;
  for (const name of path) {
    const child = found.children?.find((one) => one.name === name);
    if (child === undefined) throw new Error(`no ${name} in ${found.name}`);
    found = child;
  }
  return found;
}

/** The bytes of every node lie in those of its parent, in order and apart; protection is not in the message. */
function misplaced(node: Explanation): string | undefined {
  let at = node.offset ?? 0;
  const end = at + (node.length ?? 0);
  for (const child of node.children ?? []) {
    if (child.name === 'protection') continue;
    const { offset = -1, length = -1 } = child;
    if (offset < at || offset + length > end) return `${node.name} ${child.name} @${offset}`;
    // The structure of an ASN.1 payload is the whole of it.
    if (child.name !== 'structure') at = offset + length;
    const below = misplaced(child);
    if (below !== undefined) return `${node.name} ${below}`;
  }
  return undefined;
}

describe('explanation', () => {
  it('names every field of a critical command with its place', () => {
    const root = explainMessage(fromHex(e4));
    expect(root).toMatchObject({ offset: 0, length: 146 });
    expect(find(root, 'macHeader', 'securityControl')).toMatchObject({ offset: 9, length: 1 });
    expect(find(root, 'groupingHeader', 'originatorCounter')).toMatchObject({
      offset: 17,
      length: 8,
      text: '1000',
    });
    const code = find(root, 'groupingHeader', 'otherInformation', 'messageCode');
    expect(code).toMatchObject({ offset: 45, text: '0x004f ECS42' });
    expect(find(root, 'content', 'items[0]')).toMatchObject({ offset: 55, length: 10 });
    expect(find(root, 'content', 'items[0].data')).toMatchObject({
      offset: 66,
      length: 3,
      text: 'long-unsigned 51',
    });
    expect(find(root, 'signature')).toMatchObject({ offset: 69, length: 65 });
    expect(find(root, 'mac')).toMatchObject({ offset: 134, length: 12 });
    expect(renderExplanation(root)[1]).toMatch(/^ {4}0 {3}146 {2}message {2}ECS42 command/);
  });

  it('shows a payload that does not decode as far as it was read', () => {
    const bytes = fromHex(e4.replace('010112003340', '01017f003340'));
    const root = explainMessage(bytes);
    expect(find(root, 'content').text).toMatch(/items\[0\]\.data @66: /);
    expect(find(root, 'content', 'items[0]')).toMatchObject({ offset: 55 });
    expect(find(root, 'content', 'items[0].data').text).toBe('not read to its end');
  });

  it('ends with a value or a CodecError when cut anywhere', () => {
    const bytes = fromHex(e4);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => explainMessage(bytes.subarray(0, length))).toThrow(CodecError);
    }
  });
});

describe.skipIf(!rtdsAvailable)('explanation with the published keys', () => {
  let keys: RingVerificationKeys;
  beforeAll(() => {
    const { ring } = loadKeys(`${rtdsDirectory}/keys.json`);
    keys = new RingVerificationKeys(ring, new NodeCrypto());
  });

  it('shows the inputs of signature and MAC that worked example E4 prints', () => {
    const protection = find(explainMessage(fromHex(e4), keys), 'protection');
    const mac = find(protection, 'mac');
    expect(mac.text).toBe('valid');
    expect(find(mac, 'keyAgreement').text).toBe('90b3d51f30000002 with 00db1234567890a0');
    expect(find(mac, 'otherInfo').text).toBe(
      '6085740608030090b3d51f30010000090100000000000003e800db1234567890a0',
    );
    expect(find(mac, 'iv').text).toBe('90b3d51f3001000000000000');
    expect(find(mac, 'additionalData').text).toMatch(/^110000000000df0901.*b701d0e58$/);
    expect(find(mac, 'computed').text).toBe('efd36e695298259fadf662fa, as found');
    expect(find(mac, 'computed', 'key').text).toBe('ec1d51bd8f8bf0cdd2314cf396cc12c0');
    expect(find(mac, 'computed', 'tag').text).toMatch(/^efd36e695298259fadf662faa5e56e2e/);
    const signature = find(protection, 'signature');
    expect(signature.text).toBe('valid');
    expect(find(signature, 'sha256').text).toBe(
      '0598fbd5ab7c8f579e1da3195fde9afa742c34b7ee1af4d658e85ed03ce5eae2',
    );
    expect(find(signature, 's').text).toMatch(/^d7fbf059/);
  });

  it('points to the first byte of a MAC that differs', () => {
    const bytes = fromHex(e4);
    bytes[138] = 0xaa;
    const mac = find(explainMessage(bytes, keys), 'protection', 'mac');
    expect(mac.text).toBe('invalid');
    expect(find(mac, 'computed').text).toBe(
      'efd36e695298259fadf662fa, differs from byte 4: want 52, found aa',
    );
  });

  it('recognises a MAC made with the originator’s key in place of the broker’s', () => {
    const crypto = new NodeCrypto();
    const bytes = fromHex(e4);
    const inner = bytes.subarray(14, 134);
    // The whole computation by hand, from gbcs-message.md 4, with node:crypto underneath.
    const z = fromHex('42da8fad4c8c9d613976f39f1e79ccc88571efa43933d57146b533bc6d253e0f');
    const otherInfo = '6085740608030090b3d51f30010000090100000000000003e800db1234567890a0';
    const key = crypto.sha256(fromHex(`00000001${toHex(z)}${otherInfo}`)).subarray(0, 16);
    const additional = fromHex(`110000000000${toHex(inner)}`);
    const tag = crypto.gmac(key, fromHex('90b3d51f3001000000000000'), additional);
    bytes.set(tag.subarray(0, 12), 134);
    const mac = find(explainMessage(bytes, keys), 'protection', 'mac');
    expect(mac.text).toBe('invalid');
    expect(find(mac, 'hint').text).toContain('90b3d51f30010000 and 00db1234567890a0');
  });

  it('places every field of every official message inside its parent', () => {
    let leaves = 0;
    for (const entry of loadRtdsIndex()) {
      const root = explainMessage(readRtdsMessage(entry), keys);
      expect(misplaced(root), entry.file).toBeUndefined();
      const protection = find(root, 'protection');
      for (const { name, text } of protection.children ?? []) {
        if (text === 'no-key') expect(entry.file).toMatch(/PCS0[12]/);
        else expect(text, `${entry.file} ${name}`).toBe('valid');
      }
      leaves += renderExplanation(root).length;
    }
    expect(leaves).toBeGreaterThan(50_000);
  });

  it('of bent messages ends with a value or a CodecError, as do annotation and verdict', () => {
    const messages = loadRtdsIndex().map((entry) => readRtdsMessage(entry));
    let survived = 0;
    const bent = fc.tuple(
      fc.nat(messages.length - 1),
      fc.array(fc.tuple(fc.nat(), fc.nat(0xff)), { minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(bent, ([index, changes]) => {
        const bytes = (messages[index] as Uint8Array).slice();
        for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
        for (const run of [
          () => explainMessage(bytes, keys),
          () => verifyMessage(bytes, keys),
          () => encodeMessage(annotate(decodeMessage(bytes))),
        ]) {
          try {
            run();
            survived++;
          } catch (error) {
            if (!(error instanceof CodecError)) throw error;
          }
        }
      }),
      { seed: 20261122, numRuns: 1_000 },
    );
    expect(survived).toBeGreaterThan(500);
  });
});
