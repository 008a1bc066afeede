import { describe, expect, it } from 'vitest';
import {
  indirectMax,
  indirectPerDeviceMax,
} from '../../../../emulator/han/mac/mac-indirect-queue.js';
import type { MacStatus } from '../../../../emulator/han/mac/mac-upper.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { bytesOf } from '../../../support/codec-table.js';
import {
  type AirFrame,
  hubEui,
  meterEui,
  ToyMedium,
  toyHub,
  toyJoined,
} from '../../../support/toy-medium.js';

function home(timing = {}) {
  const medium = new ToyMedium();
  const hub = toyHub(medium, timing);
  const meter = toyJoined(medium, meterEui, 0x4f21, timing);
  meter.mac.rxOnWhenIdle = false;
  const ends: string[] = [];
  const done = (name: string) => (status: MacStatus) => ends.push(`${name} ${status}`);
  const results: string[] = [];
  const poll = () =>
    meter.mac.poll(medium.nowMs, (result, _atMs, more) =>
      results.push(more ? `${result}, more` : result),
    );
  const hold = (octet: string) =>
    hub.mac.send(0x4f21, bytesOf(octet), true, medium.nowMs, done(octet));
  const received = () => meter.upper.data.map(({ nsdu }) => nsdu);
  return { medium, hub, meter, ends, results, poll, hold, received };
}

/** Without sequence number. */
function masked({ psdu }: AirFrame): string {
  const hex = toHex(psdu);
  return `${hex.slice(0, 4)}..${hex.slice(6)}`;
}

describe('polling (zigbee.md 2)', () => {
  it('finds nothing where nothing waits', () => {
    const { medium, hub, results, poll } = home();
    poll();
    medium.run(5_000);
    expect(medium.frames.map(masked)).toEqual(['6388..621a0000214f04', '0200..']);
    expect(results).toEqual(['empty']);
    expect(hub.upper.polled).toEqual([0x4f21]);
  });

  it('keeps a frame until its sleepy destination asks, and not before', () => {
    const { medium, meter, ends, results, poll, hold, received } = home();
    hold('aa');
    medium.run(5_000);
    expect(medium.frames).toEqual([]);
    expect(meter.mac.listens(0, 20)).toBe(false);
    poll();
    expect(meter.mac.listens(0, 20)).toBe(true);
    medium.run(1_000);
    expect(medium.frames.map(masked)).toEqual([
      '6388..621a0000214f04',
      '1200..',
      '6188..621a214f0000aa',
      '0200..',
    ]);
    expect(received()).toEqual(['aa']);
    expect(ends).toEqual(['aa success']);
    expect(results).toEqual(['data']);
    expect(meter.mac.listens(0, 20)).toBe(false);
  });

  it('tells that more waits, and hands over one a poll, the oldest first', () => {
    const { medium, results, poll, hold, received } = home();
    for (const octet of ['0a', '0b', '0c']) hold(octet);
    for (let i = 0; i < 4; i++) {
      poll();
      medium.run(1_000);
    }
    expect(results).toEqual(['data, more', 'data, more', 'data', 'empty']);
    expect(received()).toEqual(['0a', '0b', '0c']);
    const controls = medium.frames.filter((one) => one.from === hubEui).map((f) => f.psdu[0]);
    expect(controls).toEqual([0x12, 0x71, 0x12, 0x71, 0x12, 0x61, 0x02]);
  });

  it('asks by EUI-64 without a short address', () => {
    const { medium, hub, meter, results, poll, received } = home();
    meter.mac.shortAddress = 0xfffe;
    hub.mac.send(meterEui, bytesOf('aa'), true, 0);
    poll();
    medium.run(1_000);
    expect(masked(medium.frames[0] as AirFrame)).toBe('63c8..621a0000030000000011fe0204');
    expect(results).toEqual(['data']);
    expect(received()).toEqual(['aa']);
    expect(hub.upper.polled).toEqual([meterEui]);
  });

  it('hands over what the layer above sends on hearing of the poll', () => {
    const { medium, hub, results, poll, received } = home();
    hub.upper.whenPolled = (source, nowMs) => hub.mac.send(source, bytesOf('bb'), true, nowMs);
    poll();
    medium.run(1_000);
    expect(results).toEqual(['data']);
    expect(received()).toEqual(['bb']);
  });

  it('gives up what nobody fetches, after its lifetime', () => {
    const { medium, hub, ends, results, poll, hold } = home();
    hold('aa');
    medium.run(7_679);
    expect(ends).toEqual([]);
    expect(hub.mac.nextDeadlineMs()).toBe(7_680);
    medium.run(1);
    expect(ends).toEqual(['aa transaction-expired']);
    poll();
    medium.run(1_000);
    expect(results).toEqual(['empty']);
    expect(hub.mac.describe().indirect).toEqual({
      waiting: 0,
      released: 0,
      expired: 1,
      overflow: 0,
    });
  });

  it('bounds what waits, for one device and for all', () => {
    const { medium, hub, ends, hold } = home();
    for (let i = 0; i <= indirectPerDeviceMax; i++) hold('aa');
    expect(ends).toEqual(['aa transaction-overflow']);
    for (let to = 1; to <= 100; to++) hub.mac.send(to, bytesOf('bb'), true, 0);
    expect(hub.mac.describe().indirect).toMatchObject({ waiting: indirectMax, overflow: 45 });
    medium.run(7_680);
    expect(hub.mac.describe().indirect).toMatchObject({ waiting: 0, expired: indirectMax });
    expect(hub.mac.nextDeadlineMs()).toBeUndefined();
  });

  it('sends directly at a node that is no coordinator, and to who is awake', () => {
    const { medium, hub, meter, received } = home();
    meter.mac.awake = true;
    meter.mac.send(0x0000, bytesOf('aa'), true, 0);
    hub.mac.send(0x4f21, bytesOf('bb'), false, 0);
    medium.run(1_000);
    expect(hub.upper.data).toHaveLength(1);
    expect(received()).toEqual(['bb']);
  });

  it('fails when nobody acknowledges', () => {
    const { medium, results, poll } = home();
    medium.loses = () => true;
    poll();
    medium.run(5_000);
    expect(medium.frames).toHaveLength(4);
    expect(results).toEqual(['no-ack']);
  });

  it('shares one result among those who ask meanwhile, a bounded number of them', () => {
    const { medium, results, poll, hold } = home();
    hold('aa');
    for (let i = 0; i < 10; i++) poll();
    medium.run(1_000);
    expect(medium.frames).toHaveLength(4);
    expect(results).toEqual(['no-ack', 'no-ack', ...Array.from({ length: 8 }, () => 'data')]);
  });

  it('may be asked again from within its answer', () => {
    const { medium, meter, hold, received } = home();
    for (const octet of ['0a', '0b', '0c']) hold(octet);
    const again = (nowMs: number) =>
      meter.mac.poll(nowMs, (result, atMs) => {
        if (result === 'data') again(atMs);
      });
    again(0);
    medium.run(1_000);
    expect(received()).toEqual(['0a', '0b', '0c']);
  });
});

describe('polling through losses', () => {
  // Frames of the exchange: 0 request, 1 acknowledgment, 2 data, 3 acknowledgment.
  it.each([0, 1, 2, 3])('delivers once when frame %i is lost', (lost) => {
    const { medium, ends, results, poll, hold, received } = home();
    medium.loses = (_frame, index) => index === lost;
    hold('aa');
    poll();
    medium.run(5_000);
    // After the last one the meter is asleep: nobody hears what the hub repeats.
    expect(ends).toEqual([lost === 3 ? 'aa no-ack' : 'aa success']);
    expect(received()).toEqual(['aa']);
    expect(results).toEqual(['data']);
  });

  it('does not wait for ever for what was promised', () => {
    const { medium, meter, ends, results, poll, hold } = home();
    medium.loses = (frame) => frame.psdu[0] === 0x61;
    hold('aa');
    poll();
    medium.run(60_000);
    expect(results).toEqual(['empty']);
    expect(ends).toEqual(['aa no-ack']);
    expect(meter.mac.nextDeadlineMs()).toBeUndefined();
  });

  it('answers an impatient device with the frame that is on its way, not with the next', () => {
    const { medium, hub, meter, hold, received } = home({ promisedFrameWaitMs: 100 });
    let lost = 0;
    medium.loses = (frame) => frame.psdu[0] === 0x71 && lost++ < 1;
    hold('0a');
    hold('0b');
    const results: string[] = [];
    meter.mac.awake = true;
    const poll = () => meter.mac.poll(medium.nowMs, (result) => results.push(result));
    poll();
    medium.run(150);
    poll();
    medium.run(150);
    expect(results).toEqual(['empty', 'empty']);
    expect(hub.mac.describe().indirect.released).toBe(1);
    medium.run(200);
    expect(received()).toEqual(['0a']);
    poll();
    medium.run(1_000);
    expect(received()).toEqual(['0a', '0b']);
  });

  it('sees that a repetition brings nothing new, and ends the poll', () => {
    const { medium, meter, ends, results, poll, hold, received } = home();
    medium.loses = (_frame, index) => index === 3;
    hold('aa');
    poll();
    medium.run(50);
    poll();
    medium.run(2_000);
    expect(received()).toEqual(['aa']);
    expect(results).toEqual(['data', 'empty']);
    expect(ends).toEqual(['aa success']);
    expect(meter.mac.dropped.duplicate).toBe(1);
  });

  it.each([1, 2, 3, 4, 5])('loses nothing and doubles nothing in a poor home, seed %i', (seed) => {
    const medium = new ToyMedium();
    const hub = toyHub(medium, { retriesMax: 7 }, seed);
    const meter = toyJoined(medium, meterEui, 0x4f21, { retriesMax: 7 }, seed);
    let state = seed;
    medium.loses = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16 < 0.2 * 65_536;
    };
    const ended: string[] = [];
    for (let i = 0; i < 30; i++) {
      const octet = Uint8Array.of(i);
      const done = (status: MacStatus) => ended.push(status);
      hub.mac.send(0x4f21, octet, true, medium.nowMs, done);
      meter.mac.send(0x0000, octet, false, medium.nowMs, done);
      meter.mac.poll(medium.nowMs, () => undefined);
      medium.run(7_000);
    }
    const expected = Array.from({ length: 30 }, (_, i) => toHex(Uint8Array.of(i)));
    expect(hub.upper.data.map(({ nsdu }) => nsdu)).toEqual(expected);
    expect(meter.upper.data.map(({ nsdu }) => nsdu)).toEqual(expected);
    expect(ended).toEqual(Array.from({ length: 60 }, () => 'success'));
  });
});
