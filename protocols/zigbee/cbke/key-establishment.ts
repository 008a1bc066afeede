import { CodecError } from '../../codec/codec-error.js';
import type { Eui64 } from '../../codec/eui64.js';
import { equalBytes, fromHex, toHex } from '../../codec/hex.js';
import { keyEstablishment } from '../clusters/key-establishment.js';
import type { BlockCipher } from '../security/mmo.js';
import { decodeZclPayload } from '../zcl/payload.js';
import type { ZclFields } from '../zcl/value.js';
import {
  decodeCertificate,
  type KeyEstablishmentIdentity,
  reconstructPublicKey,
} from './certificate.js';
import {
  type ConfirmedParty,
  confirmationCode,
  deriveKeys,
  type EstablishedKeys,
  type KeyPair,
  keyPair,
  sharedSecret,
} from './key-agreement.js';
import {
  type CommandName,
  commandIds,
  frameControlOf,
  type KeyEstablishmentCommand,
  type KeyEstablishmentRole,
  keyEstablishmentCommand,
  supportedSuites,
  type TerminateStatus,
  terminateCommand,
} from './key-establishment-command.js';
import type { CurvePoint } from './koblitz-curve.js';
import { type CryptographicSuite, suites } from './suite.js';

/** What the other side is to send next. */
type Exchange = Exclude<CommandName, 'terminate'>;

export type KeyEstablishmentOutcome =
  | { readonly kind: 'established'; readonly peer: Eui64; readonly linkKey: Uint8Array }
  /** We gave up, for this reason, and tell the other side. */
  | { readonly kind: 'refused'; readonly status: TerminateStatus; readonly detail: string }
  /** The other side gave up: one of `terminateStatuses`, or a number of its own. */
  | { readonly kind: 'terminated'; readonly statusCode: number; readonly waitSeconds: number }
  | { readonly kind: 'timed-out'; readonly awaited: Exchange };

/** What to do next; an outcome comes once, and is the end. */
export interface KeyEstablishmentStep {
  readonly send: KeyEstablishmentCommand | undefined;
  readonly outcome: KeyEstablishmentOutcome | undefined;
}

export interface KeyEstablishmentOptions {
  /** At most one a suite, all of one device. */
  readonly identities: readonly KeyEstablishmentIdentity[];
  /** From the network header, so that nobody can show another's certificate. */
  readonly peer: Eui64;
  /**
   * Fresh octets for the ephemeral key, a few more than its length so that they leave no bias.
   * Where they are 0 modulo the order, CodecError comes out of the step that needs them.
   */
  readonly ephemeralSecret: Uint8Array;
  /** Announced to the other side, which waits for so long. */
  readonly ephemeralDataGenerateSeconds?: number;
  readonly confirmKeyGenerateSeconds?: number;
  /** For the frames to go and come; the announced times come on top. */
  readonly transitTimeoutMs?: number;
  /** How long the other side shall wait before it tries again. */
  readonly retryWaitSeconds?: number;
}

/** Our choice; the standard leaves them to the device. */
const defaults = {
  ephemeralDataGenerateSeconds: 5,
  confirmKeyGenerateSeconds: 5,
  transitTimeoutMs: 10_000,
  retryWaitSeconds: 10,
};

/** Carries a refusal from where it is found to where it is answered. */
class Refusal extends Error {
  constructor(
    readonly status: TerminateStatus,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Runs `body`; what is wrong with the octets in it becomes a refusal. */
function refusing<T>(status: TerminateStatus, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof CodecError) throw new Refusal(status, error.message);
    throw error;
  }
}

interface Peer {
  readonly publicKey: CurvePoint;
  readonly waitMs: Readonly<Record<'ephemeralData' | 'confirmKeyData', number>>;
}

const nothing: KeyEstablishmentStep = { send: undefined, outcome: undefined };

/**
 * One certificate-based key establishment, from either side: three requests, three responses, and a
 * link key that both have and nobody else. Sans I/O: commands go in and come out, time is an
 * argument, chance is `ephemeralSecret`. Whatever comes in ends in a step, never in an exception.
 *
 * @see zigbee.md 5
 */
export class KeyEstablishment {
  private readonly options: Required<KeyEstablishmentOptions>;
  private awaited: Exchange | undefined;
  private deadline: number | undefined;
  private identity: KeyEstablishmentIdentity | undefined;
  private ephemeral: KeyPair | undefined;
  private peer: Peer | undefined;
  /** Compressed, as the codes need them. */
  private ownEphemeral: Uint8Array | undefined;
  private peerEphemeral: Uint8Array | undefined;
  private keys: EstablishedKeys | undefined;

  constructor(
    private readonly cipher: BlockCipher,
    readonly role: KeyEstablishmentRole,
    options: KeyEstablishmentOptions,
  ) {
    this.options = { ...defaults, ...options };
    this.awaited = role === 'responder' ? 'initiate' : undefined;
  }

  /** When to call `expire`. */
  nextDeadlineMs(): number | undefined {
    return this.deadline;
  }

  /** The initiator's first step; `suite` must be among its identities. */
  start(suite: CryptographicSuite, nowMs: number): KeyEstablishmentStep {
    this.identity = this.options.identities.find((identity) => identity.suite === suite);
    if (this.role !== 'initiator' || this.identity === undefined || this.awaited !== undefined) {
      throw new CodecError('suite', 0, 'no identity to start with, or no initiator, or running');
    }
    this.expect('initiate', this.options.transitTimeoutMs, nowMs);
    return { send: this.initiateCommand(this.identity), outcome: undefined };
  }

  expire(nowMs: number): KeyEstablishmentStep {
    const { awaited, deadline } = this;
    if (awaited === undefined || deadline === undefined || nowMs < deadline) return nothing;
    return this.end({ kind: 'timed-out', awaited }, undefined);
  }

  /** A command of the cluster from the peer. Once it is over, nothing comes of one. */
  receive(commandId: number, payload: Uint8Array, nowMs: number): KeyEstablishmentStep {
    const { awaited } = this;
    if (awaited === undefined) return nothing;
    try {
      const fields = this.decode(commandId, payload);
      if (commandId === commandIds.terminate) return this.terminated(fields);
      if (commandId !== commandIds[awaited]) {
        throw new Refusal('badMessage', `command ${commandId} where ${awaited} is due`);
      }
      return this[awaited](fields, nowMs);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.refuse(error);
    }
  }

  private decode(commandId: number, payload: Uint8Array): ZclFields {
    const sender = this.role === 'initiator' ? 'responder' : 'initiator';
    return refusing('badMessage', () =>
      decodeZclPayload(keyEstablishment.id, frameControlOf(sender), commandId, payload),
    );
  }

  private terminated(fields: ZclFields): KeyEstablishmentStep {
    const statusCode = fields.statusCode as number;
    const waitSeconds = fields.waitTime as number;
    return this.end({ kind: 'terminated', statusCode, waitSeconds }, undefined);
  }

  private refuse({ status, detail }: Refusal): KeyEstablishmentStep {
    const { identities, retryWaitSeconds } = this.options;
    const supported = supportedSuites(identities);
    const send = terminateCommand(this.role, status, retryWaitSeconds, supported);
    return this.end({ kind: 'refused', status, detail }, send);
  }

  private end(
    outcome: KeyEstablishmentOutcome,
    send: KeyEstablishmentCommand | undefined,
  ): KeyEstablishmentStep {
    this.awaited = undefined;
    this.deadline = undefined;
    this.ephemeral = undefined;
    this.keys = undefined;
    return { send, outcome };
  }

  private expect(name: Exchange, waitMs: number, nowMs: number): void {
    this.awaited = name;
    this.deadline = nowMs + waitMs;
  }

  private initiateCommand(identity: KeyEstablishmentIdentity): KeyEstablishmentCommand {
    return keyEstablishmentCommand(this.role, 'initiate', {
      keyEstablishmentSuite: suites[identity.suite].bit,
      ephemeralDataGenerateTime: this.options.ephemeralDataGenerateSeconds,
      confirmKeyGenerateTime: this.options.confirmKeyGenerateSeconds,
      identity: toHex(identity.certificate),
    });
  }

  private initiate(fields: ZclFields, nowMs: number): KeyEstablishmentStep {
    const identity = this.chosenIdentity(fields.keyEstablishmentSuite as number);
    this.identity = identity;
    this.peer = this.checkedPeer(identity, fields);
    this.expect('ephemeralData', this.peer.waitMs.ephemeralData, nowMs);
    if (this.role === 'responder') {
      return { send: this.initiateCommand(identity), outcome: undefined };
    }
    const point = this.makeEphemeral(identity);
    return { send: this.ephemeralCommand(point), outcome: undefined };
  }

  /** An initiator has one already, and the answer must be of its suite. */
  private chosenIdentity(bits: number): KeyEstablishmentIdentity {
    const candidates = this.identity === undefined ? this.options.identities : [this.identity];
    const chosen = candidates.find(({ suite }) => suites[suite].bit === bits);
    if (chosen === undefined) throw new Refusal('unsupportedSuite', `suite bits ${bits}`);
    return chosen;
  }

  private checkedPeer(identity: KeyEstablishmentIdentity, fields: ZclFields): Peer {
    const { suite, issuer, authorityPublicKey } = identity;
    const bytes = fromHex(fields.identity as string);
    const certificate = refusing('invalidCertificate', () => decodeCertificate(suite, bytes));
    if (certificate.issuer !== issuer) {
      throw new Refusal('unknownIssuer', `certificate of issuer ${certificate.issuer}`);
    }
    if (certificate.subject !== this.options.peer) {
      throw new Refusal('invalidCertificate', `certificate of ${certificate.subject}`);
    }
    const publicKey = refusing('invalidCertificate', () =>
      reconstructPublicKey(this.cipher, suite, bytes, authorityPublicKey),
    );
    const { transitTimeoutMs } = this.options;
    return {
      publicKey,
      waitMs: {
        ephemeralData: 1000 * (fields.ephemeralDataGenerateTime as number) + transitTimeoutMs,
        confirmKeyData: 1000 * (fields.confirmKeyGenerateTime as number) + transitTimeoutMs,
      },
    };
  }

  private makeEphemeral(identity: KeyEstablishmentIdentity): Uint8Array {
    const { curve } = suites[identity.suite];
    this.ephemeral = keyPair(curve, this.options.ephemeralSecret);
    this.ownEphemeral = curve.compress(this.ephemeral.publicKey);
    return this.ownEphemeral;
  }

  private ephemeralCommand(point: Uint8Array): KeyEstablishmentCommand {
    return keyEstablishmentCommand(this.role, 'ephemeralData', { ephemeralData: toHex(point) });
  }

  private ephemeralData(fields: ZclFields, nowMs: number): KeyEstablishmentStep {
    const identity = this.identity as KeyEstablishmentIdentity;
    const peer = this.peer as Peer;
    const { curve } = suites[identity.suite];
    const bytes = fromHex(fields.ephemeralData as string);
    const ephemeralPublicKey = refusing('badMessage', () => curve.decompress(bytes));
    const own = this.role === 'responder' ? this.makeEphemeral(identity) : undefined;
    const secret = refusing('badMessage', () =>
      sharedSecret(
        curve,
        { privateKey: identity.privateKey, ephemeral: this.ephemeral as KeyPair },
        { publicKey: peer.publicKey, ephemeralPublicKey },
      ),
    );
    this.keys = deriveKeys(this.cipher, secret);
    this.peerEphemeral = bytes;
    this.expect('confirmKeyData', peer.waitMs.confirmKeyData, nowMs);
    const send = own === undefined ? this.confirmCommand() : this.ephemeralCommand(own);
    return { send, outcome: undefined };
  }

  private codeOf(role: KeyEstablishmentRole): Uint8Array {
    const { suite, certificate } = this.identity as KeyEstablishmentIdentity;
    const own: ConfirmedParty = {
      address: decodeCertificate(suite, certificate).subject,
      ephemeralPublicKey: this.ownEphemeral as Uint8Array,
    };
    const peer: ConfirmedParty = {
      address: this.options.peer,
      ephemeralPublicKey: this.peerEphemeral as Uint8Array,
    };
    const { macKey } = this.keys as EstablishedKeys;
    return role === this.role
      ? confirmationCode(this.cipher, macKey, role, own, peer)
      : confirmationCode(this.cipher, macKey, role, peer, own);
  }

  private confirmCommand(): KeyEstablishmentCommand {
    const code = toHex(this.codeOf(this.role));
    return keyEstablishmentCommand(this.role, 'confirmKeyData', {
      secureMessageAuthenticationCode: code,
    });
  }

  private confirmKeyData(fields: ZclFields): KeyEstablishmentStep {
    const expected = this.codeOf(this.role === 'initiator' ? 'responder' : 'initiator');
    const code = fromHex(fields.secureMessageAuthenticationCode as string);
    if (!equalBytes(code, expected)) {
      throw new Refusal('badKeyConfirm', 'the authentication code does not match');
    }
    const { linkKey } = this.keys as EstablishedKeys;
    const send = this.role === 'responder' ? this.confirmCommand() : undefined;
    return this.end({ kind: 'established', peer: this.options.peer, linkKey }, send);
  }
}
