import type { Eui64 } from '../../../protocols/codec/eui64.js';

/** What became of a frame at once; what happens to it later is not told here. */
export type SendVerdict =
  | 'sent'
  | 'unknown-destination'
  | 'too-long'
  | 'not-joined'
  | 'no-key'
  | 'queue-full';

/** What carries ZCL frames between the entities of a home. */
export interface ZclCarrier {
  send(
    sourceEndpoint: number,
    destination: Eui64,
    clusterId: number,
    asdu: Uint8Array,
    endpoint?: number,
  ): SendVerdict;
}

/** A frame of an entity that is about to leave. */
export interface HeldFrame {
  readonly destination: Eui64;
  readonly clusterId: number;
  /** A view, valid during the call only. */
  readonly zcl: Uint8Array;
  readonly endpoint: number | undefined;
  readonly sourceEndpoint: number;
}

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
  /** Asked before a frame leaves: true where it has been taken, to be sent another time. */
  holds: ((frame: HeldFrame) => boolean) | undefined = undefined;
  /** Asked before a frame is handed on: true where that is the end of it. */
  screens: ((...call: Parameters<ZclHandler>) => boolean) | undefined = undefined;

  private listeners: readonly Listener[] = [];
  private zclSequenceNumber = 0;

  constructor(
    readonly node: ZclCarrier,
    readonly eui: Eui64,
    /** The one it sends from first. */
    readonly endpoints: readonly [number, ...number[]],
  ) {}

  /**
   * Sends a ZCL frame, in fragments where it must. `endpoint` is the destination's, its usual one
   * when left out, and `sourceEndpoint` one of its own.
   */
  sendZcl(
    destination: Eui64,
    clusterId: number,
    zcl: Uint8Array,
    endpoint?: number,
    sourceEndpoint = this.endpoints[0],
  ): SendVerdict {
    if (this.holds?.({ destination, clusterId, zcl, endpoint, sourceEndpoint }) === true) {
      return 'sent';
    }
    return this.node.send(sourceEndpoint, destination, clusterId, zcl, endpoint);
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
    if (this.screens?.(source, clusterId, zcl) === true) return;
    for (const listener of this.listeners) {
      if (listener.clusterId !== clusterId) continue;
      if (listener.source !== undefined && listener.source !== source) continue;
      listener.handler(source, clusterId, zcl);
      return;
    }
    this.onZcl(source, clusterId, zcl);
  }
}
