import { describe, expect, it } from 'vitest';
import type { RadioChannel } from '../../../../emulator/han/air/radio.js';
import type { FrameNode } from '../../../../emulator/han/stack/frame-node.js';
import { HanEntity } from '../../../../emulator/han/stack/han-entity.js';
import { heldFramesMax, SubGhzClient } from '../../../../emulator/han/sub-ghz/sub-ghz-client.js';
import { SeededRandom } from '../../../../emulator/sim/seeded-random.js';
import { VirtualClock } from '../../../../emulator/sim/virtual-clock.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';

const hub = eui64('02fe110000000002');
const own = eui64('02fe110000000005');
const subGhz = 0x070b;
const metering = 0x0702;
const ota = 0x0019;
const minuteMs = 60_000;

function device(sleepy: boolean) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const channels: RadioChannel[] = [{ page: 28, channel: 3 }];
  const sent: { clusterId: number; zcl: string }[] = [];
  let searches = 0;
  const node = {
    hooks: {} as FrameNode['hooks'],
    joined: true,
    mac: { channels, subGhzTransmissions: { transmissions: 0, failures: 0, retries: 0 } },
    network: { retune: ([to]: RadioChannel[]) => channels.splice(0, 1, to as RadioChannel) },
  };
  const entity = new HanEntity(
    {
      send: (_source, _destination, clusterId, asdu) => {
        sent.push({ clusterId, zcl: toHex(asdu) });
        return 'sent';
      },
    },
    own,
    [1],
  );
  const client = new SubGhzClient({
    node: node as unknown as FrameNode,
    entity,
    hub,
    sleepy,
    clock,
    random: new SeededRandom(1).stream('client'),
    search: () => searches++,
  });
  const told = (hex: string) => entity.deliver(hub, subGhz, fromHex(hex));
  /** An answer to the question asked last: the hub is about to go there. */
  const announced = (mask: string) => told(`180001${'0000'}00${'1b'}${mask}`);
  return { clock, channels, sent, node, entity, client, told, announced, searches: () => searches };
}

describe('a device on the sub-GHz band', () => {
  it('holds back what it would say while it has to be silent, firmware apart', () => {
    const { entity, client, told, sent, clock } = device(true);
    told('19000005');
    for (let n = 0; n < heldFramesMax + 4; n++) {
      expect(entity.sendZcl(hub, metering, Uint8Array.of(1, n, 0))).toBe('sent');
    }
    entity.sendZcl(hub, ota, Uint8Array.of(1, 0, 3));
    expect(sent).toEqual([{ clusterId: ota, zcl: '010003' }]);
    expect(client.describe()).toMatchObject({ silentMinutes: 5, held: heldFramesMax, givenUp: 4 });
    clock.advance(5 * minuteMs - 1);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    // The oldest were given up, the others go in their order.
    expect(sent.slice(1).map(({ zcl }) => zcl.slice(2, 4))).toEqual(
      Array.from({ length: heldFramesMax }, (_, n) => (n + 4).toString(16).padStart(2, '0')),
    );
    expect(clock.pending).toBe(0);
  });

  it('is told anew, or that it may speak', () => {
    const { entity, told, sent, clock } = device(true);
    told('19000005');
    entity.sendZcl(hub, metering, Uint8Array.of(1, 0, 0));
    clock.advance(4 * minuteMs);
    told('19010005');
    clock.advance(4 * minuteMs);
    expect(sent).toEqual([]);
    told('19020000');
    expect(sent).toEqual([{ clusterId: metering, zcl: '010000' }]);
  });

  it('asleep: asks when it wakes, and moves before its next word', () => {
    const { node, channels, announced, sent, clock } = device(true);
    node.hooks.onAwake?.(0);
    // Read Attributes 0 to 4, and how long to be silent.
    expect(sent.map(({ zcl }) => zcl)).toEqual(['00000000000100020003000400', '010100']);
    announced('010000e0');
    expect(channels).toEqual([{ page: 28, channel: 3 }]);
    clock.advance(30 * minuteMs);
    node.hooks.onAwake?.(0);
    expect(channels).toEqual([{ page: 28, channel: 0 }]);
    expect(clock.pending).toBe(0);
  });

  it('awake: stays while it is answered, moves when it is not, searches when nobody is there', () => {
    const made = device(false);
    const { clock, channels, announced, sent } = made;
    while (sent.length === 0) clock.advance(1_000);
    announced('010000e0');
    clock.advance(minuteMs + 1_000);
    announced('010000e0');
    expect(channels).toEqual([{ page: 28, channel: 3 }]);
    clock.advance(minuteMs + 10_000);
    expect(channels).toEqual([{ page: 28, channel: 0 }]);
    expect(made.searches()).toBe(0);
    clock.advance(10_000 + minuteMs + 10_000);
    expect(made.searches()).toBe(1);
    made.client.stop();
    expect(clock.pending).toBe(0);
  });

  it('takes nothing from others, and nothing that is malformed', () => {
    const { entity, client, told } = device(true);
    entity.deliver(own, subGhz, fromHex('19000005'));
    for (const hex of ['', '19', '190000', '1900000505', '01000005', '180001000000', 'ff00'])
      told(hex);
    expect(client.describe()).toMatchObject({ silentMinutes: 0 });
  });
});
