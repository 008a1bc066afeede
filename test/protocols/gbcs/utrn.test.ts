import { createECDH, createPublicKey, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex } from '../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import {
  checkUtrn,
  decodeUtrn,
  deduceUtrnCounter,
  encodeUtrn,
  judgeUtrnCounter,
  makeUtrn,
  rememberUtrnCounter,
  type TopUp,
  utrnCounterMax,
  utrnOriginatorCounter,
  utrnValueClasses,
} from '../../../protocols/gbcs/utrn.js';
import { utrnCheckDigit, utrnDigits, utrnToken } from '../../../protocols/gbcs/utrn-digits.js';
import { loadRtdsKeys, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';

const crypto = new NodeCrypto();
const supplier = eui64('90b3d51f30010000');
const esme = eui64('00db1234567890a0');
const gsme = eui64('00db1234567890a1');
/** Z of the supplier's prepayment key and the electricity meter's, published test keys. */
const zEsme = fromHex('5c00001ae96494fedfd740c4679d346e913d89b978beeff76577be69c92bf3ce');

/** Published tokens (gbcs-message.md 6): counter, value class, value, digits. */
const tokens = [
  [3, 'pounds', 10, '73946144332040217315'],
  [5, 'pounds', 10, '73948959061972833313'],
  [1, 'pounds', 100, '73943333457189043313'],
  [4, 'pence', 1234, '73947252416745201637'],
] as const;
const gasToken = '73950067887105178605';

/** By node:crypto and OpenSSL, not by the code under test. */
function zOfPrepayment(device: string): Uint8Array {
  const keys = loadRtdsKeys();
  const own = keys.find(({ eui, prepayment }) => eui === supplier && prepayment);
  const theirs = keys.find(({ eui, usage }) => eui === device && usage === 'keyAgreement');
  const certificate = new X509Certificate(Buffer.from(theirs?.certificate as string, 'base64'));
  const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }));
  const { x, y } = key.export({ format: 'jwk' });
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(own?.privateScalar as string, 'hex');
  const point = [x, y].map((part) => Buffer.from(part as string, 'base64url'));
  return ecdh.computeSecret(Buffer.concat([Buffer.of(4), ...point]));
}

describe('UTRN', () => {
  it.each([crypto, nobleCrypto])('makes the published tokens for a meter ($name)', (making) => {
    for (const [utrnCounter, valueClass, value, digits] of tokens) {
      const topUp = { supplier, device: esme, utrnCounter, valueClass, value };
      expect(makeUtrn(making, zEsme, topUp)).toBe(digits);
    }
  });

  it('takes the worked token apart', () => {
    expect(utrnToken('73946144332040217315')).toBe(0x0001a00a_9cd029e3n);
    expect(utrnCheckDigit('7394614433204021731')).toBe(5);
    expect(decodeUtrn('73946144332040217315')).toEqual({
      valueClass: 'pounds',
      value: 10,
      truncatedCounter: 3,
      mac: 0x9cd029e3,
    });
    expect(utrnOriginatorCounter(3)).toBe(0x0000_0003_0000_0000n);
  });

  it.skipIf(!rtdsAvailable)('makes the token of the official gas top-up command', () => {
    const topUp = { supplier, device: gsme, utrnCounter: 6, valueClass: 'pence', value: 1250 };
    const z = zOfPrepayment(gsme);
    expect(makeUtrn(crypto, z, topUp as TopUp)).toBe(gasToken);
    const command = readRtdsMessage('2.2_CS01b/CS01b_2.2_SUCCESS_COMMAND_GBCS.HEX');
    expect(Buffer.from(command).includes(gasToken)).toBe(true);
    expect(Buffer.from(zOfPrepayment(esme))).toEqual(Buffer.from(zEsme));
  });

  it('is judged by the meter it is for, once', () => {
    const parties = { supplier, device: esme };
    let used: readonly number[] = [0];
    for (const [utrnCounter, valueClass, value, digits] of [...tokens].sort(
      (a, b) => a[0] - b[0],
    )) {
      const verdict = checkUtrn(crypto, zEsme, parties, digits, used);
      expect(verdict).toMatchObject({
        verdict: 'accepted',
        utrnCounter,
        content: { valueClass, value },
      });
      used = rememberUtrnCounter(used, utrnCounter);
      expect(checkUtrn(crypto, zEsme, parties, digits, used)).toEqual({
        verdict: 'duplicate',
        utrnCounter,
      });
    }
    expect(used).toEqual([0, 1, 3, 4, 5]);
    const other = { supplier, device: gsme };
    expect(checkUtrn(crypto, zEsme, other, tokens[0][3], [0])).toEqual({
      verdict: 'not-authentic',
    });
    expect(checkUtrn(crypto, zEsme, parties, tokens[0][3], [4])).toEqual({
      verdict: 'too-old',
      utrnCounter: 3,
    });
  });

  it('with any one digit mistyped, or two neighbours swapped, is malformed', () => {
    const digits = tokens[0][3];
    const wrong: string[] = [];
    for (let at = 0; at < digits.length; at++) {
      for (const digit of '0123456789') {
        if (digit !== digits[at]) wrong.push(digits.slice(0, at) + digit + digits.slice(at + 1));
      }
      const [a, b] = [digits[at], digits[at + 1]];
      if (b !== undefined && a !== b)
        wrong.push(digits.slice(0, at) + b + a + digits.slice(at + 2));
    }
    expect(wrong.length).toBeGreaterThan(190);
    for (const text of wrong) {
      expect(() => decodeUtrn(text), text).toThrow(CodecError);
      const verdict = checkUtrn(crypto, zEsme, { supplier, device: esme }, text, []);
      expect(verdict.verdict, text).toBe('malformed');
    }
  });

  it('refuses what is no token', () => {
    for (const text of [
      '',
      '7394614433204021731',
      '739461443320402173150',
      '7394614433204021731x',
    ]) {
      expect(() => utrnToken(text), text).toThrow(CodecError);
    }
    for (const nineteen of ['0000000000000000000', '7394156990786306047', '9999999999999999999']) {
      expect(() => utrnToken(nineteen + utrnCheckDigit(nineteen))).toThrow(CodecError);
    }
    expect(() => utrnDigits(1n << 57n)).toThrow(CodecError);
    const topUp = {
      supplier,
      device: esme,
      utrnCounter: 1,
      valueClass: 'pence',
      value: 1,
    } as const;
    const make = (wrong: object) => () =>
      makeUtrn(crypto, zEsme, { ...topUp, ...wrong } as unknown as TopUp);
    expect(make({ value: 8192 })).toThrow(CodecError);
    expect(make({ value: 1.5 })).toThrow(CodecError);
    expect(make({ utrnCounter: 2 ** 32 })).toThrow(CodecError);
    expect(make({ utrnCounter: -1 })).toThrow(CodecError);
    expect(make({ valueClass: 'euro' })).toThrow(CodecError);
  });

  it('round-trips every content', () => {
    const content = fc.record({
      valueClass: fc.constantFrom(...utrnValueClasses),
      value: fc.integer({ min: 0, max: 8191 }),
      truncatedCounter: fc.integer({ min: 0, max: 1023 }),
      mac: fc.integer({ min: 0, max: 0xffff_ffff }),
    });
    fc.assert(
      fc.property(content, (value) => {
        const digits = encodeUtrn(value);
        expect(digits).toMatch(/^\d{20}$/);
        expect(decodeUtrn(digits)).toEqual(value);
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });
});

describe('UTRN counters', () => {
  it('are deduced as in the example of device-behaviour.md 1.14', () => {
    expect(deduceUtrnCounter(812, 2458896167)).toBe(2458896172);
  });

  it('are found again from ten bits whenever they lie within half a window', () => {
    const counter = fc.integer({ min: 0, max: utrnCounterMax });
    const distance = fc.integer({ min: -511, max: 511 });
    fc.assert(
      fc.property(counter, distance, (highest, away) => {
        const next = Math.min(Math.max(highest + away, 0), utrnCounterMax);
        expect(deduceUtrnCounter(next % 1024, highest)).toBe(next);
      }),
      { seed: 20261122, numRuns: 2000 },
    );
  });

  it('stay counters at both ends of their range', () => {
    for (let truncated = 0; truncated < 1024; truncated++) {
      for (const highest of [0, 1, 500, utrnCounterMax - 500, utrnCounterMax]) {
        const counter = deduceUtrnCounter(truncated, highest);
        expect(counter % 1024).toBe(truncated);
        expect(counter).toBeGreaterThanOrEqual(0);
        expect(counter).toBeLessThanOrEqual(utrnCounterMax);
      }
    }
  });

  it('are remembered in order, the lowest hundred and first forgotten', () => {
    let used: readonly number[] = [];
    for (let counter = 101; counter > 0; counter--) used = rememberUtrnCounter(used, counter);
    expect(used).toEqual(Array.from({ length: 100 }, (_, i) => i + 2));
    expect(judgeUtrnCounter(used, 1)).toBe('too-old');
    expect(judgeUtrnCounter(used, 2)).toBe('duplicate');
    expect(judgeUtrnCounter(used, 102)).toBe('fresh');
    expect(rememberUtrnCounter(used, 50)).toBe(used);
    expect(rememberUtrnCounter([5, 9], 7, 2)).toEqual([7, 9]);
    expect(judgeUtrnCounter([], 0)).toBe('fresh');
  });
});
