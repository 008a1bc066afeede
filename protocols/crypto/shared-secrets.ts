import type { Crypto } from './crypto.js';
import { checkPublicKeyShape, publicKeyLength, sharedSecretLength } from './key-shapes.js';
import { RecordTable } from './record-table.js';

/** One end of a static key agreement. */
export interface AgreementKeyPair {
  agreementPublicKey(): Uint8Array;
  /** Asked for only when Z has to be computed: it may be derived each time. */
  agreementPrivateKey(): Uint8Array;
}

/**
 * Static ECDH results, computed once per pair of public keys. Z is the same from both ends, so a head end and a device
 * in one process share an entry whichever asks first; only the exact key counts, hence a damaged one never finds
 * somebody else's Z. An entry costs about 50 bytes, and 80 more per public key.
 */
export class SharedSecrets {
  /** Public keys, numbered by arrival. */
  private readonly points = new RecordTable(publicKeyLength, 0);
  /** Z by the two numbers, the lower one first. */
  private readonly pairs = new RecordTable(pairLength, sharedSecretLength);
  private readonly pair = new Uint32Array(2);
  private readonly pairBytes = new Uint8Array(this.pair.buffer);

  /**
   * @param pairsMax Entries held at most. When one more arrives all are dropped: computing again is merely slower, and
   *   with more pairs in steady use than that, no other rule of eviction would keep much.
   */
  constructor(
    private readonly crypto: Pick<Crypto, 'sharedSecret'>,
    private readonly pairsMax = 1 << 18,
  ) {}

  get size(): number {
    return this.pairs.size;
  }

  /** Z of `own` and the owner of `peerPublicKey`, 32 bytes of the caller's own. CodecError for a bad key. */
  of(own: AgreementKeyPair, peerPublicKey: Uint8Array): Uint8Array {
    checkPublicKeyShape(peerPublicKey);
    const ownPublicKey = own.agreementPublicKey();
    const ownPoint = this.points.find(ownPublicKey);
    const peerPoint = this.points.find(peerPublicKey);
    if (ownPoint >= 0 && peerPoint >= 0) {
      const known = this.pairs.find(this.pairKey(ownPoint, peerPoint));
      if (known >= 0) return this.pairs.value(known);
    }
    // Computed before anything is stored: a point that is not on the curve must not get in.
    const z = this.crypto.sharedSecret(own.agreementPrivateKey(), peerPublicKey);
    this.store(ownPublicKey, peerPublicKey, z);
    return z;
  }

  private store(a: Uint8Array, b: Uint8Array, z: Uint8Array): void {
    if (this.pairs.size >= this.pairsMax) {
      this.pairs.clear();
      this.points.clear();
    }
    const key = this.pairKey(this.points.put(a, nothing), this.points.put(b, nothing));
    this.pairs.put(key, z);
  }

  /** Both numbers as bytes, valid until the next call. */
  private pairKey(a: number, b: number): Uint8Array {
    this.pair[0] = Math.min(a, b);
    this.pair[1] = Math.max(a, b);
    return this.pairBytes;
  }
}

/** Two 32-bit numbers. */
const pairLength = 8;
const nothing = new Uint8Array(0);
