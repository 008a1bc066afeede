import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { RandomStream } from '../../ports/random.js';
import { energyAt, floorDbm, lossAt, lqiAt, Propagation } from './propagation.js';
import type { RadioChannel, Reception } from './radio.js';
import type { Environment, Place } from './radio-environments.js';
import { RadioFaults } from './radio-faults.js';

/** How a frame came from the bus; figures that are there stand instead of the model's. */
export interface BusReception extends RadioChannel {
  readonly lqi?: number | undefined;
  readonly rssiDbm?: number | undefined;
}

/** How two radios would hear each other. */
export interface LinkReport extends RadioChannel {
  readonly a: Eui64;
  readonly b: Eui64;
  readonly rssiDbm: number;
  readonly lqi: number;
  /** Share of frames lost, 0 to 1, while nobody else sends. */
  readonly loss: number;
}

/** Why a radio that listened did not hear a frame: counted in `AirStats`. */
export type Unheard = 'blocked' | 'lost' | 'collided';

const rssiMinDbm = -128;
const rssiMaxDbm = 127;

/** Who hears whom in one home: environment, chance and what testers do to it. */
export class RadioLinks {
  readonly faults = new RadioFaults();
  readonly propagation: Propagation;

  constructor(
    private readonly environment: Environment,
    private readonly random: RandomStream,
    places: ReadonlyMap<Eui64, Place> | undefined,
  ) {
    this.propagation = new Propagation(environment, random.u32(), this.faults, places);
  }

  energyOn(on: RadioChannel): number {
    return energyAt(this.propagation.noiseDbm(on));
  }

  link(a: Eui64, b: Eui64, on: RadioChannel): LinkReport {
    const { page, channel } = on;
    const rssiDbm = this.propagation.rssiDbm(a, b, page);
    const marginDb = rssiDbm - floorDbm(page, this.propagation.noiseDbm(on));
    const blocked = this.faults.isBlocked(a) || this.faults.isBlocked(b);
    const loss = blocked ? 1 : this.lossAt(marginDb);
    return { a, b, page, channel, rssiDbm, lqi: lqiAt(marginDb), loss };
  }

  /** Decides about one frame at one radio, beside another frame of that power there. */
  hear(
    receiver: Eui64,
    sender: Eui64,
    on: BusReception,
    interferenceDbm: number,
  ): Reception | Unheard {
    const { faults, propagation } = this;
    if (faults.isBlocked(sender) || faults.isBlocked(receiver)) return 'blocked';
    const { page, channel } = on;
    const rssiDbm = on.rssiDbm ?? propagation.rssiDbm(sender, receiver, page);
    const noiseDbm = propagation.noiseDbm(on);
    const marginDb = rssiDbm - floorDbm(page, Math.max(noiseDbm, interferenceDbm));
    const draw = this.random.fraction();
    if (draw < this.lossAt(marginDb)) {
      // The same draw against the margin that the frame had alone tells what is to blame.
      const alone = rssiDbm - floorDbm(page, noiseDbm);
      return draw < this.lossAt(alone) ? 'lost' : 'collided';
    }
    const rounded = Math.max(rssiMinDbm, Math.min(rssiMaxDbm, Math.round(rssiDbm)));
    return { page, channel, lqi: on.lqi ?? lqiAt(marginDb), rssiDbm: rounded };
  }

  private lossAt(marginDb: number): number {
    return 1 - (1 - this.environment.residualLoss) * (1 - lossAt(marginDb));
  }
}
