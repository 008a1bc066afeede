import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { SubGhzRadio } from '../functions/sub-ghz-radio.js';
import type { RadioChannel } from './air/radio.js';
import type { HanReport } from './han-report.js';
import type { HanEntity } from './stack/han-entity.js';

/** A frame that came back from the bus. */
export interface HeardFrame extends RadioChannel {
  readonly sender: Eui64;
  /** Where whoever put it on the bus measured them. */
  readonly lqi?: number | undefined;
  readonly rssiDbm?: number | undefined;
}

export interface HanKey {
  /** 16 octets. */
  readonly key: Uint8Array;
  readonly label: string;
}

/**
 * The home network as a home uses it: entities that speak ZCL to each other. Two makings: `FrameHan`,
 * with every frame of every layer on the air, and `MessageHan`, which carries whole ZCL frames.
 */
export interface Han {
  entityOf(entity: Eui64): HanEntity;
  /** A frame from the bus; a making without an air ignores it. */
  receive(psdu: Uint8Array, heard: HeardFrame): void;
  /** Turns on the radio of a sleepy device; it goes off by itself. */
  wakeRadio(entity: Eui64): void;
  /** The hub's sub-GHz radio; undefined where no device of the home is on that band. */
  readonly subGhz?: SubGhzRadio | undefined;
  /** What a dissector needs to read the frames. */
  keys(): Iterable<HanKey>;
  /** Frames transmitted so far. */
  readonly framesTransmitted: number;
  /** Nodes, links, drops by reason. */
  describe(): HanReport;
  /** No timer of it is left. */
  stop(): void;
}
