import { InvalidArgumentError } from 'commander';
import { isTopicName } from '../../protocols/bus/topics.js';
import { type Eui64, eui64, isEui64 } from '../../protocols/codec/eui64.js';
import type { DeviceSummary } from '../fleet/fleet.js';
import { UsageError } from '../ports/errors.js';
import type { ControlClient } from './control-client.js';
import { nearestHint } from './nearest.js';

const entityShape = /^[0-9a-f]{2}(?:[-:]?[0-9a-f]{2}){7}$/i;

/** A text in the form of an EUI-64, with or without separators; undefined for other names. */
export function entityIn(text: string): Eui64 | undefined {
  return isEui64(text) ? text : entityShape.test(text) ? eui64(text) : undefined;
}

/** For commander: the name of a home. */
export function parseHomeName(text: string): string {
  if (isTopicName(text)) return text;
  throw new InvalidArgumentError('Want the name of a home, such as home-1.');
}

function fullName({ home, type }: DeviceSummary): string {
  return `${home}/${type}`;
}

/**
 * The device of that EUI-64 or `home/type`. That an EUI-64 is in the fleet is not checked: the fleet's head end does so.
 * @throws UsageError for a `home/type` that is not there, with the names most like it
 */
export async function findDevice(client: ControlClient, text: string): Promise<Eui64> {
  const entity = entityIn(text);
  if (entity !== undefined) return entity;
  const [home = '', type = ''] = text.split('/');
  const found = isTopicName(home) ? await inHome(client, home, type) : undefined;
  return found?.device ?? unknownDevice(client, text);
}

/** @throws UsageError with the names most like it, unless the device is there after all */
export async function unknownDevice(client: ControlClient, text: string): Promise<Eui64> {
  const entity = entityIn(text);
  const all = await client.devices();
  const device = all.find((one) => one.device === entity);
  if (device !== undefined) return device.device;
  const names = all.map((one) => (entity === undefined ? fullName(one) : one.device));
  throw new UsageError(
    `no device '${text}' in this fleet of ${all.length}${nearestHint(entity ?? text, names)}`,
  );
}

async function inHome(
  client: ControlClient,
  home: string,
  type: string,
): Promise<DeviceSummary | undefined> {
  try {
    const devices = await client.devices(home);
    return devices.find((device) => device.type === type);
  } catch (error) {
    // No such home: the search through the fleet says what there is.
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
