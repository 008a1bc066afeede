import type { FleetStats } from '../fleet/fleet.js';
import type { HomeNetwork } from '../fleet/home-network.js';
import type { RadioChannel } from '../han/air/radio.js';
import type { FrameHanReport, NodeReport } from '../han/han-report.js';
import type { Colours } from './output.js';
import { briefly, tableLines } from './text-table.js';

type Counts = Readonly<Record<string, number>>;

function channelText({ page, channel }: RadioChannel): string {
  return page === 0 ? `${channel}` : `${channel} of page ${page}`;
}

function hexAddress(address: number | undefined): string {
  return address === undefined ? '-' : address.toString(16).padStart(4, '0');
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

/** `replayed 12, duplicate 3`, the greatest first. */
function countsText(counts: Counts): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  return briefly(Object.fromEntries(entries.sort(([, a], [, b]) => b - a)));
}

function stateText(node: NodeReport): string {
  if (!node.joined) return node.joining ?? 'not joined';
  return node.asleep ? 'asleep' : 'joined';
}

function isHub({ role }: NodeReport): boolean {
  return role === 'coordinator';
}

function linkText(node: NodeReport, { nodes, air }: FrameHanReport): string {
  const hub = nodes.find(isHub)?.radio;
  const link = air.links.find(
    ({ a, b }) => (a === hub && b === node.radio) || (b === hub && a === node.radio),
  );
  return link === undefined ? '-' : `${Math.round(link.rssiDbm)} dBm, LQI ${link.lqi}`;
}

function headline({ home, joined, devices }: HomeNetwork, report: FrameHanReport): string {
  const hub = report.nodes.find(isHub);
  const here =
    hub?.panId === undefined
      ? 'no network yet'
      : `PAN ${hexAddress(hub.panId)}, extended PAN ${hub.extendedPanId}, ` +
        `channel ${hub.channels.map(channelText).join(' and ')}`;
  const { environment } = report.air;
  return `${home}: ${here}, radio ${environment}, ${joined} of ${devices} devices joined`;
}

function nodeRows(report: FrameHanReport): string[][] {
  return report.nodes.map((node) => [
    node.types.join('+'),
    node.radio,
    hexAddress(node.shortAddress),
    node.role,
    stateText(node),
    linkText(node, report),
    `${node.transmitted}`,
    `${node.received}`,
    `${node.retries}`,
    countsText(node.dropped) || '-',
  ]);
}

const nodeHead = [
  'DEVICE',
  'RADIO',
  'ADDR',
  'ROLE',
  'STATE',
  'LINK TO HUB',
  'SENT',
  'RECEIVED',
  'RETRIES',
  'DROPPED',
];

/** What happened on the air, as far as anything did; retransmissions and losses show here first. */
function airLine({ air: { counts } }: FrameHanReport): string {
  const { transmitted, received, dropped, delivered: _each, ...others } = counts;
  const rest = countsText({ ...others, ...dropped });
  return `air: ${transmitted} frames sent, ${received} received${rest === '' ? '' : `, ${rest}`}`;
}

function trustCentreLines({ nodes }: FrameHanReport): string[] {
  const { trustCentre } = nodes.find(isHub) ?? {};
  if (trustCentre === undefined) return [];
  const phases: Record<string, number> = {};
  for (const { phase } of trustCentre.members) phases[phase] = (phases[phase] ?? 0) + 1;
  const refused = countsText(trustCentre.refused);
  const members = countsText(phases) || 'no members';
  return [`trust centre: ${members}${refused === '' ? '' : `; refused: ${refused}`}`];
}

function joiningLines({ nodes }: FrameHanReport): string[] {
  return nodes
    .filter(({ failures }) => failures !== undefined && sum(failures) > 0)
    .map(({ types, failures }) => `joining of ${types.join('+')}: ${countsText(failures ?? {})}`);
}

function subGhzLines({ nodes, air, subGhz = [] }: FrameHanReport): string[] {
  if (subGhz.length === 0) return [];
  const duty = air.radios.flatMap(({ eui, dutyCyclePercent }) => {
    const types = nodes.find(({ radio }) => radio === eui)?.types.join('+') ?? eui;
    return dutyCyclePercent > 0 ? [`${types} ${dutyCyclePercent.toFixed(3)} %`] : [];
  });
  const clients = subGhz.map((client) => briefly(client));
  return [
    `sub-GHz: duty cycle of the last hour: ${duty.join(', ') || 'none'}`,
    ...clients.map((client) => `sub-GHz: ${client}`),
  ];
}

function faultLines({ air: { faults } }: FrameHanReport): string[] {
  const set = Object.entries(faults).filter(([, list]) => list.length > 0);
  return set.length === 0 ? [] : [`faults: ${briefly(Object.fromEntries(set))}`];
}

/** One home: radios in a table, then what concerns all of them. */
export function networkLines(home: HomeNetwork, colours: Colours): string[] {
  const { network } = home;
  if (network.han === 'messages') {
    return [
      `${home.home}: whole messages from device to device, nothing on the air; ` +
        `${network.carried} ZCL frames carried`,
    ];
  }
  const [head = '', ...rows] = tableLines([nodeHead, ...nodeRows(network)]);
  return [
    headline(home, network),
    colours.bold(head),
    ...rows,
    ...trustCentreLines(network),
    ...joiningLines(network),
    airLine(network),
    ...subGhzLines(network),
    ...faultLines(network),
  ];
}

const fleetHead = [
  'HOME',
  'HUB',
  'CHANNEL',
  'PAN',
  'JOINED',
  'ASLEEP',
  'FRAMES',
  'LOST',
  'DROPPED',
];

function fleetRow({ home, hub, joined, devices, network }: HomeNetwork): string[] {
  const members = `${joined}/${devices}`;
  if (network.han === 'messages') {
    return [home, hub, '-', '-', members, '-', `${network.carried}`, '-', '-'];
  }
  const { nodes, air } = network;
  const coordinator = nodes.find(isHub);
  const { lost, collided, blocked, abandoned } = air.counts;
  const dropped: Record<string, number> = {};
  for (const node of nodes) {
    for (const [reason, count] of Object.entries(node.dropped)) {
      dropped[reason] = (dropped[reason] ?? 0) + count;
    }
  }
  return [
    home,
    hub,
    coordinator?.channels.map(channelText).join(', ') || '-',
    hexAddress(coordinator?.panId),
    members,
    `${nodes.filter(({ asleep, joined: member }) => asleep && member).length}`,
    `${air.counts.transmitted}`,
    `${lost + collided + blocked + abandoned}`,
    countsText({ ...dropped, ...air.counts.dropped }) || '-',
  ];
}

/** Each home in a line, and what the bus brought that was no message of the fleet. */
export function fleetLines(
  networks: readonly HomeNetwork[],
  { framesOnAir, busProblems }: FleetStats,
  colours: Colours,
): string[] {
  const [head = '', ...rows] = tableLines([fleetHead, ...networks.map(fleetRow)]);
  return [
    colours.bold(head),
    ...rows,
    `${framesOnAir} frames on the air, ${busProblems} bus messages dropped`,
  ];
}
