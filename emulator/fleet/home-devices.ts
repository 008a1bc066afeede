import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { Chf, type HubHost, type KnownDevice } from '../devices/chf/device.js';
import type { Device } from '../devices/device.js';
import type { DeviceParts } from '../devices/device-parts.js';
import { Esme } from '../devices/esme/device.js';
import { Gpf } from '../devices/gpf/device.js';
import { Gsme } from '../devices/gsme/device.js';
import { Hcalcs } from '../devices/hcalcs/device.js';
import { Ihd } from '../devices/ihd/device.js';
import { Ppmid } from '../devices/ppmid/device.js';
import type { CounterGranularity } from '../functions/counters.js';
import type { PartnerDevice } from '../functions/partner-devices.js';
import type { TrustAnchorCells } from '../functions/trust-anchor-cells.js';
import { InvariantError } from '../ports/errors.js';
import type { KeyStore } from '../ports/key-store.js';
import type { Random } from '../ports/random.js';
import type { Store } from '../ports/store.js';
import type { HomePlan } from './home.js';
import type { HomeDeviceType } from './home-template.js';

/** What the devices of all homes share. */
export interface DeviceWorld {
  readonly crypto: Crypto;
  readonly keys: KeyStore;
  readonly trustAnchorsOf: (type: HomeDeviceType) => TrustAnchorCells;
  readonly store: Store;
  readonly random: Random;
  readonly counterGranularity: CounterGranularity;
  /** Default half an hour. */
  readonly gasWakeIntervalMs?: number | undefined;
}

/** Makes the devices of one home. */
export class HomeDevices {
  private readonly household: number;

  constructor(
    private readonly plan: HomePlan,
    private readonly world: DeviceWorld,
    /** Devices that the hub knows from the start. */
    private readonly known: readonly KnownDevice[],
  ) {
    this.household = world.random.stream(plan.name, 'household').u32();
  }

  make(type: HomeDeviceType, entity: Eui64, host: HubHost): Device {
    const { plan } = this;
    const { esme, gpf, gsme } = plan.entities;
    if (type === 'ihd') {
      const hub = { entity: entityOf(plan, 'chf'), random: this.world.random.stream(entity) };
      return new Ihd({ entity, host, esme, gpf, hub });
    }
    const parts = this.partsOf(type, entity, host);
    switch (type) {
      case 'chf':
        return new Chf({
          ...parts,
          host,
          gpf,
          deviceLog: this.known,
          subGhz: { wakePeriodMs: this.world.gasWakeIntervalMs },
        });
      case 'gpf':
        return new Gpf({ ...parts, gsme });
      case 'gsme':
        return new Gsme({
          ...parts,
          gpf: entityOf(plan, 'gpf'),
          partners: this.partners('ppmid'),
          wakeIntervalMs: this.world.gasWakeIntervalMs,
          payment: this.paymentOf(type),
        });
      case 'esme':
        return new Esme({ ...parts, contract: { payment: this.paymentOf(type) } });
      case 'ppmid':
        return new Ppmid({ ...parts, esme, gpf, gsme, partners: this.partners('gsme') });
      case 'hcalcs':
        return new Hcalcs({ ...parts, esme });
    }
  }

  /** Undefined where the template leaves it to the household's seed. */
  private paymentOf(type: 'esme' | 'gsme'): 'credit' | Record<string, never> | undefined {
    const payment = this.plan.template.devices.find((device) => device.type === type)?.payment;
    return payment === 'prepayment' ? {} : payment;
  }

  /** The device of this type, where the home has one, as the one that was joined to it knows it. */
  private partners(type: 'gsme' | 'ppmid'): readonly PartnerDevice[] {
    const entity = this.plan.entities[type];
    const keys = entity && this.world.keys.keysOf(entity);
    if (entity === undefined || keys === undefined) return [];
    return [{ entity, type, agreementPublicKey: () => keys.agreementPublicKey() }];
  }

  private partsOf(type: HomeDeviceType, entity: Eui64, host: HubHost): DeviceParts {
    const { world, household } = this;
    const keys = world.keys.keysOf(entity);
    if (keys === undefined) throw new InvariantError(`the key store has no keys of ${entity}`);
    return {
      entity,
      hub: entityOf(this.plan, 'chf'),
      host,
      crypto: world.crypto,
      keys,
      trustAnchors: world.trustAnchorsOf(type),
      store: world.store,
      counterGranularity: world.counterGranularity,
      random: world.random.stream(entity),
      household,
    };
  }
}

/** The entity of a device type, which the template must name. */
export function entityOf(plan: HomePlan, type: HomeDeviceType): Eui64 {
  const entity = plan.entities[type];
  if (entity === undefined) throw new InvariantError(`${plan.name} has no ${type}`);
  return entity;
}
