import type { Eui64 } from '../../protocols/codec/eui64.js';
import { type Environment, type Place, usualPlace } from '../han/air/radio-environments.js';
import { endpointDescriptions } from '../han/joining/endpoint-descriptions.js';
import type { Listing } from '../han/stack/directory.js';
import { InvariantError } from '../ports/errors.js';
import type { RandomStream } from '../ports/random.js';
import type { HomePlan } from './home.js';
import { entityOf } from './home-devices.js';
import type { HomeDeviceType } from './home-template.js';

/** The hub has one radio, known by its HAN address, which is the GPF's entity identifier too. */
export function hubRadio(plan: HomePlan): Eui64 {
  return plan.entities.gpf ?? entityOf(plan, 'chf');
}

/** What the directory of the home says of its devices. */
export function listingsOf(plan: HomePlan): Listing[] {
  return plan.template.devices.map(({ type, band = '2g4' }) => {
    const entity = entityOf(plan, type);
    return {
      entity,
      type,
      radio: isOnHub(type) ? hubRadio(plan) : entity,
      endpoints: endpointsOf(type),
      sleepy: type === 'gsme',
      band,
    };
  });
}

function isOnHub(type: HomeDeviceType): boolean {
  return type === 'chf' || type === 'gpf';
}

function endpointsOf(type: HomeDeviceType): readonly [number, ...number[]] {
  const [first, ...others] = endpointDescriptions[type].map(({ endpoint }) => endpoint);
  if (first === undefined) throw new InvariantError(`a ${type} has no endpoint`);
  return [first, ...others];
}

/** Where the radios of a home are; nobody asks on an ideal air. */
export function placesOf(
  plan: HomePlan,
  environment: Environment | undefined,
  random: RandomStream,
): Map<Eui64, Place> | undefined {
  if (environment === undefined || !environment.contention) return undefined;
  return new Map(
    plan.template.devices
      .filter(({ type }) => type !== 'chf')
      .map(({ type }) => {
        const radio = isOnHub(type) ? hubRadio(plan) : entityOf(plan, type);
        return [radio, usualPlace(type, environment, random)];
      }),
  );
}
