import type { SecurityVerdict } from '../../../protocols/zigbee/security/frame-security.js';

/** Why a frame went no further, in the network layer. */
export type NwkDrop =
  | 'malformedNwk'
  | 'malformedNwkCommand'
  | 'nwkUnsecured'
  | 'nwkNoKey'
  | 'nwkReplayed'
  | 'nwkPeerLimit'
  | 'nwkMicInvalid'
  | 'notForUs'
  | 'duplicateBroadcast'
  | 'radiusUsedUp'
  /** It claims to be from this very node. */
  | 'forgedSource'
  /** Ours, not sent: no network key, or one that is used up. */
  | 'nwkNotSecured';

export const nwkDrops: Readonly<Record<NwkDrop, 0>> = {
  malformedNwk: 0,
  malformedNwkCommand: 0,
  nwkUnsecured: 0,
  nwkNoKey: 0,
  nwkReplayed: 0,
  nwkPeerLimit: 0,
  nwkMicInvalid: 0,
  notForUs: 0,
  duplicateBroadcast: 0,
  radiusUsedUp: 0,
  forgedSource: 0,
  nwkNotSecured: 0,
};

export const nwkDropOfVerdict: Readonly<
  Record<Exclude<SecurityVerdict, 'ok' | 'unsecured'>, NwkDrop>
> = {
  replayed: 'nwkReplayed',
  'peer-limit': 'nwkPeerLimit',
  'mic-invalid': 'nwkMicInvalid',
  'no-key': 'nwkNoKey',
};

/** The same in the application support sublayer. */
export type ApsDrop =
  | 'malformedAps'
  | 'malformedApsCommand'
  | 'apsUnsecured'
  | 'apsNoKey'
  | 'apsReplayed'
  | 'apsPeerLimit'
  | 'apsMicInvalid'
  | 'duplicate'
  | 'unexpectedAck'
  /** A later block of a transmission whose beginning is not here. */
  | 'strayFragment'
  /** Ours, not sent: the counter of the link keys is used up. */
  | 'apsCounterUsedUp';

export const apsDrops: Readonly<Record<ApsDrop, 0>> = {
  malformedAps: 0,
  malformedApsCommand: 0,
  apsUnsecured: 0,
  apsNoKey: 0,
  apsReplayed: 0,
  apsPeerLimit: 0,
  apsMicInvalid: 0,
  duplicate: 0,
  unexpectedAck: 0,
  strayFragment: 0,
  apsCounterUsedUp: 0,
};

export const apsDropOfVerdict: Readonly<
  Record<Exclude<SecurityVerdict, 'ok' | 'unsecured'>, ApsDrop>
> = {
  replayed: 'apsReplayed',
  'peer-limit': 'apsPeerLimit',
  'mic-invalid': 'apsMicInvalid',
  'no-key': 'apsNoKey',
};

/** The same above it. */
export type NodeDrop =
  | 'unknownSource'
  | 'unknownEndpoint'
  | 'otherProfile'
  | 'malformedZdo'
  | 'unexpectedCommand';

export const nodeDrops: Readonly<Record<NodeDrop, 0>> = {
  unknownSource: 0,
  unknownEndpoint: 0,
  otherProfile: 0,
  malformedZdo: 0,
  unexpectedCommand: 0,
};
