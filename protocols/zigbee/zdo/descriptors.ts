import type { Codec, Decoded } from '../../codec/codec.js';
import { written } from '../../codec/writer.js';
import { CapabilityInformation } from '../capability-information.js';
import { bits, ieeeAddress, list, u8, u16 } from '../fields.js';
import { record, spread } from '../record.js';

export const logicalTypes = { coordinator: 0, router: 1, endDevice: 2 } as const;

/**
 * The node descriptor: what kind of node answers, and how much it takes at once.
 *
 * @see zigbee.md 1 (bit positions as Wireshark's dissector has them)
 */
export const NodeDescriptor = record({
  type: spread(2, {
    /** One of `logicalTypes`. */
    logicalType: [0, 3],
    complexDescriptorAvailable: 3,
    userDescriptorAvailable: 4,
    apsFlags: [8, 3],
    band868MHz: 11,
    band900MHz: 13,
    band2400MHz: 14,
    /** Great Britain's sub-GHz bands. */
    bandSubGHz: 15,
  }),
  macCapability: CapabilityInformation,
  manufacturerCode: u16,
  maximumBufferSize: u8,
  maximumIncomingTransferSize: u16,
  server: bits(2, {
    primaryTrustCentre: 0,
    backupTrustCentre: 1,
    primaryBindingTableCache: 2,
    backupBindingTableCache: 3,
    primaryDiscoveryCache: 4,
    backupDiscoveryCache: 5,
    networkManager: 6,
    /** 21 or 22: the revision of the core specification. */
    stackComplianceRevision: [9, 7],
  }),
  maximumOutgoingTransferSize: u16,
  descriptorCapability: bits(1, {
    extendedActiveEndpointListAvailable: 0,
    extendedSimpleDescriptorListAvailable: 1,
  }),
});

export type NodeDescriptor = Decoded<typeof NodeDescriptor>;

export const PowerDescriptor = bits(2, {
  /** 0 receiver synchronised with its idle setting, 1 on periodically, 2 on when stimulated. */
  currentPowerMode: [0, 4],
  mainsAvailable: 4,
  rechargeableBatteryAvailable: 5,
  disposableBatteryAvailable: 6,
  onMains: 8,
  onRechargeableBattery: 9,
  onDisposableBattery: 10,
  /** 0 critical, 4 a third, 8 two thirds, 12 full. */
  currentPowerLevel: [12, 4],
});

export type PowerDescriptor = Decoded<typeof PowerDescriptor>;

/** What an endpoint offers (input clusters) and uses (output clusters). */
export const SimpleDescriptor = record({
  endpoint: u8,
  profileId: u16,
  deviceId: u16,
  version: spread(1, { deviceVersion: [0, 4] }),
  inputClusters: list(u16),
  outputClusters: list(u16),
});

export type SimpleDescriptor = Decoded<typeof SimpleDescriptor>;

/** Preceded by its length in octets; a length of 0 says that there is none. */
export const CountedSimpleDescriptor: Codec<SimpleDescriptor | undefined> = {
  decode(reader) {
    const length = reader.u8();
    if (length === 0) return undefined;
    const inner = reader.sub(length);
    const descriptor = SimpleDescriptor.decode(inner);
    inner.done();
    return descriptor;
  },
  encode(writer, value) {
    const octets =
      value === undefined ? undefined : written((inner) => SimpleDescriptor.encode(inner, value));
    writer.u8(octets?.length ?? 0);
    if (octets !== undefined) writer.bytes(octets);
  },
};

/** A channel page and the bits of its channels (bit n is channel n). */
export const ChannelMask = bits(4, { channels: [0, 27], page: [27, 5] });

export type ChannelMask = Decoded<typeof ChannelMask>;

/** A row of the neighbour table, as Mgmt_Lqi_rsp lists it. */
export const Neighbour = record({
  extendedPanId: ieeeAddress,
  ieeeAddress,
  nwkAddress: u16,
  kind: spread(2, {
    /** One of `logicalTypes`; 3 unknown. */
    deviceType: [0, 2],
    /** 0 no, 1 yes, 2 unknown. */
    receiverOnWhenIdle: [2, 2],
    /** 0 parent, 1 child, 2 sibling, 3 none of these, 4 previous child. */
    relationship: [4, 3],
    /** 0 no, 1 yes, 2 unknown. */
    permitJoining: [8, 2],
  }),
  depth: u8,
  linkQuality: u8,
});

export type Neighbour = Decoded<typeof Neighbour>;
