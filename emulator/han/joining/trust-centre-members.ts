import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { RandomStream } from '../../ports/random.js';
import type { NetworkLayer } from '../stack/network-layer.js';

/** Where a device stands with the trust centre. */
export type MemberPhase =
  /** It has an address, or is about to fetch it. */
  | 'associating'
  /** The network key is on its way, under a key that only the right device has. */
  | 'keySent'
  /** It speaks under the network key, and is to establish a link key. */
  | 'announced'
  | 'member'
  /** Told to leave, and has not confirmed. */
  | 'leaving';

/** What happens when a phase takes too long. */
export type MemberExpiry = 'forget' | 'sendKey' | 'expel' | 'tellToLeave';

/** Radio time. Our choices; the standard leaves them to the trust centre. */
export const memberPhases: Readonly<
  Record<
    MemberPhase,
    { readonly limitMs: number | undefined; readonly expiry: MemberExpiry | undefined }
  >
> = {
  associating: { limitMs: 10_000, expiry: 'forget' },
  keySent: { limitMs: 3_000, expiry: 'sendKey' },
  announced: { limitMs: 180_000, expiry: 'expel' },
  member: { limitMs: undefined, expiry: undefined },
  leaving: { limitMs: 5_000, expiry: 'tellToLeave' },
};

export interface Member {
  readonly eui: Eui64;
  shortAddress: number;
  sleepy: boolean;
  phase: MemberPhase;
  deadlineMs: number | undefined;
  /** It has established a link key with this trust centre, and may come back with it. */
  established: boolean;
  /** Link keys to try, 16 octets each, the first first. */
  keys: readonly Uint8Array[];
  keyIndex: number;
  /** Of what the phase repeats. */
  attempts: number;
}

/** Devices of one home; a hub's log has room for 16. Our choice. */
export const membersMax = 32;
const shortAddressMax = 0xfff7;

export class Members {
  private readonly byEui = new Map<Eui64, Member>();

  constructor(
    private readonly network: NetworkLayer,
    private readonly random: RandomStream,
  ) {}

  get size(): number {
    return this.byEui.size;
  }

  find(eui: Eui64): Member | undefined {
    return this.byEui.get(eui);
  }

  at(shortAddress: number): Member | undefined {
    for (const member of this.byEui.values()) {
      if (member.shortAddress === shortAddress) return member;
    }
    return undefined;
  }

  all(): IterableIterator<Member> {
    return this.byEui.values();
  }

  /** Whether another device uses this address. */
  taken(shortAddress: number, eui: Eui64): boolean {
    const holder = this.at(shortAddress)?.eui ?? this.network.addresses.euiOf(shortAddress);
    return holder !== undefined && holder !== eui;
  }

  /** Undefined where there is no room. `wanted`: the address it had, kept if nobody else has it. */
  admit(eui: Eui64, sleepy: boolean, wanted?: number): Member | undefined {
    const known = this.byEui.get(eui);
    if (known === undefined && this.byEui.size >= membersMax) return undefined;
    const shortAddress = this.addressFor(eui, wanted ?? known?.shortAddress);
    const member: Member = known ?? {
      eui,
      shortAddress,
      sleepy,
      phase: 'associating',
      deadlineMs: undefined,
      established: false,
      keys: [],
      keyIndex: 0,
      attempts: 0,
    };
    member.shortAddress = shortAddress;
    member.sleepy = sleepy;
    this.byEui.set(eui, member);
    return member;
  }

  private addressFor(eui: Eui64, wanted: number | undefined): number {
    const usable = wanted !== undefined && wanted > 0 && wanted <= shortAddressMax;
    if (usable && !this.taken(wanted, eui)) return wanted;
    for (;;) {
      const drawn = this.random.int(1, shortAddressMax);
      if (!this.taken(drawn, eui)) return drawn;
    }
  }

  /** A member is where its frames come from, whatever somebody said in its name. */
  follow(member: Member): void {
    const shortAddress = this.network.addresses.shortOf(member.eui);
    if (shortAddress === undefined || shortAddress === member.shortAddress) return;
    member.shortAddress = shortAddress;
    this.network.addChild(member.eui, shortAddress, member.sleepy);
  }

  remove(eui: Eui64): void {
    this.byEui.delete(eui);
  }

  enter(member: Member, phase: MemberPhase, nowMs: number): void {
    const { limitMs } = memberPhases[phase];
    if (member.phase !== phase) member.attempts = 0;
    member.phase = phase;
    member.deadlineMs = limitMs === undefined ? undefined : nowMs + limitMs;
  }

  nextDeadlineMs(): number | undefined {
    let earliest: number | undefined;
    for (const { deadlineMs } of this.byEui.values()) {
      if (deadlineMs !== undefined && (earliest === undefined || deadlineMs < earliest)) {
        earliest = deadlineMs;
      }
    }
    return earliest;
  }

  /** Those whose time is up; each is to be given another phase or forgotten. */
  due(nowMs: number): Member[] {
    return [...this.byEui.values()].filter(
      ({ deadlineMs }) => deadlineMs !== undefined && deadlineMs <= nowMs,
    );
  }
}
