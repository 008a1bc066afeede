import { describe, expect, it } from 'vitest';
import { checkHomeTemplate } from '../../../emulator/fleet/home-template.js';
import type { DeviceLog } from '../../../emulator/functions/device-log.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { watchedEntities, watchedHome } from '../../support/watched-home.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A display is left out where nothing is looked up on it: it asks its meter every ten seconds. */
const template = checkHomeTemplate(
  {
    version: 1,
    name: 'meters',
    devices: [{ type: 'chf' }, { type: 'gpf' }, { type: 'esme' }, { type: 'gsme' }],
  },
  'meters',
);
const running = { from: 'joined' } as const;

describe.each(['power-on', 'joined'] as const)('a running home, its beginning %s', (from) => {
  async function runningHome(seed: string) {
    const home = await watchedHome(seed, 'dual-fuel-home', { from });
    if (from === 'power-on') {
      await home.until(home.fleet.commission());
      await home.until(home.fleet.whenJoined());
    }
    home.clock.advance(minuteMs);
    return home;
  }

  it('sends away whom CCS02 takes out of its log, and takes it back after CCS01', async () => {
    const home = await runningHome('come and go');
    const { fleet, clock, until, events, admit, remove, said, send, joiningOf } = home;
    expect(await remove('esme')).toMatchObject({ succeeded: true });
    clock.advance(minuteMs);
    expect(joiningOf('esme')).toBe('left');
    expect(said('esme').slice(-2)).toEqual(['device-removed', 'left']);
    expect(fleet.stats().joined).toBe(4);
    expect(
      await until(fleet.send({ useCase: 'ECS17b', device: watchedEntities.esme })),
    ).toMatchObject({ verdict: 'timeout' });
    expect(events.filter(({ name }) => name === 'message-undeliverable').at(-1)).toMatchObject({
      detail: { entity: watchedEntities.esme, reason: 'not-in-device-log' },
    });
    // Nobody asks it for a tunnel any more.
    clock.advance(10 * minuteMs);
    const dropped = events.filter(({ name }) => name === 'frame-dropped');
    expect(dropped.filter(({ type }) => type === 'chf')).toEqual([]);
    const starts = events.filter(({ name }) => name === 'started').length;
    await admit(['esme']);
    await until(fleet.whenJoined());
    expect(said('esme').slice(-3)).toContain('joined');
    expect(await send('esme', 'ECS17b')).toMatchObject({ succeeded: true });
    // It goes on with its work, and does not begin anew.
    expect(events.filter(({ name }) => name === 'started')).toHaveLength(starts);
    await fleet.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('a device out of reach', () => {
  it('looks for its network when it has lost its parent, and comes back', async () => {
    const { fleet, clock, han, said, send, joiningOf } = await watchedHome(
      'esme',
      template,
      running,
    );
    clock.advance(minuteMs);
    han.air.faults.block(watchedEntities.esme, true);
    clock.advance(hourMs);
    expect(joiningOf('esme')).not.toBe('joined');
    expect(fleet.stats().joined).toBe(3);
    expect(said('esme').slice(0, 2)).toEqual(['parent-lost', 'network-lost']);
    han.air.faults.block(watchedEntities.esme, false);
    clock.advance(20 * minuteMs);
    expect(said('esme')).toEqual(expect.arrayContaining(['device-rejoined', 'rejoined']));
    expect(fleet.stats().joined).toBe(4);
    expect(await send('esme', 'ECS17b')).toMatchObject({ succeeded: true });
    await fleet.stop();
  });

  it('that sleeps notices at its wakes', async () => {
    const { fleet, clock, han, said, send } = await watchedHome('gsme', template, running);
    clock.advance(minuteMs);
    han.air.faults.block(watchedEntities.gsme, true);
    clock.advance(2 * hourMs);
    expect(said('gsme').slice(0, 2)).toEqual(['parent-lost', 'network-lost']);
    expect(fleet.stats().joined).toBe(3);
    han.air.faults.block(watchedEntities.gsme, false);
    clock.advance(hourMs);
    expect(fleet.stats().joined).toBe(4);
    expect(await send('gsme', 'GCS33')).toMatchObject({ succeeded: true });
    await fleet.stop();
  });

  it('that was removed meanwhile is not let in again until it is in the log', async () => {
    const { fleet, clock, han, until, admit, remove, send, joiningOf } = await watchedHome(
      'removed',
      template,
      running,
    );
    clock.advance(minuteMs);
    han.air.faults.block(watchedEntities.esme, true);
    await remove('esme');
    clock.advance(minuteMs);
    expect(fleet.stats().joined).toBe(3);
    expect(joiningOf('esme')).toBe('joined');
    han.air.faults.block(watchedEntities.esme, false);
    clock.advance(2 * hourMs);
    expect(joiningOf('esme')).not.toBe('joined');
    expect(fleet.stats().joined).toBe(3);
    await admit(['esme']);
    await until(fleet.whenJoined(), hourMs);
    expect(await send('esme', 'ECS17b')).toMatchObject({ succeeded: true });
    await fleet.stop();
  });
});

describe('a hub that is told to go on with a network (CCS03)', () => {
  it('forms it anew; devices find it by its name and come back with the hash of their key', async () => {
    const home = await watchedHome('restore', template, running);
    const { fleet, clock, han, said, send } = home;
    clock.advance(minuteMs);
    const { deviceLog } = fleet.deviceOf(watchedEntities.chf) as unknown as {
      deviceLog: DeviceLog;
    };
    const devices = deviceLog
      .keyHashes()
      .flatMap(({ entity, linkKeyHash }) =>
        entity === watchedEntities.gpf || linkKeyHash === undefined
          ? []
          : [{ device: entity, linkKeyHash: toHex(linkKeyHash) }],
      );
    expect(devices).toHaveLength(2);
    const { node } = han.radioOf(watchedEntities.gpf);
    const before = node.network.network;
    const keyBefore = node.security.networkKey?.key;
    const hanIdentifier = watchedEntities.gpf;
    expect(await send('chf', 'CCS03', { hanIdentifier, devices })).toMatchObject({
      succeeded: true,
    });
    expect(fleet.stats().joined).toBe(2);
    expect(node.network.network?.extendedPanId).toBe(hanIdentifier);
    expect(node.network.network?.panId).not.toBe(before?.panId);
    expect(node.security.networkKey?.key).not.toEqual(keyBefore);
    clock.advance(90 * minuteMs);
    for (const type of ['esme', 'gsme'] as const) {
      expect(said(type)).toEqual(expect.arrayContaining(['parent-lost', 'rejoined']));
    }
    expect(fleet.stats().joined).toBe(4);
    expect(await send('esme', 'ECS17b')).toMatchObject({ succeeded: true });
    expect(await send('gsme', 'GCS33')).toMatchObject({ succeeded: true });
    await fleet.stop();
  });
});
