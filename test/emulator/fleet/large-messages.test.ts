import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Esme } from '../../../emulator/devices/esme/device.js';
import type { Gsme } from '../../../emulator/devices/gsme/device.js';
import { hanKinds } from '../../../emulator/fleet/home.js';
import { LargeMessages } from '../../../emulator/functions/large-messages.js';
import type { PublishOptions } from '../../../emulator/ports/bus.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { decodeEnvelope } from '../../../protocols/bus/envelope.js';
import { parseTopic } from '../../../protocols/bus/topics.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { data, types } from '../../../protocols/dlms/construct.js';
import {
  decodeGbtBlock,
  encodeGbtBlock,
  gbtThreshold,
  isGbtBlock,
  splitMessage,
} from '../../../protocols/gbcs/gbt.js';
import { gbtLimits } from '../../../protocols/gbcs/gbt-joiner.js';
import { largeMessage } from '../../support/large-message.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { rtdsEntities, rtdsFleet } from '../../support/rtds-fleet.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { type VirtualFleetOptions, virtualFleet } from '../../support/virtual-fleet.js';

const wakeMs = 1_800_000;

/** A bus on which a test has a hand in the blocks of the WAN: what it returns is published in their place. */
class HandledBus extends MemoryBus {
  handle: (envelope: Uint8Array, blockNumber: number) => readonly Uint8Array[] = (one) => [one];
  readonly up: Uint8Array[] = [];
  readonly down: Uint8Array[] = [];

  override publish(topic: string, payload: Uint8Array, options?: PublishOptions): void {
    const parsed = parseTopic(topic);
    const envelope = parsed?.plane === 'wan' ? decodeEnvelope(payload) : undefined;
    if (envelope?.kind !== 'gbcs' || parsed?.plane !== 'wan') {
      super.publish(topic, payload, options);
      return;
    }
    this[parsed.direction].push(envelope.body.slice());
    const { blockNumber = 0, data: octets } = isGbtBlock(envelope.body)
      ? decodeGbtBlock(envelope.body)
      : {};
    const published = octets?.length ? this.handle(payload.slice(), blockNumber) : [payload];
    for (const one of published) super.publish(topic, one, options);
  }
}

async function home(seed: string, options: VirtualFleetOptions = {}) {
  const bus = new HandledBus();
  const made = virtualFleet(bus, nodeCryptoForTests(), seed, 1, options);
  const { fleet, clock, until } = made;
  await fleet.start();
  clock.advance(30_000);
  const device = <D>(type: string): D => {
    const found = [...(fleet.homes[0]?.devices.values() ?? [])].find((one) => one.type === type);
    return found as D;
  };
  return {
    ...made,
    bus,
    device,
    blocksOf: (type: string) =>
      fleet.devices().find((one) => one.type === type)?.state.blocks as object | undefined,
    voltages: (days: number) =>
      until(
        fleet.send({
          useCase: 'ECS23',
          device: device<Esme>('esme').entity,
          parameters: {
            from: new Date(clock.nowMs() - days * 86_400_000).toISOString(),
            to: new Date(clock.nowMs()).toISOString(),
          },
        }),
      ),
  };
}

/** What ends of the way gave to be sent and got whole, the latest last. */
function watched() {
  const sent = vi.spyOn(LargeMessages.prototype, 'send');
  const received = vi.spyOn(LargeMessages.prototype, 'receive');
  return {
    sent: () => sent.mock.calls.map(([message]) => toHex(message)),
    joined: () => received.mock.results.flatMap(({ value }) => (value ? [toHex(value)] : [])),
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(hanKinds)('a home that carries %s: large messages', (han) => {
  it('a meter’s voltages of ninety days arrive byte for byte, and verified', async () => {
    const { fleet, bus, voltages, blocksOf } = await home('voltages', { world: { han } });
    const ends = watched();
    const outcome = await voltages(90);
    expect(outcome).toMatchObject({
      verdict: 'answered',
      succeeded: true,
      checks: { mac: 'valid' },
    });
    const [response] = ends.sent();
    // 4,320 entries of eight octets, and what goes round them.
    expect(response?.length).toBeGreaterThan(2 * 34_560);
    expect(ends.joined().at(-1)).toBe(response);
    const numbers = bus.up.map((block) => decodeGbtBlock(block).blockNumber);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => at + 1));
    expect(Math.max(...bus.up.map(({ length }) => length))).toBeLessThanOrEqual(1_500);
    expect(fleet.stats().headEnd).toMatchObject({
      responses: 1,
      errors: 0,
      blocks: { received: numbers.length, joined: 1, refused: 0, asked: 0 },
    });
    expect(blocksOf('esme')).toMatchObject({ sent: numbers.length });
    await fleet.stop();
  });

  it('sixty thousand octets too', async () => {
    const { fleet, device, voltages } = await home('sixty', { world: { han } });
    const u32 = types.simple('double-long-unsigned');
    const entries = Array.from({ length: 7_500 }, (_, at) =>
      data.structure(data.u32(at), data.u32(at ^ 0x5555)),
    );
    const log = data.compactArray(types.structure(u32, u32), entries);
    device<Esme>('esme').state.cosem.pin('7/1-0:32.24.0.255/a2', log);
    const ends = watched();
    const outcome = await voltages(1);
    expect(outcome).toMatchObject({ verdict: 'answered', checks: { mac: 'valid' } });
    expect(ends.sent()[0]?.length).toBeGreaterThan(2 * 60_000);
    expect(ends.joined().at(-1)).toBe(ends.sent()[0]);
    await fleet.stop();
  });

  it('a gas meter’s log comes when it wakes', async () => {
    const { fleet, bus, clock, until, device, blocksOf } = await home('gas log', {
      world: { han },
    });
    const gsme = device<Gsme>('gsme');
    const { eventLog, clock: meterClock } = gsme.state;
    for (let n = 0; n < 100; n++) eventLog.add(0x8154, meterClock.nowMs(), 'ab'.repeat(16 + n));
    const ends = watched();
    const sentMs = clock.nowMs();
    const parameters = {
      from: new Date(sentMs - 86_400_000).toISOString(),
      to: new Date(sentMs + 86_400_000).toISOString(),
    };
    const outcome = await until(
      fleet.send({ useCase: 'CS10a', device: gsme.entity, parameters, timeoutMs: 2 * wakeMs }),
    );
    expect(outcome).toMatchObject({ verdict: 'answered', succeeded: true });
    expect(outcome.latencyMs).toBeGreaterThan(60_000);
    const response = ends.sent().at(-1);
    expect(response?.length).toBeGreaterThan(2 * 6_000);
    expect(ends.joined().at(-1)).toBe(response);
    expect(blocksOf('gsme')).toMatchObject({ sent: bus.up.length, received: 0 });
    expect(bus.up.length).toBeGreaterThan(5);
    await fleet.stop();
  });

  it('a long command waits at the hub, and the gas meter fetches its blocks in order', async () => {
    const { fleet, bus, clock, device, blocksOf } = await home('gas command', { world: { han } });
    const { entity } = device<Gsme>('gsme');
    const hub = fleet.homes[0]?.hub as Eui64;
    const command = largeMessage(255, 1n, entity);
    const ends = watched();
    fleet.headEnd.issueRaw(hub, command);
    expect(fleet.devices().find(({ type }) => type === 'gpf')?.state.messagesPending).toBe(5);
    expect(bus.down.map((block) => decodeGbtBlock(block).last)).toEqual([
      ...Array(4).fill(false),
      true,
    ]);
    clock.advance(wakeMs + 60_000);
    expect(ends.joined()).toEqual([toHex(command)]);
    expect(blocksOf('gsme')).toMatchObject({ received: 5, joined: 1 });
    // Whole, it met the gate: no gas meter of ours has that use case.
    expect(fleet.stats().refusals).toEqual({ unsupportedMessageCode: 1 });
    await fleet.stop();
  });

  it('arrive when blocks are lost on the way, turned round, and doubled', async () => {
    const { fleet, bus, voltages, blocksOf } = await home('disturbed', { world: { han } });
    const ends = watched();
    const lost = new Set([2, 5]);
    bus.handle = (one, number) => (lost.delete(number) ? [] : [one]);
    expect(await voltages(30)).toMatchObject({ verdict: 'answered', checks: { mac: 'valid' } });
    expect(fleet.stats().headEnd.blocks).toMatchObject({ joined: 1, asked: 1, refused: 0 });
    expect(blocksOf('esme')).toMatchObject({ repeated: 1 });
    const held: Uint8Array[] = [];
    bus.handle = (one, number) => {
      held.unshift(one);
      return number === 10 ? held.splice(0) : [];
    };
    expect(await voltages(30)).toMatchObject({ verdict: 'answered', checks: { mac: 'valid' } });
    bus.handle = (one) => [one, one];
    expect(await voltages(30)).toMatchObject({ verdict: 'answered', checks: { mac: 'valid' } });
    expect(ends.joined()).toEqual(expect.arrayContaining(ends.sent()));
    expect(fleet.stats().headEnd).toMatchObject({
      responses: 3,
      errors: 0,
      unexpected: 0,
      blocks: { joined: 3, refused: 0 },
    });
    await fleet.stop();
  });

  it('of two commands are told apart, however their blocks are mixed', async () => {
    const { fleet, bus, voltages } = await home('mixed', { world: { han } });
    const held: Uint8Array[][] = [[], []];
    let message = 0;
    bus.handle = (one, number) => {
      held[message]?.push(one);
      if (number < 5) return [];
      message++;
      if (message < 2) return [];
      return held[0]?.flatMap((block, at) => [block, held[1]?.[at] as Uint8Array]) ?? [];
    };
    const outcomes = await Promise.all([voltages(15), voltages(15)]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ verdict: 'answered', checks: { mac: 'valid' } });
    }
    expect(fleet.stats().headEnd.blocks).toMatchObject({ received: 10, joined: 2, refused: 0 });
    await fleet.stop();
  });

  it('a bomb of blocks stays a bounded nuisance, and is counted', async () => {
    const { fleet, clock, device, voltages, blocksOf } = await home('bomb', { world: { han } });
    const { entity } = device<Esme>('esme');
    const hub = fleet.homes[0]?.hub as Eui64;
    const first = decodeGbtBlock(splitMessage(largeMessage(255, 1n, entity))[0] as Uint8Array);
    for (let n = 1n; n <= 60n; n++) {
      fleet.headEnd.sendRaw(hub, encodeGbtBlock({ ...first, originatorCounter: n }));
      const up = { ...first, originator: entity, craFlag: 'alert', originatorCounter: n } as const;
      fleet.headEnd.onMessage(hub, encodeGbtBlock(up));
    }
    expect(blocksOf('esme')).toMatchObject({ received: 60, joined: 0, refused: 56 });
    expect(fleet.stats().headEnd.blocks).toMatchObject({ received: 60, joined: 0, refused: 56 });
    expect(fleet.stats().refusals).toEqual({ blockRefused: 56 });
    // Short messages are as ever; a long response finds no room until the time of the others is over.
    expect(await voltages(1)).toMatchObject({ verdict: 'answered' });
    expect(await voltages(15)).toMatchObject({ verdict: 'timeout' });
    clock.advance(gbtLimits.ageMaxMs);
    expect(await voltages(15)).toMatchObject({ verdict: 'answered' });
    expect(fleet.stats().headEnd.blocks).toMatchObject({ joined: 1, expired: 4 });
    expect(blocksOf('esme')).toMatchObject({ expired: 4 });
    await fleet.stop();
  });
});

describe.skipIf(!rtdsAvailable)('long official commands', () => {
  it.each(loadLongCommands())('%s reaches the meter as it was sent', async (file) => {
    const { fleet, clock } = await rtdsFleet(new MemoryBus());
    const official = readRtdsMessage(file);
    const ends = watched();
    fleet.headEnd.issueRaw(fleet.homes[0]?.hub as Eui64, official);
    clock.advance(60_000);
    expect(ends.joined()).toEqual([toHex(official)]);
    expect(fleet.stats().headEnd.blocks.sent).toBe(Math.ceil(official.length / 1_200));
    expect(fleet.stats().undeliverable).toBe(0);
    await fleet.stop();
  });
});

/** One file of each message code. */
function loadLongCommands(): string[] {
  if (!rtdsAvailable) return [];
  const known: readonly string[] = [rtdsEntities.esme, rtdsEntities.gpf];
  const long = loadRtdsIndex().filter(
    ({ role, bytes, recipient }) =>
      role === 'command' && bytes > gbtThreshold && known.includes(recipient),
  );
  const files = new Map(long.map(({ messageCode, file }) => [messageCode, file]));
  return [...files.values()];
}
