import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { ApsCommand } from '../../../protocols/zigbee/aps-command.js';
import type { ApsCommandOrigin } from '../stack/aps-layer.js';
import type { FrameNode } from '../stack/frame-node.js';
import type { NetworkKey } from '../stack/node-security.js';

export interface HubOrders {
  /** The network key, for a device that has none; false where it does not wait for it. */
  networkKey(key: NetworkKey, nowMs: number): boolean;
  partnerKey(partner: Eui64): void;
  leave(nowMs: number): void;
}

type Handler<C extends ApsCommand['command']> = (
  node: FrameNode,
  command: Extract<ApsCommand, { readonly command: C }>,
  origin: ApsCommandOrigin,
  orders: HubOrders,
  nowMs: number,
) => boolean;

/**
 * What a device does at its trust centre's word, and under which key it must come. False: not done.
 */
const handlers: { readonly [C in ApsCommand['command']]?: Handler<C> } = {
  'transport-key': (node, command, { secured, keyIdentifier }, orders, nowMs) => {
    const { security, eui } = node;
    if (command.keyType === 'application-link') {
      if (!secured || keyIdentifier !== 'key-load') return false;
      if (!security.setLinkKey(command.partner, command.key.slice(), 'partner')) return false;
      orders.partnerKey(command.partner);
      return true;
    }
    if (command.keyType !== 'network' || keyIdentifier !== 'key-transport') return false;
    if (command.destination !== eui) return false;
    const key = { key: command.key.slice(), sequenceNumber: command.sequenceNumber };
    if (!secured) return orders.networkKey(key, nowMs);
    security.setUpcomingNetworkKey(key);
    return true;
  },
  'switch-key': ({ security }, { sequenceNumber }, { secured }) =>
    secured && security.switchNetworkKey(sequenceNumber),
  'remove-device': ({ eui }, { device }, { secured, keyIdentifier }, orders, nowMs) => {
    const ours = secured && keyIdentifier === 'data' && device === eui;
    if (ours) orders.leave(nowMs);
    return ours;
  },
};

export function takeHubCommand(
  node: FrameNode,
  command: ApsCommand,
  origin: ApsCommandOrigin,
  orders: HubOrders,
  nowMs: number,
): boolean {
  const handler = handlers[command.command] as Handler<ApsCommand['command']> | undefined;
  return handler?.(node, command, origin, orders, nowMs) === true;
}
