import { beforeAll, describe, expect, it } from 'vitest';
import { GasHubTunnel, GasMeterTunnel } from '../../emulator/han/gas-tunnel.js';
import { Tunnel } from '../../emulator/han/tunnel.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { concatBytes, fromHex, toHex } from '../../protocols/codec/hex.js';
import { bytesOf } from '../support/codec-table.js';
import { euis, type HomeEntity, hanHome, shortAddresses } from '../support/han-home.js';
import { linkTypeIeee802154, pcapOf } from '../support/pcap.js';
import { dissect, dissectOctets, tsharkAvailable } from '../support/tshark.js';

const names = Object.keys(euis) as HomeEntity[];
const endpointOf: Readonly<Record<HomeEntity, number>> = {
  gpf: 1,
  chf: 3,
  esme: 1,
  gsme: 1,
  ppmid: 1,
  ihd: 1,
};

/**
 * A whole signed message with a payload of `length` octets that is a DLMS access request in name
 * only.
 */
function gbcsMessage(counter: number, originator: Eui64, recipient: Eui64, length: number) {
  const payload = concatBytes(bytesOf('d92000000000 00'), new Uint8Array(length).fill(counter));
  const size = payload.length;
  return concatBytes(
    bytesOf('df 09 01 00000000000000'),
    Uint8Array.of(counter),
    bytesOf('08'),
    fromHex(originator),
    bytesOf('08'),
    fromHex(recipient),
    bytesOf('00 02 0062'),
    size < 0x80 ? Uint8Array.of(size) : Uint8Array.of(0x82, size >> 8, size & 0xff),
    payload,
    bytesOf('40'),
    new Uint8Array(64).fill(counter),
  );
}

interface Sent {
  readonly from: HomeEntity;
  readonly to: HomeEntity;
  readonly clusterId: number;
  readonly frames: number;
}

interface Tunnelled {
  readonly message: string;
  readonly counter: number;
  readonly originator: Eui64;
  readonly recipient: Eui64;
  /** With ZCL header, tunnel id and what the gas meter's tunnel puts in front. */
  readonly zclOctets: number;
}

const hex16 = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;

describe.skipIf(!tsharkAvailable)('tshark on the frames of a home', () => {
  const home = hanHome();
  const sent: Sent[] = [];
  /** What each end of a tunnel received, in sending order. */
  const tunnelled: Tunnelled[] = [];
  const messagesIn: string[] = [];
  let capture: Uint8Array;

  function record(from: HomeEntity, to: HomeEntity, clusterId: number, action: () => void): void {
    const before = home.frames.length;
    action();
    sent.push({ from, to, clusterId, frames: home.frames.length - before });
  }

  function exchange(
    from: HomeEntity,
    to: HomeEntity,
    prefixOctets: number,
    send: (message: Uint8Array) => unknown,
  ): void {
    for (const length of [20, 150, 700, 1200]) {
      const counter = tunnelled.length + 1;
      const message = gbcsMessage(counter, euis[from], euis[to], length);
      const [originator, recipient] = [euis[from], euis[to]];
      const zclOctets = 5 + prefixOctets + message.length;
      tunnelled.push({ message: toHex(message), counter, originator, recipient, zclOctets });
      record(from, to, 0x0704, () => expect(send(message)).toBe('sent'));
    }
  }

  beforeAll(() => {
    const take = (message: Uint8Array) => messagesIn.push(toHex(message));
    for (const from of names) {
      for (const to of names) {
        if (from === to || shortAddresses[from] === shortAddresses[to]) continue;
        // Read Attributes: total and power, the time; then GetCurrentPrice.
        const { [from]: entity } = home.entities;
        record(from, to, 0x0702, () => entity.sendZcl(euis[to], 0x0702, bytesOf('00010000000004')));
        record(from, to, 0x000a, () => entity.sendZcl(euis[to], 0x000a, bytesOf('0002000000')));
        record(from, to, 0x0700, () => entity.sendZcl(euis[to], 0x0700, bytesOf('01030000')));
      }
    }
    for (const device of ['esme', 'ppmid'] as const) {
      const { chf, [device]: entity } = home.entities;
      const client = new Tunnel({ entity: chf, peer: euis[device], role: 'client' });
      const server = new Tunnel({ entity, peer: euis.chf, role: 'server', tunnelId: 0x1234 });
      client.onMessage = take;
      server.onMessage = take;
      const before = home.frames.length;
      client.request();
      expect(home.frames.length - before).toBe(2);
      sent.push({ from: 'chf', to: device, clusterId: 0x0704, frames: 1 });
      sent.push({ from: device, to: 'chf', clusterId: 0x0704, frames: 1 });
      exchange('chf', device, 0, (message) => client.send(message));
      exchange(device, 'chf', 0, (message) => server.send(message));
    }
    const { chf, gsme } = home.entities;
    const terms = { tunnelId: 9, open: true };
    const hub = new GasHubTunnel(
      new Tunnel({ entity: chf, peer: euis.gsme, role: 'server', ...terms }),
    );
    const meter = new GasMeterTunnel(
      new Tunnel({ entity: gsme, peer: euis.chf, role: 'client', ...terms }),
    );
    hub.onMessage = take;
    meter.onMessage = take;
    exchange('chf', 'gsme', 2, (message) => hub.send(message));
    exchange('gsme', 'chf', 1, (message) => meter.send(message));
    capture = pcapOf(home.frames, linkTypeIeee802154);
  });

  it('finds nothing malformed and nothing to remark on', () => {
    expect(home.frames.length).toBeGreaterThan(200);
    expect(dissect(capture, ['frame.number', '_ws.expert'], '_ws.malformed || _ws.expert')).toEqual(
      [],
    );
  });

  it('recognises every frame as Smart Energy data, with nothing unknown', () => {
    const rows = dissect(capture, ['zbee_aps.profile', 'zbee_aps.type', '_ws.col.Info']);
    expect(rows).toHaveLength(home.frames.length);
    for (const [profile, type, info] of rows) {
      expect([profile, type]).toEqual(['0x0109', '0x00']);
      expect(info).not.toMatch(/Unknown/);
    }
  });

  it('reads the addresses, endpoints, clusters and numbers we sent', () => {
    const rows = dissect(capture, [
      'wpan.dst_pan',
      'wpan.src16',
      'wpan.dst16',
      'zbee_nwk.src',
      'zbee_nwk.dst',
      'zbee_nwk.radius',
      'zbee_aps.src',
      'zbee_aps.dst',
      'zbee_aps.cluster',
      'wpan.fcf',
      'zbee_nwk.fcf',
    ]);
    const expected = sent.flatMap(({ from, to, clusterId, frames }) => {
      const [source, destination] = [shortAddresses[from], shortAddresses[to]].map(hex16);
      const ends = [String(endpointOf[from]), String(endpointOf[to])];
      const row = ['0x1a62', source, destination, source, destination, '30', ...ends];
      return Array.from({ length: frames }, () => [...row, hex16(clusterId), '0x8841', '0x0008']);
    });
    expect(rows).toEqual(expected);
  });

  it('counts sequence numbers and APS counters the same way', () => {
    const last = new Map<string, { mac: number; nwk: number }>();
    const fields = ['wpan.src16', 'wpan.seq_no', 'zbee_nwk.seqno'];
    for (const [source, mac, nwk] of dissect(capture, fields) as [string, string, string][]) {
      const before = last.get(source) ?? { mac: 255, nwk: 255 };
      const now = { mac: Number(mac), nwk: Number(nwk) };
      expect(now).toEqual({ mac: (before.mac + 1) & 0xff, nwk: (before.nwk + 1) & 0xff });
      last.set(source, now);
    }
    expect(last.size).toBe(5);
  });

  it('puts fragments together to the messages both ends agree on', () => {
    expect(messagesIn).toEqual(tunnelled.map(({ message }) => message));
    expect(dissectOctets(capture, 'gbcs_message')).toEqual(messagesIn);
    const headers = dissect(
      capture,
      [
        'gbcs_message.grouping_header.originator_counter',
        'gbcs_message.grouping_header.business_originator_id',
        'gbcs_message.grouping_header.business_target_id',
        'gbcs_message.grouping_header.message_code',
        'zbee_aps.fragment.count',
      ],
      'gbcs_message',
    );
    expect(headers).toEqual(
      tunnelled.map(({ counter, originator, recipient, zclOctets }) => [
        String(counter),
        withColons(originator),
        withColons(recipient),
        '0x0062',
        String(Math.ceil(zclOctets / 98)),
      ]),
    );
  });

  it('reads the tunnelling commands, and GET-RESPONSE and PUT of the gas meter', () => {
    const rows = dissect(
      capture,
      [
        'zbee_zcl_se.tun.cmd.srv_rx.id',
        'zbee_zcl_se.tun.cmd.srv_tx.id',
        'zbee_zcl_se.tun.tunnel_id',
        'zbee_zcl_se.tun.protocol_id',
        'zbee_zcl_se.tun.manufacturer_code',
        'zbee_zcl_se.tun.flow_control_supported',
        'zbee_zcl_se.tun.max_in_transfer_size',
        'zbee_zcl_se.tun.transfer_status',
        'gbcs_tunnel.command',
        'gbcs_tunnel.remaining',
      ],
      'zbee_zcl && zbee_aps.cluster == 0x0704',
    );
    const request = ['0x00', '', '', '0x06', '0xffff', '0', '0x05dc', '', '', ''];
    const response = ['', '0x00', '0x1234', '', '', '', '0x05dc', '0x00', '', ''];
    const toServer = ['0x02', '', '0x1234', '', '', '', '', '', '', ''];
    const toClient = ['', '0x01', '0x1234', '', '', '', '', '', '', ''];
    const getResponse = ['', '0x01', '0x0009', '', '', '', '', '', '0x02', '0'];
    const put = ['0x02', '', '0x0009', '', '', '', '', '', '0x03', ''];
    const four = (row: string[]) => [row, row, row, row];
    const device = [request, response, ...four(toServer), ...four(toClient)];
    expect(rows).toEqual([...device, ...device, ...four(getResponse), ...four(put)]);
  });

  it('reads the attributes asked for', () => {
    const rows = dissect(capture, ['zbee_zcl_se.met.attr_id'], 'zbee_aps.cluster == 0x0702');
    expect(rows).toHaveLength(28);
    for (const row of rows) expect(row).toEqual(['0x0000,0x0400']);
  });

  it('does object to a frame that lost its end, so that its silence means something', () => {
    const frames = home.frames.slice(0, 3).map((frame) => frame.slice(0, 24));
    const cut = pcapOf(frames, linkTypeIeee802154);
    expect(dissect(cut, ['frame.number'], '_ws.malformed')).toHaveLength(3);
  });
});

function withColons(eui: Eui64): string {
  return (eui.match(/../g) as string[]).join(':');
}
