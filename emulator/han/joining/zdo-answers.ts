import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { SimpleDescriptor } from '../../../protocols/zigbee/zdo/descriptors.js';
import { zdoStatuses } from '../../../protocols/zigbee/zdo/responses.js';
import type { ZdoFields, ZdoName } from '../../../protocols/zigbee/zdo/zdo.js';
import type { FrameNode } from '../stack/frame-node.js';
import { coordinatorAddress, type NwkOrigin, noShortAddress } from '../stack/network-layer.js';
import { neighboursOf, nodeDescriptorOf, powerDescriptorOf } from './node-descriptors.js';

/** What the answers are about. */
export interface ZdoSubject {
  readonly node: FrameNode;
  /** Of all entities on the radio. */
  readonly endpoints: readonly SimpleDescriptor[];
  /** 0 where left out. */
  readonly manufacturerCode?: number;
  /** The radio works (also) in Great Britain's sub-GHz bands. */
  readonly subGhz?: boolean;
}

export type ZdoAnswer = {
  [N in ZdoName]: { readonly name: N; readonly fields: ZdoFields<N> };
}[ZdoName];

/** Undefined: the request is not for this node to answer. */
type Answerer<N extends ZdoName> = (
  subject: ZdoSubject,
  fields: ZdoFields<N>,
  origin: NwkOrigin,
) => ZdoAnswer | undefined;

const { success, deviceNotFound, invalidRequestType, notAuthorised, notSupported } = zdoStatuses;
const { invalidEndpoint, notActive } = zdoStatuses;

/** Rows of a neighbour table that fit a frame with their header. */
const neighboursPerResponse = 3;

const requestTypeMax = 1;
const endpointMax = 0xf0;
const noEui = '0000000000000000' as Eui64;

function addressAnswer(
  name: 'NWK_addr_rsp' | 'IEEE_addr_rsp',
  status: number,
  ieeeAddress: Eui64,
  nwkAddress: number,
): ZdoAnswer {
  return { name, fields: { status, ieeeAddress, nwkAddress, associatedDevices: undefined } };
}

/** This node's own short address or, at the hub, that of a child which sleeps. */
function shortOf({ node }: ZdoSubject, eui: Eui64): number | undefined {
  if (eui === node.eui) return node.mac.shortAddress;
  if (node.role !== 'coordinator') return undefined;
  const short = node.network.addresses.shortOf(eui);
  return short !== undefined && node.network.isSleepyChild(short) ? short : undefined;
}

function euiOf({ node }: ZdoSubject, short: number): Eui64 | undefined {
  if (short === node.mac.shortAddress) return node.eui;
  return node.role === 'coordinator' ? node.network.addresses.euiOf(short) : undefined;
}

function isOurs({ node }: ZdoSubject, nwkAddressOfInterest: number): boolean {
  return nwkAddressOfInterest === node.mac.shortAddress;
}

function matching(
  endpoints: readonly SimpleDescriptor[],
  { profileId, inputClusters, outputClusters }: ZdoFields<'Match_Desc_req'>,
): number[] {
  const matches = (one: SimpleDescriptor) =>
    one.profileId === profileId &&
    (inputClusters.some((id) => one.inputClusters.includes(id)) ||
      outputClusters.some((id) => one.outputClusters.includes(id)));
  return endpoints.filter(matches).map(({ endpoint }) => endpoint);
}

/** Every node answers by this one table; what it has no row for is not answered. */
export const zdoAnswers: { readonly [N in ZdoName]?: Answerer<N> } = {
  NWK_addr_req(subject, { ieeeAddress, requestType }, { broadcast }) {
    const short = shortOf(subject, ieeeAddress);
    if (short === undefined) {
      if (broadcast) return undefined;
      return addressAnswer('NWK_addr_rsp', deviceNotFound, ieeeAddress, noShortAddress);
    }
    const status = requestType > requestTypeMax ? invalidRequestType : success;
    return addressAnswer('NWK_addr_rsp', status, ieeeAddress, short);
  },
  IEEE_addr_req(subject, { nwkAddressOfInterest, requestType }) {
    const eui = euiOf(subject, nwkAddressOfInterest);
    if (eui === undefined) {
      return addressAnswer('IEEE_addr_rsp', deviceNotFound, noEui, nwkAddressOfInterest);
    }
    const status = requestType > requestTypeMax ? invalidRequestType : success;
    return addressAnswer('IEEE_addr_rsp', status, eui, nwkAddressOfInterest);
  },
  Node_Desc_req(subject, { nwkAddressOfInterest }) {
    const ours = isOurs(subject, nwkAddressOfInterest);
    const { node, manufacturerCode = 0, subGhz = false } = subject;
    const nodeDescriptor = ours ? nodeDescriptorOf(node.role, manufacturerCode, subGhz) : undefined;
    const status = ours ? success : deviceNotFound;
    return { name: 'Node_Desc_rsp', fields: { status, nwkAddressOfInterest, nodeDescriptor } };
  },
  Power_Desc_req(subject, { nwkAddressOfInterest }) {
    const ours = isOurs(subject, nwkAddressOfInterest);
    const powerDescriptor = ours ? powerDescriptorOf(subject.node.role) : undefined;
    const status = ours ? success : deviceNotFound;
    return { name: 'Power_Desc_rsp', fields: { status, nwkAddressOfInterest, powerDescriptor } };
  },
  Simple_Desc_req(subject, { nwkAddressOfInterest, endpoint }) {
    const ours = isOurs(subject, nwkAddressOfInterest);
    const found = subject.endpoints.find((one) => one.endpoint === endpoint);
    const valid = endpoint > 0 && endpoint <= endpointMax;
    const simpleDescriptor = ours && valid ? found : undefined;
    const missing = !ours ? deviceNotFound : valid ? notActive : invalidEndpoint;
    const status = simpleDescriptor === undefined ? missing : success;
    return { name: 'Simple_Desc_rsp', fields: { status, nwkAddressOfInterest, simpleDescriptor } };
  },
  Active_EP_req(subject, { nwkAddressOfInterest }) {
    const ours = isOurs(subject, nwkAddressOfInterest);
    const endpoints = ours ? subject.endpoints.map(({ endpoint }) => endpoint) : [];
    const status = ours ? success : deviceNotFound;
    return { name: 'Active_EP_rsp', fields: { status, nwkAddressOfInterest, endpoints } };
  },
  Match_Desc_req(subject, fields, { broadcast }) {
    const { node } = subject;
    if (!broadcast && !isOurs(subject, fields.nwkAddressOfInterest)) {
      const { nwkAddressOfInterest } = fields;
      return {
        name: 'Match_Desc_rsp',
        fields: { status: deviceNotFound, nwkAddressOfInterest, endpoints: [] },
      };
    }
    const endpoints = matching(subject.endpoints, fields);
    // Nobody wants to hear from everybody who has nothing to offer.
    if (broadcast && endpoints.length === 0) return undefined;
    const nwkAddressOfInterest = node.mac.shortAddress;
    return {
      name: 'Match_Desc_rsp',
      fields: { status: success, nwkAddressOfInterest, endpoints },
    };
  },
  Bind_req: () => ({ name: 'Bind_rsp', fields: { status: notSupported } }),
  Unbind_req: () => ({ name: 'Unbind_rsp', fields: { status: notSupported } }),
  Mgmt_Lqi_req({ node }, { startIndex }) {
    const rows = neighboursOf(node);
    const neighbours = rows.slice(startIndex, startIndex + neighboursPerResponse);
    const neighbourTable = { totalEntries: rows.length, startIndex, neighbours };
    return { name: 'Mgmt_Lqi_rsp', fields: { status: success, neighbourTable } };
  },
  Mgmt_Leave_req({ node }, { deviceAddress }, { source, broadcast }) {
    if (broadcast) return undefined;
    const ours = deviceAddress === node.eui || deviceAddress === noEui;
    const allowed = source === coordinatorAddress && node.role !== 'coordinator';
    const status = !allowed ? notAuthorised : ours ? success : deviceNotFound;
    return { name: 'Mgmt_Leave_rsp', fields: { status } };
  },
  /** Only the device log opens a home. */
  Mgmt_Permit_Joining_req: (_subject, _fields, { broadcast }) =>
    broadcast ? undefined : { name: 'Mgmt_Permit_Joining_rsp', fields: { status: notAuthorised } },
};
