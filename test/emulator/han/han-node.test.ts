import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOctetsMax } from '../../../emulator/han/han-node.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { decodeZigbeeFrame, encodeZigbeeFrame } from '../../../protocols/zigbee/frame.js';
import { bytesOf } from '../../support/codec-table.js';
import {
  euis,
  type HanHome,
  type HomeEntity,
  hanHome,
  shortAddresses,
} from '../../support/han-home.js';

interface Arrival {
  readonly at: HomeEntity;
  readonly source: string;
  readonly clusterId: number;
  readonly zcl: string;
}

function listenEverywhere(home: HanHome): Arrival[] {
  const arrivals: Arrival[] = [];
  for (const [name, entity] of Object.entries(home.entities)) {
    entity.onZcl = (source, clusterId, zcl) =>
      arrivals.push({ at: name as HomeEntity, source, clusterId, zcl: toHex(zcl) });
  }
  return arrivals;
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + 3) & 0xff);
}

const readAttributes = bytesOf('00 01 00 0000');

describe('a joined node', () => {
  it('puts MAC, NWK and APS in front of a ZCL frame', () => {
    const home = hanHome();
    expect(home.entities.ihd.sendZcl(euis.esme, 0x0702, readAttributes)).toBe('sent');
    expect(home.frames.map((frame) => toHex(frame))).toEqual([
      toHex(
        bytesOf('4188 00 621a 214f 54c3  0800 214f 54c3 1e 00  00 01 0207 0901 01 00  0001000000'),
      ),
    ]);
  });

  it('counts on per layer: MAC and NWK for each frame, APS for each ASDU', () => {
    const home = hanHome();
    home.entities.ihd.sendZcl(euis.esme, 0x0702, pattern(2 * blockOctetsMax));
    home.entities.ihd.sendZcl(euis.gpf, 0x0702, readAttributes);
    const numbers = home.frames.map((psdu) => {
      const { mac, nwk, aps } = decodeZigbeeFrame(psdu);
      return [mac.sequenceNumber, nwk?.sequenceNumber, aps?.counter];
    });
    expect(numbers).toEqual([
      [0, 0, 0],
      [1, 1, 0],
      [2, 2, 1],
    ]);
  });

  it('reaches every entity from every other, by the endpoint on their radio', () => {
    const names = Object.keys(euis) as HomeEntity[];
    for (const from of names) {
      for (const to of names) {
        if (from === to) continue;
        const home = hanHome();
        const arrivals = listenEverywhere(home);
        expect(home.entities[from].sendZcl(euis[to], 0x000a, readAttributes)).toBe('sent');
        expect(arrivals).toEqual([
          { at: to, source: euis[from], clusterId: 0x000a, zcl: toHex(readAttributes) },
        ]);
        const sameRadio = shortAddresses[from] === shortAddresses[to];
        expect(home.frames).toHaveLength(sameRadio ? 0 : 1);
      }
    }
  });

  it('reaches the mirror by its own endpoint', () => {
    const home = hanHome();
    const arrivals = listenEverywhere(home);
    home.entities.gsme.sendZcl(euis.gpf, 0x0702, readAttributes, 2);
    expect(arrivals).toMatchObject([{ at: 'gpf', source: euis.gsme }]);
    expect(decodeZigbeeFrame(home.frames[0] as Uint8Array).aps).toMatchObject({
      destinationEndpoint: 2,
    });
  });

  it.each([0, 1, 99, 100, 101, 196, 197, 205, 1505, 2048])('carries %i octets whole', (length) => {
    const home = hanHome();
    const arrivals = listenEverywhere(home);
    expect(home.entities.chf.sendZcl(euis.esme, 0x0704, pattern(length))).toBe('sent');
    expect(arrivals.map(({ zcl }) => zcl)).toEqual([toHex(pattern(length))]);
    expect(home.frames).toHaveLength(length <= 100 ? 1 : Math.ceil(length / 98));
    for (const frame of home.frames) expect(frame.length).toBeLessThanOrEqual(125);
    expect(home.nodes.esme.nextDeadlineMs()).toBeUndefined();
  });

  it('says what it cannot send', () => {
    const { entities, frames } = hanHome();
    expect(entities.chf.sendZcl(euis.esme, 0x0704, pattern(2049))).toBe('too-long');
    const stranger = eui64('02fe1100000000ff');
    expect(entities.chf.sendZcl(stranger, 0x0704, pattern(1))).toBe('unknown-destination');
    expect(frames).toEqual([]);
  });

  it('takes a repeated frame or repeated fragments once', () => {
    const home = hanHome((psdu) => [psdu, psdu]);
    const arrivals = listenEverywhere(home);
    home.entities.chf.sendZcl(euis.esme, 0x0704, pattern(10));
    home.entities.chf.sendZcl(euis.esme, 0x0704, pattern(200));
    expect(arrivals).toHaveLength(2);
    // The fragment that repeats the last one comes after the whole; the others repeat inside it.
    expect(home.nodes.esme.dropped.duplicate).toBe(2);
  });

  it('takes the same APS counter again once the sender has come round or time has passed', () => {
    const home = hanHome();
    const arrivals = listenEverywhere(home);
    for (let i = 0; i < 300; i++) home.entities.chf.sendZcl(euis.esme, 0x0704, pattern(10));
    expect(arrivals).toHaveLength(300);
    const last = home.frames[299] as Uint8Array;
    home.air.receive(last, euis.gpf);
    expect(arrivals).toHaveLength(300);
    home.nowMs += 60_000;
    home.air.receive(last, euis.gpf);
    expect(arrivals).toHaveLength(301);
  });

  it('gives up a transmission that stays incomplete, when asked or with the next fragment', () => {
    let lose = true;
    const home = hanHome((psdu) =>
      lose && decodeZigbeeFrame(psdu).payload.length < 98 ? [] : [psdu],
    );
    const arrivals = listenEverywhere(home);
    home.entities.chf.sendZcl(euis.esme, 0x0704, pattern(200));
    const deadline = home.nodes.esme.nextDeadlineMs() as number;
    expect(deadline).toBeGreaterThan(0);
    home.nodes.esme.expire(deadline);
    expect(home.nodes.esme.nextDeadlineMs()).toBeUndefined();
    expect(home.nodes.esme.reassemblyDropped?.expired).toBe(1);
    lose = false;
    home.entities.chf.sendZcl(euis.esme, 0x0704, pattern(200));
    expect(arrivals).toHaveLength(1);
  });

  it('asks the newest listener that wants the cluster and the source, else the entity', () => {
    const { entities } = hanHome();
    const taken: string[] = [];
    entities.chf.onZcl = () => taken.push('entity');
    entities.chf.listen(0x0704, undefined, () => taken.push('anyone'));
    const stop = entities.chf.listen(0x0704, euis.esme, () => taken.push('esme'));
    entities.esme.sendZcl(euis.chf, 0x0704, readAttributes);
    entities.ppmid.sendZcl(euis.chf, 0x0704, readAttributes);
    entities.ppmid.sendZcl(euis.chf, 0x000a, readAttributes);
    stop();
    entities.esme.sendZcl(euis.chf, 0x0704, readAttributes);
    expect(taken).toEqual(['esme', 'anyone', 'entity', 'anyone']);
  });

  it.each([
    ['malformedMac', '4188 00'],
    ['malformedMac', '4988 00 621a 214f 0000 0800 214f 0000 1e 00 00 01 0207 0901 03 00'],
    ['malformedNwk', '4188 00 621a 214f 0000 0c00 214f 0000 1e 00 00 01 0207 0901 03 00'],
    ['malformedAps', '4188 00 621a 214f 0000 0800 214f 0000 1e 00 00 01 0207'],
    ['unexpectedType', '0380 00 621a 0000 04'],
    ['unexpectedType', '4188 00 621a 214f 0000 0900 214f 0000 1e 00 08'],
    ['unexpectedType', '4188 00 621a 214f 0000 0800 214f 0000 1e 00 02 01 0207 0901 03 00'],
    ['otherPan', '4188 00 631a 214f 0000 0800 214f 0000 1e 00 00 01 0207 0901 03 00'],
    ['otherDestination', '4188 00 621a 214f 0000 0800 1111 0000 1e 00 00 01 0207 0901 03 00'],
    ['secured', '4188 00 621a 214f 0000 0802 214f 0000 1e 00 00 01000000 c5c5c5c5'],
    ['secured', '4188 00 621a 214f 0000 0800 214f 0000 1e 00 20 01 0207 0901 03 00 00 01000000 c5'],
    ['otherProfile', '4188 00 621a 214f 0000 0800 214f 0000 1e 00 00 00 0207 0000 00 00'],
    ['unknownSource', '4188 00 621a 214f 3333 0800 214f 3333 1e 00 00 01 0207 0901 03 00'],
    ['unknownEndpoint', '4188 00 621a 214f 0000 0800 214f 0000 1e 00 00 09 0207 0901 03 00'],
  ] as const)('drops and counts: %s %s', (reason, wire) => {
    const home = hanHome();
    const arrivals = listenEverywhere(home);
    home.nodes.esme.receive(bytesOf(wire));
    expect(arrivals).toEqual([]);
    expect(home.nodes.esme.dropped[reason]).toBe(1);
  });

  it('hears broadcasts to every endpoint of the profile', () => {
    const home = hanHome();
    const arrivals = listenEverywhere(home);
    const psdu = encodeZigbeeFrame(
      decodeZigbeeFrame(
        bytesOf('4188 00 621a ffff 214f 0800 ffff 214f 1e 00 08 ff 0007 0901 01 00 010203'),
      ),
    );
    home.air.receive(psdu, euis.esme);
    expect(arrivals.map(({ at }) => at).sort()).toEqual(['chf', 'gpf', 'gsme', 'ihd', 'ppmid']);
  });

  it('never throws for a flipped or truncated frame', () => {
    const home = hanHome();
    home.entities.chf.sendZcl(euis.esme, 0x0704, pattern(200));
    const frames = [...home.frames];
    const property = fc.property(fc.nat(), fc.nat(), fc.nat(), (which, cut, flip) => {
      const frame = frames[which % frames.length] as Uint8Array;
      const changed = frame.slice(0, 1 + (cut % frame.length));
      const bit = flip % (changed.length * 8);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      home.nodes.esme.receive(changed);
      home.air.receive(changed, euis.gpf);
    });
    fc.assert(property, { seed: 20261122, numRuns: 3000 });
  });
});
