import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { smartEnergyProfileId } from '../../../protocols/zigbee/aps.js';
import { type CryptographicSuite, suites } from '../../../protocols/zigbee/cbke/suite.js';
import { keyEstablishment } from '../../../protocols/zigbee/clusters/key-establishment.js';
import { zdoStatuses } from '../../../protocols/zigbee/zdo/responses.js';
import type { ZdoMessage } from '../../../protocols/zigbee/zdo/zdo.js';
import type { FrameNode } from '../stack/frame-node.js';
import { coordinatorAddress, type NwkOrigin } from '../stack/network-layer.js';
import type { KeyEstablishmentEnd, KeyEstablishmentService } from './key-establishment-service.js';
import type { ZdoServer } from './zdo-server.js';

/** What of the hub an answer has shown. */
export type Introduced = 'hub' | 'endpoint';

/**
 * What a device does once it speaks under the network key: it makes itself known, looks at the hub,
 * finds the endpoint of its Key Establishment cluster and establishes a link key there.
 */
export class Introduction {
  private hubEndpoint = 0;

  constructor(
    private readonly node: FrameNode,
    private readonly zdo: ZdoServer,
    private readonly service: KeyEstablishmentService,
  ) {}

  announce(): void {
    this.zdo.announce();
    const fields = { nwkAddressOfInterest: coordinatorAddress };
    this.node.sendZdo(coordinatorAddress, { name: 'Node_Desc_req', fields });
  }

  askForEndpoint(): void {
    const fields = {
      nwkAddressOfInterest: coordinatorAddress,
      profileId: smartEnergyProfileId,
      inputClusters: [keyEstablishment.id],
      outputClusters: [],
    };
    this.node.sendZdo(coordinatorAddress, { name: 'Match_Desc_req', fields });
  }

  take({ name, fields }: ZdoMessage, { source }: NwkOrigin): Introduced | undefined {
    if (source !== coordinatorAddress) return undefined;
    if (name === 'Node_Desc_rsp' && fields.status === zdoStatuses.success) return 'hub';
    if (name !== 'Match_Desc_rsp' || fields.endpoints[0] === undefined) return undefined;
    this.hubEndpoint = fields.endpoints[0];
    return 'endpoint';
  }

  /**
   * Reads the hub's suites and begins with the first of `wanted` that both have. `begun` tells
   * whether there was one; it may never be called.
   */
  establishKey(
    hub: Eui64,
    wanted: readonly CryptographicSuite[],
    begun: (suite: CryptographicSuite | undefined, nowMs: number) => void,
    end: KeyEstablishmentEnd,
  ): void {
    const { service, node, hubEndpoint } = this;
    service.cancel(hub);
    service.askSuites(hub, hubEndpoint, (offered) => {
      const common = offered & service.suites;
      const suite = wanted.find((one) => (suites[one].bit & common) !== 0);
      const nowMs = node.nowMs();
      begun(suite, nowMs);
      if (suite !== undefined) service.initiate(hub, hubEndpoint, suite, nowMs, end);
    });
  }

  cancel(hub: Eui64): void {
    this.service.cancel(hub);
  }
}
