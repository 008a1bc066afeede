import { encodeZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { linkTypeIeee802154, pcapOf } from './pcap.js';
import type { RecordedFrame } from './test-home.js';

/** ZCL frames that a `TestHome` recorded, each in plain MAC, network and APS headers, for tshark to read. */
export function pcapOfZcl(frames: readonly RecordedFrame[]): Uint8Array {
  const shortAddresses = new Map<string, number>();
  const shortAddressOf = (entity: string): number => {
    const known = shortAddresses.get(entity) ?? 0x1001 + shortAddresses.size;
    shortAddresses.set(entity, known);
    return known;
  };
  const psdus = frames.map(({ from, to, clusterId, frame }, index) => {
    const source = shortAddressOf(from);
    const destination = shortAddressOf(to);
    return encodeZigbeeFrame({
      mac: {
        type: 'data',
        framePending: false,
        acknowledgmentRequest: false,
        version: 0,
        sequenceNumber: index & 0xff,
        panIdCompression: true,
        destinationPanId: 0x1a62,
        sourcePanId: 0x1a62,
        destination,
        source,
      },
      nwk: {
        type: 'data',
        discoverRoute: 0,
        endDeviceInitiator: false,
        destination,
        source,
        radius: 30,
        sequenceNumber: index & 0xff,
        destinationEui: undefined,
        sourceEui: undefined,
        sourceRoute: undefined,
        auxiliaryHeader: undefined,
      },
      aps: {
        type: 'data',
        delivery: 'unicast',
        acknowledgmentRequest: false,
        destinationEndpoint: 1,
        clusterId,
        profileId: 0x0109,
        sourceEndpoint: 1,
        counter: index & 0xff,
        fragment: undefined,
        auxiliaryHeader: undefined,
      },
      payload: frame,
    }).slice();
  });
  return pcapOf(psdus, linkTypeIeee802154);
}
