import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { zdoStatuses } from '../../../protocols/zigbee/zdo/responses.js';
import type { ZdoMessage } from '../../../protocols/zigbee/zdo/zdo.js';
import type { TimedPart } from '../stack/frame-node.js';
import { broadcastToListening, type NwkOrigin } from '../stack/network-layer.js';
import { AddressQuestions } from './address-questions.js';
import { capabilityOf } from './capability.js';
import { type ZdoAnswer, type ZdoSubject, zdoAnswers } from './zdo-answers.js';

/** Must not throw. */
export type ZdoListener = (message: ZdoMessage, origin: NwkOrigin, nowMs: number) => void;

/**
 * A node's part in the ZigBee Device Profile: it tells others its addresses, descriptors and
 * endpoints (`zdo-answers.ts`), and finds the short addresses of radios that its entities want to
 * speak to. Joiner and trust centre listen here for what concerns them.
 *
 * not kept: bindings (a status only), discovery caches, network updates; an extended address request
 * is answered with the device alone.
 */
export class ZdoServer implements TimedPart {
  /** The trust centre tells this node to leave; it has been answered. */
  onLeaveRequested: ((rejoin: boolean, nowMs: number) => void) | undefined = undefined;
  /** Requests answered. */
  answered = 0;
  private readonly listeners: ZdoListener[] = [];
  private readonly questions: AddressQuestions;

  /** Takes the node's hooks for ZDO messages and for unknown addresses. */
  constructor(private readonly subject: ZdoSubject) {
    const { node } = subject;
    this.questions = new AddressQuestions((radio) => this.askAddress(radio));
    node.hooks.onZdo = (message, origin, nowMs) => this.receive(message, origin, nowMs);
    node.hooks.onUnknownAddress = (radio, nowMs) => this.questions.add(radio, nowMs);
    node.addPart(this);
  }

  /** Calls `listener` with every message, after this node's own answer to it. */
  listen(listener: ZdoListener): void {
    this.listeners.push(listener);
  }

  nextDeadlineMs(): number | undefined {
    return this.questions.nextDeadlineMs();
  }

  expire(nowMs: number): void {
    this.questions.expire(nowMs);
  }

  /** Tells everybody that this node is here, and under which address. */
  announce(): void {
    const { node } = this.subject;
    const capability = capabilityOf(node.role);
    const nwkAddress = node.mac.shortAddress;
    const fields = { nwkAddress, ieeeAddress: node.eui, capability };
    node.sendZdo(broadcastToListening, { name: 'Device_annce', fields });
  }

  private askAddress(ieeeAddress: Eui64): void {
    const { node } = this.subject;
    if (!node.joined) return;
    const fields = { ieeeAddress, requestType: 0, startIndex: 0 };
    node.sendZdo(broadcastToListening, { name: 'NWK_addr_req', fields });
  }

  private receive(message: ZdoMessage, origin: NwkOrigin, nowMs: number): void {
    const { node } = this.subject;
    const answerer = zdoAnswers[message.name] as
      | ((subject: ZdoSubject, fields: unknown, origin: NwkOrigin) => ZdoAnswer | undefined)
      | undefined;
    const answer = answerer?.(this.subject, message.fields, origin);
    if (answer !== undefined) {
      this.answered++;
      const { transactionSequence } = message;
      node.sendZdo(origin.source, { ...answer, transactionSequence });
    }
    this.learnFrom(message, nowMs);
    for (const listener of this.listeners) listener(message, origin, nowMs);
    const granted =
      answer?.name === 'Mgmt_Leave_rsp' && answer.fields.status === zdoStatuses.success;
    if (granted && message.name === 'Mgmt_Leave_req') {
      this.onLeaveRequested?.(message.fields.rejoin, nowMs);
    }
  }

  private learnFrom({ name, fields }: ZdoMessage, nowMs: number): void {
    const { node } = this.subject;
    if (name === 'Device_annce') {
      this.questions.answered(fields.ieeeAddress);
    } else if (name === 'NWK_addr_rsp' || name === 'IEEE_addr_rsp') {
      if (fields.status !== zdoStatuses.success || fields.ieeeAddress === node.eui) return;
      this.questions.answered(fields.ieeeAddress);
      node.network.learn(fields.ieeeAddress, fields.nwkAddress, nowMs);
    }
  }
}
