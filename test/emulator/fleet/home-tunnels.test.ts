import { describe, expect, it } from 'vitest';
import type { Device } from '../../../emulator/devices/device.js';
import { HomeTunnels } from '../../../emulator/fleet/home-tunnels.js';
import { gasQueueLengthMax } from '../../../emulator/han/gas-tunnel.js';
import { VirtualClock } from '../../../emulator/sim/virtual-clock.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { bytesOf } from '../../support/codec-table.js';
import { euis } from '../../support/joined-home.js';
import { messageHome } from '../../support/message-home.js';

const tunnelling = 0x0704;
const command = bytesOf('dd000000000000');
const dayMs = 24 * 3_600_000;

/** The tunnels of a home whose devices only keep what they receive. */
function tunnelsOf(joined: boolean) {
  const home = messageHome();
  const clock = new VirtualClock(0);
  const up: string[] = [];
  const pending: number[] = [];
  const expired: string[] = [];
  const tunnels = new HomeTunnels({
    clock,
    hub: home.entities.chf,
    joined,
    onUp: (from, message) => up.push(`${from} ${toHex(message)}`),
    onGasPending: (_meter, count) => pending.push(count),
    onGasExpired: (_meter, message) => expired.push(toHex(message)),
  });
  const received: string[] = [];
  const connect = (type: 'esme' | 'gsme') => {
    const receiveMessage = (message: Uint8Array): void => {
      received.push(toHex(message));
    };
    const device = { entity: euis[type], type, receiveMessage } as unknown as Device;
    return tunnels.connect(device, home.entities[type]);
  };
  const send = { esme: connect('esme'), gsme: connect('gsme') };
  return { home, clock, tunnels, send, up, pending, expired, received };
}

/** Stands in for a device's end: answers requests with these frames, undefined for none. */
function answering(
  { home }: ReturnType<typeof tunnelsOf>,
  answers: (string | undefined)[],
): { readonly asked: () => number } {
  let asked = 0;
  home.entities.esme.listen(tunnelling, undefined, (from: Eui64, _cluster, zcl) => {
    if (zcl[2] !== 0) return;
    asked++;
    const answer = answers.shift();
    if (answer !== undefined) home.entities.esme.sendZcl(from, tunnelling, bytesOf(answer));
  });
  return { asked: () => asked };
}

describe('the tunnels of a home', () => {
  it('are asked for by the hub of a meter, by the gas meter of the hub', () => {
    const { tunnels, home, send, received, up } = tunnelsOf(false);
    expect(tunnels.deliver(euis.esme, command)).toBe('closed');
    expect(tunnels.openCount).toBe(1);
    tunnels.open(euis.gsme);
    expect(tunnels.openCount).toBe(2);
    expect(tunnels.deliver(euis.esme, command)).toBe('sent');
    expect(received).toEqual([toHex(command)]);
    expect(send.esme(command)).toBe('sent');
    expect(send.gsme(command)).toBe('sent');
    expect(up).toEqual([`${euis.esme} ${toHex(command)}`, `${euis.gsme} ${toHex(command)}`]);
    expect(tunnels.deliver(euis.ppmid, command)).toBe('no-tunnel');
    expect(home.sent[0]).toBe('11000006ffff00dc05');
  });

  it('refused as busy: asked for again three minutes later', () => {
    const parts = tunnelsOf(false);
    const { tunnels, clock } = parts;
    const { asked } = answering(parts, ['190000 ffff 01 dc05', '190001 0300 00 dc05']);
    tunnels.open(euis.esme);
    expect(asked()).toBe(1);
    clock.advance(179_999);
    expect([asked(), tunnels.openCount]).toEqual([1, 0]);
    expect(tunnels.deliver(euis.esme, command)).toBe('closed');
  });

  it('busy for long: asked until it is granted, and then no more', () => {
    const parts = tunnelsOf(false);
    const { tunnels, clock } = parts;
    const busy = '190000 ffff 01 dc05';
    const { asked } = answering(parts, [busy, busy, busy, '190000 0300 00 dc05']);
    tunnels.open(euis.esme);
    clock.advance(3 * 180_000);
    expect([asked(), tunnels.openCount]).toEqual([4, 1]);
    expect(clock.pending).toBe(0);
    clock.advance(dayMs);
    expect(asked()).toBe(4);
  });

  it('not answered: asked for again after ten seconds', () => {
    const parts = tunnelsOf(false);
    const { tunnels, clock } = parts;
    const { asked } = answering(parts, [undefined, undefined, '190000 0300 00 dc05']);
    tunnels.open(euis.esme);
    clock.advance(9_999);
    expect(asked()).toBe(1);
    clock.advance(1);
    expect([asked(), tunnels.openCount]).toEqual([2, 0]);
    clock.advance(10_000);
    expect([asked(), tunnels.openCount]).toEqual([3, 1]);
    expect(clock.pending).toBe(0);
  });

  it('closed by the device: built anew, by itself or with the next message', () => {
    for (const withMessage of [false, true]) {
      const { tunnels, clock, home, received } = tunnelsOf(true);
      home.entities.esme.sendZcl(euis.chf, tunnelling, bytesOf('190006 0000'));
      expect(tunnels.openCount).toBe(1);
      if (withMessage) expect(tunnels.deliver(euis.esme, command)).toBe('closed');
      else clock.advance(180_000);
      expect(tunnels.openCount).toBe(2);
      expect(tunnels.deliver(euis.esme, command)).toBe('sent');
      expect(received).toEqual([toHex(command)]);
      expect(clock.pending).toBe(0);
    }
  });

  it('of a device that has left are asked for no more, by neither end', () => {
    for (const type of ['esme', 'gsme'] as const) {
      const { tunnels, clock, home } = tunnelsOf(true);
      tunnels.close(euis[type]);
      expect(clock.pending).toBe(0);
      clock.advance(dayMs);
      expect([tunnels.openCount, home.sent]).toEqual([1, []]);
      tunnels.open(euis[type]);
      expect(tunnels.openCount).toBe(2);
    }
  });

  it('leave no timer when the home is taken down', () => {
    const parts = tunnelsOf(false);
    answering(parts, []);
    parts.tunnels.open(euis.esme);
    expect(parts.clock.pending).toBe(1);
    parts.tunnels.stop();
    expect(parts.clock.pending).toBe(0);
    parts.tunnels.open(euis.esme);
    expect(parts.clock.pending).toBe(0);
  });
});

describe('what waits for a gas meter', () => {
  it('is handed over when it asks, and at once when it had lost its tunnel', () => {
    const { tunnels, home, pending, received } = tunnelsOf(true);
    expect(tunnels.deliver(euis.gsme, command)).toBe('queued');
    expect([received, pending]).toEqual([[], [1]]);
    tunnels.fetch(euis.gsme);
    expect([received, pending]).toEqual([[toHex(command)], [1, 0]]);
    tunnels.deliver(euis.gsme, command);
    home.entities.chf.sendZcl(euis.gsme, tunnelling, bytesOf('190006 0100'));
    expect(tunnels.openCount).toBe(2);
    tunnels.fetch(euis.gsme);
    expect(received).toHaveLength(2);
    expect(pending.at(-1)).toBe(0);
  });

  it('is refused when the queue is full', () => {
    const { tunnels, pending } = tunnelsOf(true);
    for (let count = 0; count < gasQueueLengthMax; count++) {
      expect(tunnels.deliver(euis.gsme, command)).toBe('queued');
    }
    expect(tunnels.deliver(euis.gsme, command)).toBe('queue-full');
    expect(pending.at(-1)).toBe(gasQueueLengthMax);
  });

  it('is given up after a day, which is said', () => {
    const { tunnels, clock, expired, pending, received } = tunnelsOf(true);
    tunnels.deliver(euis.gsme, command);
    clock.advance(dayMs + 1);
    tunnels.fetch(euis.gsme);
    expect(expired).toEqual([toHex(command)]);
    expect(pending.at(-1)).toBe(0);
    expect(received).toEqual([]);
  });
});
