import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { RadioChannel } from './air/radio.js';
import type { AirReport } from './air/shared-air.js';
import type { EntityType } from './joining/endpoint-descriptions.js';
import type { HomeRadio, MembershipReport } from './joining/home-radio.js';
import { noShortAddress } from './mac/mac-address.js';
import type { Directory } from './stack/directory.js';
import type { NodeRole } from './stack/network-layer.js';

/** One radio of a home, for people and scenarios. */
export interface NodeReport extends MembershipReport {
  readonly radio: Eui64;
  /** The entities that it carries: two on the hub. */
  readonly types: readonly EntityType[];
  readonly role: NodeRole;
  readonly joined: boolean;
  /** Absent while it has none. */
  readonly shortAddress?: number;
  readonly panId?: number;
  readonly extendedPanId?: Eui64;
  /** Those of its network; a hub with devices of both bands has two. */
  readonly channels: readonly RadioChannel[];
  readonly asleep: boolean;
  readonly transmitted: number;
  readonly received: number;
  /** Frames sent again because nobody acknowledged them. */
  readonly retries: number;
  /** Frames that nobody acknowledged at all. */
  readonly noAck: number;
  /** What came in and led nowhere, by reason; zeros left out. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** A home network with an air. */
export interface FrameHanReport {
  readonly han: 'frames';
  readonly nodes: readonly NodeReport[];
  /** Devices of the sub-GHz band; absent where there are none. */
  readonly subGhz?: readonly Readonly<Record<string, unknown>>[];
  readonly air: AirReport;
}

/** One that carries whole messages. */
export interface MessageHanReport {
  readonly han: 'messages';
  /** ZCL frames from entity to entity. */
  readonly carried: number;
}

/** JSON-safe. */
export type HanReport = FrameHanReport | MessageHanReport;

export function nodeReport(homeRadio: HomeRadio, directory: Directory): NodeReport {
  const { node } = homeRadio;
  const { network } = node.network;
  const { shortAddress } = node.mac;
  const { transmitted, delivered, retries, noAck } = node.mac.describe();
  const own = [...directory.listings()].filter(({ radio }) => radio === node.eui);
  return {
    radio: node.eui,
    types: own.map(({ type }) => type),
    role: node.role,
    joined: node.joined,
    ...(shortAddress === noShortAddress ? {} : { shortAddress }),
    ...(network === undefined
      ? {}
      : { panId: network.panId, extendedPanId: network.extendedPanId }),
    channels: (network?.channels ?? []).map(({ page, channel }) => ({ page, channel })),
    asleep: node.asleep,
    transmitted,
    received: delivered,
    retries,
    noAck,
    ...homeRadio.describe(),
    dropped: node.drops(),
  };
}
