import { describe, expect, it } from 'vitest';
import type { HanKind } from '../../../emulator/fleet/home.js';
import { loadHomeTemplate } from '../../../emulator/fleet/home-template.js';
import { entitiesOfHome } from '../../../emulator/fleet/start-fleet.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

const minute = 60_000;
const version = '01000001';
const wish = { make: { version, octets: 1_000 } };
const entities = entitiesOfHome(1);

function street(homes: number, han: HanKind) {
  const world = { han, gasWakeIntervalMs: 5 * minute };
  const options = { template: loadHomeTemplate('full-home'), world };
  return virtualFleet(new MemoryBus(), nodeCryptoForTests(), 'firmware', homes, options);
}

function firmwareOf(fleet: ReturnType<typeof street>['fleet'], device: keyof typeof entities) {
  return fleet.deviceOf(entities[device])?.describe().firmware;
}

describe.each(['messages', 'frames'] as const)('firmware over a home network of %s', (han) => {
  it('reaches every device, and CS06 runs it', async () => {
    const { fleet, clock, until } = street(1, han);
    await fleet.start();
    clock.advance(11 * minute);
    const images = fleet.firmware.distribute('home-1', wish);
    expect(images.map(({ type }) => type).sort()).toEqual(['esme', 'gsme', 'hcalcs', 'ppmid']);
    for (let steps = 0; steps < 12; steps++) {
      clock.advance(minute);
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const type of ['ppmid', 'hcalcs'] as const) {
      expect(firmwareOf(fleet, type)).toEqual({ version });
    }
    for (const type of ['esme', 'gsme'] as const) {
      expect(firmwareOf(fleet, type)).toEqual({ version: '01000000', held: version });
      const imageHash = images.find((image) => image.type === type)?.imageHash ?? '';
      const device = entities[type];
      const wrong = { imageHash: `00${imageHash.slice(2)}` };
      const refused = await until(fleet.send({ useCase: 'CS06', device, parameters: wrong }));
      expect(refused).toMatchObject({ verdict: 'answered', succeeded: false });
      const request = { useCase: 'CS06', device, parameters: { imageHash } };
      const outcome = await until(fleet.send(request));
      expect(outcome).toMatchObject({ verdict: 'answered', succeeded: true });
      expect(outcome.checks.signature).toBe('valid');
      expect(firmwareOf(fleet, type)).toEqual({ version });
    }
    const read = await until(fleet.send({ useCase: 'ECS52', device: entities.esme }));
    expect(JSON.stringify(read.values)).toContain(version);
    // The mirror hears of it, too.
    clock.advance(6 * minute);
    await new Promise((resolve) => setImmediate(resolve));
    const mirrored = await until(fleet.send({ useCase: 'GCS38', device: entities.gpf }));
    expect(JSON.stringify(mirrored.values)).toContain(version);
    await fleet.stop();
  });
});

describe('bringing firmware to a fleet', () => {
  it('takes a file in parts, in order and within bounds', () => {
    const { fleet } = street(1, 'messages');
    const desk = fleet.firmware;
    expect(desk.addPart('a', 0, new Uint8Array(10))).toBe(10);
    expect(desk.addPart('a', 10, new Uint8Array(5))).toBe(15);
    expect(() => desk.addPart('a', 10, new Uint8Array(5))).toThrow(/has 15 octets, not 10/);
    expect(() => desk.addPart('b', 3, new Uint8Array(5))).toThrow(/has 0 octets, not 3/);
    expect(() => desk.addPart('c', 0, new Uint8Array(800 * 1024))).toThrow(/at most/);
    expect(() => desk.distribute('home-1', { upload: 'a' })).toThrow(/no firmware file/);
    for (const upload of ['d', 'e', 'f', 'g']) desk.addPart(upload, 0, new Uint8Array(1));
    expect(() => desk.distribute('home-1', { upload: 'a' })).toThrow(/there is no upload a/);
  });

  it('says what it cannot do', () => {
    const { fleet } = street(1, 'messages');
    const { firmware } = fleet;
    expect(() => firmware.distribute('home-2', wish)).toThrow(/no home or device 'home-2'/);
    expect(() => firmware.distribute(entities.ihd, wish)).toThrow(/no firmware for .* \(ihd\)/);
    expect(() => firmware.distribute(entities.chf, wish)).toThrow(/no firmware for .* \(chf\)/);
  });

  it('a street of 200 homes at rest costs next to nothing', async () => {
    const { fleet, clock } = street(200, 'messages');
    await fleet.start();
    clock.advance(5 * minute);
    let events = 0;
    fleet.onDeviceEvent(({ name }) => {
      if (name === 'firmware-changed' || name === 'fault') events++;
    });
    // Timers of the upkeep alone: 4 devices, one read in 10 to 15 minutes.
    expect(clock.pending).toBeLessThan(200 * 12);
    clock.advance(10 * minute);
    expect(events).toBe(0);
    await fleet.stop();
  });
});
