import type { FrameNode } from '../stack/frame-node.js';
import type { Member, Members } from './trust-centre-members.js';

/** Our choice, for devices that listen; one that sleeps is told whenever it wakes. */
const attemptsMax = 3;

/** Sends devices away from the network: each is told until it has heard, or does not listen any more. */
export class Departures {
  /** Those to whom an order is on its way. */
  private readonly ordered = new Set<Member>();

  constructor(
    private readonly node: FrameNode,
    private readonly members: Members,
    /** `told`: it has acknowledged. */
    private readonly gone: (member: Member, told: boolean, nowMs: number) => void,
  ) {}

  begin(member: Member, nowMs: number): void {
    this.members.enter(member, 'leaving', nowMs);
    this.order(member, nowMs);
  }

  /** Its time is up and it is still there. */
  again(member: Member, nowMs: number): void {
    if (member.sleepy) {
      member.deadlineMs = undefined;
    } else if (member.attempts >= attemptsMax) {
      this.gone(member, false, nowMs);
    } else {
      this.members.enter(member, 'leaving', nowMs);
      this.order(member, nowMs);
    }
  }

  /** It sleeps no longer. */
  polled(member: Member, nowMs: number): void {
    this.order(member, nowMs);
  }

  private order(member: Member, nowMs: number): void {
    if (this.ordered.has(member)) return;
    this.ordered.add(member);
    member.attempts++;
    const command = {
      command: 'leave',
      rejoin: false,
      request: true,
      removeChildren: false,
    } as const;
    this.node.network.sendCommand(member.shortAddress, command, nowMs, {
      destinationEui: member.eui,
      done: (status, atMs) => {
        this.ordered.delete(member);
        // Whoever has come back meanwhile stays.
        const leaves = member.phase === 'leaving' && this.members.find(member.eui) === member;
        if (status === 'success' && leaves) this.gone(member, true, atMs);
      },
    });
  }
}
