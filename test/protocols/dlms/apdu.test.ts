import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { decodeDlmsApdu, encodeDlmsApdu } from '../../../protocols/dlms/apdu.js';
import { longInvokeIdAndPriority } from '../../../protocols/dlms/apdu-header.js';
import type { DlmsApdu } from '../../../protocols/dlms/apdu-types.js';
import { data } from '../../../protocols/dlms/construct.js';
import { rangeDescriptor } from '../../../protocols/dlms/range-descriptor.js';

/** Payloads of the worked examples of gbcs-message.md 10, and what they say, read by hand. */
const examples: [name: string, hex: string, apdu: DlmsApdu][] = [
  [
    'E1, ECS45 command: get',
    'd9200003e80001010046000060030aff030100',
    {
      kind: 'access-request',
      longInvokeIdAndPriority: 0x200003e8,
      dateTime: '',
      items: [
        {
          request: 'get',
          classId: 70,
          instanceId: '0-0:96.3.10.255',
          memberId: 3,
          name: 'SupplyState: value.output_state',
          data: data.nullData,
        },
      ],
    },
  ],
  [
    'E2, its response',
    'da200003e80000011601010100',
    {
      kind: 'access-response',
      longInvokeIdAndPriority: 0x200003e8,
      dateTime: '',
      items: [{ response: 'get', result: 0, resultName: 'success', data: data.enum(1) }],
    },
  ],
  [
    'E3, ECS42 command: action',
    'd9200003e8000103000900000a006aff0101120033',
    {
      kind: 'access-request',
      longInvokeIdAndPriority: 0x200003e8,
      dateTime: '',
      items: [
        {
          request: 'action',
          classId: 9,
          instanceId: '0-0:10.0.106.255',
          memberId: 1,
          name: 'SupplyState: arm, enable, disable',
          data: data.u16(51),
        },
      ],
    },
  ],
  [
    'E5, its response',
    'da200003e800000100010300',
    {
      kind: 'access-response',
      longInvokeIdAndPriority: 0x200003e8,
      dateTime: '',
      items: [{ response: 'action', result: 0, resultName: 'success', data: data.nullData }],
    },
  ],
  [
    'E6, ECS50 command: set',
    'd92000051400010200010003600d01ff0201090431323334',
    {
      kind: 'access-request',
      longInvokeIdAndPriority: 0x20000514,
      dateTime: '',
      items: [
        {
          request: 'set',
          classId: 1,
          instanceId: '0-3:96.13.1.255',
          memberId: 2,
          name: 'CustomerIdentificationNumber: value',
          data: data.octets('31323334'),
        },
      ],
    },
  ],
  [
    'E8, generic alert 810E',
    '0f200007d000020212810e090c07df0101ff000000008000ff',
    {
      kind: 'data-notification',
      longInvokeIdAndPriority: 0x200007d0,
      dateTime: '',
      body: data.structure(data.u16(0x810e), data.octets('07df0101ff000000008000ff')),
    },
  ],
  [
    'a log read with its range (dlms.md 4), and a get of an object that no table names',
    'd9200000000002' +
      '0400070000636204ff0201' +
      '02040204120001090600005e2c64ff0f02120000061c374a80061c374aff0100' +
      '01123401020304050602' +
      '020000',
    {
      kind: 'access-request',
      longInvokeIdAndPriority: 0x20000000,
      dateTime: '',
      items: [
        {
          request: 'get-with-selection',
          classId: 7,
          instanceId: '0-0:99.98.4.255',
          memberId: 2,
          name: 'PowerEventLog: logEntries.logEntry',
          selector: 1,
          selection: rangeDescriptor(0x1c374a80, 0x1c374aff),
          data: data.nullData,
        },
        {
          request: 'get',
          classId: 0x1234,
          instanceId: '1-2:3.4.5.6',
          memberId: 2,
          data: data.nullData,
        },
      ],
    },
  ],
  [
    'break on error: 0, 1, 250 (dlms.md 1)',
    'da20000001000003000000030200020102fa',
    {
      kind: 'access-response',
      longInvokeIdAndPriority: 0x20000001,
      dateTime: '',
      items: [
        { response: 'set', result: 0, resultName: 'success', data: data.nullData },
        { response: 'set', result: 1, resultName: 'hardware-fault', data: data.nullData },
        { response: 'set', result: 250, resultName: 'other-reason', data: data.nullData },
      ],
    },
  ],
];

describe('APDUs by hand (dlms.md 1, gbcs-message.md 10)', () => {
  it.each(examples)('%s', (_, hex, apdu) => {
    expect(decodeDlmsApdu(fromHex(hex))).toEqual(apdu);
    expect(toHex(encodeDlmsApdu(apdu))).toBe(hex);
  });

  it('derives the long-invoke-id from the low 24 bits of the counter', () => {
    expect(longInvokeIdAndPriority(1000n)).toBe(0x200003e8);
    expect(longInvokeIdAndPriority(0x3_0000_0000n)).toBe(0x20000000);
    expect(longInvokeIdAndPriority(0xff_1234_5678n)).toBe(0x20345678);
  });
});

function refusal(action: () => unknown): { path: string; offset: number; reason: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof CodecError) return error.toJSON();
    throw error;
  }
  throw new Error('accepted');
}

describe('strictness of APDUs', () => {
  it.each([
    ['nothing', '', '', 0],
    ['unknown tag', 'c001', '', 0],
    ['date-time of 3 octets', 'd9200003e803000000', 'dateTime', 5],
    ['more specifications than bytes', 'd9200003e8007f01', '', 6],
    [
      'set-with-selection has tag 5, tag 6 is none',
      'd9200003e800010600460000600a0aff030100',
      'items[0]',
      7,
    ],
    ['fewer values', 'd9200003e80001010046000060030aff030000', '', 17],
    ['value of an unknown type', 'd9200003e80001010046000060030aff030107', 'items[0].data', 18],
    ['trailing byte', 'd9200003e80001010046000060030aff03010000', '', 19],
    ['specifications echoed', 'da200003e8000101010046000060030aff03011601010100', '', 6],
    ['unknown choice of result', 'da200003e80000011601010400', 'items[0].result', 11],
    ['unknown result', 'da200003e800000100010105', 'items[0].result', 11],
    ['more results', 'da200003e8000001160102010001', '', 10],
    ['notification without body', '0f200007d000', 'body', 6],
    ['notification, inner', '0f200007d000020212810e07', 'body[1]', 11],
  ])('%s', (_, hex, path, offset) => {
    expect(refusal(() => decodeDlmsApdu(fromHex(hex)))).toMatchObject({ path, offset });
  });

  const item = {
    request: 'get',
    classId: 70,
    instanceId: '0-0:96.3.10.255',
    memberId: 3,
    data: { type: 'null-data' },
  };
  const request = (change: object) => ({
    kind: 'access-request',
    longInvokeIdAndPriority: 1,
    dateTime: '',
    items: [{ ...item, ...change }],
  });
  const response = (change: object) => ({
    kind: 'access-response',
    longInvokeIdAndPriority: 1,
    dateTime: '',
    items: [{ response: 'get', result: 0, data: { type: 'null-data' }, ...change }],
  });
  it.each([
    ['null', null, ''],
    ['unknown kind', { kind: 'get-request' }, 'kind'],
    ['no id', { kind: 'data-notification' }, 'longInvokeIdAndPriority'],
    [
      'id too large',
      { ...request({}), longInvokeIdAndPriority: 2 ** 32 },
      'longInvokeIdAndPriority',
    ],
    ['no date-time', { kind: 'data-notification', longInvokeIdAndPriority: 1 }, 'dateTime'],
    ['date-time of 1 octet', { ...request({}), dateTime: '00' }, 'dateTime'],
    ['no body', { kind: 'data-notification', longInvokeIdAndPriority: 1, dateTime: '' }, 'body'],
    ['items no list', { ...request({}), items: 7 }, 'items'],
    ['item null', { ...request({}), items: [null] }, 'items[0]'],
    ['request', request({ request: 'put' }), 'items[0].request'],
    ['class', request({ classId: 65536 }), 'items[0].classId'],
    ['OBIS', request({ instanceId: '0-0:96.3.10.256' }), 'items[0].instanceId'],
    ['OBIS of another form', request({ instanceId: { toString: 1 } }), 'items[0].instanceId'],
    [
      'OBIS with a leading zero',
      request({ instanceId: '0-0:96.03.10.255' }),
      'items[0].instanceId',
    ],
    ['member', request({ memberId: -1 }), 'items[0].memberId'],
    [
      'selection of a plain get',
      request({ selection: { type: 'null-data' } }),
      'items[0].selection',
    ],
    ['no selector', request({ request: 'get-with-selection' }), 'items[0].selector'],
    ['no selection', request({ request: 'get-with-selection', selector: 1 }), 'items[0].selection'],
    ['data', request({ data: { type: 'structure', value: [0] } }), 'items[0].data[0]'],
    ['response', response({ response: 'put' }), 'items[0].response'],
    ['result', response({ result: 5 }), 'items[0].result'],
    ['result as text', response({ result: '0' }), 'items[0].result'],
    ['result that only a get has', response({ response: 'action', result: 19 }), 'items[0].result'],
    ['response data', response({ data: undefined }), 'items[0].data'],
  ])('refuses to encode: %s', (_, apdu, path) => {
    expect(refusal(() => encodeDlmsApdu(apdu as unknown as DlmsApdu)).path).toBe(path);
  });
});
