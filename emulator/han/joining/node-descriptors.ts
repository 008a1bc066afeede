import type { Eui64 } from '../../../protocols/codec/eui64.js';
import {
  logicalTypes,
  type Neighbour,
  type NodeDescriptor,
  type PowerDescriptor,
} from '../../../protocols/zigbee/zdo/descriptors.js';
import type { FrameNode } from '../stack/frame-node.js';
import { coordinatorAddress, type NodeRole } from '../stack/network-layer.js';
import { capabilityOf } from './capability.js';

const apsBufferOctets = 80;
const transferOctetsMax = 1_500;
const stackRevision = 22;

const logicalTypeOf: Readonly<Record<NodeRole, number>> = {
  coordinator: logicalTypes.coordinator,
  router: logicalTypes.router,
  'end-device': logicalTypes.endDevice,
};

export function nodeDescriptorOf(
  role: NodeRole,
  manufacturerCode: number,
  subGhz: boolean,
): NodeDescriptor {
  const hub = role === 'coordinator';
  return {
    logicalType: logicalTypeOf[role],
    complexDescriptorAvailable: false,
    userDescriptorAvailable: false,
    apsFlags: 0,
    band868MHz: false,
    band900MHz: false,
    band2400MHz: hub || !subGhz,
    bandSubGHz: subGhz,
    macCapability: capabilityOf(role),
    manufacturerCode,
    maximumBufferSize: apsBufferOctets,
    maximumIncomingTransferSize: transferOctetsMax,
    server: {
      primaryTrustCentre: hub,
      backupTrustCentre: false,
      primaryBindingTableCache: false,
      backupBindingTableCache: false,
      primaryDiscoveryCache: false,
      backupDiscoveryCache: false,
      networkManager: hub,
      stackComplianceRevision: stackRevision,
    },
    maximumOutgoingTransferSize: transferOctetsMax,
    descriptorCapability: {
      extendedActiveEndpointListAvailable: false,
      extendedSimpleDescriptorListAvailable: false,
    },
  };
}

/** A node that sleeps runs on a battery, and its radio is on now and then. */
export function powerDescriptorOf(role: NodeRole): PowerDescriptor {
  const battery = role === 'end-device';
  return {
    currentPowerMode: battery ? 1 : 0,
    mainsAvailable: !battery,
    rechargeableBatteryAvailable: false,
    disposableBatteryAvailable: battery,
    onMains: !battery,
    onRechargeableBattery: false,
    onDisposableBattery: battery,
    currentPowerLevel: 12,
  };
}

const unknownDeviceType = 3;
const no = 0;
const yes = 1;
const unknown = 2;
const relationships = { parent: 0, child: 1, sibling: 2 } as const;

/** The neighbour table of a node: in a star the hub has children, and everybody else has the hub. */
export function neighboursOf(node: FrameNode): Neighbour[] {
  const { network } = node;
  return [...network.addresses.entries()].map(([eui, address]) =>
    node.role === 'coordinator' ? childRow(node, eui, address) : peerRow(node, eui, address),
  );
}

function childRow(node: FrameNode, ieeeAddress: Eui64, nwkAddress: number): Neighbour {
  const sleepy = node.network.isSleepyChild(nwkAddress);
  return {
    ...rowOf(node, ieeeAddress, nwkAddress),
    deviceType: sleepy ? logicalTypes.endDevice : logicalTypes.router,
    receiverOnWhenIdle: sleepy ? no : yes,
    relationship: relationships.child,
    permitJoining: no,
    depth: 1,
  };
}

function peerRow(node: FrameNode, ieeeAddress: Eui64, nwkAddress: number): Neighbour {
  const hub = nwkAddress === coordinatorAddress;
  return {
    ...rowOf(node, ieeeAddress, nwkAddress),
    deviceType: hub ? logicalTypes.coordinator : unknownDeviceType,
    receiverOnWhenIdle: hub ? yes : unknown,
    relationship: hub ? relationships.parent : relationships.sibling,
    permitJoining: unknown,
    depth: hub ? 0 : 1,
  };
}

function rowOf(node: FrameNode, ieeeAddress: Eui64, nwkAddress: number) {
  const extendedPanId = node.network.network?.extendedPanId ?? node.eui;
  const linkQuality = node.mac.neighbour(nwkAddress)?.lqi ?? 0;
  return { extendedPanId, ieeeAddress, nwkAddress, linkQuality };
}
