import type { Eui64 } from '../codec/eui64.js';
import { equalBytes } from '../codec/hex.js';
import type { Crypto } from '../crypto/crypto.js';
import { checkPrivateKey, checkPublicKeyShape } from '../crypto/key-shapes.js';
import type { KeyUsage } from './roles.js';

export type EndEntityKeyUsage = Exclude<KeyUsage, 'keyCertSign'>;

/**
 * Keys that somebody has come by: certificates of devices and parties, some with their private keys. An entity may have
 * several of one use (renewed certificates); whoever verifies tries them in turn.
 */
export interface KeyRing {
  /** 65-byte points. */
  publicKeys(entity: Eui64, usage: EndEntityKeyUsage, prepayment?: boolean): readonly Uint8Array[];
  /** 32-byte scalars. */
  privateKeys(entity: Eui64, usage: EndEntityKeyUsage, prepayment?: boolean): readonly Uint8Array[];
  /** Whose key agreement keys the MACs of commands may have been made with. */
  accessControlBrokers(): readonly Eui64[];
}

export interface RingKey {
  readonly entity: Eui64;
  readonly usage: EndEntityKeyUsage;
  /** A supplier's second key agreement key, for top-up tokens alone. */
  readonly prepayment: boolean;
  readonly publicKey: Uint8Array;
  readonly privateKey?: Uint8Array | undefined;
  /** Role number of its certificate, where it has one. */
  readonly role?: number | undefined;
}

const accessControlBrokerRole = 4;
const none: readonly Uint8Array[] = [];

interface Slot {
  readonly publicKeys: Uint8Array[];
  readonly privateKeys: Uint8Array[];
}

/** A key ring in memory. */
export class MemoryKeyRing implements KeyRing {
  private readonly slots = new Map<string, Slot>();
  private readonly brokers = new Set<Eui64>();

  constructor(keys: Iterable<RingKey> = []) {
    for (const key of keys) this.add(key);
  }

  /** @throws CodecError for a key of the wrong shape. The same key twice is kept once. */
  add(key: RingKey): void {
    checkPublicKeyShape(key.publicKey);
    const name = slotName(key.entity, key.usage, key.prepayment);
    const slot = this.slots.get(name) ?? { publicKeys: [], privateKeys: [] };
    this.slots.set(name, slot);
    pushNew(slot.publicKeys, key.publicKey);
    if (key.privateKey !== undefined) {
      checkPrivateKey(key.privateKey);
      pushNew(slot.privateKeys, key.privateKey);
    }
    if (key.role === accessControlBrokerRole) this.brokers.add(key.entity);
  }

  publicKeys(entity: Eui64, usage: EndEntityKeyUsage, prepayment = false): readonly Uint8Array[] {
    return this.slots.get(slotName(entity, usage, prepayment))?.publicKeys ?? none;
  }

  privateKeys(entity: Eui64, usage: EndEntityKeyUsage, prepayment = false): readonly Uint8Array[] {
    return this.slots.get(slotName(entity, usage, prepayment))?.privateKeys ?? none;
  }

  accessControlBrokers(): readonly Eui64[] {
    return [...this.brokers];
  }
}

function slotName(entity: Eui64, usage: EndEntityKeyUsage, prepayment: boolean): string {
  return `${entity}/${usage}${prepayment ? '/prepayment' : ''}`;
}

function pushNew(keys: Uint8Array[], key: Uint8Array): void {
  if (!keys.some((known) => equalBytes(known, key))) keys.push(key);
}

/** Z of two entities, and whose private key it was had from. */
export interface SharedSecret {
  readonly z: Uint8Array;
  readonly privateKeyOf: Eui64;
  readonly publicKeyOf: Eui64;
}

/** What verification asks of keys, whoever holds them. */
export interface VerificationKeys {
  readonly crypto: Crypto;
  signingPublicKeys(entity: Eui64): readonly Uint8Array[];
  /** One for each pair of keys known; empty where a key is missing. */
  sharedSecrets(a: Eui64, b: Eui64): readonly SharedSecret[];
  accessControlBrokers(): readonly Eui64[];
}

/** The keys of a ring, Z computed once for each pair. Either side's private key will do: Z is the same from both. */
export class RingVerificationKeys implements VerificationKeys {
  private readonly secrets = new Map<string, readonly SharedSecret[]>();

  constructor(
    private readonly ring: KeyRing,
    readonly crypto: Crypto,
  ) {}

  signingPublicKeys(entity: Eui64): readonly Uint8Array[] {
    return this.ring.publicKeys(entity, 'digitalSignature');
  }

  sharedSecrets(a: Eui64, b: Eui64): readonly SharedSecret[] {
    const name = `${a}/${b}`;
    let found = this.secrets.get(name);
    if (found === undefined) {
      found = distinct([...this.agree(a, b), ...this.agree(b, a)]);
      this.secrets.set(name, found);
    }
    return found;
  }

  accessControlBrokers(): readonly Eui64[] {
    return this.ring.accessControlBrokers();
  }

  private agree(privateKeyOf: Eui64, publicKeyOf: Eui64): SharedSecret[] {
    return this.ring.privateKeys(privateKeyOf, 'keyAgreement').flatMap((own) =>
      this.ring.publicKeys(publicKeyOf, 'keyAgreement').map((peer) => ({
        z: this.crypto.sharedSecret(own, peer),
        privateKeyOf,
        publicKeyOf,
      })),
    );
  }
}

function distinct(secrets: readonly SharedSecret[]): readonly SharedSecret[] {
  return secrets.filter(
    (secret, index) => secrets.findIndex((other) => equalBytes(other.z, secret.z)) === index,
  );
}
