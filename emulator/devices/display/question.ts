import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import type { ClusterDefinition } from '../../../protocols/zigbee/zcl/layout.js';
import { attributeNumber } from '../../functions/cluster-rows.js';
import type { Values } from './answers.js';
import type { KnownFacts } from './facts.js';

/**
 * How often a display asks the electricity meter; the gas proxy is asked everything at its own interval, since what it
 * knows is no younger (device-behaviour.md 5).
 */
export type Pace = 'live' | 'everyMinute' | 'everyFiveMinutes' | 'hourly';

/** When it first asks: with the display's first breath, in the next seconds, or when the fleet has settled. */
export type First = 'atOnce' | 'soon' | 'later';

interface Timing {
  readonly pace: Pace;
  readonly first: First;
}

/** Reads some attributes of a cluster. */
export interface AttributeQuestion extends Timing {
  readonly clusterId: number;
  readonly attributes: readonly number[];
  /** Not asked of the other fuel's server. */
  readonly only?: 'electricity' | 'gas';
  /** Waits until this holds. */
  readonly when?: (facts: KnownFacts) => boolean;
  /** Gets what could be read. */
  readonly take: (facts: KnownFacts, values: Values, nowMs: number) => void;
}

/** Sends a cluster command and takes the command that answers it. */
export interface CommandQuestion extends Timing {
  readonly clusterId: number;
  readonly commandId: number;
  readonly answerId: number;
  /** Undefined while there is nothing to ask: it waits. */
  readonly fields: (facts: KnownFacts, nowMs: number) => GbzFields | undefined;
  /** Gets undefined when the server has no such thing. */
  readonly take: (facts: KnownFacts, fields: GbzFields | undefined, nowMs: number) => void;
}

export type Question = AttributeQuestion | CommandQuestion;

/** Numbers of a cluster's attributes by names of one's own. */
export function attributeNumbers<K extends string>(
  cluster: ClusterDefinition,
  names: Readonly<Record<K, string>>,
): Readonly<Record<K, number>> {
  const entries = Object.entries<string>(names);
  return Object.fromEntries(
    entries.map(([key, name]) => [key, attributeNumber(cluster, name)]),
  ) as Record<K, number>;
}
