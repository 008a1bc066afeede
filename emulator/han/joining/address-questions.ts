import type { Eui64 } from '../../../protocols/codec/eui64.js';

/**
 * Radio time. A question is repeated as long as a parked frame waits for its answer; nobody asks for
 * more radios at once than a home has. Our choices.
 */
const repeatMs = 1_500;
const attemptsMax = 3;
const questionsMax = 16;

interface Question {
  attempts: number;
  dueMs: number;
}

/** Which short addresses a node is asking its neighbours for. */
export class AddressQuestions {
  private readonly open = new Map<Eui64, Question>();

  constructor(private readonly ask: (radio: Eui64) => void) {}

  /** Asks unless it is being asked already, or there are too many questions. */
  add(radio: Eui64, nowMs: number): void {
    if (this.open.has(radio) || this.open.size >= questionsMax) return;
    this.open.set(radio, { attempts: 1, dueMs: nowMs + repeatMs });
    this.ask(radio);
  }

  answered(radio: Eui64): void {
    this.open.delete(radio);
  }

  nextDeadlineMs(): number | undefined {
    let earliest: number | undefined;
    for (const { dueMs } of this.open.values()) {
      if (earliest === undefined || dueMs < earliest) earliest = dueMs;
    }
    return earliest;
  }

  expire(nowMs: number): void {
    for (const [radio, question] of [...this.open]) {
      if (nowMs < question.dueMs) continue;
      if (question.attempts >= attemptsMax) {
        this.open.delete(radio);
        continue;
      }
      question.attempts++;
      question.dueMs = nowMs + repeatMs;
      this.ask(radio);
    }
  }
}
