import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { HeardBeacon } from '../mac/mac-scan.js';
import type { NodeRole } from '../stack/network-layer.js';

const zigbee = 0;
const zigbeePro = 2;
/** Networks remembered for not having let us in; the one remembered longest is forgotten. */
const rememberedMax = 16;

/**
 * Which of the networks in reach a device tries: its own if it has one, else of those that let join
 * the one that refused it least often, and of these the one it hears best.
 */
export class NetworkChoice {
  private readonly refusals = new Map<Eui64, number>();

  constructor(private readonly role: NodeRole) {}

  toJoin(heard: readonly HeardBeacon[], only: Eui64 | undefined): HeardBeacon | undefined {
    return this.best(
      heard.filter(
        ({ associationPermit, beacon }) =>
          associationPermit && (only === undefined || beacon.extendedPanId === only),
      ),
    );
  }

  toRejoin(heard: readonly HeardBeacon[], extendedPanId: Eui64): HeardBeacon | undefined {
    return this.best(heard.filter(({ beacon }) => beacon.extendedPanId === extendedPanId));
  }

  refusedBy(extendedPanId: Eui64): void {
    const count = this.refusals.get(extendedPanId) ?? 0;
    this.refusals.delete(extendedPanId);
    if (this.refusals.size >= rememberedMax) {
      const [oldest] = this.refusals.keys();
      if (oldest !== undefined) this.refusals.delete(oldest);
    }
    this.refusals.set(extendedPanId, count + 1);
  }

  forgetRefusals(): void {
    this.refusals.clear();
  }

  private best(heard: readonly HeardBeacon[]): HeardBeacon | undefined {
    const refusals = ({ beacon }: HeardBeacon) => this.refusals.get(beacon.extendedPanId) ?? 0;
    const [best] = heard
      .filter(({ beacon }) => this.suits(beacon))
      .sort((a, b) => refusals(a) - refusals(b) || b.lqi - a.lqi || a.panId - b.panId);
    return best;
  }

  private suits({
    protocolId,
    stackProfile,
    routerCapacity,
    endDeviceCapacity,
  }: HeardBeacon['beacon']): boolean {
    const capacity = this.role === 'end-device' ? endDeviceCapacity : routerCapacity;
    return protocolId === zigbee && stackProfile === zigbeePro && capacity;
  }
}
