import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { HanNode, SendVerdict } from './han-node.js';

/** `zcl` is a view, valid during the call only. Must not throw. */
export type ZclHandler = (source: Eui64, clusterId: number, zcl: Uint8Array) => void;

interface Listener {
  readonly clusterId: number;
  /** Anyone when absent. */
  readonly source: Eui64 | undefined;
  readonly handler: ZclHandler;
}

function ignore(): void {
  // An entity that only sends.
}

/**
 * An entity of the home on the radio that carries it: what a device, the CHF or the GPF sees of the
 * home network. It speaks ZCL frames to other entities by their EUI-64 and knows nothing of
 * addresses and headers below.
 */
export class HanEntity {
  /** Takes every ZCL frame that no listener takes. */
  onZcl: ZclHandler = ignore;

  private listeners: readonly Listener[] = [];
  private zclSequenceNumber = 0;

  constructor(
    readonly node: HanNode,
    readonly eui: Eui64,
    /** The one it sends from first. */
    readonly endpoints: readonly [number, ...number[]],
  ) {}

  /**
   * Sends a ZCL frame, in fragments where it must. `endpoint` is the destination's, its usual one
   * when left out.
   */
  sendZcl(destination: Eui64, clusterId: number, zcl: Uint8Array, endpoint?: number): SendVerdict {
    return this.node.send(this.endpoints[0], destination, clusterId, zcl, endpoint);
  }

  /**
   * Gives frames of one cluster, from one source or from any, to `handler`; the newest listener is
   * asked first.
   */
  listen(clusterId: number, source: Eui64 | undefined, handler: ZclHandler): () => void {
    const listener = { clusterId, source, handler };
    this.listeners = [listener, ...this.listeners];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    };
  }

  /** The next ZCL transaction sequence number of this entity. */
  nextSequenceNumber(): number {
    const number = this.zclSequenceNumber;
    this.zclSequenceNumber = (number + 1) & 0xff;
    return number;
  }

  /** For the node: a whole ASDU has arrived. */
  deliver(source: Eui64, clusterId: number, zcl: Uint8Array): void {
    for (const listener of this.listeners) {
      if (listener.clusterId !== clusterId) continue;
      if (listener.source !== undefined && listener.source !== source) continue;
      listener.handler(source, clusterId, zcl);
      return;
    }
    this.onZcl(source, clusterId, zcl);
  }
}
