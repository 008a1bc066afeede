/** How far a device is with joining its home's network. */
export type JoinerState =
  | 'idle'
  | 'scanning'
  | 'associating'
  | 'awaitingNetworkKey'
  | 'announcing'
  | 'keyEstablishment'
  | 'joined'
  /** Not let in; it tries again after a pause. */
  | 'paused'
  /** A member looks for its network. */
  | 'searching'
  | 'rejoining'
  /** A member without network; it looks again after a pause. */
  | 'lost'
  /** It says goodbye. */
  | 'leaving'
  | 'left';

export type JoinerInput =
  | 'join'
  | 'rejoin'
  | 'leave'
  | 'networkFound'
  | 'networkAbsent'
  | 'addressGiven'
  | 'addressRefused'
  | 'keyReceived'
  | 'hubKnown'
  /** The link key of before is good still. */
  | 'settled'
  | 'keyEstablished'
  | 'accepted'
  /** Accepted by a hub that is about to send the network key. */
  | 'keyPromised'
  | 'refused'
  | 'parentLost'
  | 'gone'
  | 'comesBack'
  /** Out of attempts, as a device that never was on the network. */
  | 'expired'
  /** The same as one that was. */
  | 'expiredAsMember';

/** What is reported when a state's time is up and its attempts are. */
export type JoinerFailure =
  | 'no-network-found'
  | 'association-failed'
  | 'network-key-missing'
  | 'hub-silent'
  | 'key-establishment-failed'
  | 'network-lost'
  | 'rejoin-failed';

export interface JoinerRow {
  /** Radio time for one attempt; undefined: as long as it takes. */
  readonly limitMs?: number;
  /** The state is entered so often before its time is up for good. 1 unless told. */
  readonly attemptsMax?: number;
  readonly failure?: JoinerFailure;
  /** A sleepy device's radio stays on, polling. */
  readonly awake?: boolean;
  /** Next state by input; what is not named is ignored. */
  readonly on: Readonly<Partial<Record<JoinerInput, JoinerState>>>;
}

const afresh = { join: 'scanning' } as const;
const failing = { expired: 'paused', expiredAsMember: 'lost' } as const;

/** Attempts to rejoin under the network key; those after them are unsecured. */
export const securedRejoinAttempts = 2;

/**
 * The whole of joining. Limits are our choice but for the shape of the thing: a hub tries each key
 * twice, three seconds apart, before it gives up.
 */
export const joinerStates: Readonly<Record<JoinerState, JoinerRow>> = {
  idle: { on: { ...afresh, rejoin: 'searching' } },
  scanning: {
    failure: 'no-network-found',
    on: { networkFound: 'associating', networkAbsent: 'paused', leave: 'left' },
  },
  associating: {
    failure: 'association-failed',
    on: { addressGiven: 'awaitingNetworkKey', addressRefused: 'paused', leave: 'left' },
  },
  awaitingNetworkKey: {
    limitMs: 16_000,
    failure: 'network-key-missing',
    awake: true,
    on: { ...failing, keyReceived: 'announcing', leave: 'left' },
  },
  announcing: {
    limitMs: 4_000,
    attemptsMax: 4,
    failure: 'hub-silent',
    awake: true,
    on: { ...failing, hubKnown: 'keyEstablishment', settled: 'joined', leave: 'leaving' },
  },
  keyEstablishment: {
    limitMs: 20_000,
    attemptsMax: 3,
    failure: 'key-establishment-failed',
    awake: true,
    on: { ...failing, keyEstablished: 'joined', leave: 'leaving' },
  },
  joined: {
    on: { rejoin: 'searching', parentLost: 'searching', leave: 'leaving' },
  },
  paused: { on: { ...afresh, expired: 'scanning', expiredAsMember: 'scanning', leave: 'left' } },
  searching: {
    failure: 'network-lost',
    on: { networkFound: 'rejoining', networkAbsent: 'lost', leave: 'left' },
  },
  rejoining: {
    limitMs: 4_000,
    attemptsMax: 2 * securedRejoinAttempts,
    failure: 'rejoin-failed',
    awake: true,
    on: {
      accepted: 'announcing',
      keyPromised: 'awaitingNetworkKey',
      refused: 'lost',
      expired: 'lost',
      expiredAsMember: 'lost',
      leave: 'left',
    },
  },
  lost: {
    on: {
      ...afresh,
      expired: 'searching',
      expiredAsMember: 'searching',
      rejoin: 'searching',
      leave: 'left',
    },
  },
  leaving: {
    limitMs: 2_000,
    on: { gone: 'left', comesBack: 'searching', expired: 'left', expiredAsMember: 'left' },
  },
  left: { on: { ...afresh } },
};
