import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { Clock } from '../../ports/clock.js';
import type { RandomStream } from '../../ports/random.js';
import type { FrameNode } from '../stack/frame-node.js';
import { coordinatorAddress } from '../stack/network-layer.js';
import type { JoinerTrust } from './joiner-trust.js';

/** Our choices: a few quick attempts, in radio time, then a long pause, in emulated time. */
const repeatMs = 5_000;
const quickAttempts = 3;
const pauseMinMs = 60_000;
const pauseMaxMs = 300_000;
const partnersMax = 16;

export interface PartnerRequestParts {
  readonly node: FrameNode;
  readonly trust: JoinerTrust;
  readonly random: RandomStream;
  readonly clock: Pick<Clock, 'speed'>;
  /** A round of attempts brought nothing; more will follow. */
  readonly missing: (partner: Eui64) => void;
}

interface Request {
  attempts: number;
  dueMs: number;
}

/** The keys that a device wants to share with others, until the trust centre has given them. */
export class PartnerRequests {
  private readonly open = new Map<Eui64, Request>();

  constructor(private readonly parts: PartnerRequestParts) {}

  /** False where too many are open. */
  add(partner: Eui64, nowMs: number): boolean {
    if (this.open.size >= partnersMax && !this.open.has(partner)) return false;
    this.open.set(partner, { attempts: 0, dueMs: nowMs });
    return true;
  }

  received(partner: Eui64): void {
    this.open.delete(partner);
  }

  clear(): void {
    this.open.clear();
  }

  nextDeadlineMs(): number | undefined {
    let earliest: number | undefined;
    for (const { dueMs } of this.open.values()) {
      if (earliest === undefined || dueMs < earliest) earliest = dueMs;
    }
    return earliest;
  }

  expire(nowMs: number): void {
    for (const [partner, request] of [...this.open]) {
      if (nowMs < request.dueMs) continue;
      if (request.attempts >= quickAttempts) {
        request.attempts = 0;
        const { random, clock, missing } = this.parts;
        const pauseMs = random.int(pauseMinMs, pauseMaxMs);
        request.dueMs = nowMs + pauseMs / Math.max(clock.speed, Number.MIN_VALUE);
        missing(partner);
      } else {
        request.attempts++;
        request.dueMs = nowMs + repeatMs;
        this.ask(partner, nowMs);
      }
    }
  }

  private ask(partner: Eui64, nowMs: number): void {
    const { node, trust } = this.parts;
    const keys = node.security.linkKeyOf(trust.known());
    if (keys === undefined) return;
    node.wakeRadio();
    const command = { command: 'request-key', keyType: 'application-link', partner } as const;
    const protection = { keys, keyIdentifier: 'data' } as const;
    node.aps.sendCommand(coordinatorAddress, command, protection, true, nowMs);
  }
}
