import { keyOctets } from '../../../protocols/zigbee/aps-command.js';
import type { RandomStream } from '../../ports/random.js';
import type { FrameNode } from '../stack/frame-node.js';
import { broadcastToListening } from '../stack/network-layer.js';
import type { NetworkKey } from '../stack/node-security.js';
import type { Member, Members } from './trust-centre-members.js';

/** Radio time; our choice. */
const retryMs = 10_000;

interface Update {
  readonly key: NetworkKey;
  /** Who has not acknowledged the new key. */
  readonly pending: Set<Member>;
  readonly switchAtMs: number;
  retryAtMs: number;
}

/**
 * A change of the network key: the new one goes to each device under its link key, to those who
 * sleep when they wake, and is in force once all have it or the wait is over. A device that was away
 * for longer comes back by an unsecured rejoin.
 */
export class KeyUpdate {
  private update: Update | undefined;

  constructor(
    private readonly node: FrameNode,
    private readonly members: Members,
    private readonly random: RandomStream,
    private readonly onSwitched: (sequenceNumber: number, missing: number) => void,
  ) {}

  get running(): boolean {
    return this.update !== undefined;
  }

  /** `waitMs`: radio time for those who sleep. False while one is running, or without network. */
  start(waitMs: number, nowMs: number): boolean {
    const { networkKey } = this.node.security;
    if (this.update !== undefined || networkKey === undefined) return false;
    const sequenceNumber = (networkKey.sequenceNumber + 1) & 0xff;
    const key = { key: this.random.bytes(keyOctets), sequenceNumber };
    this.node.security.setUpcomingNetworkKey(key);
    const pending = new Set([...this.members.all()].filter(({ established }) => established));
    this.update = { key, pending, switchAtMs: nowMs + waitMs, retryAtMs: nowMs + retryMs };
    for (const member of pending) if (!member.sleepy) this.send(member, nowMs);
    this.switchIfDone(nowMs);
    return true;
  }

  /** A sleepy device is awake. */
  polled(member: Member, nowMs: number): void {
    if (this.update?.pending.has(member)) this.send(member, nowMs);
  }

  forget(member: Member, nowMs: number): void {
    if (this.update?.pending.delete(member)) this.switchIfDone(nowMs);
  }

  nextDeadlineMs(): number | undefined {
    const { update } = this;
    return update === undefined ? undefined : Math.min(update.switchAtMs, update.retryAtMs);
  }

  expire(nowMs: number): void {
    const { update } = this;
    if (update === undefined) return;
    if (nowMs >= update.switchAtMs) {
      this.switch(update, nowMs);
    } else if (nowMs >= update.retryAtMs) {
      update.retryAtMs = nowMs + retryMs;
      for (const member of update.pending) if (!member.sleepy) this.send(member, nowMs);
    }
  }

  private send(member: Member, nowMs: number): void {
    const { update } = this;
    const { aps, security, eui } = this.node;
    const keys = security.linkKeyOf(member.eui);
    if (update === undefined || keys === undefined) return;
    const { key, sequenceNumber } = update.key;
    aps.sendCommand(
      member.shortAddress,
      {
        command: 'transport-key',
        keyType: 'network',
        key,
        sequenceNumber,
        destination: member.eui,
        source: eui,
      },
      { keys, keyIdentifier: 'key-transport' },
      true,
      nowMs,
      (status, atMs) => {
        if (status === 'success' && this.update === update) this.forget(member, atMs);
      },
    );
  }

  private switchIfDone(nowMs: number): void {
    if (this.update?.pending.size === 0) this.switch(this.update, nowMs);
  }

  private switch({ key, pending }: Update, nowMs: number): void {
    const { sequenceNumber } = key;
    this.update = undefined;
    const command = { command: 'switch-key', sequenceNumber } as const;
    this.node.aps.sendCommand(broadcastToListening, command, undefined, true, nowMs);
    this.node.security.switchNetworkKey(sequenceNumber);
    this.onSwitched(sequenceNumber, pending.size);
  }
}
