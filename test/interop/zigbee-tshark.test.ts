import { beforeAll, describe, expect, it } from 'vitest';
import { GasHubTunnel, GasMeterTunnel } from '../../emulator/han/gas-tunnel.js';
import { Tunnel } from '../../emulator/han/tunnel.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { concatBytes, fromHex, toHex } from '../../protocols/codec/hex.js';
import { bytesOf } from '../support/codec-table.js';
import { forge, hear } from '../support/forged-frames.js';
import {
  entityEndpoints,
  euis,
  type HomeEntity,
  type HomeRadio,
  homeEntities,
  JoinedHome,
  panId,
  radioOf,
  radios,
} from '../support/joined-home.js';
import { linkTypeIeee802154, pcapOf } from '../support/pcap.js';
import { dissect, dissectOctets, tsharkAvailable, zigbeeKeys } from '../support/tshark.js';

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
}

interface Tunnelled {
  readonly message: string;
  readonly counter: number;
  readonly originator: Eui64;
  readonly recipient: Eui64;
  /** With ZCL header, tunnel id and what the gas meter's tunnel puts in front. */
  readonly zclOctets: number;
}

const objections = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
const hex16 = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;
const pcapFrom = (home: JoinedHome, from = 0) =>
  pcapOf(
    home.frames.slice(from).map(({ psdu }) => psdu),
    linkTypeIeee802154,
  );

/** A home at work: every pair of its entities, tunnels with messages of all lengths, bands and sleep. */
class HomeAtWork {
  readonly home = new JoinedHome({ subGhz: ['ihd'] });
  readonly sent: Sent[] = [];
  /** What each end of a tunnel received, in sending order. */
  readonly tunnelled: Tunnelled[] = [];
  readonly messagesIn: string[] = [];

  constructor() {
    this.home.nodes.gsme.holdAwake(true);
    this.askAround();
    for (const device of ['esme', 'ppmid'] as const) this.tunnelTo(device);
    this.tunnelToGasMeter();
    this.home.nodes.esme.sendZdo(0xfffd, {
      name: 'NWK_addr_req',
      fields: { ieeeAddress: euis.ihd, requestType: 0, startIndex: 0 },
    });
  }

  private ask(from: HomeEntity, to: HomeEntity, clusterId: number, zcl: string): void {
    this.home.entities[from].sendZcl(euis[to], clusterId, bytesOf(zcl));
    this.sent.push({ from, to, clusterId });
    this.home.run(300);
  }

  private askAround(): void {
    for (const from of homeEntities) {
      for (const to of homeEntities) {
        if (radioOf(from) === radioOf(to)) continue;
        // Read Attributes: total and power, the time; then GetCurrentPrice.
        this.ask(from, to, 0x0702, '00010000000004');
        this.ask(from, to, 0x000a, '0002000000');
        this.ask(from, to, 0x0700, '01030000');
      }
    }
  }

  private exchange(
    from: HomeEntity,
    to: HomeEntity,
    prefixOctets: number,
    send: (message: Uint8Array) => unknown,
  ): void {
    for (const length of [20, 150, 700, 1200]) {
      const counter = this.tunnelled.length + 1;
      const message = gbcsMessage(counter, euis[from], euis[to], length);
      const [originator, recipient] = [euis[from], euis[to]];
      const zclOctets = 5 + prefixOctets + message.length;
      this.tunnelled.push({ message: toHex(message), counter, originator, recipient, zclOctets });
      this.sent.push({ from, to, clusterId: 0x0704 });
      expect(send(message)).toBe('sent');
      this.home.run(5_000);
    }
  }

  private readonly take = (message: Uint8Array): void => {
    this.messagesIn.push(toHex(message));
  };

  private tunnelTo(device: 'esme' | 'ppmid'): void {
    const { chf, [device]: entity } = this.home.entities;
    const client = new Tunnel({ entity: chf, peer: euis[device], role: 'client' });
    const server = new Tunnel({ entity, peer: euis.chf, role: 'server', tunnelId: 0x1234 });
    client.onMessage = this.take;
    server.onMessage = this.take;
    client.request();
    this.sent.push({ from: 'chf', to: device, clusterId: 0x0704 });
    this.sent.push({ from: device, to: 'chf', clusterId: 0x0704 });
    this.exchange('chf', device, 0, (message) => client.send(message));
    this.exchange(device, 'chf', 0, (message) => server.send(message));
  }

  private tunnelToGasMeter(): void {
    const { chf, gsme } = this.home.entities;
    const terms = { tunnelId: 9, open: true };
    const hub = new GasHubTunnel(
      new Tunnel({ entity: chf, peer: euis.gsme, role: 'server', ...terms }),
      () => this.home.clock.nowMs(),
    );
    const meter = new GasMeterTunnel(
      new Tunnel({ entity: gsme, peer: euis.chf, role: 'client', ...terms }),
    );
    hub.onMessage = this.take;
    meter.onMessage = this.take;
    this.exchange('chf', 'gsme', 2, (message) => {
      this.sent.splice(-1, 0, { from: 'gsme', to: 'chf', clusterId: 0x0704 });
      expect(hub.send(message)).toBe('queued');
      return meter.fetch();
    });
    this.exchange('gsme', 'chf', 1, (message) => meter.send(message));
  }
}

describe.skipIf(!tsharkAvailable)('tshark on the frames of a home', () => {
  let work: HomeAtWork;
  let capture: Uint8Array;
  let keys: string[];

  beforeAll(() => {
    work = new HomeAtWork();
    capture = pcapFrom(work.home);
    keys = zigbeeKeys(...work.home.keys());
  });

  it('finds nothing malformed, nothing unread and nothing to remark on', () => {
    expect(work.home.frames.length).toBeGreaterThan(800);
    expect(dissect(capture, ['frame.number', '_ws.expert'], objections, keys)).toEqual([]);
  });

  it('reads nothing of it without the keys, so that its silence means something', () => {
    const nwk = dissect(capture, ['frame.number'], 'zbee_nwk');
    expect(dissect(capture, ['frame.number'], 'zbee_sec.encrypted_payload')).toEqual(nwk);
    // With the network key alone, what has a link key stays closed.
    const networkOnly = zigbeeKeys(work.home.keys()[0] as string);
    const closed = dissect(capture, ['frame.number'], 'zbee_sec.encrypted_payload', networkOnly);
    expect(closed.length).toBeGreaterThan(nwk.length / 2);
  });

  it('recognises every frame, with nothing unknown', () => {
    const fields = ['wpan.frame_type', 'zbee_aps.profile', 'zbee_aps.type', '_ws.col.Info'];
    const rows = dissect(capture, fields, '', keys);
    expect(rows).toHaveLength(work.home.frames.length);
    for (const [, , , info] of rows) expect(info).not.toMatch(/Unknown/);
    const kinds = new Set(rows.map(([mac, profile, aps]) => `${mac} ${profile} ${aps}`));
    const [acknowledgment, poll] = ['0x0002  ', '0x0003  '];
    const [data, ack, zdp] = ['0x0001 0x0109 0x00', '0x0001 0x0109 0x02', '0x0001 0x0000 0x00'];
    expect(kinds).toEqual(new Set([acknowledgment, poll, data, ack, zdp]));
  });

  it('reads the addresses, endpoints and clusters we sent', () => {
    // Hops to the hub on their way to somebody else are left out, as are later fragments.
    const fields = ['wpan.dst_pan', 'zbee_nwk.src', 'zbee_nwk.dst', 'zbee_aps.src', 'zbee_aps.dst'];
    const rows = dissect(
      capture,
      [...fields, 'zbee_aps.cluster', 'wpan.fcf', 'zbee_nwk.fcf'],
      'zbee_zcl && wpan.dst16 == zbee_nwk.dst',
      keys,
    );
    const expected = work.sent.map(({ from, to, clusterId }) => {
      const [source, destination] = [from, to].map((name) => hex16(radios[radioOf(name)].short));
      const ends = [from, to].map((name) => String(entityEndpoints[name][0]));
      return [hex16(panId), source, destination, ...ends, hex16(clusterId)];
    });
    expect(rows.map((row) => row.slice(0, 6))).toEqual(expected);
    // Some are from a node that sleeps, and some have more behind them.
    for (const row of rows) {
      expect(['0x8861', '0x8871']).toContain(row[6]);
      expect(['0x0208', '0x2208']).toContain(row[7]);
    }
  });

  it('sees frame counters rise, under both kinds of key', () => {
    const fields = ['zbee.sec.src64', 'zbee.sec.counter', 'zbee.sec.key_id'];
    const last = new Map<string, number>();
    // Where a frame has two of each, the network layer's comes first; a broadcast goes out per band.
    for (const row of dissect(capture, fields, 'zbee_nwk && wpan.dst16 != 0xffff', keys)) {
      const [source = '', counter = '', key = ''] = row.map((values) => values.split(',')[0]);
      expect(key).toBe('0x01');
      expect(Number(counter)).toBeGreaterThan(last.get(source) ?? -1);
      last.set(source, Number(counter));
    }
    expect(last.size).toBe(5);
    const both = dissect(capture, fields, 'zbee_aps.cluster == 0x0700', keys);
    expect(both.length).toBeGreaterThan(20);
    for (const [, , key] of both) expect(key).toBe('0x01,0x00');
  });

  it('puts fragments together to the messages both ends agree on', () => {
    const { tunnelled, messagesIn } = work;
    expect(messagesIn).toEqual(tunnelled.map(({ message }) => message));
    expect(dissectOctets(capture, 'gbcs_message', 'gbcs_message', keys)).toEqual(messagesIn);
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
      keys,
    );
    expect(headers).toEqual(
      tunnelled.map(({ counter, originator, recipient, zclOctets }) => [
        String(counter),
        withColons(originator),
        withColons(recipient),
        '0x0062',
        String(Math.ceil(zclOctets / 71)),
      ]),
    );
  });

  it('reads the tunnelling commands, and GET, GET-RESPONSE and PUT of the gas meter', () => {
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
      keys,
    );
    const request = ['0x00', '', '', '0x06', '0xffff', '0', '0x05dc', '', '', ''];
    const response = ['', '0x00', '0x1234', '', '', '', '0x05dc', '0x00', '', ''];
    const toServer = ['0x02', '', '0x1234', '', '', '', '', '', '', ''];
    const toClient = ['', '0x01', '0x1234', '', '', '', '', '', '', ''];
    const get = ['0x02', '', '0x0009', '', '', '', '', '', '0x01', ''];
    const getResponse = ['', '0x01', '0x0009', '', '', '', '', '', '0x02', '0'];
    const put = ['0x02', '', '0x0009', '', '', '', '', '', '0x03', ''];
    const four = (...rows: string[][]) => [...rows, ...rows, ...rows, ...rows];
    const device = [request, response, ...four(toServer), ...four(toClient)];
    expect(rows).toEqual([...device, ...device, ...four(get, getResponse), ...four(put)]);
  });

  it('reads the attributes asked for', () => {
    const filter = 'zbee_aps.cluster == 0x0702 && wpan.dst16 == zbee_nwk.dst && zbee_zcl';
    const rows = dissect(capture, ['zbee_zcl_se.met.attr_id'], filter, keys);
    expect(rows).toHaveLength(28);
    for (const row of rows) expect(row).toEqual(['0x0000,0x0400']);
  });
});

describe.skipIf(!tsharkAvailable)('tshark on a home under attack', () => {
  const to: HomeRadio = 'esme';

  it('objects to nothing of a home that repeats what is lost', () => {
    const home = new JoinedHome({ subGhz: ['ihd'] });
    const chance = home.random.stream('loss');
    home.onFrame = (psdu) => (chance.fraction() < 0.2 ? [] : [psdu]);
    home.nodes.gsme.holdAwake(true);
    for (const device of ['esme', 'gsme', 'ihd'] as const) {
      for (const length of [10, 200, 900]) {
        home.entities.chf.sendZcl(euis[device], 0x0704, tunnelData(length));
        home.entities[device].sendZcl(euis.chf, 0x0704, tunnelData(length));
      }
    }
    home.run(180_000);
    expect([home.arrivals.length, home.undelivered]).toEqual([18, []]);
    const keys = zigbeeKeys(...home.keys());
    expect(dissect(pcapFrom(home), ['frame.number'], objections, keys)).toEqual([]);
  });

  it('objects to just the frames that we refuse for their keys, too', () => {
    const home = new JoinedHome();
    expect(home.works()).toBe(true);
    const frames = home.frames.map(({ psdu }) => psdu);
    const good = frames.length;
    const wrong = new Uint8Array(16).fill(0x5a);
    const broken = forge(home, { to });
    broken[broken.length - 1] = (broken[broken.length - 1] as number) ^ 1;
    const stranger = eui64('02fe1100000000ff');
    const forged = [
      forge(home, { to, networkKey: wrong }),
      forge(home, { to, linkKey: wrong }),
      broken,
      forge(home, { to, eui: stranger, short: 0x3333 }),
      forge(home, { to }).slice(0, 40),
      forge(home, { to, apdu: bytesOf('40 01 0007') }),
    ];
    const before = home.arrivals.length;
    for (const psdu of forged) {
      hear(home, psdu);
      frames.push(psdu);
    }
    expect(home.arrivals).toHaveLength(before);
    expect(home.works()).toBe(true);
    frames.push(...home.frames.slice(good).map(({ psdu }) => psdu));
    const keys = zigbeeKeys(...home.keys());
    const rows = dissect(pcapOf(frames, linkTypeIeee802154), ['frame.number'], objections, keys);
    expect(rows.flat().map(Number)).toEqual(forged.map((_, index) => good + 1 + index));
  });
});

/** A transfer through tunnel 7 of a message whose end matters to nobody. */
function tunnelData(length: number): Uint8Array {
  return concatBytes(bytesOf('110002 0700'), gbcsMessage(1, euis.chf, euis.esme, length));
}

function withColons(eui: Eui64): string {
  return (eui.match(/../g) as string[]).join(':');
}
