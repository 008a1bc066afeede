import { hash32 } from './hash32.js';
import { purposes } from './household-habits.js';

/** A text from the supplier for the home's displays. */
export interface SupplierMessage {
  /** 32 bits; a supplier takes the time at which the message was made. */
  readonly id: number;
  readonly text: string;
  readonly startMs: number;
  /** Undefined for a message that stays until it is taken back. */
  readonly durationMinutes: number | undefined;
  readonly priority: MessagePriority;
  readonly confirmationRequired: boolean;
}

/** In the order of their numbers on the wire. */
export const messagePriorities = ['low', 'medium', 'high', 'critical'] as const;
export type MessagePriority = (typeof messagePriorities)[number];

const messagesMax = 10;
const minuteMs = 60_000;

export function messageEndMs({ startMs, durationMinutes }: SupplierMessage): number {
  return durationMinutes === undefined
    ? Number.POSITIVE_INFINITY
    : startMs + durationMinutes * minuteMs;
}

/** The messages that a meter holds for displays; beyond ten the oldest is forgotten. */
export class SupplierMessages {
  private messages: readonly SupplierMessage[] = [];
  private confirmed: Map<number, number> | undefined;

  /** A message with a known id replaces that one. */
  add(message: SupplierMessage): void {
    this.cancel(message.id);
    this.messages = [...this.messages, message].slice(-messagesMax);
    for (const id of this.confirmed?.keys() ?? []) {
      if (!this.messages.some((held) => held.id === id)) this.confirmed?.delete(id);
    }
  }

  cancel(id: number): boolean {
    const left = this.messages.filter((message) => message.id !== id);
    const found = left.length < this.messages.length;
    this.messages = left;
    this.confirmed?.delete(id);
    return found;
  }

  /** The newest that is to be shown now. */
  current(nowMs: number): SupplierMessage | undefined {
    return this.messages.findLast(
      (message) => message.startMs <= nowMs && nowMs < messageEndMs(message),
    );
  }

  /** A person has read it. Returns whether there is such a message. */
  confirm(id: number, atMs: number): boolean {
    if (!this.messages.some((message) => message.id === id)) return false;
    this.confirmed ??= new Map();
    if (!this.confirmed.has(id)) this.confirmed.set(id, atMs);
    return true;
  }

  confirmedAtMs(id: number): number | undefined {
    return this.confirmed?.get(id);
  }
}

type Notice = Pick<SupplierMessage, 'text' | 'priority' | 'confirmationRequired'>;

const notices: readonly Notice[] = [
  {
    text: 'Your annual statement is ready in your online account.',
    priority: 'low',
    confirmationRequired: false,
  },
  {
    text: 'Could a cheaper tariff suit you? Call us or look online.',
    priority: 'medium',
    confirmationRequired: false,
  },
  {
    text: 'Planned network work on Thursday from 10:00 to 12:00. Your supply may be off.',
    priority: 'high',
    confirmationRequired: true,
  },
];

/** What waits on the meter of a home when the emulation begins: nothing in most of them. */
export function waitingMessage(
  home: number,
  fuel: 'electricity' | 'gas',
  nowMs: number,
): SupplierMessage | undefined {
  const draw = hash32(home, purposes.message, fuel === 'gas' ? 1 : 0);
  const notice = notices[draw % (3 * notices.length)];
  if (notice === undefined) return undefined;
  const startMs = Math.floor(nowMs / 1000) * 1000;
  return { id: draw >>> 8, startMs, durationMinutes: 7 * 24 * 60, ...notice };
}
