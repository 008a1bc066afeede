import { CapabilityInformation } from '../capability-information.js';
import { flag, ieeeAddress, list, u8, u16 } from '../fields.js';
import { leftOff, presentFor, type RecordCodec, record, spread, variant } from '../record.js';
import {
  ChannelMask,
  CountedSimpleDescriptor,
  Neighbour,
  NodeDescriptor,
  PowerDescriptor,
} from './descriptors.js';
import { AssociatedDevices, onSuccess } from './responses.js';

/** Scan durations of Mgmt_NWK_Update_req that are none, but say what else to do. */
export const nwkUpdateDurations = { changeChannel: 0xfe, changeParameters: 0xff } as const;

/** Up to this a scan duration is one: an exponent of the superframe length. */
const scanDurationMax = 5;

const update = {
  /** Up to 5 a scan of that exponent, or one of `nwkUpdateDurations`. */
  scanDuration: u8,
  scanCount: presentFor('scanDuration', (duration) => Number(duration) <= scanDurationMax, u8),
  nwkUpdateId: presentFor(
    'scanDuration',
    (duration) => Number(duration) >= nwkUpdateDurations.changeChannel,
    u8,
  ),
  nwkManagerAddress: presentFor(
    'scanDuration',
    (duration) => duration === nwkUpdateDurations.changeParameters,
    u16,
  ),
};

const updateNotify = record({
  status: u8,
  scannedChannels: ChannelMask,
  totalTransmissions: u16,
  transmissionFailures: u16,
  /** One for each scanned channel, lowest first. */
  energyValues: list(u8),
});

const addressResponse = record({
  status: u8,
  ieeeAddress,
  nwkAddress: u16,
  /** Only in answer to an extended request. */
  associatedDevices: leftOff(AssociatedDevices),
});

const binding = record({
  sourceAddress: ieeeAddress,
  sourceEndpoint: u8,
  clusterId: u16,
  destination: variant('mode', 'binding address mode', {
    group: { id: 1, fields: record({ groupAddress: u16 }) },
    device: { id: 3, fields: record({ address: ieeeAddress, endpoint: u8 }) },
  }),
});

const ofInterest = record({ nwkAddressOfInterest: u16 });
const statusOnly = record({ status: u8 });

/** Request type 0 is the device alone, 1 extended by the devices associated with it. */
const addressRequest = { requestType: u8, startIndex: u8 };

const endpointsResponse = record({
  status: u8,
  nwkAddressOfInterest: u16,
  endpoints: list(u8),
});

/**
 * The messages of the ZigBee Device Profile by their name in the standard: cluster and what follows
 * the transaction sequence number.
 *
 * @see zigbee.md 1, device-behaviour.md 2.6
 */
export const zdoMessages = {
  NWK_addr_req: { clusterId: 0x0000, fields: record({ ieeeAddress, ...addressRequest }) },
  IEEE_addr_req: {
    clusterId: 0x0001,
    fields: record({ nwkAddressOfInterest: u16, ...addressRequest }),
  },
  Node_Desc_req: { clusterId: 0x0002, fields: ofInterest },
  Power_Desc_req: { clusterId: 0x0003, fields: ofInterest },
  Simple_Desc_req: {
    clusterId: 0x0004,
    fields: record({ nwkAddressOfInterest: u16, endpoint: u8 }),
  },
  Active_EP_req: { clusterId: 0x0005, fields: ofInterest },
  Match_Desc_req: {
    clusterId: 0x0006,
    fields: record({
      nwkAddressOfInterest: u16,
      profileId: u16,
      inputClusters: list(u16),
      outputClusters: list(u16),
    }),
  },
  Device_annce: {
    clusterId: 0x0013,
    fields: record({ nwkAddress: u16, ieeeAddress, capability: CapabilityInformation }),
  },
  Parent_annce: { clusterId: 0x001f, fields: record({ children: list(ieeeAddress) }) },
  Bind_req: { clusterId: 0x0021, fields: binding },
  Unbind_req: { clusterId: 0x0022, fields: binding },
  Mgmt_Lqi_req: { clusterId: 0x0031, fields: record({ startIndex: u8 }) },
  Mgmt_Leave_req: {
    clusterId: 0x0034,
    /** All zeros: the device addressed itself. */
    fields: record({
      deviceAddress: ieeeAddress,
      flags: spread(1, { removeChildren: 6, rejoin: 7 }),
    }),
  },
  Mgmt_Permit_Joining_req: {
    clusterId: 0x0036,
    /** Seconds: 0 closes; FF is for good up to revision 20, and as 254 from 21 on [mem]. */
    fields: record({ permitDurationS: u8, trustCentreSignificance: flag }),
  },
  Mgmt_NWK_Update_req: {
    clusterId: 0x0038,
    fields: record({ scanChannels: ChannelMask, ...update }),
  },
  Mgmt_NWK_Enhanced_Update_req: {
    clusterId: 0x0039,
    /** A mask for each channel page. */
    fields: record({ scanChannels: list(ChannelMask), ...update }),
  },
  NWK_addr_rsp: { clusterId: 0x8000, fields: addressResponse },
  IEEE_addr_rsp: { clusterId: 0x8001, fields: addressResponse },
  Node_Desc_rsp: {
    clusterId: 0x8002,
    fields: record({
      status: u8,
      nwkAddressOfInterest: u16,
      nodeDescriptor: onSuccess(NodeDescriptor),
    }),
  },
  Power_Desc_rsp: {
    clusterId: 0x8003,
    fields: record({
      status: u8,
      nwkAddressOfInterest: u16,
      powerDescriptor: onSuccess(PowerDescriptor),
    }),
  },
  Simple_Desc_rsp: {
    clusterId: 0x8004,
    fields: record({
      status: u8,
      nwkAddressOfInterest: u16,
      simpleDescriptor: CountedSimpleDescriptor,
    }),
  },
  Active_EP_rsp: { clusterId: 0x8005, fields: endpointsResponse },
  Match_Desc_rsp: { clusterId: 0x8006, fields: endpointsResponse },
  Parent_annce_rsp: {
    clusterId: 0x801f,
    fields: record({ status: u8, children: list(ieeeAddress) }),
  },
  Bind_rsp: { clusterId: 0x8021, fields: statusOnly },
  Unbind_rsp: { clusterId: 0x8022, fields: statusOnly },
  Mgmt_Lqi_rsp: {
    clusterId: 0x8031,
    fields: record({
      status: u8,
      neighbourTable: onSuccess(
        record({ totalEntries: u8, startIndex: u8, neighbours: list(Neighbour) }),
      ),
    }),
  },
  Mgmt_Leave_rsp: { clusterId: 0x8034, fields: statusOnly },
  Mgmt_Permit_Joining_rsp: { clusterId: 0x8036, fields: statusOnly },
  Mgmt_NWK_Update_notify: { clusterId: 0x8038, fields: updateNotify },
  Mgmt_NWK_Enhanced_Update_notify: { clusterId: 0x8039, fields: updateNotify },
  Mgmt_NWK_Unsolicited_Enhanced_Update_notify: {
    clusterId: 0x803b,
    fields: record({
      status: u8,
      channelInUse: ChannelMask,
      totalTransmissions: u16,
      transmissionFailures: u16,
      transmissionRetries: u16,
      /** Minutes over which these were counted. */
      periodMinutes: u8,
    }),
  },
} as const satisfies {
  readonly [name: string]: {
    readonly clusterId: number;
    readonly fields: RecordCodec<never> | RecordCodec<unknown>;
  };
};
