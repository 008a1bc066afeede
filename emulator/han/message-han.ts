import type { Eui64 } from '../../protocols/codec/eui64.js';
import { defaultReassemblyLimits } from '../../protocols/zigbee/aps-fragments.js';
import { InvariantError } from '../ports/errors.js';
import type { Han, HanKey } from './han.js';
import type { HanReport } from './han-report.js';
import type { Directory } from './stack/directory.js';
import { HanEntity, type SendVerdict } from './stack/han-entity.js';

interface Carried {
  readonly from: Eui64;
  readonly to: HanEntity;
  readonly clusterId: number;
  readonly asdu: Uint8Array;
}

/** ZCL frames under way at once in one home; a conversation of two devices has one. Our choice. */
const queueLengthMax = 1_024;

/**
 * A home network for big fleets: ZCL frames go from entity to entity whole, in the order in which
 * they were sent, and nothing is on the air. No joining, no keys, no radio; what lies above (tunnels,
 * GET and PUT of a gas meter, its wake-ups) is the same.
 */
export class MessageHan implements Han {
  readonly framesTransmitted = 0;
  private readonly entities = new Map<Eui64, HanEntity>();
  private readonly queue: Carried[] = [];
  private carrying = false;
  private carried = 0;

  constructor(directory: Directory) {
    for (const { entity, endpoints } of directory.listings()) {
      const send = (
        _sourceEndpoint: number,
        destination: Eui64,
        clusterId: number,
        asdu: Uint8Array,
      ): SendVerdict => this.carry(entity, destination, clusterId, asdu);
      this.entities.set(entity, new HanEntity({ send }, entity, endpoints));
    }
  }

  entityOf(entity: Eui64): HanEntity {
    const found = this.entities.get(entity);
    if (found === undefined) throw new InvariantError(`${entity} is not on this home network`);
    return found;
  }

  /** Delivered one after the other, never from inside the call of a handler. */
  private carry(from: Eui64, destination: Eui64, clusterId: number, asdu: Uint8Array): SendVerdict {
    const to = this.entities.get(destination);
    if (to === undefined) return 'unknown-destination';
    if (asdu.length > defaultReassemblyLimits.asduOctetsMax) return 'too-long';
    if (this.queue.length >= queueLengthMax) return 'queue-full';
    // What must wait is kept: its sender's octets are good during the call only.
    this.queue.push({ from, to, clusterId, asdu: this.carrying ? asdu.slice() : asdu });
    if (this.carrying) return 'sent';
    this.carrying = true;
    try {
      for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
        this.carried++;
        next.to.deliver(next.from, next.clusterId, next.asdu);
      }
    } finally {
      this.carrying = false;
    }
    return 'sent';
  }

  receive(): void {
    // There is no air.
  }

  wakeRadio(): void {
    // There is no radio either.
  }

  keys(): Iterable<HanKey> {
    return [];
  }

  describe(): HanReport {
    return { han: 'messages', carried: this.carried };
  }

  stop(): void {
    this.queue.length = 0;
  }
}
