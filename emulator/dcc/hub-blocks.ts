import type { Eui64 } from '../../protocols/codec/eui64.js';
import { type GbtBlock, gbtThreshold, isGbtBlock } from '../../protocols/gbcs/gbt.js';
import {
  type BlockProblem,
  type BlockTotals,
  LargeMessages,
  noBlocks,
} from '../functions/large-messages.js';
import type { Inventory } from './inventory.js';
import type { WanPort } from './wan-port.js';

export interface HubBlocksParts {
  readonly wan: WanPort;
  readonly nowMs: () => number;
  readonly inventory: Inventory;
  readonly onProblem: (hub: Eui64, problem: BlockProblem, detail: string) => void;
  /** Bytes of incomplete messages of all hubs together. */
  readonly bytesMax?: number | undefined;
}

/** A thousand messages of the greatest length. Whoever is on the bus can write in the name of each hub. */
const defaultBytesMax = 64 * 1024 * 1024;

/** Large messages between the head end and its hubs: what is above the threshold travels in blocks. */
export class HubBlocks {
  private readonly hubs = new Map<Eui64, LargeMessages>();
  private bytesHeld = 0;
  /** Blocks of hubs that are none of ours. */
  private strangers = 0;

  constructor(private readonly parts: HubBlocksParts) {}

  send(hub: Eui64, message: Uint8Array): void {
    if (message.length <= gbtThreshold) this.parts.wan.send(hub, message);
    else this.ofHub(hub).send(message);
  }

  /** The whole message that came with this; undefined where there is none yet. Never throws for any bytes. */
  receive(hub: Eui64, bytes: Uint8Array): Uint8Array | undefined {
    if (!isGbtBlock(bytes)) return bytes;
    if (this.parts.inventory.find(hub) === undefined) {
      this.strangers++;
      this.parts.onProblem(hub, 'blockRefused', 'not a hub of the inventory');
      return undefined;
    }
    const messages = this.ofHub(hub);
    const before = messages.bytesHeld;
    const message = messages.receive(bytes);
    this.bytesHeld += messages.bytesHeld - before;
    return message;
  }

  totals(): BlockTotals {
    const totals = { ...noBlocks, received: this.strangers, refused: this.strangers };
    for (const messages of this.hubs.values()) {
      const ofHub = messages.totals;
      for (const name of Object.keys(totals) as (keyof BlockTotals)[]) totals[name] += ofHub[name];
    }
    this.addUp();
    return totals;
  }

  private ofHub(hub: Eui64): LargeMessages {
    let messages = this.hubs.get(hub);
    if (messages !== undefined) return messages;
    messages = new LargeMessages({
      send: (bytes) => this.parts.wan.send(hub, bytes),
      nowMs: this.parts.nowMs,
      refuse: (block) => this.refuse(hub, block),
      onProblem: (problem, detail) => this.parts.onProblem(hub, problem, detail),
    });
    this.hubs.set(hub, messages);
    return messages;
  }

  private refuse(hub: Eui64, block: GbtBlock): string | undefined {
    const { originator, data } = block;
    if (this.parts.inventory.find(originator)?.hub !== hub) {
      return `device ${originator} is not behind this hub`;
    }
    return this.hasRoomFor(data.length) ? undefined : 'too many messages are incomplete';
  }

  private hasRoomFor(length: number): boolean {
    const { bytesMax = defaultBytesMax } = this.parts;
    if (this.bytesHeld + length <= bytesMax) return true;
    for (const messages of this.hubs.values()) messages.expire();
    this.addUp();
    return this.bytesHeld + length <= bytesMax;
  }

  private addUp(): void {
    this.bytesHeld = 0;
    for (const messages of this.hubs.values()) this.bytesHeld += messages.bytesHeld;
  }
}
