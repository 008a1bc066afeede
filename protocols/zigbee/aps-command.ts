import type { Decoded } from '../codec/codec.js';
import { flag, ieeeAddress, octets, remainingOctets, u8, u16 } from './fields.js';
import { record, variant } from './record.js';

/** Octets of every ZigBee key, and of the hash that proves one. */
export const keyOctets = 16;

const key = octets(keyOctets);

/** What an update-device command tells the trust centre of a device. */
export const updateDeviceStatuses = {
  securedRejoin: 0,
  unsecuredJoin: 1,
  deviceLeft: 2,
  unsecuredRejoin: 3,
} as const;

/** The kind of key that a verify-key or confirm-key command is about. */
export const trustCentreLinkKeyType = 4;

const transportKey = variant('keyType', 'key type', {
  network: {
    id: 1,
    fields: record({
      key,
      sequenceNumber: u8,
      /** All zeros when broadcast. */
      destination: ieeeAddress,
      source: ieeeAddress,
    }),
  },
  'application-link': {
    id: 3,
    fields: record({ key, partner: ieeeAddress, initiator: flag }),
  },
  'trust-centre-link': {
    id: 4,
    fields: record({ key, destination: ieeeAddress, source: ieeeAddress }),
  },
});

const requestKey = variant('keyType', 'key type', {
  'application-link': { id: 2, fields: record({ partner: ieeeAddress }) },
  'trust-centre-link': { id: 4, fields: record({}) },
});

/**
 * What follows the header of an APS command frame: the trust centre's traffic. Keys, hashes and
 * tunnelled frames are views when decoded. The commands for entity authentication and for the
 * older key establishment are refused.
 *
 * @see zigbee.md 2
 */
export const ApsCommand = variant('command', 'APS command', {
  'transport-key': { id: 0x05, fields: transportKey },
  'update-device': {
    id: 0x06,
    /** `status` is one of `updateDeviceStatuses`. */
    fields: record({ device: ieeeAddress, shortAddress: u16, status: u8 }),
  },
  'remove-device': { id: 0x07, fields: record({ device: ieeeAddress }) },
  'request-key': { id: 0x08, fields: requestKey },
  'switch-key': { id: 0x09, fields: record({ sequenceNumber: u8 }) },
  tunnel: {
    id: 0x0e,
    /** `frame` is a whole APS command frame, secured for the destination. */
    fields: record({ destination: ieeeAddress, frame: remainingOctets }),
  },
  'verify-key': { id: 0x0f, fields: record({ keyType: u8, source: ieeeAddress, hash: key }) },
  'confirm-key': {
    id: 0x10,
    fields: record({ status: u8, keyType: u8, destination: ieeeAddress }),
  },
});

export type ApsCommand = Decoded<typeof ApsCommand>;
