import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { clusters } from '../../../../protocols/zigbee/clusters/clusters.js';
import { generalCommands } from '../../../../protocols/zigbee/zcl/foundation.js';
import type { CommandDefinition } from '../../../../protocols/zigbee/zcl/layout.js';
import {
  decodeZclPayload,
  encodeZclPayload,
  zclCommand,
} from '../../../../protocols/zigbee/zcl/payload.js';
import { bytesOf, endsInCodecError } from '../../../support/codec-table.js';
import { drawFields, withoutNames } from '../../../support/zcl-values.js';

type Row = readonly [name: string, cluster: number, control: number, id: number, CommandDefinition];

const rows: Row[] = [...clusters.values()].flatMap((cluster) => {
  const of = (table: typeof cluster.toServer, control: number) =>
    Object.entries(table).map(
      ([id, command]): Row => [
        `${cluster.name} ${command.name}`,
        cluster.id,
        control,
        Number(id),
        command,
      ],
    );
  return [...of(cluster.toServer, 0x01), ...of(cluster.toClient, 0x19)];
});
for (const [id, command] of Object.entries(generalCommands)) {
  rows.push([command.name, 0x0702, 0x00, Number(id), command]);
  rows.push([`${command.name} to client`, 0x0702, 0x08, Number(id), command]);
}

describe.each(rows)('%s', (_name, cluster, control, id, command) => {
  const fields = fc.gen().map((draw) => drawFields(draw, command.fields));

  it('round trips through JSON, and what decodes is what was written', () => {
    fc.assert(
      fc.property(fields, (value) => {
        const bytes = encodeZclPayload(cluster, control, id, JSON.parse(JSON.stringify(value)));
        const decoded = decodeZclPayload(cluster, control, id, bytes);
        expect(withoutNames(decoded)).toEqual(value);
        expect(toHex(encodeZclPayload(cluster, control, id, decoded))).toBe(toHex(bytes));
      }),
      { seed: 20261122, numRuns: 15, endOnFailure: true },
    );
  });

  it('ends in a value or CodecError whatever is cut off or flipped', () => {
    fc.assert(
      fc.property(fields, (value) => {
        const bytes = encodeZclPayload(cluster, control, id, value);
        for (let length = 0; length < bytes.length; length++) {
          endsInCodecError(() => decodeZclPayload(cluster, control, id, bytes.slice(0, length)));
        }
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          const flipped = bytes.slice();
          flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
          endsInCodecError(() => {
            const decoded = decodeZclPayload(cluster, control, id, flipped);
            const again = encodeZclPayload(cluster, control, id, decoded);
            if (toHex(again) !== toHex(flipped)) expect(toHex(again)).toBe(toHex(flipped));
          });
        }
      }),
      { seed: 20261122, numRuns: 3, endOnFailure: true },
    );
  });

  it('refuses a field that is missing and takes no others for it', () => {
    fc.assert(
      fc.property(fields, fc.jsonValue({ maxDepth: 2 }), (value, junk) => {
        for (const name of Object.keys(value)) {
          endsInCodecError(() =>
            encodeZclPayload(cluster, control, id, { ...value, [name]: junk }),
          );
        }
      }),
      { seed: 20261122, numRuns: 6, endOnFailure: true },
    );
    for (const [name, field] of Object.entries(command.fields)) {
      if (typeof field !== 'string') continue;
      const value = fc.sample(fields, { seed: 20261122, numRuns: 1 })[0];
      const without = { ...value };
      delete without[name];
      expect(() => encodeZclPayload(cluster, control, id, without)).toThrow(CodecError);
    }
  });
});

describe('ZCL payloads by hand', () => {
  it.each([
    [
      'reads attributes',
      0x0702,
      0x00,
      0x00,
      '0203 0103 0003 0000',
      {
        attributes: [
          { attributeId: 0x0302, attribute: 'Divisor' },
          { attributeId: 0x0301, attribute: 'Multiplier' },
          { attributeId: 0x0300, attribute: 'UnitOfMeasure' },
          { attributeId: 0x0000, attribute: 'CurrentSummationDelivered' },
        ],
      },
    ],
    [
      'answers, one attribute failing',
      0x0702,
      0x08,
      0x01,
      '0004 00 2a 0cfeff 0003 86',
      {
        attributes: [
          {
            attributeId: 0x0400,
            attribute: 'InstantaneousDemand',
            status: 0,
            dataType: 0x2a,
            value: -500,
          },
          { attributeId: 0x0300, attribute: 'UnitOfMeasure', status: 0x86 },
        ],
      },
    ],
    [
      'configures reporting, analogue',
      0x0702,
      0x00,
      0x06,
      '00 0004 2a 0a00 2c01 050000',
      {
        attributes: [
          {
            direction: 0,
            attributeId: 0x0400,
            attribute: 'InstantaneousDemand',
            dataType: 0x2a,
            minimumReportingInterval: 10,
            maximumReportingInterval: 300,
            reportableChange: 5,
          },
        ],
      },
    ],
    [
      'configures reporting, discrete',
      0x0702,
      0x00,
      0x06,
      '00 1400 30 0000 2c01',
      {
        attributes: [
          {
            direction: 0,
            attributeId: 0x0014,
            attribute: 'SupplyStatus',
            dataType: 0x30,
            minimumReportingInterval: 0,
            maximumReportingInterval: 300,
          },
        ],
      },
    ],
    [
      'reports a client attribute',
      0x0702,
      0x00,
      0x0a,
      '0000 1b 00002000',
      {
        attributes: [
          {
            attributeId: 0x0000,
            attribute: 'FunctionalNotificationFlags',
            dataType: 0x1b,
            value: 0x200000,
          },
        ],
      },
    ],
    [
      'writes an attribute',
      0x0000,
      0x00,
      0x02,
      '1000 42 0248 69',
      {
        attributes: [
          {
            attributeId: 0x0010,
            attribute: 'LocationDescription',
            dataType: 0x42,
            value: 'Hi',
          },
        ],
      },
    ],
    ['has written all', 0x0000, 0x18, 0x04, '00', { attributes: [{ status: 0 }] }],
    ['answers by default', 0x0705, 0x08, 0x0b, '04 c0', { commandId: 4, status: 0xc0 }],
    [
      'requests a tunnel',
      0x0704,
      0x01,
      0x00,
      '06 ffff 00 dc05',
      {
        protocolId: 6,
        manufacturerCode: 0xffff,
        flowControlSupport: false,
        maximumIncomingTransferSize: 1500,
      },
    ],
    ['transfers data', 0x0704, 0x09, 0x01, '0100 df09', { tunnelId: 1, data: 'df09' }],
    [
      'shows a message',
      0x0703,
      0x09,
      0x00,
      '01000000 00 00000000 ffff 05 5265736574',
      {
        messageId: 1,
        messageControl: 0,
        startTime: 0,
        durationMinutes: 65535,
        message: 'Reset',
      },
    ],
    [
      'asks for a block as itself, at most every 250 ms',
      0x0019,
      0x01,
      0x03,
      '03 4910 8400 01000000 00020000 32 0807060504030201 fa00',
      {
        fieldControl: 3,
        manufacturerCode: 0x1049,
        imageType: 0x0084,
        fileVersion: 1,
        fileOffset: 512,
        maximumDataSize: 50,
        requestNodeAddress: '0102030405060708',
        minimumBlockPeriod: 250,
      },
    ],
    [
      'gives a block',
      0x0019,
      0x19,
      0x05,
      '00 4910 8400 01000000 00020000 03 aabbcc',
      {
        status: 0,
        manufacturerCode: 0x1049,
        imageType: 0x0084,
        fileVersion: 1,
        fileOffset: 512,
        dataSize: 3,
        imageData: 'aabbcc',
      },
    ],
    [
      'has a client wait, as older servers do',
      0x0019,
      0x19,
      0x05,
      '97 00000000 3c000000',
      { status: 0x97, currentTime: 0, requestTime: 60 },
    ],
    ['ends an upgrade for want of a block', 0x0019, 0x19, 0x05, '95', { status: 0x95 }],
    [
      'tells of an image of any version',
      0x0019,
      0x19,
      0x00,
      '02 64 4910 8400',
      { payloadType: 2, queryJitter: 100, manufacturerCode: 0x1049, imageType: 0x0084 },
    ],
    [
      'switches simple loads on for an hour',
      0x0701,
      0x19,
      0x00,
      '07000000 8000 01 00000000 3c00 01 ff ff 0080 0080 80 64 00',
      {
        issuerEventId: 7,
        deviceClass: 0x0080,
        utilityEnrollmentGroup: 1,
        startTime: 0,
        durationMinutes: 60,
        criticalityLevel: 1,
        coolingTemperatureOffset: 0xff,
        heatingTemperatureOffset: 0xff,
        coolingTemperatureSetPoint: -0x8000,
        heatingTemperatureSetPoint: -0x8000,
        averageLoadAdjustmentPercentage: -0x80,
        dutyCycle: 100,
        eventControl: 0,
      },
    ],
    [
      'reports an event without signature',
      0x0701,
      0x01,
      0x00,
      '07000000 03 10000000 01 0080 0080 80 64 00 00',
      {
        issuerEventId: 7,
        eventStatus: 3,
        eventStatusTime: 16,
        criticalityLevelApplied: 1,
        coolingTemperatureSetPointApplied: -0x8000,
        heatingTemperatureSetPointApplied: -0x8000,
        averageLoadAdjustmentPercentageApplied: -0x80,
        dutyCycleApplied: 100,
        eventControl: 0,
        signatureType: 0,
        signature: '',
      },
    ],
    ['suspends for five minutes', 0x070b, 0x19, 0x00, '05', { suspensionPeriodMinutes: 5 }],
    [
      'tells the commands it takes',
      0x0704,
      0x18,
      0x12,
      '01 00 01 02',
      { discoveryComplete: true, commandIds: [0, 1, 2] },
    ],
    ['has no words for a foreign command', 0x0b04, 0x01, 0x07, '0102', { unparsed: '0102' }],
    ['has no words for a manufacturer', 0x0702, 0x05, 0x06, '01', { unparsed: '01' }],
    ['says nothing', 0x0702, 0x09, 0x01, '', {}],
  ] as const)('%s', (_what, cluster, control, id, wire, fields) => {
    expect(decodeZclPayload(cluster, control, id, bytesOf(wire))).toEqual(fields);
    expect(toHex(encodeZclPayload(cluster, control, id, fields))).toBe(wire.replace(/ /g, ''));
  });

  it('keeps a snapshot of an unknown kind', () => {
    const wire = bytesOf('00000000 00000000 01 00 01 01000000 42 aabbcc');
    const fields = decodeZclPayload(0x0702, 0x09, 0x06, wire);
    expect(fields.snapshot).toEqual({ unparsed: 'aabbcc' });
    expect(encodeZclPayload(0x0702, 0x09, 0x06, fields)).toEqual(wire);
  });

  it('refuses a block of another size than it says', () => {
    const fields = decodeZclPayload(
      0x0019,
      0x19,
      0x05,
      bytesOf('00 4910 8400 01000000 00020000 03 aabbcc'),
    );
    expect(() => encodeZclPayload(0x0019, 0x19, 0x05, { ...fields, dataSize: 4 })).toThrow(
      'ImageBlockResponse.imageData @14: not 4 bytes in hex',
    );
  });

  it('refuses trailing octets, with path and offset', () => {
    expect(() => decodeZclPayload(0x0708, 0x09, 0x05, bytesOf('ff81 00'))).toThrow(
      'GetEventConfiguration @2: 1 trailing byte',
    );
  });

  it('names the path of what is wrong', () => {
    expect(() => decodeZclPayload(0x0702, 0x08, 0x01, bytesOf('0003 00 30'))).toThrow(
      'ReadAttributesResponse.attributes[0].value @4: need 1 byte, have 0',
    );
    expect(() =>
      encodeZclPayload(0x0702, 0x19, 0x07, {
        sampleId: 0,
        sampleStartTime: 0,
        sampleType: 0,
        sampleRequestInterval: 0,
        numberOfSamples: 2,
        samples: [1],
      }),
    ).toThrow('GetSampledDataResponse.samples @11: 1 items, but numberOfSamples is 2');
    expect(() =>
      encodeZclPayload(0x0703, 0x01, 0x01, {
        messageId: 0,
        confirmationTime: 0,
        messageConfirmationResponse: '',
      }),
    ).toThrow(/optional field before/);
  });

  it('knows a command by cluster, direction and number', () => {
    expect(zclCommand(0x0702, 0x01, 0x06).name).toBe('GetSnapshot');
    expect(zclCommand(0x0702, 0x19, 0x06).name).toBe('PublishSnapshot');
    expect(zclCommand(0x0702, 0x19, 0x55).name).toBe('unknown');
    expect(zclCommand(0x1234, 0x08, 0x0b)).toMatchObject({
      cluster: 'unknown',
      name: 'DefaultResponse',
    });
  });
});
