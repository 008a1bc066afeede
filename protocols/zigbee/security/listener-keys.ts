import { equalBytes } from '../../codec/hex.js';
import { keyOctets } from '../aps-command.js';
import type { KeyIdentifier } from './auxiliary-fields.js';
import { keyLoadKey, keyTransportKey } from './key-derivation.js';
import type { BlockCipher } from './mmo.js';
import type { ClosedReason } from './opened-frame.js';

/** More than a home comes by in years. Our choice. */
const keysMax = 128;
/** Uses remembered; beyond it all are learned anew. Our choice. */
const usesMax = 512;

/** A key that a listener was given or heard of; whether of a network or a link shows in its use. */
class ListenerKey {
  private transport: Uint8Array | undefined;
  private load: Uint8Array | undefined;

  constructor(
    private readonly cipher: BlockCipher,
    readonly octets: Uint8Array,
  ) {}

  /** As the key identifier wants it: itself, or derived. */
  as(identifier: KeyIdentifier): Uint8Array {
    if (identifier === 'key-transport') {
      this.transport ??= keyTransportKey(this.cipher, this.octets);
      return this.transport;
    }
    if (identifier === 'key-load') {
      this.load ??= keyLoadKey(this.cipher, this.octets);
      return this.load;
    }
    return this.octets;
  }
}

/**
 * The keys of one network, for who only listens. Nothing says which is whose: a frame is tried with
 * all of them, beginning with the one that opened the last frame of the same use.
 */
export class ListenerKeys {
  private readonly keys: ListenerKey[] = [];
  private readonly lastOf = new Map<string, ListenerKey>();

  constructor(private readonly cipher: BlockCipher) {}

  get size(): number {
    return this.keys.length;
  }

  /** Copied; false if it is known, or no key. Beyond a limit the oldest is forgotten. */
  add(octets: Uint8Array): boolean {
    if (octets.length !== keyOctets) return false;
    if (this.keys.some((known) => equalBytes(known.octets, octets))) return false;
    if (this.keys.length >= keysMax) {
      const oldest = this.keys.shift();
      for (const [use, key] of this.lastOf) if (key === oldest) this.lastOf.delete(use);
    }
    this.keys.push(new ListenerKey(this.cipher, octets.slice()));
    return true;
  }

  /** What `unseal` makes of the first key that fits, or why none does. `use` names what shares a key. */
  open(
    use: string,
    identifier: KeyIdentifier,
    unseal: (key: Uint8Array) => Uint8Array | undefined,
  ): Uint8Array | ClosedReason {
    const last = this.lastOf.get(use);
    const first = last === undefined ? undefined : unseal(last.as(identifier));
    if (first !== undefined) return first;
    for (const key of this.keys) {
      if (key === last) continue;
      const payload = unseal(key.as(identifier));
      if (payload === undefined) continue;
      if (this.lastOf.size >= usesMax) this.lastOf.clear();
      this.lastOf.set(use, key);
      return payload;
    }
    return last === undefined ? 'no-key' : 'mic-invalid';
  }
}
