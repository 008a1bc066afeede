import type { Decoded } from '../codec/codec.js';
import { CapabilityInformation } from './capability-information.js';
import { bits, ieeeAddress, list, u8, u16 } from './fields.js';
import { countedIn, presentFor, presentIf, record, spread, variant } from './record.js';

/** Why a router could not pass something on, as the network-status command says it. */
export const nwkStatuses = {
  noRouteAvailable: 0x00,
  treeLinkFailure: 0x01,
  nonTreeLinkFailure: 0x02,
  parentLinkFailure: 0x09,
  sourceRouteFailure: 0x0b,
  manyToOneRouteFailure: 0x0c,
  addressConflict: 0x0d,
  panIdentifierUpdate: 0x0f,
  networkAddressUpdate: 0x10,
  badFrameCounter: 0x11,
  badKeySequenceNumber: 0x12,
  unknownCommand: 0x13,
} as const;

/** The costs of a neighbour's link, 1 (best) to 7; 0 is unknown. */
const linkStatusEntry = record({
  address: u16,
  costs: spread(1, { incomingCost: [0, 3], outgoingCost: [4, 3] }),
});

/**
 * What follows the header of a NWK command frame, once it is decrypted. Lists are as long as their
 * count octet or the five bits of the options octet allow.
 *
 * @see zigbee.md 2
 */
export const NwkCommand = variant('command', 'NWK command', {
  'route-request': {
    id: 0x01,
    fields: record({
      /** Many-to-one: 0 no, 1 with a route record table, 2 without. */
      options: spread(1, { manyToOne: [3, 2], multicast: 6 }),
      identifier: u8,
      destination: u16,
      pathCost: u8,
      destinationEui: presentIf(0x20, ieeeAddress),
    }),
  },
  'route-reply': {
    id: 0x02,
    fields: record({
      options: spread(1, { multicast: 6 }),
      identifier: u8,
      originator: u16,
      responder: u16,
      pathCost: u8,
      originatorEui: presentIf(0x10, ieeeAddress),
      responderEui: presentIf(0x20, ieeeAddress),
    }),
  },
  'network-status': {
    id: 0x03,
    /** `status` is one of `nwkStatuses`. */
    fields: record({
      status: u8,
      destination: u16,
      unknownCommand: presentFor('status', (status) => status === nwkStatuses.unknownCommand, u8),
    }),
  },
  leave: {
    id: 0x04,
    fields: record({
      /** `request`: the addressed device is to leave; otherwise the sender says that it does. */
      options: spread(1, { rejoin: 5, request: 6, removeChildren: 7 }),
    }),
  },
  'route-record': { id: 0x05, fields: record({ relays: list(u16) }) },
  'rejoin-request': { id: 0x06, fields: record({ capability: CapabilityInformation }) },
  'rejoin-response': {
    id: 0x07,
    /** Status as in an association response: 0 success, 1 PAN at capacity, 2 access denied. */
    fields: record({ shortAddress: u16, status: u8 }),
  },
  'link-status': {
    id: 0x08,
    fields: record({
      /** First and last frame of a list too long for one. */
      options: spread(1, { firstFrame: 5, lastFrame: 6 }),
      links: countedIn(0x1f, linkStatusEntry),
    }),
  },
  'network-report': {
    id: 0x09,
    fields: record({
      /** Report type 0: PAN identifier conflict. */
      options: spread(1, { reportType: [5, 3] }),
      extendedPanId: ieeeAddress,
      panIds: countedIn(0x1f, u16),
    }),
  },
  'network-update': {
    id: 0x0a,
    fields: record({
      /** Update type 0: PAN identifier update. */
      options: spread(1, { updateType: [5, 3] }),
      extendedPanId: ieeeAddress,
      updateId: u8,
      panIds: countedIn(0x1f, u16),
    }),
  },
  'end-device-timeout-request': {
    id: 0x0b,
    /** 0 is ten seconds, n is 2^n minutes; no configuration is defined, it is 0. */
    fields: record({ requestedTimeout: u8, configuration: u8 }),
  },
  'end-device-timeout-response': {
    id: 0x0c,
    fields: record({
      /** 0 success, 1 incorrect value, 2 unsupported feature [mem]. */
      status: u8,
      parentInformation: bits(1, {
        macDataPollKeepalive: 0,
        timeoutRequestKeepalive: 1,
        powerNegotiation: 2,
      }),
    }),
  },
});

export type NwkCommand = Decoded<typeof NwkCommand>;
