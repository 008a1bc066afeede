/**
 * Writes protocols/gbcs/use-cases/message-codes.ts from the reference's use-cases.json.
 * Run: npx tsx scripts/generate/message-codes.ts [reference directory]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Protection {
  readonly mac: boolean;
  readonly signature: boolean;
}
interface Source {
  readonly code: string;
  readonly use_case: string;
  readonly title: string;
  readonly service_reference_variants: readonly string[] | null;
  readonly target_devices_gbcs4: string | null;
  readonly target_devices_rtds: readonly string[] | null;
  readonly payload: Readonly<Record<string, readonly string[]>> | null;
  readonly message_type: string | null;
  readonly critical: boolean | 'mixed' | null;
  readonly command_protection: readonly Protection[] | null;
  readonly response_protection: readonly Protection[] | null;
  readonly alert_protection: readonly Protection[] | null;
  readonly originator_roles_rtds: readonly string[] | null;
  readonly access_roles_gbcs4: readonly string[] | null;
  readonly unknown_remote_party_rtds: boolean;
  readonly encrypted_response: boolean | null;
  readonly datetime_in_response: boolean | null;
  readonly future_dateable: string | null;
  readonly replay_protection_required: string | null;
  readonly read_or_update: string | null;
}

const reference = process.argv[2] ?? process.env.HUBFLEET_REFERENCE ?? '../shared/reference';
const target = 'protocols/gbcs/use-cases/message-codes.ts';

const roles: Readonly<Record<string, string>> = {
  Supplier: 'supplier',
  'Network Operator': 'networkOperator',
  'Access Control Broker': 'accessControlBroker',
  'Load Controller': 'loadController',
  'Transitional Change of Supplier': 'transitionalCoS',
  'WAN Provider': 'wanProvider',
  Recovery: 'recovery',
};

/** Codes without an official example of the command: what the text of the reference says of them. */
const fromText: Readonly<Record<string, Partial<Source>>> = {
  // These hold cells too (device-behaviour.md 1.7), though no official exchange asks them for them.
  '0x0008': { target_devices_rtds: ['CHF', 'GPF', 'ESME', 'GSME', 'PPMID', 'HCALCS'] },
  // The official example is an electricity meter's; gas meters get firmware in the same way (device-behaviour.md 2.5).
  '0x0012': { target_devices_rtds: ['ESME', 'GSME'] },
  '0x0100': cs02b(['Supplier'], ['ESME', 'GSME']),
  '0x0101': cs02b(['WAN Provider'], ['CHF']),
  '0x0109': { ...cs02b([], ['ESME']), command_protection: [{ mac: false, signature: true }] },
  '0x00D5': {
    payload: { alert: ['ASN.1 DER'] },
    alert_protection: [{ mac: false, signature: true }],
    critical: true,
    target_devices_rtds: ['CHF'],
  },
};

function cs02b(originators: readonly string[], targets: readonly string[]): Partial<Source> {
  return {
    payload: { command: ['ASN.1 DER'], response: ['ASN.1 DER'] },
    critical: true,
    command_protection: [{ mac: true, signature: true }],
    response_protection: [{ mac: false, signature: true }],
    originator_roles_rtds: originators,
    target_devices_rtds: targets,
    datetime_in_response: true,
  };
}

function encodings(source: Source): string {
  const kind = (text: string): string =>
    text.startsWith('DLMS') ? 'dlms' : text.startsWith('GBZ') ? 'gbz' : 'asn1';
  return Object.entries(source.payload ?? {})
    .map(([flag, kinds]) => `${flag}:${[...new Set(kinds.map(kind))].join('|')}`)
    .join(' ');
}

function protections(source: Source): string {
  const one = (flag: string, list: readonly Protection[] | null): string[] => {
    if (list === null) return [];
    const forms = list
      .map((p) => [p.signature ? 'signature' : '', p.mac ? 'mac' : ''])
      .map((parts) => parts.filter((part) => part !== '').join('+'));
    return [`${flag}:${[...new Set(forms)].join('|')}`];
  };
  return [
    ...one('command', source.command_protection),
    ...one('response', source.response_protection),
    ...one('alert', source.alert_protection),
  ].join(' ');
}

function targets(source: Source): string {
  const named = [source.target_devices_gbcs4 ?? '', ...(source.target_devices_rtds ?? [])].join(
    ' ',
  );
  const found = ['CHF', 'GPF', 'ESME', 'GSME', 'PPMID', 'HCALCS', 'SAPC'].filter((name) =>
    new RegExp(`\\b${name}\\b`).test(named),
  );
  if (named.includes('ZigBee Device')) found.push('PPMID', 'HCALCS');
  return [...new Set(found)].join(' ').toLowerCase();
}

function roleNames(source: Source): string {
  const list = [...(source.access_roles_gbcs4 ?? []), ...(source.originator_roles_rtds ?? [])];
  return [...new Set(list.map((name) => roles[name] ?? '').filter((name) => name !== ''))].join(
    ' ',
  );
}

function properties(source: Source): string {
  return [
    source.critical === true ? 'critical' : source.critical === 'mixed' ? 'variant' : '',
    source.read_or_update === 'Read' ? 'read' : '',
    source.replay_protection_required === 'Yes' ? 'replayProtected' : '',
    source.future_dateable === 'Yes' ? 'futureDateable' : '',
    source.encrypted_response === true ? 'encrypted' : '',
    source.datetime_in_response === true ? 'dateTimeInResponse' : '',
    source.unknown_remote_party_rtds ? 'unknownRemoteParty' : '',
    source.message_type?.startsWith('ZSE') === true ? 'hanOnly' : '',
  ]
    .filter((word) => word !== '')
    .join(' ');
}

function row(raw: Source): string {
  const source = { ...raw, ...fromText[raw.code] };
  const names = source.use_case.split(/(?=CCS04)/)[0] ?? source.use_case;
  const title = source.title.startsWith(`${names} `)
    ? source.title.slice(names.length + 1)
    : source.title;
  const cells = [
    source.use_case,
    title,
    targets(source),
    encodings(source),
    protections(source),
    roleNames(source),
    properties(source),
    (source.service_reference_variants ?? []).join(' '),
  ];
  const quoted = cells.map((cell) => `'${cell.replaceAll("'", "\\'")}'`).join(', ');
  return `  [0x${raw.code.slice(2).toLowerCase()}, ${quoted}],`;
}

const sources = JSON.parse(
  readFileSync(join(reference, 'use-cases.json'), 'utf8'),
) as readonly Source[];

writeFileSync(
  target,
  `/**
 * All message codes, one a row: code, use case, title, target devices, payload encodings by CRA flag, protection by
 * CRA flag, roles that may originate it, properties, service references. Generated by
 * scripts/generate/message-codes.ts; read through use-case.ts.
 */
export type MessageCodeRow = readonly [
  code: number,
  useCase: string,
  title: string,
  targets: string,
  encodings: string,
  protections: string,
  roles: string,
  properties: string,
  services: string,
];

// biome-ignore format: one message code a line
export const messageCodeRows: readonly MessageCodeRow[] = [
${sources.map(row).join('\n')}
];
`,
);
process.stdout.write(`${sources.length} message codes written to ${target}\n`);
