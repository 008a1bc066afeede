import { utf8ToBytes } from '@noble/hashes/utils.js';
import QuickLRU from 'quick-lru';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { SharedSecrets } from '../../protocols/crypto/shared-secrets.js';
import { type KeyUsage, remotePartyRoles } from '../../protocols/gbcs/roles.js';
import { endOfTimeMs } from '../../protocols/smki/build-certificate.js';
import { organisationName } from '../../protocols/smki/distinguished-name.js';
import { subjectKeyIdentifier } from '../../protocols/smki/key-identifier.js';
import type { KeyStore } from '../ports/key-store.js';
import { defaultParties, type KeyPurpose, type Party } from './default-parties.js';
import {
  DerivedAgreementKey,
  DerivedKeys,
  deriveInstallCode,
  deriveLinkKey,
  entityPrivateKey,
  type KeySource,
} from './derived-keys.js';
import { type AuthorityId, notAfterMs, notBeforeMs, TestAuthorities } from './test-authorities.js';
import type { TrustAnchorCell } from './trust-anchor-cells.js';

export type EndEntityKeyUsage = Exclude<KeyUsage, 'keyCertSign'>;

export interface TestPkiOptions {
  /** Everything follows from it: equal seeds, equal keys and certificates. */
  readonly seed: Uint8Array | string;
  readonly crypto: Crypto;
  readonly parties?: readonly Party[];
  /** Entities whose keys are kept rather than derived again; between this and twice as many. About 0.6 KB each. */
  readonly entitiesMax?: number;
}

/** Certificates kept rather than made again, which takes about a millisecond. */
const certificatesMax = 256;
/** Devices report the root's subject unique identifier as zeros (asn1.md 2). */
const rootEntity = '0000000000000000' as Eui64;

/**
 * A whole SMKI for tests, out of one seed: root, two issuing authorities, organisation certificates of all parties,
 * and keys and certificates of any device. Nothing is computed before it is asked for, and nothing is kept that can be
 * derived again but for bounded caches. The keys are as public as the seed: they protect nothing.
 */
export class TestPki implements KeyStore {
  readonly parties: readonly Party[];
  readonly sharedSecrets: SharedSecrets;
  private readonly source: KeySource;
  private readonly authorities: TestAuthorities;
  private readonly partiesByEui: ReadonlyMap<Eui64, Party>;
  private readonly entities: QuickLRU<Eui64, DerivedKeys>;
  private readonly prepaymentKeys = new Map<Eui64, DerivedAgreementKey>();
  private readonly certificates = new QuickLRU<string, Uint8Array>({ maxSize: certificatesMax });
  private anchors: readonly TrustAnchorCell[] | undefined = undefined;

  constructor(options: TestPkiOptions) {
    const { seed, crypto } = options;
    const seedBytes = typeof seed === 'string' ? utf8ToBytes(seed) : seed.slice();
    this.parties = options.parties ?? defaultParties;
    this.partiesByEui = new Map(this.parties.map((party) => [party.eui, party]));
    this.sharedSecrets = new SharedSecrets(crypto);
    this.source = { crypto, seed: seedBytes, sharedSecrets: this.sharedSecrets };
    this.authorities = new TestAuthorities(seedBytes);
    this.entities = new QuickLRU({ maxSize: options.entitiesMax ?? 16384 });
  }

  /** Keys of a party or, for any other identifier, of the device that bears it. */
  keysOf(entity: Eui64): DerivedKeys {
    let keys = this.entities.get(entity);
    if (keys === undefined) {
      keys = new DerivedKeys(entity, this.source);
      this.entities.set(entity, keys);
    }
    return keys;
  }

  /** A supplier's key agreement key for top-up tokens; undefined for whoever holds none. */
  prepaymentKeysOf(entity: Eui64): DerivedAgreementKey | undefined {
    if (!this.partiesByEui.get(entity)?.holds.includes('prePaymentTopUp')) return undefined;
    let keys = this.prepaymentKeys.get(entity);
    if (keys === undefined) {
      keys = new DerivedAgreementKey(entity, this.source, 'prePaymentTopUp');
      this.prepaymentKeys.set(entity, keys);
    }
    return keys;
  }

  partyOf(entity: Eui64): Party | undefined {
    return this.partiesByEui.get(entity);
  }

  /** DER of an entity's certificate. RangeError when a party holds none for this use. */
  certificateOf(entity: Eui64, usage: EndEntityKeyUsage, prepayment = false): Uint8Array {
    const purpose = this.purposeOf(entity, usage, prepayment);
    const key = `${entity}/${purpose}`;
    let certificate = this.certificates.get(key);
    if (certificate === undefined) {
      certificate = this.makeCertificate(entity, usage, purpose);
      this.certificates.set(key, certificate);
    }
    return certificate;
  }

  /** 65 bytes. RangeError as for `certificateOf`. */
  publicKeyOf(entity: Eui64, usage: EndEntityKeyUsage, prepayment = false): Uint8Array {
    const purpose = this.purposeOf(entity, usage, prepayment);
    if (purpose === 'digitalSignature') return this.keysOf(entity).signingPublicKey();
    const keys = purpose === 'keyAgreement' ? this.keysOf(entity) : this.prepaymentKeysOf(entity);
    return (keys ?? this.keysOf(entity)).agreementPublicKey();
  }

  /** 32 bytes, for export. RangeError as for `certificateOf`. */
  privateKeyOf(entity: Eui64, usage: EndEntityKeyUsage, prepayment = false): Uint8Array {
    return entityPrivateKey(this.source, entity, this.purposeOf(entity, usage, prepayment));
  }

  /** What is printed on a device: 16 octets, without the CRC. */
  installCodeOf(device: Eui64): Uint8Array {
    return deriveInstallCode(this.source, device);
  }

  /** Trust centre link key (16 octets) of a device in a home that starts joined. */
  linkKeyOf(hub: Eui64, device: Eui64): Uint8Array {
    return deriveLinkKey(this.source, hub, device);
  }

  /** DER of an authority's certificate. */
  authorityCertificate(id: AuthorityId): Uint8Array {
    return this.authorities.certificate(id);
  }

  /**
   * The trust anchor cells of a device fresh from the factory, for all device types together: root, and the first
   * party of each role. One array, shared: devices replace cells in copies of their own.
   */
  trustAnchors(): readonly TrustAnchorCell[] {
    this.anchors ??= [this.rootCell(), ...this.partyCells()];
    return this.anchors;
  }

  private rootCell(): TrustAnchorCell {
    const { publicKey, subjectKeyIdentifier: identifier } = this.authorities.authority('root');
    return {
      role: 'root',
      keyUsage: 'keyCertSign',
      cellUsage: 'management',
      entity: rootEntity,
      publicKey,
      subjectKeyIdentifier: toHex(identifier),
    };
  }

  private *partyCells(): Iterable<TrustAnchorCell> {
    const done = new Set<string>(['other']);
    for (const { eui, role, holds } of this.parties) {
      if (done.has(role)) continue;
      done.add(role);
      for (const purpose of holds) {
        const prepayment = purpose === 'prePaymentTopUp';
        const keyUsage = prepayment ? 'keyAgreement' : purpose;
        const publicKey = this.publicKeyOf(eui, keyUsage, prepayment);
        yield {
          role,
          keyUsage,
          cellUsage: prepayment ? 'prePaymentTopUp' : 'management',
          entity: eui,
          publicKey,
          subjectKeyIdentifier: toHex(subjectKeyIdentifier(publicKey)),
        };
      }
    }
  }

  private purposeOf(entity: Eui64, usage: EndEntityKeyUsage, prepayment: boolean): KeyPurpose {
    const purpose = prepayment ? 'prePaymentTopUp' : usage;
    const party = this.partiesByEui.get(entity);
    const holds = party === undefined ? !prepayment : party.holds.includes(purpose);
    if (!holds) throw new RangeError(`${party?.name ?? entity} has no ${purpose} certificate`);
    return purpose;
  }

  private makeCertificate(
    entity: Eui64,
    keyUsage: EndEntityKeyUsage,
    purpose: KeyPurpose,
  ): Uint8Array {
    const common = {
      keyUsage,
      publicKey: this.publicKeyOf(entity, keyUsage, purpose === 'prePaymentTopUp'),
      serialNumber: this.authorities.serialNumber('entity', entity, purpose),
      notBeforeMs,
    };
    const party = this.partiesByEui.get(entity);
    if (party === undefined) {
      const request = { profile: 'device', entity, notAfterMs: endOfTimeMs, ...common } as const;
      return this.authorities.issue('devices', request);
    }
    const subject = organisationName(remotePartyRoles[party.role], entity, party.name);
    const request = { profile: 'organisation', subject, notAfterMs, ...common } as const;
    return this.authorities.issue('organisations', request);
  }
}
