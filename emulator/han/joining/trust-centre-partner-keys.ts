import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { keyOctets } from '../../../protocols/zigbee/aps-command.js';
import type { RandomStream } from '../../ports/random.js';
import type { FrameNode } from '../stack/frame-node.js';
import type { Member } from './trust-centre-members.js';

/**
 * How long two devices get the same key when one of them asks again, so that both end with one key
 * though a frame was lost. Radio time; our choice.
 */
const memoryMs = 60_000;
const pairsMax = 32;
const attemptsMax = 3;

interface Pair {
  readonly key: Uint8Array;
  readonly untilMs: number;
}

/** Gives two devices of a home a link key of their own. */
export class PartnerKeys {
  private readonly pairs = new Map<string, Pair>();

  constructor(
    private readonly node: FrameNode,
    private readonly random: RandomStream,
  ) {}

  /** Both must have established a link key with the trust centre. */
  give(initiator: Member, partner: Member, nowMs: number): void {
    const key = this.keyOf(initiator.eui, partner.eui, nowMs);
    this.send(initiator, partner.eui, true, key, 1);
    this.send(partner, initiator.eui, false, key, 1);
  }

  private keyOf(a: Eui64, b: Eui64, nowMs: number): Uint8Array {
    const name = a < b ? a + b : b + a;
    const known = this.pairs.get(name);
    if (known !== undefined && nowMs < known.untilMs) return known.key;
    this.pairs.delete(name);
    if (this.pairs.size >= pairsMax) {
      const [oldest] = this.pairs.keys();
      if (oldest !== undefined) this.pairs.delete(oldest);
    }
    const pair = { key: this.random.bytes(keyOctets), untilMs: nowMs + memoryMs };
    this.pairs.set(name, pair);
    return pair.key;
  }

  private send(
    to: Member,
    partner: Eui64,
    initiator: boolean,
    key: Uint8Array,
    attempt: number,
  ): void {
    const { aps, security } = this.node;
    const keys = security.linkKeyOf(to.eui);
    if (keys === undefined) return;
    aps.sendCommand(
      to.shortAddress,
      { command: 'transport-key', keyType: 'application-link', key, partner, initiator },
      { keys, keyIdentifier: 'key-load' },
      true,
      this.node.nowMs(),
      (status) => {
        if (status !== 'success' && attempt < attemptsMax) {
          this.send(to, partner, initiator, key, attempt + 1);
        }
      },
    );
  }
}
