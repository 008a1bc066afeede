import { msOfSecondsSince2000, msToIso } from '../../codec/utc.js';
import { clusters } from '../../zigbee/clusters/clusters.js';
import { generalCommands } from '../../zigbee/zcl/foundation.js';
import { isGeneralCommand, isServerToClient } from '../../zigbee/zcl/frame.js';
import type { Field, Layout } from '../../zigbee/zcl/layout.js';
import { zclDataTypeId } from '../../zigbee/zcl/types.js';
import type { GbzAlert, GbzComponent, GbzFields, GbzValue } from '../gbz-types.js';
import { formatMessageCode } from '../use-cases/use-case.js';
import type { Notes } from './notes.js';
import { meteringUnit } from './units.js';

const utcType = zclDataTypeId('utc');
const summationType = zclDataTypeId('uint48');
const meteringCluster = 0x0702;
const meteringFormat = { unit: 0x0300, multiplier: 0x0301, divisor: 0x0302 } as const;
/** Not a time: none given, for ever, or cancelled. */
const noTime = 0xffff_ffff;

function utcOf(seconds: unknown): string | undefined {
  if (typeof seconds !== 'number' || seconds === 0 || seconds === noTime) return undefined;
  return msToIso(msOfSecondsSince2000(seconds));
}

function isFields(value: GbzValue | undefined): value is GbzFields {
  return typeof value === 'object' && !Array.isArray(value);
}

/** Members of a record that its layout declares to be times get a twin, `startTimeUtc` of `startTime`. */
function noteRecord(notes: Notes, layout: Layout, record: GbzFields): void {
  for (const [name, field] of Object.entries(layout)) {
    const value = record[name];
    if (value !== undefined) noteField(notes, field, record, name, value);
  }
}

function noteField(
  notes: Notes,
  field: Field,
  record: GbzFields,
  name: string,
  value: GbzValue,
): void {
  if (field === 'utc' || (typeof field !== 'string' && 'type' in field && field.type === 'utc')) {
    notes.add(record, { [`${name}Utc`]: utcOf(value) });
    return;
  }
  if (typeof field === 'string') return;
  if ('record' in field && isFields(value)) noteRecord(notes, field.record, value);
  else if ('chosenBy' in field) {
    const chosen = field.cases[record[field.chosenBy] as number];
    if (chosen !== undefined) noteField(notes, chosen, record, name, value);
  } else if ('list' in field && typeof field.list !== 'string' && Array.isArray(value)) {
    for (const element of value) if (isFields(element)) noteRecord(notes, field.list, element);
  } else if ('typedBy' in field && record[field.typedBy] === utcType) {
    notes.add(record, { [`${name}Utc`]: utcOf(value) });
  }
}

function layoutOf({ clusterId, frameControl, commandId }: GbzComponent): Layout | undefined {
  if (isGeneralCommand(frameControl)) return generalCommands[commandId]?.fields;
  const cluster = clusters.get(clusterId);
  const table = isServerToClient(frameControl) ? cluster?.toClient : cluster?.toServer;
  return table?.[commandId]?.fields;
}

/** Registers of a gas meter, where the same answer tells unit, multiplier and divisor. */
function noteSummations(notes: Notes, fields: GbzFields): void {
  if (!Array.isArray(fields.attributes)) return;
  const attributes = (fields.attributes as readonly GbzValue[]).filter(isFields);
  const numberOf = (attributeId: number): number | undefined => {
    const found = attributes.find((attribute) => attribute.attributeId === attributeId)?.value;
    return typeof found === 'number' ? found : undefined;
  };
  const divisor = numberOf(meteringFormat.divisor);
  if (divisor === undefined || divisor === 0) return;
  const multiplier = numberOf(meteringFormat.multiplier) ?? 1;
  const unit = numberOf(meteringFormat.unit);
  for (const attribute of attributes) {
    if (attribute.dataType !== summationType || typeof attribute.value !== 'number') continue;
    notes.add(attribute, {
      scaled: (attribute.value * multiplier) / divisor,
      unit: unit === undefined ? undefined : meteringUnit(unit),
    });
  }
}

/** The fields of a component: its own, or those that it held encrypted. */
export function noteFields(notes: Notes, component: GbzComponent, fields: GbzFields): void {
  const layout = layoutOf(component);
  if (layout !== undefined) noteRecord(notes, layout, fields);
  if (component.clusterId === meteringCluster) noteSummations(notes, fields);
}

export function noteComponents(notes: Notes, components: readonly GbzComponent[]): void {
  for (const component of components) {
    if (component.fromDateTime !== undefined) {
      notes.add(component, { fromDateTimeUtc: utcOf(component.fromDateTime) });
    }
    if (component.fields !== undefined) noteFields(notes, component, component.fields);
  }
}

export function noteGbzAlert(notes: Notes, alert: GbzAlert): void {
  notes.add(alert, {
    code: formatMessageCode(alert.alertCode),
    timestampUtc: utcOf(alert.timestamp),
  });
  noteComponents(notes, alert.components ?? []);
}
