import { beforeAll, describe, expect, it } from 'vitest';
import { type Span, Trace } from '../../protocols/codec/trace.js';
import { clusters } from '../../protocols/zigbee/clusters/clusters.js';
import { notificationFlagTables } from '../../protocols/zigbee/clusters/notification-flags.js';
import { encodeZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { generalCommands } from '../../protocols/zigbee/zcl/foundation.js';
import { encodeZclFrame } from '../../protocols/zigbee/zcl/frame.js';
import type { AttributeTable, ClusterDefinition } from '../../protocols/zigbee/zcl/layout.js';
import {
  decodeZclPayload,
  encodeZclPayload,
  zclCommand,
} from '../../protocols/zigbee/zcl/payload.js';
import { type ZclDataTypeName, zclDataTypeId } from '../../protocols/zigbee/zcl/types.js';
import type { ZclFields } from '../../protocols/zigbee/zcl/value.js';
import { linkTypeIeee802154, pcapOf } from '../support/pcap.js';
import { type DissectedField, dissect, dissectFields, tsharkAvailable } from '../support/tshark.js';
import { sampleFields, sampleValue } from '../support/zcl-samples.js';
import {
  attributesNamedOtherwise,
  attributesUnlikeOurs,
  fieldsNamedOtherwise,
  unknownAttributes,
  unknownCommands,
  unlikeOurs,
  variants,
} from './zcl-tshark-facts.js';

/** A command on the air, and what names it in a message of the test. */
interface Sent {
  readonly title: string;
  readonly cluster: ClusterDefinition;
  readonly control: number;
  readonly commandId: number;
  readonly payload: Uint8Array;
  readonly psdu: Uint8Array;
}

/** Octets before the payload of the ZCL frame: MAC 9, network 8, APS 8, ZCL 3. */
const headerOctets = 28;

function send(cluster: ClusterDefinition, control: number, commandId: number, fields: ZclFields) {
  const payload = encodeZclPayload(cluster.id, control, commandId, fields);
  const psdu = encodeZigbeeFrame({
    mac: {
      type: 'data',
      framePending: false,
      acknowledgmentRequest: false,
      version: 0,
      sequenceNumber: 1,
      panIdCompression: true,
      destinationPanId: 0x1a62,
      sourcePanId: 0x1a62,
      destination: 0x0000,
      source: 0x4f21,
    },
    nwk: {
      type: 'data',
      discoverRoute: 0,
      endDeviceInitiator: false,
      destination: 0x0000,
      source: 0x4f21,
      radius: 30,
      sequenceNumber: 1,
      destinationEui: undefined,
      sourceEui: undefined,
      sourceRoute: undefined,
      auxiliaryHeader: undefined,
    },
    aps: {
      type: 'data',
      delivery: 'unicast',
      acknowledgmentRequest: false,
      destinationEndpoint: 1,
      clusterId: cluster.id,
      profileId: 0x0109,
      sourceEndpoint: 1,
      counter: 1,
      fragment: undefined,
      auxiliaryHeader: undefined,
    },
    payload: encodeZclFrame({ frameControl: control, sequenceNumber: 7, commandId, payload }),
  }).slice();
  const title = `${cluster.name} ${zclCommand(cluster.id, control, commandId).name}`;
  return { title, cluster, control, commandId, payload, psdu } satisfies Sent;
}

function allCommands(): Sent[] {
  const sent: Sent[] = [];
  for (const cluster of clusters.values()) {
    for (const [control, table] of [
      [0x01, cluster.toServer],
      [0x09, cluster.toClient],
    ] as const) {
      for (const [id, { name, fields }] of Object.entries(table)) {
        for (const fixed of variants[`${cluster.name} ${name}`] ?? [{}]) {
          sent.push(send(cluster, control, Number(id), sampleFields(fields, fixed)));
        }
      }
    }
  }
  const metering = clusters.get(0x0702) as ClusterDefinition;
  for (const control of [0x00, 0x18]) {
    for (const [id, { fields }] of Object.entries(generalCommands)) {
      sent.push(send(metering, control, Number(id), sampleFields(fields)));
    }
  }
  return sent;
}

/** Every attribute in a report and in the response to a read, four to a frame. */
function allAttributes(): Sent[] {
  const sent: Sent[] = [];
  const row = (cluster: ClusterDefinition, table: AttributeTable, control: number) => {
    const rows = Object.entries(table).map(([id, [, type]], index) => ({
      attributeId: Number(id),
      status: 0,
      dataType: zclDataTypeId(type as ZclDataTypeName),
      value: sampleValue(type, index % 12),
    }));
    for (let at = 0; at < rows.length; at += 4) {
      const attributes = rows.slice(at, at + 4);
      sent.push(send(cluster, control, 0x01, { attributes }));
      sent.push(send(cluster, control, 0x0a, { attributes }));
    }
  };
  for (const cluster of clusters.values()) {
    row(cluster, cluster.attributes, 0x08);
    row(cluster, cluster.clientAttributes ?? {}, 0x00);
  }
  return sent;
}

interface Leaf {
  readonly name: string;
  readonly span: Span;
}

/** The fields of a payload that have no parts, with where they lie. */
function leavesOf({ cluster, control, commandId, payload }: Sent): Leaf[] {
  const trace = new Trace();
  decodeZclPayload(cluster.id, control, commandId, payload, trace);
  const leaves: Leaf[] = [];
  const walk = (span: Span, parent: string) => {
    const name = span.name.startsWith('[') ? parent : span.name;
    if (span.children.length > 0) for (const child of span.children) walk(child, name);
    else if (span.end > span.start) leaves.push({ name, span });
  };
  for (const span of trace.spans) walk(span, '');
  return leaves;
}

const epochMs = Date.UTC(2000, 0, 1);

/** Whether tshark shows what we mean: numbers in any notation, moments, text, octets. */
function agrees(value: unknown, shown: string): boolean {
  if (typeof value === 'boolean') return Number(shown) === Number(value);
  if (typeof value === 'number') {
    const moment = Date.parse(shown.replace(/\.\d+ UTC/, ' UTC'));
    return Number(shown) === value || moment === epochMs + value * 1000;
  }
  if (typeof value !== 'string') return false;
  const octets = shown.replace(/^0x|:/g, '');
  const text = Buffer.from(value).toString('hex');
  const sized = Buffer.from([value.length]).toString('hex') + text;
  return [value, text, sized].includes(octets) || shown === value || bigIntegerOf(shown) === value;
}

/** Integers of more than 48 bits are text with us. */
function bigIntegerOf(shown: string): string | undefined {
  return /^(0x[0-9a-f]+|-?\d+)$/.test(shown) ? BigInt(shown).toString() : undefined;
}

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

function sameName(ours: string, theirs: string): boolean {
  const last = theirs.slice(theirs.lastIndexOf('.') + 1);
  return (
    plain(last).includes(plain(ours)) ||
    plain(ours).includes(plain(last)) ||
    (fieldsNamedOtherwise[ours] ?? []).includes(last)
  );
}

function fieldAt(fields: readonly DissectedField[], { span }: Leaf): DissectedField | undefined {
  return fields.find(
    ({ start, octets }) => start === headerOctets + span.start && octets === span.end - span.start,
  );
}

describe.skipIf(!tsharkAvailable)('tshark on every command of every cluster', () => {
  const sent = allCommands();
  const capture = pcapOf(
    sent.map(({ psdu }) => psdu),
    linkTypeIeee802154,
  );
  let dissected: DissectedField[][] = [];
  beforeAll(() => {
    dissected = dissectFields(capture, 'zbee_zcl');
  });

  it('finds nothing malformed and nothing to remark on', () => {
    expect(sent.length).toBeGreaterThan(200);
    const remarks = dissect(capture, ['frame.number'], '_ws.malformed || _ws.expert');
    expect(remarks.map(([number]) => sent[Number(number) - 1]?.title)).toEqual([]);
  });

  it('knows every command but those listed', () => {
    const rows = dissect(capture, ['_ws.col.Info']);
    expect(rows).toHaveLength(sent.length);
    const unknown = sent.filter((_, index) => /Unknown/.test(rows[index]?.[0] ?? ''));
    expect([...new Set(unknown.map(({ title }) => title))]).toEqual(unknownCommands);
  });

  it('splits payloads into the fields that we declare, with our values', () => {
    const judged = new Set<string>();
    const different = new Set<string>();
    for (const [index, command] of sent.entries()) {
      for (const leaf of leavesOf(command)) {
        const key = `${command.title} ${leaf.name}`;
        const field = fieldAt(dissected[index] ?? [], leaf);
        if (field !== undefined && agrees(leaf.span.value, field.shown)) judged.add(key);
        else different.add(key);
      }
    }
    expect([...different].sort()).toEqual(Object.keys(unlikeOurs).sort());
    expect(judged.size).toBeGreaterThan(650);
  });

  it('gives those fields our names, or the other ones listed', () => {
    const otherwise = new Set<string>();
    let same = 0;
    for (const [index, command] of sent.entries()) {
      if (unknownCommands.includes(command.title)) continue;
      for (const leaf of leavesOf(command)) {
        const field = fieldAt(dissected[index] ?? [], leaf);
        if (field === undefined) continue;
        if (sameName(leaf.name, field.name)) same += 1;
        else otherwise.add(`${command.title} ${leaf.name}: ${field.name}`);
      }
    }
    expect([...otherwise]).toEqual([]);
    expect(same).toBeGreaterThan(850);
  });
});

describe.skipIf(!tsharkAvailable)('tshark on every attribute', () => {
  const sent = allAttributes();
  const capture = pcapOf(
    sent.map(({ psdu }) => psdu),
    linkTypeIeee802154,
  );
  let dissected: DissectedField[][] = [];
  beforeAll(() => {
    dissected = dissectFields(capture, 'zbee_zcl');
  });

  it('finds nothing malformed and nothing to remark on', () => {
    expect(dissect(capture, ['frame.number'], '_ws.malformed || _ws.expert')).toEqual([]);
  });

  it('has our names for their numbers and reads our values', () => {
    const unknown = new Set<string>();
    const otherwise: Record<string, string> = {};
    const different = new Set<string>();
    let judged = 0;
    for (const [index, command] of sent.entries()) {
      const fields = dissected[index] ?? [];
      let attribute = '';
      for (const leaf of leavesOf(command)) {
        const field = fieldAt(fields, leaf);
        if (leaf.name === 'attributeId') {
          const { attributes, clientAttributes = {} } = command.cluster;
          const table = command.control === 0x08 ? attributes : clientAttributes;
          attribute = `${command.cluster.name} ${table[leaf.span.value as number]?.[0]}`;
          const name = /^Attribute: (.*) \(0x/.exec(field?.label ?? '')?.[1] ?? 'Unknown';
          if (name === 'Unknown') unknown.add(attribute);
          else if (!plain(attribute).endsWith(plain(name))) otherwise[attribute] = name;
        } else if (field === undefined || !agrees(leaf.span.value, field.shown)) {
          different.add(`${attribute} ${leaf.name}`);
        } else {
          judged += 1;
        }
      }
    }
    expect([...unknown]).toEqual(unknownAttributes);
    expect(otherwise).toEqual(attributesNamedOtherwise);
    expect([...different]).toEqual(Object.keys(attributesUnlikeOurs));
    expect(judged).toBeGreaterThan(10_000);
  });
});

describe.skipIf(!tsharkAvailable)('tshark on the notification flags', () => {
  it('has our name for every bit', () => {
    const metering = clusters.get(0x0702) as ClusterDefinition;
    const flags = notificationFlagTables.flatMap((table, attributeId) =>
      Object.entries(table).map(([name, mask]) => ({ name, attributeId, value: mask })),
    );
    const sent = flags.map(({ attributeId, value }) =>
      send(metering, 0x00, 0x0a, { attributes: [{ attributeId, dataType: 0x1b, value }] }),
    );
    const capture = pcapOf(
      sent.map(({ psdu }) => psdu),
      linkTypeIeee802154,
    );
    const set = dissectFields(capture, 'zbee_zcl_se.met.attr.').map((fields) =>
      fields.filter(({ name, shown }) => /flag(_\d)?\./.test(name) && Number(shown) !== 0),
    );
    const named = set.map((fields) => fields.map(({ name }) => plain(name.split('.').pop() ?? '')));
    const abbreviated = ({ name }: { name: string }) =>
      plain(name === 'publishTariffInformation' ? 'publishTariffInfo' : name);
    expect(named).toEqual(flags.map((flag) => [abbreviated(flag)]));
    expect(flags).toHaveLength(64);
  });
});

describe.skipIf(!tsharkAvailable)('tshark', () => {
  it('objects to a payload that is cut short', () => {
    const price = clusters.get(0x0700) as ClusterDefinition;
    const { psdu } = send(price, 0x09, 0x04, sampleFields(price.toClient[4]?.fields ?? {}));
    const capture = pcapOf([psdu.slice(0, -1), psdu], linkTypeIeee802154);
    expect(dissect(capture, ['frame.number'], '_ws.malformed')).toEqual([['1']]);
  });
});
