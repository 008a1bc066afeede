import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { SubGhzChannel } from '../../functions/sub-ghz-channels.js';
import type {
  LinkQualityReport,
  SubGhzClient,
  SubGhzRadio,
  TransmissionCounts,
} from '../../functions/sub-ghz-radio.js';
import type { Clock } from '../../ports/clock.js';
import { energyPerDb } from '../air/propagation.js';
import { isSubGhz } from '../air/radio-bands.js';
import type { SharedAir } from '../air/shared-air.js';
import type { Directory } from '../stack/directory.js';
import type { FrameNode } from '../stack/frame-node.js';

export interface HubSubGhzRadioParts {
  readonly air: SharedAir;
  readonly hub: FrameNode;
  readonly directory: Directory;
  readonly clock: Pick<Clock, 'speed'>;
}

/** Radio time in which a device that is awake comes to the end of what it has begun. Our choice. */
const settleRadioMs = 10_000;

interface Client extends SubGhzClient {
  readonly radio: Eui64;
}

/** The sub-GHz half of a hub's radio over the air of its home. */
export class HubSubGhzRadio implements SubGhzRadio {
  private readonly all: readonly Client[];

  constructor(private readonly parts: HubSubGhzRadioParts) {
    const { directory, air } = parts;
    this.all = [...directory.listings()]
      .filter(({ band }) => band === '868')
      .map(({ entity, radio, sleepy }) => ({
        device: entity,
        radio,
        sleepy,
        airtimePercent: () => air.dutyCycleOf(radio),
      }));
  }

  get channel(): SubGhzChannel | undefined {
    return this.parts.hub.mac.channels.find(({ page }) => isSubGhz(page));
  }

  /** Those that are on the network. */
  clients(): readonly SubGhzClient[] {
    const { addresses } = this.parts.hub.network;
    return this.all.filter(({ radio }) => addresses.shortOf(radio) !== undefined);
  }

  dutyCyclePercent(): number {
    return this.parts.air.dutyCycleOf(this.parts.hub.eui);
  }

  transmissions(): TransmissionCounts {
    return { ...this.parts.hub.mac.subGhzTransmissions };
  }

  energyOn(channel: SubGhzChannel): number {
    return this.parts.air.energyOn(channel) / energyPerDb;
  }

  get settleMs(): number {
    return settleRadioMs * this.parts.clock.speed;
  }

  changeChannel(to: SubGhzChannel): void {
    const { hub } = this.parts;
    const others = hub.mac.channels.filter(({ page }) => !isSubGhz(page));
    hub.network.retune([...others, to]);
    for (const { radio } of this.all) {
      const short = hub.network.addresses.shortOf(radio);
      if (short !== undefined) hub.mac.expectNeighbour(short, to, hub.nowMs());
    }
  }

  onLinkQuality(listener: (report: LinkQualityReport) => void): void {
    this.parts.hub.hooks.onLinkQuality = (radio, counts) => {
      const client = this.all.find((one) => one.radio === radio);
      if (client !== undefined) listener({ device: client.device, ...counts });
    };
  }
}
