import { describe, expect, it } from 'vitest';
import type { Device } from '../../../emulator/devices/device.js';
import { HomeTunnels } from '../../../emulator/fleet/home-tunnels.js';
import { VirtualClock } from '../../../emulator/sim/virtual-clock.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { bytesOf } from '../../support/codec-table.js';
import { euis } from '../../support/joined-home.js';
import { messageHome } from '../../support/message-home.js';

const tunnelling = 0x0704;

function hubAnd(type: 'esme' | 'gsme', joined: boolean) {
  const home = messageHome();
  const clock = new VirtualClock(0);
  const log: string[] = [];
  const tunnels = new HomeTunnels({
    clock,
    hub: home.entities.chf,
    joined,
    onUp: (from, message) => log.push(`up ${from === euis[type]} ${toHex(message)}`),
    onGasPending: (_meter, pending) => log.push(`pending ${pending}`),
    onGasExpired: (_meter, message) => log.push(`expired ${toHex(message)}`),
  });
  const device: Partial<Device> = {
    entity: euis[type],
    type,
    receiveMessage: (message) => log.push(`down ${toHex(message)}`),
  };
  const up = tunnels.connect(device as Device, home.entities[type]);
  return { home, clock, log, tunnels, up };
}

const message = bytesOf('dd0102');
/** Requests of a tunnel among what was sent: when the test asks. */
const requests = (sent: readonly string[]) => sent.filter((zcl) => /^11..00(06)/.test(zcl)).length;

describe('the tunnels of a home', () => {
  it('are open from the start where it is joined', () => {
    const { tunnels, log, up } = hubAnd('esme', true);
    expect(tunnels.openCount).toBe(1);
    expect(tunnels.deliver(euis.esme, message)).toBe('sent');
    expect(up(message)).toBe('sent');
    expect(tunnels.deliver(euis.ihd, message)).toBe('no-tunnel');
    expect(log).toEqual(['down dd0102', 'up true dd0102']);
  });

  it('are asked for when a device has joined, once', () => {
    const { tunnels, home, clock } = hubAnd('esme', false);
    expect(tunnels.deliver(euis.esme, message)).toBe('closed');
    tunnels.open(euis.esme);
    expect([tunnels.openCount, requests(home.sent)]).toEqual([1, 1]);
    clock.advance(3_600_000);
    expect([requests(home.sent), clock.pending]).toEqual([1, 0]);
  });

  it('are asked for again: soon without an answer, later after a refusal', () => {
    const { tunnels, home, clock } = hubAnd('esme', false);
    let busy = false;
    home.entities.esme.listen(tunnelling, undefined, (source) => {
      // Busy: status 1.
      if (busy) home.entities.esme.sendZcl(source, tunnelling, bytesOf('190000 ffff 01 dc05'));
    });
    tunnels.open(euis.esme);
    expect(requests(home.sent)).toBe(1);
    clock.advance(9_999);
    expect(requests(home.sent)).toBe(1);
    busy = true;
    clock.advance(1);
    expect(requests(home.sent)).toBe(2);
    clock.advance(179_999);
    expect(requests(home.sent)).toBe(2);
    clock.advance(1);
    expect(requests(home.sent)).toBe(3);
    tunnels.stop();
    expect(clock.pending).toBe(0);
  });

  it('are built anew in a joined home, too, when the other end has lost it and an answer is lost', () => {
    const { tunnels, home, clock } = hubAnd('esme', true);
    const stop = home.entities.esme.listen(tunnelling, undefined, (source, _cluster, zcl) => {
      // It knows of no tunnel, and answers nothing else.
      if (zcl[2] === 2) home.entities.esme.sendZcl(source, tunnelling, bytesOf('190002 0000 00'));
    });
    tunnels.deliver(euis.esme, message);
    expect([requests(home.sent), tunnels.openCount]).toEqual([1, 0]);
    expect(tunnels.deliver(euis.esme, message)).toBe('closed');
    stop();
    clock.advance(180_000);
    expect([requests(home.sent), tunnels.openCount]).toEqual([2, 1]);
    expect(tunnels.deliver(euis.esme, message)).toBe('sent');
  });

  it('keep what is for a gas meter until it asks', () => {
    const { tunnels, log, up } = hubAnd('gsme', true);
    expect(tunnels.deliver(euis.gsme, message)).toBe('queued');
    expect(log).toEqual(['pending 1']);
    tunnels.fetch(euis.gsme);
    expect(up(message)).toBe('sent');
    expect(log).toEqual(['pending 1', 'pending 0', 'down dd0102', 'up true dd0102']);
  });

  it('of a gas meter are asked for by the meter', () => {
    const { tunnels, log } = hubAnd('gsme', false);
    tunnels.deliver(euis.gsme, message);
    tunnels.fetch(euis.gsme);
    expect(tunnels.openCount).toBe(1);
    tunnels.fetch(euis.gsme);
    expect(log).toEqual(['pending 1', 'pending 0', 'down dd0102']);
  });
});
