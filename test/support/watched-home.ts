import { commission } from '../../emulator/dcc/commissioning.js';
import type { FleetEvent } from '../../emulator/fleet/fleet.js';
import {
  type HomeDeviceType,
  type HomeTemplate,
  loadHomeTemplate,
} from '../../emulator/fleet/home-template.js';
import { entitiesOfHome } from '../../emulator/fleet/start-fleet.js';
import { FrameHan } from '../../emulator/han/frame-han.js';
import { MemoryBus } from '../../emulator/sim/memory-bus.js';
import { decodeEnvelope } from '../../protocols/bus/envelope.js';
import { deviceEventTopic } from '../../protocols/bus/topics.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { nodeCryptoForTests } from './test-crypto.js';
import { type VirtualFleetOptions, virtualFleet } from './virtual-fleet.js';

export const watchedEntities = entitiesOfHome(1);
const hourMs = 3_600_000;

/** One home with every frame on the air, and what it says of itself; from power-on unless told. */
export async function watchedHome(
  seed: string,
  template: HomeTemplate | 'full-home' | 'dual-fuel-home' = 'full-home',
  world: VirtualFleetOptions['world'] = { from: 'power-on' },
) {
  const bus = new MemoryBus();
  const options = {
    template: typeof template === 'string' ? loadHomeTemplate(template) : template,
    world,
  };
  const { fleet, clock, pki, until } = virtualFleet(bus, nodeCryptoForTests(), seed, 1, options);
  const events: FleetEvent[] = [];
  fleet.onDeviceEvent((event) => events.push(event));
  const hub = watchedEntities.chf;
  const alerts: Record<string, unknown>[] = [];
  await bus.subscribe(deviceEventTopic('virtual', hub, 'alert'), (_topic, payload) => {
    const envelope = decodeEnvelope(payload);
    if (envelope.kind === 'event') alerts.push(envelope.body as Record<string, unknown>);
  });
  await fleet.start();
  const han = fleet.homes[0]?.han;
  if (!(han instanceof FrameHan)) throw new Error('a home of frames is due');
  const installCode = (device: Eui64): Uint8Array => pki.installCodeOf(device);
  const send = (type: HomeDeviceType, useCase: string, parameters: Record<string, unknown> = {}) =>
    until(
      fleet.send({ useCase, device: watchedEntities[type], parameters, timeoutMs: hourMs / 2 }),
      hourMs,
    );
  return {
    fleet,
    clock,
    until,
    han,
    events,
    /** Of the hub, as the head end has them. */
    alerts,
    installCode,
    /** A command, and its outcome. */
    send,
    /** Has these put into the log (CCS01). */
    admit: (types: readonly HomeDeviceType[], installCodeOf = installCode) => {
      const devices = types.map((type) => {
        const device = watchedEntities[type];
        return { device, type, installCode: installCodeOf(device) };
      });
      return until(commission(fleet.headEnd, { hub, devices }));
    },
    /** Takes it out of the log (CCS02). */
    remove: (type: HomeDeviceType) => send('chf', 'CCS02', { device: watchedEntities[type] }),
    state: (type: HomeDeviceType) =>
      fleet.deviceOf(watchedEntities[type])?.describe() as Record<string, unknown>,
    joiningOf: (type: HomeDeviceType) => han.carrierOf(watchedEntities[type]).joiner.state,
    /** What was said of its joining and leaving, by the device or by the hub of it. */
    said: (type: HomeDeviceType): unknown[] =>
      events
        .filter(({ name }) => name === 'network-membership' || name === 'network-problem')
        .map(({ device, detail }) => ({ about: device, ...detail }) as Record<string, unknown>)
        .filter(({ about, device }) => (device ?? about) === watchedEntities[type])
        .map(({ what }) => what),
  };
}
