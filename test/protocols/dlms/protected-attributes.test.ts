import { describe, expect, it } from 'vitest';
import { decodeWith, encodeWith } from '../../../protocols/codec/codec.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { decodeDlmsApdu } from '../../../protocols/dlms/apdu.js';
import { dlmsData } from '../../../protocols/dlms/axdr.js';
import { data } from '../../../protocols/dlms/construct.js';
import {
  parseProtectedRequest,
  parseProtectedResponse,
  protectedRequest,
  protectedResponse,
} from '../../../protocols/dlms/protected-attributes.js';
import { parseRangeDescriptor, rangeDescriptor } from '../../../protocols/dlms/range-descriptor.js';
import { rtdsAvailable } from '../../support/rtds.js';
import { loadDlmsPayloads, pairsOf } from './rtds-payloads.js';

const supplier = eui64('90b3d51f30010000');
const meter = eui64('00db1234567890a0');

describe('get_protected_attributes (gbcs-message.md 5.1)', () => {
  /** Return value of the action in worked example E10. */
  const e10 =
    '02020101020216020205090904' +
    '00000000000003e8090800db1234567890a0090890b3d51f30010000090002021602020209010209' +
    '00092b3100000000e3035372ddd0648adedb866dff001f09450debd034c36c6101dc1d3cb50d35311b344436f883';
  const blob = fromHex(
    '3100000000e3035372ddd0648adedb866dff001f09450debd034c36c6101dc1d3cb50d35311b344436f883',
  );

  it('reads and writes the response of worked example E10', () => {
    const response = { counter: 1000n, originator: meter, recipient: supplier, blob };
    expect(parseProtectedResponse(decodeWith(dlmsData, fromHex(e10)))).toEqual(response);
    expect(toHex(encodeWith(dlmsData, protectedResponse(response)))).toBe(e10);
  });

  it('writes the request for import registers as the layout says', () => {
    const request = {
      objects: [{ classId: 1, instanceId: '0-0:94.44.34.10', attribute: 2 }],
      counter: 1001n,
      originator: supplier,
      recipient: meter,
    };
    const value = protectedRequest(request);
    expect(toHex(encodeWith(dlmsData, value))).toBe(
      '0202' +
        '01010205120001090600005e2c220a0f02120000020216' +
        '0000' +
        '01010202160202050909040000' +
        '0000000003e9090890b3d51f30010000090800db1234567890a00900020216020202090102' +
        '0900',
    );
    expect(parseProtectedRequest(value)).toEqual(request);
  });

  it('restricts by date', () => {
    const request = {
      objects: [
        {
          classId: 7,
          instanceId: '0-0:98.1.0.255',
          attribute: 2,
          range: { from: '07de0b02ff090000008000ff', to: '07df0301ff090000008000ff' },
        },
      ],
      counter: 2n ** 64n - 1n,
      originator: supplier,
      recipient: meter,
    };
    expect(parseProtectedRequest(protectedRequest(request))).toEqual(request);
  });

  it.each([
    ['null', data.nullData, ''],
    ['no protection', data.structure(data.array(), data.array()), '[1]'],
    ['an object that is none', data.structure(data.array(data.u8(1)), data.array()), '[0][0]'],
    [
      'an unknown restriction',
      data.structure(
        data.array(
          data.structure(
            data.u16(1),
            data.obis('0-0:94.44.34.10'),
            data.i8(2),
            data.u16(0),
            data.structure(data.enum(2), data.nullData),
          ),
        ),
        data.array(),
      ),
      '[0][0][4][0]',
    ],
  ])('refuses %s', (_, value, path) => {
    try {
      parseProtectedRequest(value);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CodecError);
      expect((error as CodecError).path).toBe(path);
    }
  });

  it('range descriptors by hand (dlms.md 4)', () => {
    const hex = '02040204120001090600005e2c64ff0f02120000061c374a80061c4a0000' + '0100';
    expect(toHex(encodeWith(dlmsData, rangeDescriptor(0x1c374a80, 0x1c4a0000)))).toBe(hex);
    expect(parseRangeDescriptor(decodeWith(dlmsData, fromHex(hex)))).toEqual({
      fromSeconds: 0x1c374a80,
      toSeconds: 0x1c4a0000,
    });
    expect(() => parseRangeDescriptor(data.structure())).toThrow(CodecError);
    const columns = decodeWith(dlmsData, fromHex(`${hex.slice(0, -4)}01011101`));
    expect(() => parseRangeDescriptor(columns)).toThrow(CodecError);
  });
});

describe.skipIf(!rtdsAvailable)('protected attributes of the official data', () => {
  const payloads = rtdsAvailable ? loadDlmsPayloads() : [];

  it('parse and rebuild every request and response of class 30, and every range', () => {
    const found = { requests: 0, responses: 0, refused: 0, ranges: 0 };
    const isProtected = (item: { classId: number; request: string }) =>
      item.classId === 30 && item.request === 'action';
    for (const { content } of payloads) {
      const apdu = decodeDlmsApdu(content);
      if (apdu.kind !== 'access-request') continue;
      for (const item of apdu.items) {
        if (isProtected(item)) {
          expect(protectedRequest(parseProtectedRequest(item.data))).toEqual(item.data);
          found.requests++;
        }
        if (item.selection !== undefined) {
          const { fromSeconds, toSeconds } = parseRangeDescriptor(item.selection);
          expect(rangeDescriptor(fromSeconds, toSeconds)).toEqual(item.selection);
          found.ranges++;
        }
      }
    }
    for (const [command, response] of pairsOf(payloads)) {
      const request = decodeDlmsApdu(command.content);
      const answer = decodeDlmsApdu(response.content);
      if (request.kind !== 'access-request' || answer.kind !== 'access-response') continue;
      for (const [i, item] of request.items.entries()) {
        const result = answer.items[i];
        if (!isProtected(item) || result === undefined) continue;
        if (result.result !== 0) {
          expect(result.data.type).toBe('null-data');
          found.refused++;
          continue;
        }
        const parsed = parseProtectedResponse(result.data);
        expect(protectedResponse(parsed)).toEqual(result.data);
        expect(parsed.originator).toBe(command.entry.recipient);
        found.responses++;
      }
    }
    expect(found.requests).toBeGreaterThan(10);
    expect(found.responses).toBeGreaterThan(5);
    expect(found.ranges).toBeGreaterThan(10);
    expect(found.requests).toBe(found.responses + found.refused);
  });
});
