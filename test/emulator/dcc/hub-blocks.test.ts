import { describe, expect, it } from 'vitest';
import { HubBlocks } from '../../../emulator/dcc/hub-blocks.js';
import { Inventory } from '../../../emulator/dcc/inventory.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { decodeGbtBlock, encodeGbtBlock, splitMessage } from '../../../protocols/gbcs/gbt.js';
import { largeMessage } from '../../support/large-message.js';

const large = largeMessage(200, 1n);
const largeBlocks = splitMessage(large) as [Uint8Array, ...Uint8Array[]];
const first = decodeGbtBlock(largeBlocks[0]);

interface KnownHome {
  readonly hub: Eui64;
  readonly device: Eui64;
}

/** A head end that knows some homes, of a hub and a device each. */
function headEndOf(homes: number, bytesMax?: number, onlyDevice?: Eui64) {
  const sent: { readonly hub: Eui64; readonly bytes: Uint8Array }[] = [];
  const problems: string[] = [];
  const hubs = Array.from({ length: homes }, (_, at) => {
    const number = at.toString(16).padStart(8, '0');
    return { hub: eui64(`00db0001${number}`), device: onlyDevice ?? eui64(`00db0002${number}`) };
  }) as [KnownHome, ...KnownHome[]];
  const inventory = new Inventory(
    hubs.flatMap(({ hub, device }, at) => [
      { device: hub, type: 'chf' as const, hub, home: `home-${at}` },
      { device, type: 'esme' as const, hub, home: `home-${at}` },
    ]),
  );
  const blocks = new HubBlocks({
    wan: { send: (hub, bytes) => sent.push({ hub, bytes }) },
    nowMs: () => 0,
    inventory,
    onProblem: (hub, problem, detail) => problems.push(`${hub} ${problem} ${detail}`),
    bytesMax,
  });
  return { blocks, hubs, sent, problems };
}

/** The first block of a message that never ends. */
function beginning(originator: Eui64, originatorCounter: bigint): Uint8Array {
  return encodeGbtBlock({ ...first, originator, originatorCounter, craFlag: 'response' });
}

describe('blocks at the head end', () => {
  it('a command above the threshold leaves in blocks, any other as it is', () => {
    const { blocks, hubs, sent } = headEndOf(1);
    const [{ hub }] = hubs;
    blocks.send(hub, large.subarray(0, 1_200));
    blocks.send(hub, large);
    expect(sent.map(({ bytes }) => toHex(bytes))).toEqual(
      [large.subarray(0, 1_200), ...largeBlocks].map((bytes) => toHex(bytes)),
    );
    expect(blocks.totals()).toMatchObject({ sent: 4, received: 0 });
  });

  it('strangers make it hold nothing', () => {
    const { blocks, hubs, problems } = headEndOf(2);
    const [one, other] = hubs as unknown as [KnownHome, KnownHome];
    const stranger = eui64('0102030405060708');
    for (let n = 0n; n < 1_000n; n++) {
      blocks.receive(stranger, beginning(one.device, n));
      blocks.receive(one.hub, beginning(other.device, n));
      blocks.receive(one.hub, beginning(stranger, n));
    }
    expect(blocks.totals()).toMatchObject({ received: 3_000, refused: 3_000 });
    expect(new Set(problems)).toEqual(
      new Set([
        `${stranger} blockRefused not a hub of the inventory`,
        `${one.hub} blockRefused device ${other.device} is not behind this hub`,
        `${one.hub} blockRefused device ${stranger} is not behind this hub`,
      ]),
    );
  });

  it('one hub gets four messages at a time, all hubs together their share of memory', () => {
    const { blocks, hubs, problems } = headEndOf(50, 100_000);
    for (const { hub, device } of hubs) {
      for (let n = 0n; n < 10n; n++) blocks.receive(hub, beginning(device, n));
    }
    // 83 blocks of 1,200 bytes; of the other 417 some were one too many of their hub.
    expect(blocks.totals()).toMatchObject({ received: 500, refused: 417 });
    expect(
      problems.filter((text) => text.endsWith('too many messages are incomplete')),
    ).toHaveLength(417 - 20 * 6);
  });

  it('has room again when a message is complete', () => {
    const { blocks, hubs } = headEndOf(1, large.length, decodeGbtBlock(largeBlocks[0]).originator);
    for (let n = 0; n < 3; n++) {
      const whole = largeBlocks.map((block) => blocks.receive(hubs[0].hub, block));
      expect(whole.map((message) => message && toHex(message))).toEqual([
        ...Array(3).fill(undefined),
        toHex(large),
      ]);
    }
    expect(blocks.totals()).toMatchObject({ received: 12, joined: 3, refused: 0 });
  });
});
