import { beforeAll, describe, expect, it } from 'vitest';
import { encodeWith } from '../../protocols/codec/codec.js';
import { ApsCommand } from '../../protocols/zigbee/aps-command.js';
import { encodeZigbeeFrame, type ZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { NwkCommand } from '../../protocols/zigbee/nwk-command.js';
import { encodeZdo, zdoEndpoint, zdoProfileId } from '../../protocols/zigbee/zdo/zdo.js';
import { linkTypeIeee802154, pcapOf } from '../support/pcap.js';
import { dissect, tsharkAvailable } from '../support/tshark.js';
import { zdoRows } from '../support/zdo-messages.js';
import { apsCommandRows, nwkCommandRows } from '../support/zigbee-commands.js';

const mac: ZigbeeFrame['mac'] = {
  type: 'data',
  framePending: false,
  acknowledgmentRequest: false,
  version: 0,
  sequenceNumber: 1,
  panIdCompression: true,
  destinationPanId: 0x1a62,
  sourcePanId: 0x1a62,
  destination: 0x4f21,
  source: 0x0000,
};

function frame(type: 'data' | 'command', aps: ZigbeeFrame['aps'], payload: Uint8Array): Uint8Array {
  return encodeZigbeeFrame({
    mac,
    nwk: {
      type,
      discoverRoute: 0,
      endDeviceInitiator: false,
      destination: 0x4f21,
      source: 0x0000,
      radius: 30,
      sequenceNumber: 7,
      destinationEui: undefined,
      sourceEui: undefined,
      sourceRoute: undefined,
      auxiliaryHeader: undefined,
    },
    aps,
    payload,
  }).slice();
}

/** Its table of status codes ends before this one, though it dissects what follows it. */
const statusUnnamed = 'Unknown Status Code, Unknown Command ID 0x0d (Link Power Delta)';

const apsBase = {
  delivery: 'unicast',
  acknowledgmentRequest: false,
  auxiliaryHeader: undefined,
} as const;

interface Sample {
  readonly name: string;
  readonly frame: Uint8Array;
  readonly shown: { readonly [field: string]: string };
}

/** Unsecured, so that tshark needs no key. */
const samples: readonly Sample[] = [
  ...apsCommandRows.map(({ name, value, shown }, counter) => ({
    name,
    shown,
    frame: frame('data', { type: 'command', ...apsBase, counter }, encodeWith(ApsCommand, value)),
  })),
  ...nwkCommandRows.map(({ name, value, shown }) => ({
    name,
    shown,
    frame: frame('command', undefined, encodeWith(NwkCommand, value)),
  })),
  ...zdoRows.map(({ name, clusterId, value, shown }, counter) => ({
    name,
    shown,
    frame: frame(
      'data',
      {
        type: 'data',
        ...apsBase,
        destinationEndpoint: zdoEndpoint,
        sourceEndpoint: zdoEndpoint,
        clusterId,
        profileId: zdoProfileId,
        counter,
        fragment: undefined,
      },
      encodeZdo(value),
    ),
  })),
];

describe.skipIf(!tsharkAvailable)('tshark on APS commands, NWK commands and ZDO messages', () => {
  const fields = [...new Set(samples.flatMap(({ shown }) => Object.keys(shown)))];
  let capture: Uint8Array;
  let rows: string[][];

  beforeAll(() => {
    capture = pcapOf(
      samples.map((sample) => sample.frame),
      linkTypeIeee802154,
    );
    rows = dissect(capture, ['_ws.col.Info', 'data.data', ...fields]);
  });

  it('finds nothing malformed and nothing to remark on', () => {
    const marked = '_ws.malformed || _ws.expert';
    expect(dissect(capture, ['frame.number', '_ws.expert'], marked)).toEqual([]);
    expect(rows).toHaveLength(samples.length);
  });

  it('knows every one of them, and leaves no octet over', () => {
    const odd = rows.flatMap(([info, data], index) =>
      data !== '' || /unknown|unrecognized/i.test((info ?? '').replace(statusUnnamed, ''))
        ? [`${samples[index]?.name}: ${info}: ${data}`]
        : [],
    );
    expect(odd).toEqual([]);
  });

  it.each(samples.map((sample, index) => ({ ...sample, index })))(
    'reads what we put in $name',
    ({ shown, index }) => {
      const read = Object.fromEntries(
        Object.keys(shown).map((field) => [field, rows[index]?.[fields.indexOf(field) + 2]]),
      );
      expect(read).toEqual(shown);
    },
  );
});
