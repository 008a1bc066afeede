import { describe, expect, it } from 'vitest';
import { watchedEntities, watchedHome } from '../../support/watched-home.js';

const minuteMs = 60_000;
/** The order in which they are put into the log. */
const joining = ['esme', 'gsme', 'ihd', 'ppmid', 'hcalcs'] as const;
const credentials = { roles: ['supplier'] };

describe('a home from power-on', () => {
  it('lets nobody in before the head end names them', async () => {
    const { fleet, clock, said, joiningOf } = await watchedHome('closed');
    clock.advance(5 * minuteMs);
    expect(fleet.stats()).toMatchObject({ joined: 2, devices: 7 });
    for (const type of joining) {
      expect(said(type)).toContain('no-network-found');
      expect(joiningOf(type)).not.toBe('joined');
    }
    await fleet.stop();
    expect(clock.pending).toBe(0);
  });

  it('has all its devices join, and the hub tells the head end', async () => {
    const { fleet, clock, until, alerts, said, send, state } = await watchedHome('whole');
    const whenJoined = fleet.whenJoined();
    await until(fleet.commission());
    await until(whenJoined);
    expect(fleet.stats()).toMatchObject({ joined: 7, devices: 7 });
    for (const type of joining) {
      expect(said(type)).toEqual(expect.arrayContaining(['device-joined', 'joined']));
    }
    // CS14 when a device is added, and when its key is known: all of them verified.
    expect(alerts).toHaveLength(2 * joining.length);
    for (const { event, detail } of alerts) {
      expect(event).toBe('alert-received');
      expect(detail).toMatchObject({ alertCode: '0x8f12', verified: true });
    }
    const { errors, unexpected, alerts: received, macsVerified } = fleet.headEnd.totals();
    expect([errors, unexpected, received]).toEqual([0, 0, 2 * joining.length]);
    expect(macsVerified).toBe(3 * joining.length);
    clock.advance(2 * minuteMs);
    // First readings, and every tunnel carries.
    for (const type of ['ihd', 'ppmid'] as const) {
      expect(state(type)).toMatchObject({ electricity: { supply: 'enabled' } });
    }
    expect(state('gsme')).toMatchObject({ mirror: 'configured' });
    expect(await send('esme', 'ECS17b')).toMatchObject({ succeeded: true });
    expect(await send('ppmid', 'CS02a', credentials)).toMatchObject({ verdict: 'answered' });
    expect(await send('hcalcs', 'CS02a', credentials)).toMatchObject({ verdict: 'answered' });
    expect(await send('gsme', 'GCS33')).toMatchObject({ succeeded: true });
    expect(fleet.stats()).toMatchObject({ refused: 0, undeliverable: 0, busProblems: 0 });
    await fleet.stop();
    expect(clock.pending).toBe(0);
  });

  it('keeps out a device whose install code is another one than the log’s', async () => {
    const home = await watchedHome('other code', 'dual-fuel-home');
    const { fleet, clock, until, admit, remove, said, joiningOf } = home;
    const { admitted } = await admit(['esme', 'gsme', 'ihd'], (device) =>
      device === watchedEntities.esme ? new Uint8Array(16) : home.installCode(device),
    );
    expect(admitted).toBe(true);
    clock.advance(5 * minuteMs);
    expect(fleet.stats().joined).toBe(4);
    expect(joiningOf('esme')).not.toBe('joined');
    expect(said('esme')).toEqual(expect.arrayContaining(['join-refused', 'network-key-missing']));
    expect(said('esme')).not.toContain('joined');
    // The head end puts it right.
    await remove('esme');
    await admit(['esme']);
    await until(fleet.whenJoined());
    expect(said('esme')).toContain('joined');
    expect(said('ihd').at(-1)).toBe('partner-key');
    await fleet.stop();
  });

  it('keeps out a device that is not in the log', async () => {
    const { fleet, clock, events, admit, said, send, joiningOf } = await watchedHome('unknown');
    await admit(['gsme', 'ihd', 'ppmid', 'hcalcs']);
    clock.advance(5 * minuteMs);
    expect(joiningOf('esme')).not.toBe('joined');
    expect(said('esme')).toContain('join-refused');
    expect(events.map(({ detail }) => detail)).toContainEqual({
      what: 'join-refused',
      device: watchedEntities.esme,
      reason: 'not-in-device-log',
    });
    // Their partner does not come, and yet they have begun.
    const started = events.filter(({ name }) => name === 'started').map(({ type }) => type);
    expect(started).toEqual(expect.arrayContaining(['gsme', 'ppmid', 'hcalcs']));
    expect(await send('ppmid', 'CS02a', credentials)).toMatchObject({ verdict: 'answered' });
    await fleet.stop();
    expect(clock.pending).toBe(0);
  });

  it('that is taken down while it is commissioned leaves nothing behind', async () => {
    const { fleet, clock } = await watchedHome('cut short');
    const commissioning = fleet.commission();
    const whenJoined = fleet.whenJoined();
    await fleet.stop();
    await Promise.all([whenJoined, commissioning]);
    expect(clock.pending).toBe(0);
  });
});
