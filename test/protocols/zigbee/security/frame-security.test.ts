import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../../emulator/adapters/node-crypto.js';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { concatBytes, fromHex, toHex } from '../../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../../protocols/crypto/noble-crypto.js';
import type { ApsHeader } from '../../../../protocols/zigbee/aps.js';
import type { NwkHeader } from '../../../../protocols/zigbee/nwk.js';
import {
  auxiliaryFieldsOf,
  auxiliaryHeaderOf,
} from '../../../../protocols/zigbee/security/auxiliary-fields.js';
import { IncomingFrameCounters } from '../../../../protocols/zigbee/security/frame-counters.js';
import {
  apsSecurityOctets,
  nwkSecurityOctets,
  openAps,
  openNwk,
  readApsFrame,
  readNwkFrame,
  type SecurityVerdict,
  sealAps,
  sealNwk,
} from '../../../../protocols/zigbee/security/frame-security.js';
import { linkKeySet } from '../../../../protocols/zigbee/security/key-derivation.js';
import { bytesOf, endsInCodecError } from '../../../support/codec-table.js';
import { flipBit, utf8 } from '../../crypto/crypto-suite.js';

const source = eui64('00db1234567890a0');
const other = eui64('00db1234567890a1');
const key = fromHex('000102030405060708090a0b0c0d0e0f');
const keys = linkKeySet(nobleCrypto, utf8('ZigBeeAlliance09'));
const payload = bytesOf('00 01 00000000 04');

const nwkHeader: NwkHeader = {
  type: 'data',
  discoverRoute: 0,
  endDeviceInitiator: false,
  destination: 0x0000,
  source: 0x4f21,
  radius: 30,
  sequenceNumber: 7,
  destinationEui: undefined,
  sourceEui: undefined,
  sourceRoute: undefined,
  auxiliaryHeader: undefined,
};
const apsHeader: ApsHeader = {
  type: 'data',
  delivery: 'unicast',
  acknowledgmentRequest: false,
  destinationEndpoint: 1,
  clusterId: 0x0702,
  profileId: 0x0109,
  sourceEndpoint: 2,
  counter: 9,
  fragment: { first: true, blockNumber: 3 },
  auxiliaryHeader: undefined,
};
const nwkSecurity = { key, keySequenceNumber: 0, source, frameCounter: 0x01020304 };
const apsSecurity = { keys, source, frameCounter: 0x01020304, keyIdentifier: 'data' } as const;

/** CCM by OpenSSL, with nonce and authenticated octets written out by hand. */
function sealedByHand(
  k: Uint8Array,
  nonce: string,
  authenticated: string,
  message: Uint8Array,
): string {
  const options = { authTagLength: 4 };
  const sealing = createCipheriv('aes-128-ccm', k, bytesOf(nonce), options);
  sealing.setAAD(bytesOf(authenticated), { plaintextLength: message.length });
  const ciphertext = sealing.update(message);
  sealing.final();
  return toHex(concatBytes(ciphertext, sealing.getAuthTag()));
}

describe.each([nobleCrypto, new NodeCrypto()])('ZigBee frame security by $name', (crypto) => {
  const nwkFrame = () => sealNwk(crypto, nwkHeader, payload, nwkSecurity).slice();
  const apsFrame = (namesSource: boolean) =>
    sealAps(crypto, apsHeader, payload, { ...apsSecurity, namesSource }).slice();
  const nwkVerdict = (octets: Uint8Array, counters = new IncomingFrameCounters()) =>
    openNwk(crypto, readNwkFrame(octets), key, counters);
  const apsVerdict = (octets: Uint8Array, counters = new IncomingFrameCounters()) =>
    openAps(crypto, readApsFrame(octets), keys, source, counters);

  it('lays a NWK frame out as zigbee.md 2 says, level blank on the air and 5 in what is sealed', () => {
    const head = (control: string) =>
      `0802 0000 214f 1e 07 ${control} 04030201 a0907856 3412db00 00`;
    const sealed = sealedByHand(key, 'a0907856 3412db00 04030201 2d', head('2d'), payload);
    expect(toHex(nwkFrame())).toBe(toHex(bytesOf(head('28'))) + sealed);
    expect(nwkFrame().length).toBe(8 + nwkSecurityOctets + payload.length);
  });

  it('lays an APS frame out with and without its source, after the extended header', () => {
    const front = 'a0 01 0207 0901 02 09 01 03';
    const nonce = 'a0907856 3412db00 04030201';
    const plain = sealedByHand(keys.data, `${nonce} 05`, `${front} 05 04030201`, payload);
    expect(toHex(apsFrame(false))).toBe(toHex(bytesOf(`${front} 00 04030201`)) + plain);
    expect(apsFrame(false).length).toBe(10 + apsSecurityOctets + payload.length);
    const named = (control: string) => `${front} ${control} 04030201 a0907856 3412db00`;
    const sealed = sealedByHand(keys.data, `${nonce} 25`, named('25'), payload);
    expect(toHex(apsFrame(true))).toBe(toHex(bytesOf(named('20'))) + sealed);
  });

  it.each([
    ['data', '20', '25', keys.data],
    ['key-transport', '30', '35', keys.keyTransport],
    ['key-load', '38', '3d', keys.keyLoad],
  ] as const)('secures an APS command with the %s key', (keyIdentifier, onAir, inside, by) => {
    const header: ApsHeader = {
      type: 'command',
      delivery: 'unicast',
      acknowledgmentRequest: false,
      counter: 9,
      auxiliaryHeader: undefined,
    };
    const security = { ...apsSecurity, keyIdentifier, namesSource: true };
    const head = (control: string) => `21 09 ${control} 04030201 a0907856 3412db00`;
    const sealed = sealedByHand(by, `a0907856 3412db00 04030201 ${inside}`, head(inside), payload);
    const octets = sealAps(crypto, header, payload, security).slice();
    expect(toHex(octets)).toBe(toHex(bytesOf(head(onAir))) + sealed);
    expect(apsVerdict(octets)).toEqual({ verdict: 'ok', payload });
  });

  it('opens what it sealed once, and calls it a replay the second time', () => {
    const counters = new IncomingFrameCounters();
    for (const verdict of ['ok', 'replayed', 'replayed'] satisfies SecurityVerdict[]) {
      expect(nwkVerdict(nwkFrame(), counters)).toEqual(
        verdict === 'ok' ? { verdict, payload } : { verdict },
      );
    }
    expect(readNwkFrame(nwkFrame()).security).toEqual({
      keyIdentifier: 'network',
      keySequenceNumber: 0,
      source,
      frameCounter: 0x01020304,
    });
  });

  it('moves no counter for a frame that does not open', () => {
    const counters = new IncomingFrameCounters();
    const octets = nwkFrame();
    const last = octets.length * 8 - 1;
    expect(nwkVerdict(flipBit(octets, last), counters)).toEqual({ verdict: 'mic-invalid' });
    expect(counters.size).toBe(0);
    expect(nwkVerdict(octets, counters).verdict).toBe('ok');
  });

  it('says which frames have no key, no known sender, no security, no room', () => {
    const none = new IncomingFrameCounters(0);
    const counters = new IncomingFrameCounters();
    const open = (
      octets: Uint8Array,
      by: typeof keys | undefined,
      from: typeof source | undefined,
    ) => openAps(crypto, readApsFrame(octets), by, from, counters).verdict;
    expect(openNwk(crypto, readNwkFrame(nwkFrame()), undefined, counters).verdict).toBe('no-key');
    expect(open(apsFrame(false), undefined, source)).toBe('no-key');
    expect(open(apsFrame(false), keys, undefined)).toBe('no-key');
    expect(open(apsFrame(false), keys, other)).toBe('mic-invalid');
    expect(open(apsFrame(true), keys, undefined)).toBe('ok');
    expect(nwkVerdict(nwkFrame(), none).verdict).toBe('peer-limit');
    const clear = bytesOf('0800 0000 214f 1e 07 00010000000004');
    expect(nwkVerdict(clear)).toEqual({ verdict: 'unsecured', payload });
    // A network key says nothing about an APS frame.
    const network = concatBytes(bytesOf('21 09 28 00000000 a0907856 3412db00 00'), payload);
    expect(open(network, keys, source)).toBe('no-key');
  });

  it('refuses other keys for NWK frames, and NWK frames that do not say who secured them', () => {
    const head = '0802 0000 214f 1e 07';
    const rest = '04030201 00000000 00000000 00000000';
    expect(() => readNwkFrame(bytesOf(`${head} 20 ${rest}`))).toThrow(/nwk.*data key/);
    expect(() => readNwkFrame(bytesOf(`${head} 08 ${rest}`))).toThrow(/nwk.*names its source/);
    expect(() => readNwkFrame(nwkFrame().subarray(0, 8 + 14 + 3))).toThrow(/need 4 bytes, have 3/);
  });

  it('takes the level bits for 5 whatever they are, as receivers do', () => {
    for (let level = 0; level < 8; level++) {
      const octets = nwkFrame();
      octets[8] = (octets[8] as number) | level;
      expect(nwkVerdict(octets).verdict).toBe('ok');
    }
  });

  it('cut at any length or with any bit flipped it ends in CodecError or a verdict, never ok', () => {
    const controlAt = { nwk: 8, aps: 10 };
    const cases = [
      { octets: nwkFrame(), verdict: nwkVerdict, at: controlAt.nwk },
      { octets: apsFrame(true), verdict: apsVerdict, at: controlAt.aps },
      { octets: apsFrame(false), verdict: apsVerdict, at: controlAt.aps },
    ];
    for (const { octets, verdict, at } of cases) {
      for (let length = 0; length < octets.length; length++) {
        endsInCodecError(() =>
          expect(verdict(octets.slice(0, length)).verdict).toBe('mic-invalid'),
        );
      }
      for (let bit = 0; bit < octets.length * 8; bit++) {
        if (bit >> 3 === at && (bit & 7) < 3) continue;
        endsInCodecError(() => expect(verdict(flipBit(octets, bit)).verdict).not.toBe('ok'));
      }
    }
  });

  it('any payload comes back whole, and any octets end in CodecError or a verdict', () => {
    const counter = fc.integer({ min: 0, max: 0xfffffffe });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), counter, (octets, frameCounter) => {
        const secured = sealNwk(crypto, nwkHeader, octets, { ...nwkSecurity, frameCounter });
        expect(nwkVerdict(secured)).toEqual({ verdict: 'ok', payload: octets });
        for (const front of ['', '0802', '0802000000001e0728', '21', '210038', 'a0']) {
          const wild = concatBytes(fromHex(front), octets);
          endsInCodecError(() => expect(nwkVerdict(wild).verdict).not.toBe('ok'));
          endsInCodecError(() => expect(apsVerdict(wild).verdict).not.toBe('ok'));
        }
      }),
      { seed: 20261122, numRuns: 150 },
    );
  });

  it('refuses to secure with what is not a key, a counter or an address', () => {
    const bad = [
      { ...nwkSecurity, key: key.subarray(1) },
      { ...nwkSecurity, frameCounter: 2 ** 32 },
      { ...nwkSecurity, keySequenceNumber: 256 },
      { ...nwkSecurity, source: 'x' as typeof source },
    ];
    for (const security of bad) {
      expect(() => sealNwk(crypto, nwkHeader, payload, security)).toThrow(CodecError);
    }
    const nobody = { ...apsSecurity, namesSource: false, source: 'x' as typeof source };
    expect(() => sealAps(crypto, apsHeader, payload, nobody)).toThrow(CodecError);
    const network = { ...apsSecurity, namesSource: true, keyIdentifier: 'network' as never };
    expect(() => sealAps(crypto, apsHeader, payload, network)).toThrow(CodecError);
  });
});

it('auxiliary header: octets and fields say the same', () => {
  const rows = [
    ['00 04030201', 'data', undefined, undefined],
    ['20 04030201 a0907856 3412db00', 'data', source, undefined],
    ['28 04030201 a0907856 3412db00 05', 'network', source, 5],
    ['08 04030201 05', 'network', undefined, 5],
    ['30 04030201 a0907856 3412db00', 'key-transport', source, undefined],
    ['38 04030201 a0907856 3412db00', 'key-load', source, undefined],
  ] as const;
  for (const [wire, keyIdentifier, from, keySequenceNumber] of rows) {
    const fields = { keyIdentifier, frameCounter: 0x01020304, source: from, keySequenceNumber };
    expect(auxiliaryFieldsOf(bytesOf(wire))).toEqual(fields);
    expect(toHex(auxiliaryHeaderOf(fields))).toBe(toHex(bytesOf(wire)));
  }
});
