import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../emulator/ports/errors.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { euis, homeEntities, pattern } from '../../support/joined-home.js';
import { messageHome } from '../../support/message-home.js';

const price = 0x0700;

describe('MessageHan', () => {
  it('carries frames whole from every entity to every other', () => {
    const { entities, han } = messageHome();
    const arrivals: unknown[] = [];
    for (const name of homeEntities) {
      entities[name].onZcl = (source, clusterId, zcl) =>
        arrivals.push([name, source, clusterId, zcl.length]);
    }
    for (const from of homeEntities) {
      for (const to of homeEntities) {
        expect(entities[from].sendZcl(euis[to], price, pattern(1_500))).toBe('sent');
        expect(arrivals.pop()).toEqual([to, euis[from], price, 1_500]);
      }
    }
    expect(han.describe()).toEqual({ han: 'messages', carried: 36 });
    expect([han.framesTransmitted, [...han.keys()]]).toEqual([0, []]);
  });

  it('says what it cannot carry', () => {
    const { entities, han } = messageHome();
    const nobody = eui64('02fe1100000000ff');
    expect(entities.chf.sendZcl(nobody, price, pattern(1))).toBe('unknown-destination');
    expect(entities.chf.sendZcl(euis.esme, price, pattern(2_049))).toBe('too-long');
    expect(() => han.entityOf(nobody)).toThrow(InvariantError);
  });

  it('delivers in the order of sending, never from inside a handler, and copies what waits', () => {
    const { entities } = messageHome();
    const log: string[] = [];
    const octets = Uint8Array.of(0);
    entities.esme.onZcl = (_source, _cluster, zcl) => {
      log.push(`esme ${toHex(zcl)}`);
      for (const n of [1, 2]) {
        octets[0] = n;
        entities.esme.sendZcl(euis.chf, price, octets);
      }
      octets[0] = 9;
      log.push('esme done');
    };
    entities.chf.onZcl = (_source, _cluster, zcl) => log.push(`chf ${toHex(zcl)}`);
    entities.chf.sendZcl(euis.esme, price, Uint8Array.of(7));
    expect(log).toEqual(['esme 07', 'esme done', 'chf 01', 'chf 02']);
  });

  it('bounds what may be under way', () => {
    const { entities } = messageHome();
    const verdicts: string[] = [];
    entities.esme.onZcl = () => {
      for (let n = 0; n < 1_100; n++) {
        verdicts.push(entities.esme.sendZcl(euis.chf, price, Uint8Array.of(1)));
      }
    };
    entities.chf.sendZcl(euis.esme, price, Uint8Array.of(1));
    expect(verdicts.filter((verdict) => verdict === 'sent')).toHaveLength(1_024);
    expect(verdicts.at(-1)).toBe('queue-full');
  });

  it('goes on after a handler that threw', () => {
    const { entities } = messageHome();
    const taken: number[] = [];
    entities.esme.onZcl = (_source, _cluster, [octet = 0]) => {
      if (octet === 0) throw new Error('broken device');
      taken.push(octet);
    };
    expect(() => entities.chf.sendZcl(euis.esme, price, Uint8Array.of(0))).toThrow('broken device');
    expect(entities.chf.sendZcl(euis.esme, price, Uint8Array.of(5))).toBe('sent');
    expect(taken).toEqual([5]);
  });
});
