import type { Condition, Field, Layout } from '../../protocols/zigbee/zcl/layout.js';
import { zclDataType } from '../../protocols/zigbee/zcl/types.js';
import type { ZclFields, ZclValue } from '../../protocols/zigbee/zcl/value.js';

/**
 * One fixed value for each field of a layout, no two alike in a command where their types allow it,
 * so that a judge who takes one field for another is found out.
 */
class Sampler {
  private drawn = 0;

  constructor(private readonly fixed: ZclFields) {}

  fields(layout: Layout): ZclFields {
    const record: Record<string, ZclValue> = {};
    for (const [name, field] of Object.entries(layout)) {
      if (typeof field !== 'string' && !applies(field, record)) continue;
      record[name] = this.fixed[name] ?? decided(layout, name) ?? this.field(field, record);
    }
    return record;
  }

  private field(field: Field, record: ZclFields): ZclValue {
    if (typeof field === 'string') return this.scalar(field);
    if ('type' in field) return this.scalar(field.type);
    if ('attributeOf' in field) return this.scalar('uint16');
    if ('typedBy' in field) {
      return this.scalar(zclDataType(record[field.typedBy] as number)?.name ?? 'nodata');
    }
    if ('record' in field) return this.fields(field.record);
    if ('octetsCountedBy' in field) {
      return this.octets(record[field.octetsCountedBy] as number);
    }
    if ('list' in field) {
      const { list } = field;
      const count =
        field.countedBy === undefined
          ? 1
          : (record[field.countedBy] as number) & (field.mask ?? 0xffff);
      return Array.from({ length: count }, () =>
        typeof list === 'string' ? this.scalar(list) : this.fields(list),
      );
    }
    const chosen = field.cases[record[field.chosenBy] as number];
    return chosen === undefined ? { unparsed: this.octets(3) } : this.field(chosen, record);
  }

  scalar(type: string): ZclValue {
    this.drawn += 1;
    const integer = /^(uint|map|data|enum|int)(\d+)$/.exec(type);
    if (integer !== null) return this.integer(integer[1] === 'int', Number(integer[2]) / 8);
    if (type === 'bool') return true;
    if (type === 'utc') return 0x2d00_0000 + this.drawn * 0x1_0101;
    if (type === 'string' || type === 'string16' || type === 'text') return `No ${this.drawn}`;
    if (type === 'date') {
      return { yearSince1900: 126, month: 11, dayOfMonth: this.drawn % 28, dayOfWeek: 7 };
    }
    if (type === 'time') return { hours: 12, minutes: this.drawn % 60, seconds: 3, hundredths: 4 };
    if (type === 'single' || type === 'double' || type === 'semi') return this.drawn + 0.5;
    if (type === 'eui64') return this.octets(8);
    if (type === 'key128') return this.octets(16);
    if (type === 'octstr' || type === 'octstr16' || type === 'bytes') return this.octets(5);
    if (type === 'clusterId' || type === 'attributeId') return this.integer(false, 2) as number;
    if (type === 'bacnetOid') return this.integer(false, 4) as number;
    throw new Error(`no sample of ${type}`);
  }

  /** All octets differ, so that the order shows; a signed one is negative. */
  private integer(signed: boolean, octets: number): ZclValue {
    let value = 0n;
    for (let i = 0; i < octets; i++) value = value * 256n + BigInt((this.drawn * 5 + i) % 0x7f);
    if (signed) value = -value;
    return octets > 6 ? value.toString() : Number(value);
  }

  private octets(count: number): string {
    const octets = Array.from({ length: count }, (_, i) => (this.drawn * 7 + i) & 0xff);
    return Buffer.from(octets).toString('hex');
  }
}

function applies(condition: Condition, record: ZclFields): boolean {
  const { when = {}, whenSet = {}, whenAtLeast = {}, unless = {} } = condition;
  const holds = (terms: object, test: (value: number, term: number) => boolean) =>
    Object.entries(terms).every(([name, term]) => test(record[name] as number, term));
  return (
    holds(when, (value, term) => value === term) &&
    holds(whenSet, (value, mask) => (value & mask) === mask) &&
    holds(whenAtLeast, (value, least) => value >= least) &&
    holds(unless, (value, term) => value !== term)
  );
}

/** A field that another goes by: 2 of what it counts, a number of a type, the first case. */
function decided(layout: Layout, name: string): ZclValue | undefined {
  for (const field of Object.values(layout)) {
    if (typeof field === 'string') continue;
    if ('countedBy' in field && field.countedBy === name) return 2;
    if ('octetsCountedBy' in field && field.octetsCountedBy === name) return 5;
    if ('typedBy' in field && field.typedBy === name) return 0x25;
    if ('chosenBy' in field && field.chosenBy === name) return 0;
    if (field.when !== undefined && name in field.when) return field.when[name] as number;
  }
  return undefined;
}

/** Fields for a layout; those that `fixed` names have its values. */
export function sampleFields(layout: Layout, fixed: ZclFields = {}): ZclFields {
  return new Sampler(fixed).fields(layout);
}

/** The `index`th value of a type. */
export function sampleValue(type: string, index: number): ZclValue {
  const sampler = new Sampler({});
  for (let i = 0; i < index; i++) sampler.scalar('uint8');
  return sampler.scalar(type);
}
