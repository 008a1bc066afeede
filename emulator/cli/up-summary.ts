import type { FleetStats, RoutineTotals } from '../fleet/start-fleet.js';
import { showDuration } from './duration.js';

/** What a run came to: the one object that `hubfleet up --for 15s --json` prints. */
export interface UpSummary {
  readonly homes: number;
  readonly devices: number;
  /** Devices on their home network. */
  readonly joined: number;
  readonly commands: number;
  /** To commands that waited for one. */
  readonly responses: number;
  /** Of messages from devices. */
  readonly signaturesVerified: number;
  readonly macsVerified: number;
  /** Commands that devices refused. */
  readonly refused: number;
  /** Messages from devices that failed a check or did not parse. */
  readonly errors: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly max: number };
  /** Commands that were not answered in time. */
  readonly timeouts: number;
  /** Commands still waiting when the run was ended from outside. */
  readonly pending: number;
  /** Of these, commands at the hubs of gas meters that are asleep. */
  readonly asleep: number;
  /** Answered, but the device could not do all of it. */
  readonly unsuccessful: number;
  readonly alerts: number;
  readonly framesOnAir: number;
  readonly busProblems: number;
  readonly name: string;
  readonly seed: string;
  readonly broker: string;
  readonly startupMs: number;
  readonly durationMs: number;
  readonly passed: boolean;
  /** Why it did not pass. */
  readonly problems: readonly string[];
}

export interface RunFacts {
  readonly name: string;
  readonly seed: string;
  readonly broker: string;
  readonly startupMs: number;
  readonly durationMs: number;
  /** Whether commands were to be sent at all. */
  readonly commanding: boolean;
  /** Ctrl-C came before the time was up. */
  readonly cutShort: boolean;
}

function problemsOf(stats: FleetStats, routine: RoutineTotals, facts: RunFacts): string[] {
  const { headEnd } = stats;
  const unanswered = headEnd.commands - headEnd.responses - headEnd.pending;
  const counts: readonly (readonly [number, string])[] = [
    [unanswered, 'commands were not answered'],
    [stats.refused, 'commands were refused by devices'],
    [headEnd.errors, 'messages from devices failed a check'],
    [routine.failed - unanswered, 'commands failed'],
    [stats.devices - stats.joined, 'devices have not joined their home network'],
  ];
  const problems = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (facts.cutShort) problems.push('interrupted before the time was up');
  else if (facts.commanding && headEnd.commands === 0) problems.push('no command was sent');
  return problems;
}

export function summaryOf(stats: FleetStats, routine: RoutineTotals, facts: RunFacts): UpSummary {
  const { headEnd } = stats;
  const { p50, p95, max } = headEnd.latencyMs;
  const problems = problemsOf(stats, routine, facts);
  return {
    homes: stats.homes,
    devices: stats.devices,
    joined: stats.joined,
    commands: headEnd.commands,
    responses: headEnd.responses,
    signaturesVerified: headEnd.signaturesVerified,
    macsVerified: headEnd.macsVerified,
    refused: stats.refused,
    errors: headEnd.errors,
    latencyMs: { p50, p95, max },
    timeouts: headEnd.timeouts,
    pending: headEnd.pending,
    asleep: headEnd.asleep,
    unsuccessful: routine.unsuccessful,
    alerts: headEnd.alerts,
    framesOnAir: stats.framesOnAir,
    busProblems: stats.busProblems,
    name: facts.name,
    seed: facts.seed,
    broker: facts.broker,
    startupMs: Math.round(facts.startupMs),
    durationMs: Math.round(facts.durationMs),
    passed: problems.length === 0,
    problems,
  };
}

/** The totals in two lines; `perSecond` is the present rate of commands. */
export function totalsLines(stats: FleetStats, perSecond?: number): string[] {
  const { headEnd } = stats;
  const rate = perSecond === undefined ? '' : ` (${perSecond.toFixed(1)}/s)`;
  const asleep = headEnd.asleep === 0 ? '' : ` (${headEnd.asleep} for gas meters to wake)`;
  const { p50, p95 } = headEnd.latencyMs;
  const joining =
    stats.joined < stats.devices ? [`joined ${stats.joined} of ${stats.devices} devices`] : [];
  return [
    ...joining,
    `commands ${headEnd.commands}${rate}, responses ${headEnd.responses}, ` +
      `waiting ${headEnd.pending}${asleep}, ` +
      `refused ${stats.refused}, errors ${headEnd.errors}, timeouts ${headEnd.timeouts}`,
    `verified ${headEnd.signaturesVerified} signatures and ${headEnd.macsVerified} MACs, ` +
      `latency p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`,
  ];
}

/** One line for logs. */
export function progressLine(stats: FleetStats, elapsedMs: number): string {
  return `${showDuration(elapsedMs)}: ${totalsLines(stats).join(', ')}`;
}
