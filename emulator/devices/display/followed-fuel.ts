import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import type { Fuel } from '../device.js';
import type { ZclClient } from '../zcl-client.js';
import { attributeQuestions } from './attribute-questions.js';
import { commandQuestions } from './command-questions.js';
import { KnownFacts } from './facts.js';
import type { First, Pace, Question } from './question.js';

/** What is asked of the server of each fuel, in this order when several are due. */
const questionsOf: Readonly<Record<Fuel, readonly Question[]>> = {
  electricity: questionsFor('electricity'),
  gas: questionsFor('gas'),
};

function questionsFor(fuel: Fuel): readonly Question[] {
  return [...attributeQuestions, ...commandQuestions].filter(
    (question) => !('only' in question) || question.only === undefined || question.only === fuel,
  );
}

export interface Paces extends Readonly<Record<Pace, number>> {}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
/** Until there is a first reading nobody waits for the timetable: in a home that starts, the mirror is still empty. */
const eagerIntervalMs = 5 * secondMs;
/** But not for ever: the meter may be out of reach. Our choice. */
const eagerForMs = 10 * minuteMs;
/** Answers of one cycle are waited for so long; our choice. */
const answersWithinMs = 10 * secondMs;
/** What was not answered is asked again after this, however rarely it is asked else. */
const retryIntervalMs = minuteMs;

export function electricityPaces(liveMs: number): Paces {
  return {
    live: liveMs,
    everyMinute: Math.max(liveMs, minuteMs),
    everyFiveMinutes: Math.max(liveMs, 5 * minuteMs),
    hourly: Math.max(liveMs, 60 * minuteMs),
  };
}

export function gasPaces(intervalMs: number): Paces {
  return {
    live: intervalMs,
    everyMinute: intervalMs,
    everyFiveMinutes: intervalMs,
    hourly: intervalMs,
  };
}

export interface FollowedFuelParts {
  readonly fuel: Fuel;
  /** Who answers for the meter: itself, or the gas proxy. */
  readonly server: Eui64;
  readonly client: ZclClient;
  readonly paces: Paces;
  /** 0 to 8: spreads over a minute and a half what displays of a whole fleet need not ask in the same second. */
  readonly place: number;
  readonly nowMs: () => number;
  /** Everything asked in a cycle has been answered. */
  readonly onAnswered: () => void;
}

/** Follows one fuel: asks its server by a timetable and keeps what it answers. */
export class FollowedFuel {
  readonly facts = new KnownFacts();
  private readonly questions: readonly Question[];
  private readonly dueMs: number[] = [];
  private outstanding = 0;
  private startedMs = 0;
  /** When the cycle began to which what is outstanding belongs. */
  private polledMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: FollowedFuelParts) {
    this.questions = questionsOf[parts.fuel];
  }

  get fuel(): Fuel {
    return this.parts.fuel;
  }

  get server(): Eui64 {
    return this.parts.server;
  }

  get intervalMs(): number {
    return this.parts.paces.live;
  }

  /**
   * When `poll` wants to be called next. A cycle gives up what the one before has left open: on a slow air it must not
   * begin while answers are still on their way.
   */
  get nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const due of this.dueMs) if (due < next) next = due;
    return this.outstanding === 0 ? next : Math.max(next, this.polledMs + answersWithinMs);
  }

  start(nowMs: number): void {
    this.startedMs = nowMs;
    this.questions.forEach(({ first }, index) => {
      this.dueMs[index] = nowMs + this.delays[first];
    });
  }

  private get delays(): Readonly<Record<First, number>> {
    return { atOnce: 0, soon: 10 * secondMs, later: (3 + this.parts.place) * 10 * secondMs };
  }

  /** Asks what is due. What was asked before and not answered will not be any more. */
  poll(nowMs: number): void {
    if (nowMs < this.nextMs) return;
    this.parts.client.giveUp(this.parts.server);
    this.polledMs = nowMs;
    // The asking itself counts as one, so that answers that come at once do not end the cycle early.
    this.outstanding = 1;
    this.questions.forEach((question, index) => {
      if (nowMs >= (this.dueMs[index] as number)) this.ask(question, index, nowMs);
    });
    this.settled();
  }

  private settled(): void {
    this.outstanding--;
    if (this.outstanding === 0) this.parts.onAnswered();
  }

  /** Everything live is due now: something has happened that the consumer waits to see. */
  refresh(nowMs: number): void {
    this.polledMs = Number.NEGATIVE_INFINITY;
    this.questions.forEach(({ first }, index) => {
      const waits = this.dueMs[index] === Number.POSITIVE_INFINITY;
      if (first === 'atOnce' && !waits) this.dueMs[index] = nowMs;
    });
  }

  private ask(question: Question, index: number, askedMs: number): void {
    const { client, server, paces, nowMs } = this.parts;
    const { facts } = this;
    const fields = 'attributes' in question ? undefined : question.fields(facts, askedMs);
    if (fields === undefined && !readsNow(question, facts)) {
      this.dueMs[index] = Number.POSITIVE_INFINITY;
      return;
    }
    const interval = paces[question.pace];
    this.dueMs[index] = askedMs + Math.min(interval, this.patienceMs(retryIntervalMs, askedMs));
    this.outstanding++;
    const answered = (): void => {
      this.dueMs[index] = askedMs + this.patienceMs(interval, askedMs);
      this.wakeWaiting(nowMs());
      this.settled();
    };
    if ('attributes' in question) {
      client.readAttributes(server, question.clusterId, question.attributes, (values) => {
        question.take(facts, values, nowMs());
        answered();
      });
    } else {
      client.ask(server, { ...question, fields: fields as GbzFields }, (answer) => {
        question.take(facts, answer, nowMs());
        answered();
      });
    }
  }

  /** What waited for a fact that has come is due. */
  private wakeWaiting(nowMs: number): void {
    this.dueMs.forEach((dueMs, index) => {
      if (dueMs !== Number.POSITIVE_INFINITY) return;
      const question = this.questions[index] as Question;
      const ready =
        'attributes' in question
          ? readsNow(question, this.facts)
          : question.fields(this.facts, nowMs) !== undefined;
      if (ready) this.dueMs[index] = nowMs + this.delays[question.first];
    });
  }

  private patienceMs(intervalMs: number, nowMs: number): number {
    if (this.facts.reading !== undefined) return intervalMs;
    const isEager = nowMs - this.startedMs < eagerForMs;
    return Math.min(intervalMs, isEager ? eagerIntervalMs : retryIntervalMs);
  }
}

function readsNow(question: Question, facts: KnownFacts): boolean {
  return 'attributes' in question && question.when?.(facts) !== false;
}
