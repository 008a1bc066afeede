import { Recorder } from '../../emulator/cli/recorder.js';
import { Esme } from '../../emulator/devices/esme/device.js';
import type { Fleet } from '../../emulator/fleet/fleet.js';
import { checkHomeTemplate } from '../../emulator/fleet/home-template.js';
import { MemoryBus } from '../../emulator/sim/memory-bus.js';
import { decodeEnvelope } from '../../protocols/bus/envelope.js';
import { hanFilter, wanFilter } from '../../protocols/bus/topics.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { nodeCryptoForTests } from './test-crypto.js';
import { virtualFleet } from './virtual-fleet.js';

/** Every kind of device, two of them on the sub-GHz band. */
export const everyDevice = checkHomeTemplate(
  {
    version: 1,
    name: 'every-device',
    devices: [
      { type: 'chf' },
      { type: 'gpf' },
      { type: 'esme', payment: 'prepayment' },
      { type: 'gsme', payment: 'prepayment' },
      { type: 'ihd' },
      { type: 'ppmid' },
      { type: 'hcalcs', band: '868' },
    ],
  },
  'every-device',
);

export interface CapturedFrame {
  readonly psdu: Uint8Array;
  readonly sender: Eui64;
  readonly page: number;
  readonly atMs: number;
}

/** One home in virtual time, from power-on, with everything on the bus recorded. */
export async function recordedHome(seed: string) {
  const bus = new MemoryBus();
  const blocks: Uint8Array[] = [];
  const frames: CapturedFrame[] = [];
  const recorder = new Recorder(
    { pcapng: { append: (block) => blocks.push(block.slice()) > 0 } },
    'hubfleet',
    'virtual',
  );
  const { fleet, clock, pki, until } = virtualFleet(bus, nodeCryptoForTests(), seed, 1, {
    template: everyDevice,
    world: { from: 'power-on' },
  });
  await bus.subscribe(wanFilter('virtual'), (topic, payload) => {
    recorder.hear(topic, payload);
  });
  await bus.subscribe(hanFilter('virtual'), (topic, payload) => {
    recorder.hear(topic, payload);
    const envelope = decodeEnvelope(payload);
    if (envelope.kind !== 'frame' || envelope.sender === undefined) return;
    const { body, sender, radio, timeMs } = envelope;
    frames.push({ psdu: body.slice(), sender, page: radio.page, atMs: timeMs });
  });
  await fleet.start();
  await until(fleet.commission());
  await until(fleet.whenJoined());
  return {
    fleet,
    clock,
    pki,
    until,
    frames,
    pcapng: () => Uint8Array.from(Buffer.concat(blocks)),
    keys: () => [...(fleet.homes[0]?.han.keys() ?? [])],
    device: (type: string) => deviceOf(fleet, type),
  };
}

function deviceOf(fleet: Fleet, type: string) {
  for (const device of fleet.homes[0]?.devices.values() ?? []) {
    if (device.type === type) return device;
  }
  throw new Error(`the home has no ${type}`);
}

/**
 * A home from power-on through a morning in which everything happens: commands to every device,
 * long ones too, a gas meter that wakes, a top-up by key, load control, a message, new firmware.
 */
export async function eventfulHome(seed: string) {
  const home = await recordedHome(seed);
  const { fleet, clock, until, device } = home;
  const send = (useCase: string, type: string, parameters: Record<string, unknown> = {}) =>
    until(fleet.send({ useCase, device: device(type).entity, parameters }));
  const esme = device('esme');
  if (!(esme instanceof Esme)) throw new Error('the electricity meter is of another make');
  esme.state.messages.add({
    id: 1,
    text: 'Your tariff changes on 1 March.',
    startMs: clock.nowMs(),
    durationMinutes: undefined,
    priority: 'medium',
    confirmationRequired: true,
  });
  clock.advance(600_000);
  device('ppmid').press?.({ key: 'acknowledge' });
  fleet.firmware.distribute(esme.entity, { make: { version: '02000001', octets: 1_024 } });
  await send('ECS17b', 'esme');
  await send('ECS42', 'esme');
  await send('CS02a', 'hcalcs', { roles: ['supplier'] });
  await send('CS02a', 'ppmid', { roles: ['supplier'] });
  await send('GCS13a', 'gpf');
  await send('GCS33', 'gsme');
  const { utrn } = fleet.issueUtrn(device('esme').entity, 1_000);
  device('ppmid').press?.({ key: 'top-up', utrn });
  device('ppmid').press?.({ key: 'emergency-credit', fuel: 'gas' });
  clock.advance(3_000_000);
  return home;
}
