import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZCL_TYPE_INVALID_BY_TYPE } from 'zigbee-herdsman/dist/zspec/zcl/definition/datatypes.js';
import type { Command, Parameter } from 'zigbee-herdsman/dist/zspec/zcl/definition/tstype.js';
import { Clusters, DataType, Foundation } from 'zigbee-herdsman/dist/zspec/zcl/index.js';
import { concatBytes, toHex } from '../../protocols/codec/hex.js';
import { clusters } from '../../protocols/zigbee/clusters/clusters.js';
import { generalCommands } from '../../protocols/zigbee/zcl/foundation.js';
import { encodeZclFrame } from '../../protocols/zigbee/zcl/frame.js';
import type { ClusterDefinition, CommandDefinition } from '../../protocols/zigbee/zcl/layout.js';
import { decodeZclPayload, encodeZclPayload } from '../../protocols/zigbee/zcl/payload.js';
import {
  type ZclDataTypeName,
  zclDataType,
  zclDataTypeId,
} from '../../protocols/zigbee/zcl/types.js';
import type { ZclFields, ZclValue } from '../../protocols/zigbee/zcl/value.js';
import { bytesOf } from '../support/codec-table.js';
import {
  type HerdsmanPayload,
  herdsmanReads,
  herdsmanWrites,
  toHerdsman,
} from '../support/herdsman.js';
import { sampleFields, sampleValue } from '../support/zcl-samples.js';
import { drawFields, withoutNames } from '../support/zcl-values.js';
import {
  changeLeftOut,
  commandsLeftOut,
  cutShort,
  dataTypesLeftOut,
  nonValues,
  oneItemOnly,
  wrongAttributes,
} from './zcl-herdsman-facts.js';

/** The clusters that both sides have, by the library's names. */
const shared = [
  'genBasic',
  'genIdentify',
  'genTime',
  'genOta',
  'keepAlive',
  'seMetering',
  'seTunneling',
] as const;

interface Row {
  readonly title: string;
  readonly clusterId: number;
  readonly control: number;
  readonly commandId: number;
  readonly ours: CommandDefinition;
  readonly theirs: Command;
}

const leftOut: string[] = [];

function rowsOf(name: (typeof shared)[number]): Row[] {
  const theirs = Clusters[name];
  const ours = clusters.get(theirs.ID) as ClusterDefinition;
  return (
    [
      [0x01, ours.toServer, theirs.commands],
      [0x19, ours.toClient, theirs.commandsResponse],
    ] as const
  ).flatMap(([control, table, commands]) => {
    const known = new Map(Object.values<Command>(commands).map((command) => [command.ID, command]));
    return Object.entries(table).flatMap(([id, definition]) => {
      const title = `${ours.name} ${definition.name}`;
      const found = known.get(Number(id));
      if (found !== undefined) {
        const commandId = Number(id);
        return { title, clusterId: ours.id, control, commandId, ours: definition, theirs: found };
      }
      leftOut.push(title);
      return [];
    });
  });
}

const rows = shared.flatMap(rowsOf);

function frameOf({ clusterId, control, commandId }: Row, fields: unknown): Uint8Array {
  const payload = encodeZclPayload(clusterId, control, commandId, fields);
  return encodeZclFrame({ frameControl: control, sequenceNumber: 0x2a, commandId, payload });
}

const nonValueOf = (type: number): unknown =>
  (ZCL_TYPE_INVALID_BY_TYPE as Readonly<Record<number, unknown>>)[type];

/** Within the limits that the library has for a parameter, and not what it takes for no value. */
function tame({ type, min = 0, max = Number.MAX_SAFE_INTEGER }: Parameter, value: ZclValue) {
  if (type === DataType.BOOLEAN) return value !== false;
  if (typeof value !== 'number') return value;
  const inside = value > max ? value % (max + 1) : Math.max(value, min);
  return inside === nonValueOf(type) ? inside - 1 : inside;
}

/** Drawn fields of ours that the library can carry, in wire order as the parameters are. */
function drawn({ title, ours, theirs }: Row): fc.Arbitrary<ZclFields> {
  return fc.gen().map((draw) => {
    const record: Record<string, ZclValue> = {};
    const fields = drawFields(draw, ours.fields);
    const names = Object.keys(ours.fields);
    for (const [name, value] of Object.entries(fields)) {
      const parameter = theirs.parameters[names.indexOf(name)];
      record[name] = parameter === undefined ? value : tame(parameter, value);
      if (title in oneItemOnly && Array.isArray(value)) record[name] = [value[0] ?? 7];
    }
    return record;
  });
}

function theirFields({ title, ours, theirs }: Row, fields: ZclFields): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  for (const [index, name] of Object.keys(ours.fields).entries()) {
    const parameter = theirs.parameters[index];
    const value = fields[name];
    if (parameter === undefined || value === undefined) continue;
    payload[parameter.name] =
      title in oneItemOnly && Array.isArray(value) ? value[0] : toHerdsman(parameter.type, value);
  }
  return payload;
}

describe('zigbee-herdsman on the commands of shared clusters', () => {
  it('has all our commands but those listed', () => {
    expect(leftOut).toEqual(commandsLeftOut);
    expect(rows.length).toBeGreaterThan(50);
  });

  it('has the parameters that we have fields, but in the commands listed', () => {
    const short = rows.filter(
      ({ ours, theirs }) => theirs.parameters.length !== Object.keys(ours.fields).length,
    );
    expect(short.map(({ title }) => title).sort()).toEqual(Object.keys(cutShort).sort());
  });

  it.each(rows)(
    '$title: same octets for the same values, same values for the same octets',
    (row) => {
      const { title, clusterId, control, commandId, ours } = row;
      const lastOptional = Object.entries(ours.fields).some(
        ([, field]) => typeof field !== 'string' && field.optional === true,
      );
      fc.assert(
        fc.property(drawn(row), (fields) => {
          // The library has no optional tail: it wants the last field of a "wait for data".
          fc.pre(!lastOptional || fields.status !== 0x97 || 'minimumBlockPeriod' in fields);
          const frame = frameOf(row, fields);
          const payload = theirFields(row, fields);
          const written = toHex(herdsmanWrites(clusterId, control, commandId, payload));
          if (title in cutShort) expect(toHex(frame).startsWith(written)).toBe(true);
          else expect(written).toBe(toHex(frame));
          expect(herdsmanReads(clusterId, frame)).toEqual(payload);
          expect(decodeZclPayload(clusterId, control, commandId, frame.subarray(3))).toEqual(
            fields,
          );
        }),
        { seed: 20261122, numRuns: 40, endOnFailure: true },
      );
    },
  );

  it('loses what it takes for no value as often as listed', () => {
    const seen = { lost: 0, kept: 0, refused: 0 };
    for (const row of rows) {
      for (const [index, name] of Object.keys(row.ours.fields).entries()) {
        const parameter = row.theirs.parameters[index];
        const nonValue = parameter === undefined ? undefined : nonValueOf(parameter.type);
        if (parameter === undefined || typeof nonValue !== 'number') continue;
        const fields = sampleFields(row.ours.fields, { [name]: nonValue });
        if (!(name in fields)) continue;
        seen[fateOf(row, parameter, fields, nonValue)] += 1;
      }
    }
    expect(seen).toEqual(nonValues);
  });
});

function fateOf(row: Row, { name }: Parameter, fields: ZclFields, nonValue: number) {
  const { clusterId, control, commandId } = row;
  const frame = frameOf(row, fields);
  expect(decodeZclPayload(clusterId, control, commandId, frame.subarray(3))).toEqual(fields);
  try {
    const read = herdsmanReads(clusterId, frame) as Record<string, unknown>;
    if (Number.isNaN(read[name])) return 'lost';
    expect(read[name]).toBe(nonValue);
    return 'kept';
  } catch (error) {
    expect(String(error)).toMatch(/requires|parameter|outside|of max|of min/);
    return 'refused';
  }
}

interface TheirAttribute {
  readonly ID: number;
  readonly type: number;
  readonly client?: true;
  readonly manufacturerCode?: number;
}

describe('zigbee-herdsman on the attributes of shared clusters', () => {
  it('has our types for the numbers that it knows, but those listed', () => {
    const wrong: Record<string, string> = {};
    let same = 0;
    for (const name of shared) {
      const { ID, attributes } = Clusters[name];
      const ours = clusters.get(ID) as ClusterDefinition;
      for (const [key, theirs] of Object.entries<TheirAttribute>(attributes)) {
        if (theirs.manufacturerCode !== undefined) continue;
        const table = theirs.client === true ? ours.clientAttributes : ours.attributes;
        const [found, type] = table?.[theirs.ID] ?? ['nothing', 'nodata'];
        if (zclDataTypeId(type as ZclDataTypeName) === theirs.type) same += 1;
        else wrong[`${name} ${key}`] = found;
      }
    }
    expect(wrong).toEqual(wrongAttributes);
    expect(same).toBeGreaterThan(200);
  });
});

/** Names of our fields of general commands in the library; it has a list bare. */
const generalNames: Readonly<Record<string, string>> = {
  attributeId: 'attrId',
  value: 'attrData',
  minimumReportingInterval: 'minRepIntval',
  maximumReportingInterval: 'maxRepIntval',
  reportableChange: 'repChange',
  timeoutPeriod: 'timeout',
  startAttributeId: 'startAttrId',
  maximumAttributeIds: 'maxAttrIds',
  startCommandId: 'startCmdId',
  maximumCommandIds: 'maxCmdIds',
  discoveryComplete: 'discComplete',
  attributes: 'attrInfos',
  accessControl: 'access',
  commandId: 'cmdId',
};

function theirGeneral(fields: ZclFields): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const typed = name === 'value' || name === 'reportableChange';
    payload[generalNames[name] ?? name] = Array.isArray(value)
      ? value.map((item) => (typeof item === 'object' ? theirGeneral(item as ZclFields) : item))
      : toHerdsman(typed ? (fields.dataType as number) : 0, value);
  }
  return payload;
}

function theirGeneralPayload(commandId: number, fields: ZclFields): HerdsmanPayload {
  const payload = theirGeneral(fields);
  if ('commandId' in fields) return { cmdId: payload.cmdId, statusCode: payload.status };
  const bare = Object.keys(generalCommands[commandId]?.fields ?? {}).join() === 'attributes';
  return bare ? (payload.attrInfos as Record<string, unknown>[]) : payload;
}

/** Whether the library can carry all of it: see the facts, and no value that stands for none. */
function carries(record: ZclFields): boolean {
  const { dataType, value, reportableChange } = record;
  const type = typeof dataType === 'number' ? (zclDataType(dataType)?.name ?? '') : '';
  if (record.discoveryComplete === 255 || value === 255 || type in dataTypesLeftOut) return false;
  if (reportableChange !== undefined && changeLeftOut.some((one) => one === type)) return false;
  return [value, reportableChange].every((one) => {
    if (typeof one === 'string') return !(type === 'single' || type === 'double');
    if (typeof one !== 'object') return true;
    const parts = Object.values(one);
    return !('invalid' in one || 'hex' in one || parts.includes(255));
  });
}

/** Success stands alone and means all of them; otherwise only what went wrong is listed. */
function oneVerdict(items: readonly ZclFields[]): readonly ZclFields[] {
  const [first] = items;
  return first?.status === 0 ? [first] : items.filter(({ status }) => status !== 0);
}

const isEmpty = (list: unknown) => Array.isArray(list) && list.length === 0;

const generalRows = Object.entries(generalCommands).flatMap(([id, command]) =>
  [0x00, 0x18].map((control) => ({ ...command, commandId: Number(id), control })),
);

/** Our octets of one reporting configuration, and the change the library finds in them. */
function readChange(type: ZclDataTypeName): unknown {
  const attribute = {
    direction: 0,
    attributeId: 0,
    dataType: zclDataTypeId(type),
    minimumReportingInterval: 1,
    maximumReportingInterval: 2,
    reportableChange: sampleValue(type, 1),
  };
  const payload = encodeZclPayload(0x0702, 0x00, 0x06, { attributes: [attribute] });
  const read = herdsmanReads(0x0702, concatBytes(bytesOf('00 2a 06'), payload));
  return (read as Record<string, unknown>[])[0]?.repChange;
}

/** What the library makes of a value in a report: undefined where it gives up. */
function readValue(type: ZclDataTypeName, octets: string): unknown {
  const header = `08 2a 0a 0000 ${zclDataTypeId(type).toString(16).padStart(2, '0')}`;
  try {
    const read = herdsmanReads(0x0702, bytesOf(header + octets)) as Record<string, unknown>[];
    return read[0]?.attrData;
  } catch (error) {
    return String(error);
  }
}

describe('zigbee-herdsman on the general commands', () => {
  it('still has the defects listed', () => {
    for (const type of changeLeftOut) {
      expect(() => readChange(type)).toThrow();
    }
    expect(readChange('uint48')).toBeTypeOf('number');
    expect(readValue('semi', '003c')).toMatch(/not|unsupported/i);
    for (const type of ['array', 'set', 'bag'] as const) {
      expect(readValue(type, '20 0100 07')).toEqual([7]);
    }
    expect(readValue('struct', '0100 20 07')).toEqual([{ elmType: 0x20, elmVal: 7 }]);
    expect(readValue('nodata', '')).toBeUndefined();
  });

  it('has all of ours', () => {
    const known = new Set<number>(Object.values(Foundation).map(({ ID }) => ID));
    expect(generalRows.filter(({ commandId }) => !known.has(commandId))).toEqual([]);
    expect(generalRows).toHaveLength(40);
  });

  it.each(generalRows)('$name with $control: the same both ways', (row) => {
    const { name, commandId, control } = row;
    const values = fc.gen().map((draw): ZclFields => {
      const fields = drawFields(draw, row.fields);
      const { attributes, commandIds } = fields;
      if (Array.isArray(commandIds)) return { ...fields, commandIds: [...commandIds, 1] };
      if (!Array.isArray(attributes)) return fields;
      const kept = (attributes as readonly ZclFields[]).filter(carries).slice(0, 2);
      const verdict = /(Write|Configure).*Response/.test(name) ? oneVerdict(kept) : kept;
      return { ...fields, attributes: verdict };
    });
    let judged = 0;
    fc.assert(
      fc.property(values, (fields) => {
        // An empty list is an error to the library.
        fc.pre(carries(fields) && !isEmpty(fields.attributes));
        const payload = encodeZclPayload(0x0702, control, commandId, fields);
        const frame = encodeZclFrame({
          frameControl: control,
          sequenceNumber: 0x2a,
          commandId,
          payload,
        });
        const theirs = theirGeneralPayload(commandId, fields);
        expect(toHex(herdsmanWrites(0x0702, control, commandId, theirs))).toBe(toHex(frame));
        expect(herdsmanReads(0x0702, frame)).toEqual(theirs);
        expect(withoutNames(decodeZclPayload(0x0702, control, commandId, payload))).toEqual(fields);
        judged += 1;
      }),
      { seed: 20261122, numRuns: 60, endOnFailure: true },
    );
    expect(judged).toBe(60);
  });
});
