import type { FrameNode } from '../stack/frame-node.js';
import { LinkKey } from '../stack/link-key.js';
import type { Member } from './trust-centre-members.js';

/** Each key is tried so often before the next. */
const attemptsPerKey = 2;

/**
 * Sends the network key under the member's next key to try, in the clear of the network that the
 * device has no key of yet. False when all keys were tried, or there is no network.
 */
export function sendNetworkKey(node: FrameNode, member: Member, nowMs: number): boolean {
  if (member.attempts >= attemptsPerKey) {
    member.keyIndex++;
    member.attempts = 0;
  }
  const { security, aps, eui } = node;
  const octets = member.keys[member.keyIndex];
  const { networkKey } = security;
  if (octets === undefined || networkKey === undefined) return false;
  member.attempts++;
  const keys = new LinkKey(security.crypto, octets, 'preconfigured');
  aps.sendCommand(
    member.shortAddress,
    {
      command: 'transport-key',
      keyType: 'network',
      key: networkKey.key,
      sequenceNumber: networkKey.sequenceNumber,
      destination: member.eui,
      source: eui,
    },
    { keys, keyIdentifier: 'key-transport' },
    false,
    nowMs,
  );
  return true;
}
