import { under } from '../../codec/codec-error.js';
import type { Reader } from '../../codec/reader.js';
import type { Writer } from '../../codec/writer.js';
import type { AttributeSide, Condition, Field, Layout } from './layout.js';
import { fixedOctets, remainder, writeHex } from './strings.js';
import { readDataTypeId, typeOf, type ZclDataType, zclDataType, zclTypeCodec } from './types.js';
import { recordOf, type ZclFields, type ZclValue } from './value.js';

/**
 * Names of the attributes that a general command may speak of, for each side of the conversation.
 */
export type AttributeNames = { readonly [side in AttributeSide]: ReadonlyMap<number, string> };

/** A layout ready to run. Both directions are strict and throw only CodecError. */
export interface CompiledLayout {
  read(reader: Reader, names: AttributeNames): ZclFields;
  write(writer: Writer, fields: unknown, names: AttributeNames): void;
}

type Decoding = Record<string, ZclValue>;
type Encoding = Record<string, unknown>;

/** One field's codec. `record` is what surrounds it: fields before it are already there. */
interface Part {
  read(reader: Reader, record: Decoding, names: AttributeNames): ZclValue;
  write(writer: Writer, value: unknown, record: Encoding, names: AttributeNames): void;
}

interface Step {
  readonly name: string;
  readonly part: Part;
  readonly applies: ((record: Encoding) => boolean) | undefined;
  readonly optional: boolean;
  /** The side whose attribute names label the value. */
  readonly labelled: AttributeSide | undefined;
}

function readPart(
  part: Part,
  reader: Reader,
  record: Decoding,
  names: AttributeNames,
  name: string | number,
): ZclValue {
  if (reader.trace === undefined) return part.read(reader, record, names);
  const shown = typeof name === 'number' ? `[${name}]` : name;
  return reader.trace.field(reader, shown, () => part.read(reader, record, names));
}

const unknownName = 'unknown';

function compileScalar(name: Parameters<typeof zclTypeCodec>[0]): Part {
  const codec = zclTypeCodec(name);
  return {
    read: (reader) => codec.read(reader, 0),
    write: (writer, value) => codec.write(writer, value, 0),
  };
}

function compileTyped(typedBy: string): Part {
  return {
    read: (reader, record) =>
      (zclDataType(record[typedBy] as number) as ZclDataType).read(reader, 0),
    write: (writer, value, record) => typeOf(writer, record[typedBy]).write(writer, value, 0),
  };
}

/** The number of a data type: one that the table knows, so that what it announces can be read. */
const dataTypeNumber: Part = {
  read: (reader) => readDataTypeId(reader),
  write: (writer, value) => writer.u8(typeOf(writer, value).id),
};

function compileRecord(layout: Layout): Part {
  const compiled = compileLayout(layout);
  return {
    read: (reader, _record, names) => compiled.read(reader, names),
    write: (writer, value, _record, names) => compiled.write(writer, value, names),
  };
}

/**
 * Every item takes at least one octet, so the end of the payload bounds the list whatever the count
 * says.
 */
function compileList(item: Part, countedBy: string | undefined, mask: number): Part {
  return {
    read(reader, record, names) {
      const items: ZclValue[] = [];
      const count = countedBy === undefined ? -1 : (record[countedBy] as number) & mask;
      try {
        while (count < 0 ? reader.offset < reader.end : items.length < count) {
          items.push(readPart(item, reader, record, names, items.length));
        }
      } catch (error) {
        throw under(`[${items.length}]`, error);
      }
      return items;
    },
    write(writer: Writer, value: unknown, record, names) {
      if (!Array.isArray(value)) writer.fail(value === undefined ? 'missing' : 'not a list');
      if (countedBy !== undefined && value.length !== ((record[countedBy] as number) & mask)) {
        writer.fail(`${value.length} items, but ${countedBy} is ${String(record[countedBy])}`);
      }
      let index = 0;
      try {
        for (; index < value.length; index++) item.write(writer, value[index], record, names);
      } catch (error) {
        throw under(`[${index}]`, error);
      }
    },
  };
}

function compileCountedOctets(countedBy: string): Part {
  return {
    read: (reader, record) => fixedOctets(record[countedBy] as number).read(reader, 0),
    write: (writer, value, record) =>
      fixedOctets(record[countedBy] as number).write(writer, value, 0),
  };
}

/** Content without a declared layout: kept as hex, marked by its name. */
const unparsed: Part = {
  read: (reader) => ({ unparsed: remainder.read(reader, 0) }),
  write: (writer, value) => writeHex(writer, recordOf(writer, value).unparsed),
};

function compileChoice(chosenBy: string, cases: { readonly [value: number]: Field }): Part {
  const parts = new Map<unknown, Part>();
  for (const [value, field] of Object.entries(cases)) parts.set(Number(value), compilePart(field));
  return {
    read: (reader, record, names) =>
      (parts.get(record[chosenBy]) ?? unparsed).read(reader, record, names),
    write: (writer, value, record, names) =>
      (parts.get(record[chosenBy]) ?? unparsed).write(writer, value, record, names),
  };
}

function compilePart(field: Field): Part {
  if (typeof field === 'string') return compileScalar(field);
  if ('type' in field) return compileScalar(field.type);
  if ('attributeOf' in field) return compileScalar('uint16');
  if ('typedBy' in field) return compileTyped(field.typedBy);
  if ('record' in field) return compileRecord(field.record);
  if ('octetsCountedBy' in field) return compileCountedOctets(field.octetsCountedBy);
  if ('chosenBy' in field) return compileChoice(field.chosenBy, field.cases);
  const item =
    typeof field.list === 'string' ? compileScalar(field.list) : compileRecord(field.list);
  return compileList(item, field.countedBy, field.mask ?? 0xffff);
}

function compileCondition(field: Field): ((record: Encoding) => boolean) | undefined {
  if (typeof field === 'string') return undefined;
  const { when = {}, whenSet = {}, whenAtLeast = {}, unless = {} }: Condition = field;
  const wanted = Object.entries(when);
  const set = Object.entries(whenSet);
  const least = Object.entries(whenAtLeast);
  const unwanted = Object.entries(unless);
  const analogue = 'typedBy' in field && field.analogueOnly === true ? field.typedBy : undefined;
  const terms = wanted.length + set.length + least.length + unwanted.length;
  if (terms === 0 && analogue === undefined) return undefined;
  return (record) => {
    for (const [name, value] of wanted) if (record[name] !== value) return false;
    for (const [name, mask] of set) if (((record[name] as number) & mask) !== mask) return false;
    for (const [name, value] of least) if ((record[name] as number) < value) return false;
    for (const [name, value] of unwanted) if (record[name] === value) return false;
    return analogue === undefined || zclDataType(record[analogue] as number)?.analogue === true;
  };
}

/** A data type number that another field is typed by has to be one of the table. */
function announcesType(layout: Layout, name: string): boolean {
  return Object.values(layout).some(
    (field) => typeof field !== 'string' && 'typedBy' in field && field.typedBy === name,
  );
}

function compileSteps(layout: Layout): readonly Step[] {
  return Object.entries(layout).map(([name, field]) => ({
    name,
    part: announcesType(layout, name) ? dataTypeNumber : compilePart(field),
    applies: compileCondition(field),
    optional: typeof field !== 'string' && field.optional === true,
    labelled: typeof field !== 'string' && 'attributeOf' in field ? field.attributeOf : undefined,
  }));
}

/** Compiles once; the result keeps no state and may be shared. */
export function compileLayout(layout: Layout): CompiledLayout {
  const steps = compileSteps(layout);
  return {
    read(reader, names) {
      const record: Decoding = {};
      let index = 0;
      try {
        for (; index < steps.length; index++) {
          const step = steps[index] as Step;
          if (step.applies !== undefined && !step.applies(record)) continue;
          if (step.optional && reader.offset >= reader.end) break;
          const value = readPart(step.part, reader, record, names, step.name);
          record[step.name] = value;
          if (step.labelled !== undefined) {
            record.attribute = names[step.labelled].get(value as number) ?? unknownName;
          }
        }
      } catch (error) {
        throw under((steps[index] as Step).name, error);
      }
      return record;
    },
    write(writer: Writer, fields: unknown, names) {
      const record = recordOf(writer, fields);
      let leftOff = false;
      let index = 0;
      try {
        for (; index < steps.length; index++) {
          const step = steps[index] as Step;
          if (step.applies !== undefined && !step.applies(record)) continue;
          const value = record[step.name];
          if (step.optional && value === undefined) {
            leftOff = true;
            continue;
          }
          if (leftOff) writer.fail('an optional field before this one is missing');
          step.part.write(writer, value, record, names);
        }
      } catch (error) {
        throw under((steps[index] as Step).name, error);
      }
    },
  };
}
