import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { KeyEstablishmentIdentity } from '../../../protocols/zigbee/cbke/certificate.js';
import {
  KeyEstablishment,
  type KeyEstablishmentOutcome,
  type KeyEstablishmentStep,
} from '../../../protocols/zigbee/cbke/key-establishment.js';
import {
  commandIds,
  type KeyEstablishmentCommand,
  type KeyEstablishmentRole,
  supportedSuites,
  type TerminateStatus,
  terminateCommand,
} from '../../../protocols/zigbee/cbke/key-establishment-command.js';
import type { CryptographicSuite } from '../../../protocols/zigbee/cbke/suite.js';
import { keyEstablishment } from '../../../protocols/zigbee/clusters/key-establishment.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import {
  decodeZclFrame,
  encodeZclFrame,
  isGeneralCommand,
  isServerToClient,
  type ZclFrame,
  zclFrameControlBits,
  zclFrameControls,
} from '../../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import type { ZclFields } from '../../../protocols/zigbee/zcl/value.js';
import type { RandomStream } from '../../ports/random.js';
import type { FrameNode, TimedPart } from '../stack/frame-node.js';
import type { HanEntity } from '../stack/han-entity.js';

export interface KeyEstablishmentServiceParts {
  readonly node: FrameNode;
  /** The entity whose certificate the radio shows: the device's own, the GPF at the hub. */
  readonly entity: HanEntity;
  /** One a suite at most; asked for when they are first needed. */
  readonly identities: () => readonly KeyEstablishmentIdentity[];
  /** Of ephemeral keys. */
  readonly random: RandomStream;
}

export type KeyEstablishmentEnd = (outcome: KeyEstablishmentOutcome, nowMs: number) => void;

interface Session {
  readonly exchange: KeyEstablishment;
  readonly peerEntity: Eui64;
  readonly peerEndpoint: number | undefined;
  readonly done: KeyEstablishmentEnd | undefined;
}

/** Octets of the longer curve's order, and eight more so that reducing them leaves no bias. */
const ephemeralSecretOctets = 44;
/** Exchanges at once: each takes some milliseconds of arithmetic. Our choice. */
const sessionsMax = 8;
/** For a peer that finds no room. Our choice. */
const busyWaitSeconds = 30;

const suiteAttribute = 0;
const enum16 = 0x31;
const readAttributes = 0;
const readAttributesResponse = 1;
const { generalToServer, generalToClient } = zclFrameControls;
const silent = zclFrameControlBits.disableDefaultResponse;

/**
 * The Key Establishment cluster of one radio, client and server: runs exchanges with other radios,
 * each under its own deadline, and tells what suites it knows. Frames go under the network key, in
 * fragments where they must.
 *
 * @see zigbee.md 5
 */
export class KeyEstablishmentService implements TimedPart {
  /** As responder: whether to speak with this radio at all. Nobody, until told. */
  accepts: (peer: Eui64) => boolean = () => false;
  /** As responder: how an exchange ended. */
  onResponded: ((peer: Eui64, outcome: KeyEstablishmentOutcome, nowMs: number) => void) | undefined;
  /** Frames that led nowhere. */
  dropped = 0;
  private readonly sessions = new Map<Eui64, Session>();
  private suitesAsked:
    | { readonly peer: Eui64; readonly take: (suites: number) => void }
    | undefined;
  private known: readonly KeyEstablishmentIdentity[] | undefined;

  constructor(private readonly parts: KeyEstablishmentServiceParts) {
    const { entity, node } = parts;
    entity.listen(keyEstablishment.id, undefined, (source, _clusterId, zcl) =>
      this.receive(source, zcl),
    );
    node.addPart(this);
  }

  private get identities(): readonly KeyEstablishmentIdentity[] {
    this.known ??= this.parts.identities();
    return this.known;
  }

  /** Bit 0 for suite 1, bit 1 for suite 2. */
  get suites(): number {
    return supportedSuites(this.identities);
  }

  /** Reads the peer's suites; `take` is called at most once, for the latest question only. */
  askSuites(peer: Eui64, endpoint: number, take: (suites: number) => void): void {
    const target = this.parts.node.directory.at(peer, endpoint)?.entity;
    if (target === undefined) return;
    this.suitesAsked = { peer, take };
    const attributes = [{ attributeId: suiteAttribute }];
    this.sendGeneral(target, endpoint, generalToServer, readAttributes, { attributes });
  }

  /** `done` is called exactly once. False where there is no identity of that suite, or no such peer. */
  initiate(
    peer: Eui64,
    endpoint: number,
    suite: CryptographicSuite,
    nowMs: number,
    done: KeyEstablishmentEnd,
  ): boolean {
    const peerEntity = this.parts.node.directory.at(peer, endpoint)?.entity;
    const able = this.identities.some((identity) => identity.suite === suite);
    if (peerEntity === undefined || !able) return false;
    const exchange = this.exchange('initiator', peer);
    const session = { exchange, peerEntity, peerEndpoint: endpoint, done };
    this.sessions.set(peer, session);
    this.apply(peer, session, exchange.start(suite, nowMs), undefined, nowMs);
    return true;
  }

  /** Gives up what is under way with a peer, without a word. */
  cancel(peer: Eui64): void {
    this.sessions.delete(peer);
    if (this.suitesAsked?.peer === peer) this.suitesAsked = undefined;
  }

  nextDeadlineMs(): number | undefined {
    let earliest: number | undefined;
    for (const { exchange } of this.sessions.values()) {
      const deadline = exchange.nextDeadlineMs();
      if (deadline !== undefined && (earliest === undefined || deadline < earliest)) {
        earliest = deadline;
      }
    }
    return earliest;
  }

  expire(nowMs: number): void {
    for (const [peer, session] of [...this.sessions]) {
      this.apply(peer, session, session.exchange.expire(nowMs), undefined, nowMs);
    }
  }

  private exchange(role: KeyEstablishmentRole, peer: Eui64): KeyEstablishment {
    return new KeyEstablishment(this.parts.node.security.crypto, role, {
      identities: this.identities,
      peer,
      ephemeralSecret: this.parts.random.bytes(ephemeralSecretOctets),
    });
  }

  private receive(source: Eui64, zcl: Uint8Array): void {
    const { node } = this.parts;
    const peer = node.directory.find(source)?.radio ?? source;
    try {
      const frame = decodeZclFrame(zcl);
      if (isGeneralCommand(frame.frameControl)) this.receiveGeneral(source, peer, frame);
      else this.receiveCommand(source, peer, frame, node.nowMs());
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped++;
    }
    node.reschedule();
  }

  private receiveGeneral(source: Eui64, peer: Eui64, frame: ZclFrame): void {
    const { frameControl, commandId, payload, sequenceNumber } = frame;
    const fields = decodeZclPayload(keyEstablishment.id, frameControl, commandId, payload);
    if (commandId === readAttributes) {
      const attributes = (fields.attributes as readonly ZclFields[]).map(
        ({ attributeId = 0 }): ZclFields =>
          attributeId === suiteAttribute
            ? { attributeId, status: zclStatuses.success, dataType: enum16, value: this.suites }
            : { attributeId, status: zclStatuses.unsupportedAttribute },
      );
      const back = (isServerToClient(frameControl) ? generalToServer : generalToClient) | silent;
      const response = { attributes };
      this.sendGeneral(source, undefined, back, readAttributesResponse, response, sequenceNumber);
    } else if (commandId === readAttributesResponse && this.suitesAsked?.peer === peer) {
      const [first] = fields.attributes as readonly ZclFields[];
      const { take } = this.suitesAsked;
      this.suitesAsked = undefined;
      if (first?.attributeId === suiteAttribute && typeof first.value === 'number') {
        take(first.value);
      }
    } else {
      this.dropped++;
    }
  }

  private sendGeneral(
    target: Eui64,
    endpoint: number | undefined,
    frameControl: number,
    commandId: number,
    fields: ZclFields,
    sequenceNumber = this.parts.entity.nextSequenceNumber(),
  ): void {
    const payload = encodeZclPayload(keyEstablishment.id, frameControl, commandId, fields);
    const zcl = encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
    this.parts.entity.sendZcl(target, keyEstablishment.id, zcl, endpoint);
  }

  private receiveCommand(source: Eui64, peer: Eui64, frame: ZclFrame, nowMs: number): void {
    const { commandId, payload, sequenceNumber } = frame;
    const toInitiator = isServerToClient(frame.frameControl);
    if (!toInitiator && commandId === commandIds.initiate) this.open(source, peer);
    const session = this.sessions.get(peer);
    if (session === undefined || (session.exchange.role === 'initiator') !== toInitiator) {
      this.dropped++;
      return;
    }
    const step = session.exchange.receive(commandId, payload, nowMs);
    this.apply(peer, session, step, toInitiator ? undefined : sequenceNumber, nowMs);
  }

  /** A new exchange from that peer, who may have given up one before. */
  private open(peerEntity: Eui64, peer: Eui64): void {
    const before = this.sessions.get(peer);
    if (before?.exchange.role === 'initiator') return;
    if (!this.accepts(peer)) {
      this.refuse(peerEntity, 'badMessage');
    } else if (before === undefined && this.sessions.size >= sessionsMax) {
      this.refuse(peerEntity, 'noResources');
    } else {
      const exchange = this.exchange('responder', peer);
      this.sessions.set(peer, { exchange, peerEntity, peerEndpoint: undefined, done: undefined });
    }
  }

  private refuse(peerEntity: Eui64, status: TerminateStatus): void {
    const command = terminateCommand('responder', status, busyWaitSeconds, this.suites);
    this.sendCommand(peerEntity, undefined, command, undefined);
  }

  private apply(
    peer: Eui64,
    session: Session,
    { send, outcome }: KeyEstablishmentStep,
    answers: number | undefined,
    nowMs: number,
  ): void {
    const { peerEntity, peerEndpoint, done } = session;
    if (outcome !== undefined) this.sessions.delete(peer);
    if (send !== undefined) this.sendCommand(peerEntity, peerEndpoint, send, answers);
    if (outcome === undefined) return;
    if (done !== undefined) done(outcome, nowMs);
    else this.onResponded?.(peer, outcome, nowMs);
  }

  /** `answers`: the sequence number of the request that this is the response to. */
  private sendCommand(
    target: Eui64,
    endpoint: number | undefined,
    { frameControl, commandId, payload }: KeyEstablishmentCommand,
    answers: number | undefined,
  ): void {
    const { entity } = this.parts;
    const sequenceNumber = answers ?? entity.nextSequenceNumber();
    const zcl = encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
    entity.sendZcl(target, keyEstablishment.id, zcl, endpoint);
  }
}
