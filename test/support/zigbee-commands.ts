import { eui64 } from '../../protocols/codec/eui64.js';
import type { ApsCommand } from '../../protocols/zigbee/aps-command.js';
import { capabilityFromOctet } from '../../protocols/zigbee/capability-information.js';
import type { NwkCommand } from '../../protocols/zigbee/nwk-command.js';
import { bytesOf, type CodecRow } from './codec-table.js';

/**
 * One of every command and message: its octets written by hand, its value, and what tshark's
 * fields must say of it. A field that occurs more than once has its values joined by commas.
 */
export interface CommandRow<T> extends CodecRow<T> {
  readonly shown: { readonly [field: string]: string };
}

/** Print order, and last octet first as on the wire. */
export const hub = eui64('00db1234567890a1');
export const hubWire = 'a190785634 12db00';
export const hubShown = '00:db:12:34:56:78:90:a1';
export const meter = eui64('00db1234567890b2');
export const meterWire = 'b290785634 12db00';
export const meterShown = '00:db:12:34:56:78:90:b2';

const keyWire = '000102030405060708090a0b0c0d0e0f';
const key = bytesOf(keyWire);
const keyShown = keyWire;

const aps = 'zbee_aps.cmd';

export const apsCommandRows: readonly CommandRow<ApsCommand>[] = [
  {
    name: 'transport-key of the network key',
    wire: `05 01 ${keyWire} 07 ${meterWire} ${hubWire}`,
    value: {
      command: 'transport-key',
      keyType: 'network',
      key,
      sequenceNumber: 7,
      destination: meter,
      source: hub,
    },
    shown: {
      [`${aps}.id`]: '0x05',
      [`${aps}.key_type`]: '0x01',
      [`${aps}.key`]: keyShown,
      [`${aps}.seqno`]: '7',
      [`${aps}.dst`]: meterShown,
      [`${aps}.src`]: hubShown,
    },
  },
  {
    name: 'transport-key of a trust centre link key',
    wire: `05 04 ${keyWire} ${meterWire} ${hubWire}`,
    value: {
      command: 'transport-key',
      keyType: 'trust-centre-link',
      key,
      destination: meter,
      source: hub,
    },
    shown: {
      [`${aps}.id`]: '0x05',
      [`${aps}.key_type`]: '0x04',
      [`${aps}.key`]: keyShown,
      [`${aps}.dst`]: meterShown,
      [`${aps}.src`]: hubShown,
    },
  },
  {
    name: 'transport-key of an application link key',
    wire: `05 03 ${keyWire} ${meterWire} 01`,
    value: {
      command: 'transport-key',
      keyType: 'application-link',
      key,
      partner: meter,
      initiator: true,
    },
    shown: {
      [`${aps}.id`]: '0x05',
      [`${aps}.key_type`]: '0x03',
      [`${aps}.key`]: keyShown,
      [`${aps}.partner`]: meterShown,
      [`${aps}.init_flag`]: '1',
    },
  },
  {
    name: 'update-device',
    wire: `06 ${meterWire} 214f 01`,
    value: { command: 'update-device', device: meter, shortAddress: 0x4f21, status: 1 },
    shown: {
      [`${aps}.id`]: '0x06',
      [`${aps}.device`]: meterShown,
      [`${aps}.addr`]: '0x4f21',
      [`${aps}.update_status`]: '0x01',
    },
  },
  {
    name: 'remove-device',
    wire: `07 ${meterWire}`,
    value: { command: 'remove-device', device: meter },
    shown: { [`${aps}.id`]: '0x07', [`${aps}.device`]: meterShown },
  },
  {
    name: 'request-key for a partner',
    wire: `08 02 ${meterWire}`,
    value: { command: 'request-key', keyType: 'application-link', partner: meter },
    shown: {
      [`${aps}.id`]: '0x08',
      [`${aps}.key_type`]: '0x02',
      [`${aps}.partner`]: meterShown,
    },
  },
  {
    name: 'request-key for the trust centre link key',
    wire: '08 04',
    value: { command: 'request-key', keyType: 'trust-centre-link' },
    shown: { [`${aps}.id`]: '0x08', [`${aps}.key_type`]: '0x04' },
  },
  {
    name: 'switch-key',
    wire: '09 08',
    value: { command: 'switch-key', sequenceNumber: 8 },
    shown: { [`${aps}.id`]: '0x09', [`${aps}.seqno`]: '8' },
  },
  {
    name: 'tunnel of a switch-key frame',
    wire: `0e ${meterWire} 01 55 09 08`,
    value: { command: 'tunnel', destination: meter, frame: bytesOf('01550908') },
    shown: {
      [`${aps}.id`]: '0x0e,0x09',
      [`${aps}.dst`]: meterShown,
      [`${aps}.seqno`]: '8',
    },
  },
  {
    name: 'verify-key',
    wire: `0f 04 ${meterWire} ${keyWire}`,
    value: { command: 'verify-key', keyType: 4, source: meter, hash: key },
    shown: {
      [`${aps}.id`]: '0x0f',
      [`${aps}.key_type`]: '0x04',
      [`${aps}.src`]: meterShown,
      [`${aps}.key_hash`]: keyShown,
    },
  },
  {
    name: 'confirm-key',
    wire: `10 00 04 ${meterWire}`,
    value: { command: 'confirm-key', status: 0, keyType: 4, destination: meter },
    shown: {
      [`${aps}.id`]: '0x10',
      [`${aps}.status`]: '0x00',
      [`${aps}.key_type`]: '0x04',
      [`${aps}.dst`]: meterShown,
    },
  },
];

const nwk = 'zbee_nwk.cmd';

export const nwkCommandRows: readonly CommandRow<NwkCommand>[] = [
  {
    name: 'route-request of a concentrator',
    wire: '01 08 05 fcff 02',
    value: {
      command: 'route-request',
      manyToOne: 1,
      multicast: false,
      identifier: 5,
      destination: 0xfffc,
      pathCost: 2,
    },
    shown: {
      [`${nwk}.id`]: '0x01',
      [`${nwk}.route.opts.many2one`]: '0x01',
      [`${nwk}.route.opts.dest_ext`]: '0',
      [`${nwk}.route.id`]: '5',
      [`${nwk}.route.dest`]: '0xfffc',
      [`${nwk}.route.cost`]: '2',
    },
  },
  {
    name: 'route-request to a device',
    wire: `01 20 06 214f 00 ${meterWire}`,
    value: {
      command: 'route-request',
      manyToOne: 0,
      multicast: false,
      identifier: 6,
      destination: 0x4f21,
      pathCost: 0,
      destinationEui: meter,
    },
    shown: {
      [`${nwk}.id`]: '0x01',
      [`${nwk}.route.opts.dest_ext`]: '1',
      [`${nwk}.route.id`]: '6',
      [`${nwk}.route.dest`]: '0x4f21',
      [`${nwk}.route.dest_ext`]: meterShown,
    },
  },
  {
    name: 'route-reply',
    wire: `02 30 06 0000 214f 03 ${hubWire} ${meterWire}`,
    value: {
      command: 'route-reply',
      multicast: false,
      identifier: 6,
      originator: 0,
      responder: 0x4f21,
      pathCost: 3,
      originatorEui: hub,
      responderEui: meter,
    },
    shown: {
      [`${nwk}.id`]: '0x02',
      [`${nwk}.route.id`]: '6',
      [`${nwk}.route.orig`]: '0x0000',
      [`${nwk}.route.resp`]: '0x4f21',
      [`${nwk}.route.cost`]: '3',
      [`${nwk}.route.orig_ext`]: hubShown,
      [`${nwk}.route.resp_ext`]: meterShown,
    },
  },
  {
    name: 'network-status',
    wire: '03 0d 214f',
    value: { command: 'network-status', status: 0x0d, destination: 0x4f21 },
    shown: { [`${nwk}.id`]: '0x03', [`${nwk}.status`]: '0x0d', [`${nwk}.route.dest`]: '0x4f21' },
  },
  {
    name: 'network-status of an unknown command',
    wire: '03 13 214f 0d',
    value: { command: 'network-status', status: 0x13, destination: 0x4f21, unknownCommand: 0x0d },
    shown: {
      [`${nwk}.id`]: '0x03',
      [`${nwk}.status`]: '0x13',
      [`${nwk}.status.unknown_command_id`]: '0x0d',
    },
  },
  {
    name: 'leave, asked of a device that may rejoin',
    wire: '04 60',
    value: { command: 'leave', rejoin: true, request: true, removeChildren: false },
    shown: {
      [`${nwk}.id`]: '0x04',
      [`${nwk}.leave.rejoin`]: '1',
      [`${nwk}.leave.request`]: '1',
      [`${nwk}.leave.children`]: '0',
    },
  },
  {
    name: 'leave, announced with all children',
    wire: '04 80',
    value: { command: 'leave', rejoin: false, request: false, removeChildren: true },
    shown: {
      [`${nwk}.id`]: '0x04',
      [`${nwk}.leave.rejoin`]: '0',
      [`${nwk}.leave.request`]: '0',
      [`${nwk}.leave.children`]: '1',
    },
  },
  {
    name: 'route-record',
    wire: '05 02 1122 3344',
    value: { command: 'route-record', relays: [0x2211, 0x4433] },
    shown: {
      [`${nwk}.id`]: '0x05',
      [`${nwk}.relay_count`]: '2',
      [`${nwk}.relay_device`]: '0x2211,0x4433',
    },
  },
  {
    name: 'rejoin-request of a sleepy device',
    wire: '06 80',
    value: { command: 'rejoin-request', capability: capabilityFromOctet(0x80) },
    shown: {
      [`${nwk}.id`]: '0x06',
      [`${nwk}.cinfo`]: '0x80',
      [`${nwk}.cinfo.ffd`]: '0',
      [`${nwk}.cinfo.on_idle`]: '0',
      [`${nwk}.cinfo.alloc`]: '1',
    },
  },
  {
    name: 'rejoin-response',
    wire: '07 214f 00',
    value: { command: 'rejoin-response', shortAddress: 0x4f21, status: 0 },
    shown: {
      [`${nwk}.id`]: '0x07',
      [`${nwk}.addr`]: '0x4f21',
      [`${nwk}.rejoin_status`]: '0x00',
    },
  },
  {
    name: 'link-status of two neighbours',
    wire: '08 62 214f 31 224f 17',
    value: {
      command: 'link-status',
      firstFrame: true,
      lastFrame: true,
      links: [
        { address: 0x4f21, incomingCost: 1, outgoingCost: 3 },
        { address: 0x4f22, incomingCost: 7, outgoingCost: 1 },
      ],
    },
    shown: {
      [`${nwk}.id`]: '0x08',
      [`${nwk}.link.first`]: '1',
      [`${nwk}.link.last`]: '1',
      [`${nwk}.link.count`]: '2',
      [`${nwk}.link.address`]: '0x4f21,0x4f22',
      [`${nwk}.link.incoming_cost`]: '1,7',
      [`${nwk}.link.outgoing_cost`]: '3,1',
    },
  },
  {
    name: 'network-report of PAN identifiers seen',
    wire: `09 02 ${hubWire} 621a 631a`,
    value: {
      command: 'network-report',
      reportType: 0,
      extendedPanId: hub,
      panIds: [0x1a62, 0x1a63],
    },
    shown: {
      [`${nwk}.id`]: '0x09',
      [`${nwk}.report.type`]: '0x00',
      [`${nwk}.report.count`]: '2',
      [`${nwk}.epid`]: hubShown,
    },
  },
  {
    name: 'network-update to another PAN identifier',
    wire: `0a 01 ${hubWire} 04 641a`,
    value: {
      command: 'network-update',
      updateType: 0,
      extendedPanId: hub,
      updateId: 4,
      panIds: [0x1a64],
    },
    shown: {
      [`${nwk}.id`]: '0x0a',
      [`${nwk}.update.type`]: '0x00',
      [`${nwk}.update.count`]: '1',
      [`${nwk}.update.id`]: '4',
      [`${nwk}.epid`]: hubShown,
    },
  },
  {
    name: 'end-device-timeout-request',
    wire: '0b 08 00',
    value: { command: 'end-device-timeout-request', requestedTimeout: 8, configuration: 0 },
    shown: {
      [`${nwk}.id`]: '0x0b',
      [`${nwk}.ed_tmo_req`]: '8',
      [`${nwk}.ed_config`]: '0x00',
    },
  },
  {
    name: 'end-device-timeout-response',
    wire: '0c 00 03',
    value: {
      command: 'end-device-timeout-response',
      status: 0,
      parentInformation: {
        macDataPollKeepalive: true,
        timeoutRequestKeepalive: true,
        powerNegotiation: false,
      },
    },
    shown: {
      [`${nwk}.id`]: '0x0c',
      [`${nwk}.ed_tmo_rsp_status`]: '0',
      [`${nwk}.ed_prnt_info.mac_data_poll_keepalive`]: '1',
      [`${nwk}.ed_prnt_info.ed_tmo_req_keepalive`]: '1',
    },
  },
];
