import type { Eui64 } from '../../protocols/codec/eui64.js';
import { msToIso } from '../../protocols/codec/utc.js';
import type { CommandOutcome } from '../dcc/command-outcome.js';
import type { Clock, Timer } from '../ports/clock.js';
import { UsageError } from '../ports/errors.js';
import type { RandomStream } from '../ports/random.js';
import type { Fleet } from './fleet.js';
import type { Home } from './home.js';
import type { HomeDeviceType } from './home-template.js';

/** One thing the routine does; times are given as the interval around now in which a clock may be set. */
interface Step {
  readonly useCase: string;
  readonly target: HomeDeviceType;
  readonly parameters?: (nowMs: number) => Readonly<Record<string, unknown>>;
}

const around = (nowMs: number) => ({
  from: msToIso(nowMs - 600_000),
  to: msToIso(nowMs + 600_000),
});
const lastHours = (nowMs: number) => ({ from: msToIso(nowMs - 7_200_000), to: msToIso(nowMs) });

/**
 * A day of a head end in little: reads of both fuels, clocks set, supply confirmed enabled, credentials checked. Critical
 * and non-critical, DLMS, GBZ and ASN.1. Nothing in it takes a home off supply.
 */
const steps: readonly Step[] = [
  { useCase: 'ECS17b', target: 'esme' },
  { useCase: 'GCS13a', target: 'gpf' },
  { useCase: 'ECS17c', target: 'esme' },
  { useCase: 'ECS42', target: 'esme' },
  { useCase: 'ECS45', target: 'esme' },
  { useCase: 'GCS33', target: 'gsme' },
  { useCase: 'ECS70', target: 'esme', parameters: around },
  { useCase: 'GCS28', target: 'gsme', parameters: around },
  { useCase: 'ECS23', target: 'esme', parameters: lastHours },
  { useCase: 'ECS52', target: 'esme' },
  { useCase: 'GCS38', target: 'gsme' },
  { useCase: 'ECS52', target: 'chf' },
  { useCase: 'ECS26c', target: 'esme' },
  { useCase: 'ECS40', target: 'esme' },
  { useCase: 'ECS50', target: 'esme', parameters: () => ({ number: '2468' }) },
  {
    useCase: 'CS02a',
    target: 'esme',
    parameters: () => ({ roles: ['supplier', 'networkOperator'] }),
  },
];

/** In place of a command for a gas meter that has one waiting. */
const mirrorRead: Step = { useCase: 'GCS13a', target: 'gpf' };

export interface RoutineTotals {
  readonly issued: number;
  readonly answered: number;
  /** Answered, but the device could not do all of it. */
  readonly unsuccessful: number;
  readonly failed: number;
  /** Waiting at a hub for a gas meter to wake. */
  readonly asleep: number;
}

export interface LastCommand {
  readonly useCase: string;
  readonly device: Eui64;
  readonly verdict: string;
}

export interface RoutineOptions {
  readonly perSecond: number;
  readonly random: RandomStream;
}

/** Commands of the routine that may wait for an answer at once. */
const inFlightMax = 100;
/** How often the routine looks whether commands are due, in real time. */
const tickMs = 100;

/** Keeps a fleet's head end busy: each home in turn gets the next step of the list, from a start of its own. */
export class Routine {
  private readonly offsets: number[];
  private readonly targets: readonly Home[];
  private readonly lastByHome = new Map<string, LastCommand>();
  private readonly counts = { issued: 0, answered: 0, unsuccessful: 0, failed: 0 };
  private readonly waiting: (() => void)[] = [];
  private inFlight = 0;
  /** Homes whose gas meter has a command waiting for it. */
  private readonly asleep = new Set<string>();
  /** Commands due since `sinceMs` that were issued or forgiven. */
  private paced = 0;
  private sinceMs = 0;
  private turn = 0;
  private timer: Timer | undefined;

  constructor(
    private readonly fleet: Fleet,
    private readonly clock: Clock,
    private readonly options: RoutineOptions,
  ) {
    this.targets = fleet.homes;
    this.offsets = fleet.homes.map(() => options.random.int(0, steps.length - 1));
  }

  start(): void {
    // Something to see at once: the first command of each home does not wait for its turn.
    const atOnceMs =
      (Math.min(this.targets.length, this.options.perSecond) * 1000) / this.options.perSecond;
    this.sinceMs = this.clock.stopwatchMs() - atOnceMs;
    this.tick();
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  /**
   * Issues nothing more; resolves when every command is settled but those for gas meters that are asleep: they may
   * take half an hour.
   */
  drain(): Promise<void> {
    this.stop();
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  totals(): RoutineTotals {
    return { ...this.counts, asleep: this.asleep.size };
  }

  lastOf(home: string): LastCommand | undefined {
    return this.lastByHome.get(home);
  }

  private tick(): void {
    const { perSecond } = this.options;
    const elapsedMs = this.clock.stopwatchMs() - this.sinceMs;
    let due = Math.floor((elapsedMs * perSecond) / 1000) - this.paced;
    const owedMax = Math.max(1, perSecond);
    if (due > owedMax) {
      // A machine that cannot keep up is not buried: no more than a second's worth is owed.
      this.paced += due - owedMax;
      due = owedMax;
    }
    this.paced += due;
    // What finds the fleet still busy is let go: answers matter, not a queue of questions.
    for (; due > 0 && this.inFlight < inFlightMax; due--) this.issueNext();
    // Deadlines are emulated time, the routine's pace is real time.
    const atMs = this.clock.nowMs() + tickMs * this.clock.speed;
    this.timer = this.clock.at(atMs, () => this.tick());
  }

  private issueNext(): void {
    const index = this.turn % this.targets.length;
    const home = this.targets[index] as Home;
    const round = Math.floor(this.turn / this.targets.length);
    this.turn++;
    let step = steps[((this.offsets[index] as number) + round) % steps.length] as Step;
    // One command at a time for a meter that is asleep; meanwhile the hub's mirror answers for it.
    if (step.target === 'gsme' && this.asleep.has(home.name)) step = mirrorRead;
    const device = home.plan.entities[step.target];
    if (device === undefined) return;
    const parameters = step.parameters?.(this.clock.nowMs()) ?? {};
    this.counts.issued++;
    const sleepy = step.target === 'gsme';
    if (sleepy) this.asleep.add(home.name);
    else this.inFlight++;
    const settle = (): void => {
      if (sleepy) this.asleep.delete(home.name);
      else this.done();
    };
    try {
      this.fleet.headEnd.issue({ useCase: step.useCase, device, parameters }, (outcome) => {
        this.settled(home, outcome);
        settle();
      });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.lastByHome.set(home.name, { useCase: step.useCase, device, verdict: error.message });
      this.counts.failed++;
      settle();
    }
  }

  private settled(home: Home, outcome: CommandOutcome): void {
    const { useCase, device, verdict, succeeded, reason } = outcome;
    if (verdict !== 'answered') this.counts.failed++;
    else {
      this.counts.answered++;
      if (!succeeded) this.counts.unsuccessful++;
    }
    const text =
      verdict === 'answered' ? (succeeded ? 'ok' : 'refused by device') : (reason ?? verdict);
    this.lastByHome.set(home.name, { useCase, device, verdict: text });
  }

  private done(): void {
    this.inFlight--;
    if (this.inFlight > 0) return;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
