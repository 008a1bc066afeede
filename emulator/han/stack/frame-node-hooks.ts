import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { ApsCommand } from '../../../protocols/zigbee/aps-command.js';
import type { NwkCommand } from '../../../protocols/zigbee/nwk-command.js';
import type { ZdoMessage } from '../../../protocols/zigbee/zdo/zdo.js';
import type { TransmissionCounts } from '../../functions/sub-ghz-radio.js';
import type { ApsCommandOrigin } from './aps-layer.js';
import type { NetworkUpper, NwkOrigin } from './network-layer.js';

/** Hooks for who runs the node: joining at devices, the trust centre at the hub, reports to people. */
export interface FrameNodeHooks {
  onApsCommand?: (command: ApsCommand, origin: ApsCommandOrigin, nowMs: number) => void;
  onNwkCommand?: (command: NwkCommand, origin: NwkOrigin, nowMs: number) => void;
  onZdo?: (message: ZdoMessage, origin: NwkOrigin, nowMs: number) => void;
  /** Somebody wants to send to a radio whose short address this node does not know. */
  onUnknownAddress?: (radio: Eui64, nowMs: number) => void;
  onAssociationRequest?: NetworkUpper['onAssociationRequest'];
  onAssociationAnswered?: NetworkUpper['onAssociationAnswered'];
  /** Hub: the device with this address asks for what waits; what is sent to it now goes at once. */
  onPolled?: (shortAddress: number, nowMs: number) => void;
  /** A frame of an entity that did not arrive, after all retries. */
  onUndelivered?: (from: Eui64, destination: Eui64, clusterId: number, reason: string) => void;
  /** A sleepy node's radio has come on; nothing has been sent yet. */
  onAwake?: (nowMs: number) => void;
  /** A sleepy node's radio is off from now on. */
  onAsleep?: (nowMs: number) => void;
  /** A sleepy node polls and nobody answers. */
  onParentLost?: (nowMs: number) => void;
  /** Hub: a device tells unasked how its transmissions on the sub-GHz band fared. */
  onLinkQuality?: (source: Eui64, counts: TransmissionCounts) => void;
  /** An APS data frame or command of a node was accepted. */
  onHeard?: (source: Eui64, nowMs: number) => void;
}
