import { under } from '../codec/codec-error.js';
import { readLength, writeLength } from '../codec/length.js';
import type { Reader } from '../codec/reader.js';
import { Writer } from '../codec/writer.js';
import type { DlmsData, DlmsTypeDescription } from './data.js';
import { lengthMax, readItemCount, writeItemCount } from './item-count.js';
import { readSimple, writeSimple } from './simple.js';
import { type DlmsTypeName, dataDepthMax, tagOf, tags } from './tags.js';

/**
 * Compact arrays: the type once, then the elements without tags until the contents are used up; no element count.
 * @see dlms.md 2
 */

type CompactArray = Extract<DlmsData, { type: 'compact-array' }>;
type Listed = Extract<DlmsData, { type: 'array' | 'structure' }>;
type SimpleTypeName = Exclude<DlmsTypeName, 'array' | 'structure' | 'compact-array'>;

/**
 * Elements of no octets (null-data, empty structures) cost nothing on the wire: so many for each octet of the contents and
 * no more, or a message of 64 KB could ask for millions of values.
 */
const emptyElementsPerOctetMax = 16;

const simpleTypes: ReadonlyMap<number, SimpleTypeName> = new Map(
  (Object.entries(tags) as [DlmsTypeName, number][]).flatMap(([name, tag]) =>
    name === 'array' || name === 'structure' || name === 'compact-array'
      ? []
      : [[tag, name] as const],
  ),
);

/** A type description made ready to read and write by: its wire tag and the fewest octets of one value. */
interface Plan {
  readonly tag: number;
  readonly type: DlmsTypeDescription['type'];
  readonly sizeMin: number;
  readonly parts: readonly Plan[];
  /** Of an array: how many elements. */
  readonly count: number;
}

/** Counts the elements of no octets of one compact array. */
interface EmptyElements {
  count: number;
  readonly max: number;
}

const sizesMin: { readonly [type: string]: number } = {
  'null-data': 0,
  'double-long': 4,
  'double-long-unsigned': 4,
  long: 2,
  'long-unsigned': 2,
  long64: 8,
  'long64-unsigned': 8,
  float32: 4,
  float64: 8,
  'date-time': 12,
  date: 5,
  time: 4,
};

function planOf(description: DlmsTypeDescription): Plan {
  const { type } = description;
  const tag = tags[type];
  if (type === 'structure') {
    const parts = description.elements.map(planOf);
    return { tag, type, parts, count: 0, sizeMin: parts.reduce((n, part) => n + part.sizeMin, 0) };
  }
  if (type === 'array') {
    const part = planOf(description.element);
    const { count } = description;
    return { tag, type, parts: [part], count, sizeMin: count * part.sizeMin };
  }
  return { tag, type, parts: [], count: 0, sizeMin: sizesMin[type] ?? 1 };
}

function readDescription(reader: Reader, depth: number): DlmsTypeDescription {
  if (depth >= dataDepthMax) reader.fail(`nested deeper than ${dataDepthMax}`);
  const at = reader.offset;
  const tag = reader.u8();
  if (tag === tags.structure) {
    const count = readItemCount(reader, 1);
    const elements: DlmsTypeDescription[] = [];
    while (elements.length < count) elements.push(readDescription(reader, depth + 1));
    return { type: 'structure', elements };
  }
  if (tag === tags.array) {
    const count = reader.u16();
    return { type: 'array', count, element: readDescription(reader, depth + 1) };
  }
  const type = simpleTypes.get(tag);
  if (type === undefined) {
    return reader.fail(`0x${tag.toString(16).padStart(2, '0')} is not a tag allowed here`, at);
  }
  return { type };
}

function countEmpty(at: Reader | Writer, plan: Plan, empty: EmptyElements): void {
  if (plan.sizeMin === 0 && ++empty.count > empty.max) {
    at.fail(`more than ${empty.max} elements of no octets`);
  }
}

function readElement(reader: Reader, plan: Plan, empty: EmptyElements): DlmsData {
  countEmpty(reader, plan, empty);
  if (plan.tag === tags.structure) {
    const value: DlmsData[] = [];
    for (const part of plan.parts) value.push(readMember(reader, part, empty, value.length));
    return { type: 'structure', value };
  }
  if (plan.tag === tags.array) {
    reader.need(plan.sizeMin);
    const part = plan.parts[0] as Plan;
    const value: DlmsData[] = [];
    for (let i = 0; i < plan.count; i++) value.push(readMember(reader, part, empty, i));
    return { type: 'array', value };
  }
  return readSimple(reader, plan.tag);
}

function readMember(reader: Reader, plan: Plan, empty: EmptyElements, index: number): DlmsData {
  if (reader.trace === undefined) return readElement(reader, plan, empty);
  return reader.trace.field(reader, `[${index}]`, () => readElement(reader, plan, empty));
}

/** What follows the tag of a compact array. */
export function readCompactArray(reader: Reader, depth: number): CompactArray {
  let description: DlmsTypeDescription;
  try {
    description = readDescription(reader, depth + 1);
  } catch (error) {
    throw under('description', error);
  }
  const plan = planOf(description);
  const contents = reader.sub(readLength(reader));
  const value: DlmsData[] = [];
  const max = emptyElementsPerOctetMax * contents.remaining;
  const empty: EmptyElements = { count: 0, max };
  try {
    while (contents.offset < contents.end) {
      value.push(readMember(contents, plan, empty, value.length));
    }
  } catch (error) {
    throw under(`[${value.length}]`, error);
  }
  return { type: 'compact-array', description, value };
}

function writeDescription(writer: Writer, description: DlmsTypeDescription, depth: number): void {
  if (depth >= dataDepthMax) writer.fail(`nested deeper than ${dataDepthMax}`);
  if (typeof description !== 'object' || description === null) writer.fail('no type description');
  if (description.type === 'structure') {
    writer.u8(tags.structure);
    writeItemCount(writer, description.elements);
    for (const element of description.elements) writeDescription(writer, element, depth + 1);
  } else if (description.type === 'array') {
    writer.u8(tags.array);
    if (typeof description.count !== 'number') writer.fail('count is not a number');
    writer.u16(description.count);
    writeDescription(writer, description.element, depth + 1);
  } else {
    const tag = tagOf.get(description.type);
    if (tag === undefined || !simpleTypes.has(tag)) {
      writer.fail('type is not the name of a type allowed here');
    }
    writer.u8(tag);
  }
}

function writeElement(writer: Writer, plan: Plan, data: DlmsData, empty: EmptyElements): void {
  if (typeof data !== 'object' || data === null) writer.fail('not a DLMS value');
  if (data.type !== plan.type) writer.fail(`type is not ${plan.type} as described`);
  countEmpty(writer, plan, empty);
  if (plan.tag === tags.structure || plan.tag === tags.array) {
    writeListed(writer, plan, (data as Listed).value, empty);
  } else {
    writeSimple(writer, data);
  }
}

function writeListed(
  writer: Writer,
  plan: Plan,
  items: readonly DlmsData[],
  empty: EmptyElements,
): void {
  const count = plan.tag === tags.array ? plan.count : plan.parts.length;
  if (!Array.isArray(items) || items.length !== count) {
    writer.fail(`not the ${count} items described`);
  }
  let index = 0;
  try {
    for (; index < count; index++) {
      const part = plan.tag === tags.array ? plan.parts[0] : plan.parts[index];
      writeElement(writer, part as Plan, items[index] as DlmsData, empty);
    }
  } catch (error) {
    throw under(`[${index}]`, error);
  }
}

/** Everything after the tag. */
export function writeCompactArray(writer: Writer, data: CompactArray, depth: number): void {
  try {
    writeDescription(writer, data.description, depth + 1);
  } catch (error) {
    throw under('description', error);
  }
  if (!Array.isArray(data.value)) writer.fail('not a list');
  const plan = planOf(data.description);
  // How many are allowed is known when the contents are.
  const empty: EmptyElements = { count: 0, max: Number.POSITIVE_INFINITY };
  const start = writer.offset;
  let index = 0;
  try {
    for (; index < data.value.length; index++) {
      const before = writer.offset;
      writeElement(writer, plan, data.value[index] as DlmsData, empty);
      // An element of no octets would not be read back.
      if (writer.offset === before) writer.fail('element has no octets');
    }
  } catch (error) {
    throw under(`[${index}]`, error);
  }
  const contentsLength = writer.offset - start;
  if (contentsLength > lengthMax) writer.fail('contents are too long');
  const max = emptyElementsPerOctetMax * contentsLength;
  if (empty.count > max) writer.fail(`more than ${max} elements of no octets`);
  const lengthField = new Writer(4);
  writeLength(lengthField, contentsLength);
  writer.insert(start, lengthField.finish());
}
