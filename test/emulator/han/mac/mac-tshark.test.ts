import { describe, expect, it } from 'vitest';
import type { HeardBeacon } from '../../../../emulator/han/mac/mac-scan.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { bytesOf } from '../../../support/codec-table.js';
import { linkTypeIeee802154, pcapOf } from '../../../support/pcap.js';
import {
  channel20,
  displayEui,
  hubEui,
  meterEui,
  ToyMedium,
  toyHub,
  toyJoined,
  toyNode,
} from '../../../support/toy-medium.js';
import { dissect, tsharkAvailable } from '../../../support/tshark.js';

const wrong = '_ws.malformed || _ws.expert';

/** Read attribute 0000 of the Metering cluster, in the clear. */
const toMeter = bytesOf('0800 214f 0000 1e07 00 01 0207 0901 01 05 000100 0000');
const toHub = bytesOf('0800 0000 214f 1e08 00 01 0207 0901 01 06 000200 0000');
const toAll = bytesOf('0800 fdff 0000 1e09 08 01 0207 0901 01 07 000300 0000');

/** Frames of a scan, an association, a poll with two frames waiting, and data of every kind. */
function airOfAHome(): Uint8Array[] {
  const medium = new ToyMedium();
  const hub = toyHub(medium);
  const meter = toyNode(medium, meterEui);
  toyJoined(medium, displayEui, 0xc354);
  let target: HeardBeacon | undefined;
  meter.mac.scan([channel20], 0, (heard) => {
    target = heard[0];
  });
  medium.run(300);
  meter.mac.associate(target as HeardBeacon, 0x8e, medium.nowMs, () => undefined);
  medium.run(1_000);
  meter.mac.rxOnWhenIdle = false;
  for (let i = 0; i < 2; i++) hub.mac.send(0x4f21, toMeter, true, medium.nowMs);
  for (let i = 0; i < 3; i++) {
    meter.mac.poll(medium.nowMs, () => undefined);
    medium.run(100);
  }
  meter.mac.send(0x0000, toHub, false, medium.nowMs);
  medium.run(100);
  hub.mac.send(0xffff, toAll, false, medium.nowMs);
  hub.mac.send(displayEui, toMeter, false, medium.nowMs);
  medium.run(100);
  return medium.frames.map(({ psdu }) => psdu);
}

describe.skipIf(!tsharkAvailable)('tshark reads the MAC of a home', () => {
  const frames = airOfAHome();
  const pcap = pcapOf(frames, linkTypeIeee802154);

  it('without objecting to any frame', () => {
    expect(frames).toHaveLength(23);
    expect(dissect(pcap, ['frame.number', '_ws.expert.message'], wrong)).toEqual([]);
    const info = dissect(pcap, ['_ws.col.Info']).flat();
    expect(info.filter((line) => /unknown/i.test(line))).toEqual([]);
  });

  it('and objects to a broken one', () => {
    const broken = frames.map((psdu) => psdu.slice());
    const request = broken.find((psdu) => psdu.length === 19) as Uint8Array;
    request[17] = 0x1f;
    expect(dissect(pcapOf(broken, linkTypeIeee802154), ['frame.number'], wrong)).toHaveLength(1);
  });

  it('field by field as it was meant', () => {
    const rows = dissect(pcap, [
      'wpan.frame_type',
      'wpan.ack_request',
      'wpan.pending',
      'wpan.seq_no',
      'wpan.dst_pan',
      'wpan.dst16',
      'wpan.dst64',
      'wpan.src16',
      'wpan.src64',
      'wpan.cmd',
    ]);
    const flag = (octet: number, bit: number) => (octet & bit ? '1' : '0');
    for (const [index, [type, ack, pending, sequence]] of rows.entries()) {
      const psdu = frames[index] as Uint8Array;
      const control = psdu[0] as number;
      expect(type).toBe(
        `0x${toHex(Uint8Array.of(control & 7))}`.replace('0x0', '0x000').slice(0, 6),
      );
      expect([ack, pending]).toEqual([flag(control, 0x20), flag(control, 0x10)]);
      expect(Number(sequence)).toBe(psdu[2]);
    }
    const colons = (eui: string) => eui.match(/../g)?.join(':') ?? '';
    const commands = rows.filter((row) => row[9] !== '').map((row) => row.slice(4));
    expect(commands).toEqual([
      ['0xffff', '0xffff', '', '', '', '0x07'],
      ['0x1a62', '0x0000', '', '', colons(meterEui), '0x01'],
      ['0x1a62', '0x0000', '', '', colons(meterEui), '0x04'],
      ['0x1a62', '', colons(meterEui), '', colons(hubEui), '0x02'],
      ...Array.from({ length: 3 }, () => [
        '0x1a62',
        '0x0000',
        '',
        '0x4f21',
        colons(meterEui),
        '0x04',
      ]),
    ]);
    const data = rows.filter((row) => row[1] !== undefined && row[0]?.endsWith('1'));
    expect(data.map((row) => row.slice(4, 9))).toEqual([
      ['0x1a62', '0x4f21', '', '0x0000', ''],
      ['0x1a62', '0x4f21', '', '0x0000', ''],
      ['0x1a62', '0x0000', '', '0x4f21', colons(meterEui)],
      ['0x1a62', '0xffff', '', '0x0000', ''],
      ['0x1a62', '', colons(displayEui), '0x0000', ''],
    ]);
  });

  it('down to capability, answer and beacon', () => {
    const capability = ['device_type', 'power_src', 'idle_rx', 'sec_capable', 'alloc_addr'];
    const request = capability.map((name) => `wpan.cinfo.${name}`);
    expect(dissect(pcap, request, 'wpan.cmd == 1')).toEqual([['1', '1', '1', '0', '1']]);
    const response = ['wpan.asoc.addr', 'wpan.assoc.status'];
    expect(dissect(pcap, response, 'wpan.cmd == 2')).toEqual([['0x4f21', '0x00']]);
    const beacon = ['wpan.src_pan', 'wpan.src16', 'wpan.bcn_coord', 'wpan.assoc_permit'];
    const payload = ['zbee_beacon.profile', 'zbee_beacon.version', 'zbee_beacon.ext_panid'];
    expect(dissect(pcap, [...beacon, ...payload], 'wpan.frame_type == 0')).toEqual([
      ['0x1a62', '0x0000', '1', '1', '0x0002', '2', hubEui.match(/../g)?.join(':')],
    ]);
    expect(dissect(pcap, ['zbee_nwk.seqno'], 'zbee_nwk').flat()).toEqual(['7', '7', '8', '9']);
  });
});
