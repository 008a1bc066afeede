import { describe, expect, it } from 'vitest';
import { endpointDescriptions } from '../../../../emulator/han/joining/endpoint-descriptions.js';
import { broadcastToListening } from '../../../../emulator/han/stack/network-layer.js';
import { SeededRandom } from '../../../../emulator/sim/seeded-random.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { clusters } from '../../../../protocols/zigbee/clusters/clusters.js';
import type { ZdoMessage } from '../../../../protocols/zigbee/zdo/zdo.js';
import { type DeviceName, deviceEuis, FrameHome, labelKey } from '../../../support/frame-home.js';
import { dissect, tsharkAvailable, zigbeeKeys } from '../../../support/tshark.js';

const devices: readonly DeviceName[] = ['esme', 'gsme', 'ihd'];

function joinedHome(): FrameHome {
  const home = new FrameHome({ devices });
  home.powerOn();
  expect(home.runUntil(() => home.allJoined())).toBe(true);
  home.clock.advance(10_000);
  return home;
}

type Request = Parameters<FrameHome['hub']['node']['sendZdo']>[1];

/** What the display hears after it has asked. */
function ask(home: FrameHome, to: number, request: Request): ZdoMessage[] {
  const heard: ZdoMessage[] = [];
  const { node, zdo } = home.device('ihd');
  zdo.listen((message) => heard.push(message));
  node.sendZdo(to, request);
  home.clock.advance(3_000);
  return heard;
}

const home = joinedHome();
const esme = home.device('esme').node.mac.shortAddress;
const ihd = home.device('ihd').node.mac.shortAddress;
const gsme = home.device('gsme').node.mac.shortAddress;
const toEsme = { nwkAddressOfInterest: esme };

describe('what a node tells of itself', () => {
  it('its endpoints', () => {
    const [active] = ask(home, esme, { name: 'Active_EP_req', fields: toEsme });
    expect(active).toMatchObject({
      name: 'Active_EP_rsp',
      fields: { status: 0, nwkAddressOfInterest: esme, endpoints: [1] },
    });
    const [hub] = ask(home, 0, { name: 'Active_EP_req', fields: { nwkAddressOfInterest: 0 } });
    expect(hub?.fields).toMatchObject({ endpoints: [1, 2, 3] });
  });

  it('what is on them', () => {
    const fields = { ...toEsme, endpoint: 1 };
    const [simple] = ask(home, esme, { name: 'Simple_Desc_req', fields });
    expect(simple?.fields).toMatchObject({
      status: 0,
      simpleDescriptor: { profileId: 0x0109, deviceId: 0x0500, endpoint: 1 },
    });
    const none = (endpoint: number) =>
      ask(home, esme, { name: 'Simple_Desc_req', fields: { ...toEsme, endpoint } })[0]?.fields;
    expect(none(9)).toMatchObject({ status: 0x83 });
    expect(none(0)).toMatchObject({ status: 0x82 });
  });

  it('its kind: a coordinator on the mains, a router, an end device on a battery', () => {
    const descriptor = (to: number) =>
      ask(home, to, { name: 'Node_Desc_req', fields: { nwkAddressOfInterest: to } })[0]?.fields;
    expect(descriptor(0)).toMatchObject({
      nodeDescriptor: { logicalType: 0, server: { primaryTrustCentre: true } },
    });
    expect(descriptor(esme)).toMatchObject({
      nodeDescriptor: { logicalType: 1, macCapability: { receiverOnWhenIdle: true } },
    });
    const power = { name: 'Power_Desc_req', fields: toEsme } as const;
    expect(ask(home, esme, power)[0]?.fields).toMatchObject({
      powerDescriptor: { mainsAvailable: true, onMains: true },
    });
  });

  it('who has a cluster', () => {
    const request = (inputClusters: number[], outputClusters: number[] = []): Request => ({
      name: 'Match_Desc_req',
      fields: { nwkAddressOfInterest: 0, profileId: 0x0109, inputClusters, outputClusters },
    });
    const matched = (wanted: Request) => ask(home, 0, wanted)[0]?.fields;
    expect(matched(request([0x0800]))).toMatchObject({ status: 0, endpoints: [1] });
    expect(matched(request([0x0704, 0x0702]))).toMatchObject({ endpoints: [1, 2, 3] });
    expect(matched(request([], [0x0704]))).toMatchObject({ endpoints: [3] });
    expect(matched(request([0x0b04]))).toMatchObject({ status: 0, endpoints: [] });
  });

  it('nothing about others, but that it is not them', () => {
    const [answer] = ask(home, esme, {
      name: 'Node_Desc_req',
      fields: { nwkAddressOfInterest: gsme },
    });
    expect(answer?.fields).toEqual({
      status: 0x81,
      nwkAddressOfInterest: gsme,
      nodeDescriptor: undefined,
    });
  });

  it('that it binds nothing, opens nothing and leaves for nobody but the hub', () => {
    const destination = { mode: 'group', groupAddress: 1 } as const;
    const binding = {
      sourceAddress: deviceEuis.esme,
      sourceEndpoint: 1,
      clusterId: 0x0702,
      destination,
    };
    const status = (request: Request) => (ask(home, esme, request)[0]?.fields as object) ?? {};
    expect(status({ name: 'Bind_req', fields: binding })).toEqual({ status: 0x84 });
    const permit = { permitDurationS: 60, trustCentreSignificance: true };
    expect(status({ name: 'Mgmt_Permit_Joining_req', fields: permit })).toEqual({ status: 0x8d });
    const leave = { deviceAddress: deviceEuis.esme, removeChildren: false, rejoin: false };
    expect(status({ name: 'Mgmt_Leave_req', fields: leave })).toEqual({ status: 0x8d });
    expect(home.device('esme').joiner.state).toBe('joined');
  });

  it('whom it has for neighbours, three rows at a time', () => {
    const rows = (startIndex: number) =>
      ask(home, 0, { name: 'Mgmt_Lqi_req', fields: { startIndex } })[0]?.fields as unknown as {
        neighbourTable: {
          totalEntries: number;
          neighbours: { ieeeAddress: Eui64; deviceType: number; linkQuality: number }[];
        };
      };
    const { totalEntries, neighbours } = rows(0).neighbourTable;
    expect(totalEntries).toBe(3);
    expect(new Set(neighbours.map(({ ieeeAddress }) => ieeeAddress))).toEqual(
      new Set(devices.map((name) => deviceEuis[name])),
    );
    expect(neighbours.find(({ ieeeAddress }) => ieeeAddress === deviceEuis.gsme)).toMatchObject({
      deviceType: 2,
      linkQuality: 255,
    });
    expect(rows(2).neighbourTable.neighbours).toHaveLength(1);
    expect(rows(200).neighbourTable.neighbours).toEqual([]);
  });
});

describe('addresses', () => {
  const answers = (to: number, request: Request) =>
    ask(home, to, request).map(({ fields }) => fields);
  const asking = (ieeeAddress: Eui64): Request => ({
    name: 'NWK_addr_req',
    fields: { ieeeAddress, requestType: 0, startIndex: 0 },
  });

  it('are told by the one that is asked for, and by the hub for one that sleeps', () => {
    expect(answers(broadcastToListening, asking(deviceEuis.esme))).toMatchObject([
      { status: 0, ieeeAddress: deviceEuis.esme, nwkAddress: esme },
    ]);
    expect(answers(broadcastToListening, asking(deviceEuis.gsme))).toMatchObject([
      { status: 0, ieeeAddress: deviceEuis.gsme, nwkAddress: gsme },
    ]);
    expect(answers(broadcastToListening, asking(deviceEuis.ppmid))).toEqual([]);
    expect(answers(0, asking(deviceEuis.ppmid))).toMatchObject([{ status: 0x81 }]);
    const fields = { nwkAddressOfInterest: esme, requestType: 0, startIndex: 0 };
    expect(answers(esme, { name: 'IEEE_addr_req', fields })).toMatchObject([
      { status: 0, ieeeAddress: deviceEuis.esme },
    ]);
  });

  it('are asked for when somebody has a frame for them: once, and again if nobody answers', () => {
    const own = joinedHome();
    const { node, entity, joiner } = own.device('ihd');
    joiner.requestPartnerKey(deviceEuis.esme);
    own.clock.advance(5_000);
    node.network.addresses.remove(deviceEuis.esme);
    let questions = 0;
    own.device('esme').zdo.listen(({ name }) => {
      if (name === 'NWK_addr_req') questions++;
    });
    let heard = 0;
    own.device('esme').entity.onZcl = () => heard++;
    let lost = 0;
    own.lose = (_psdu, sender) => sender === deviceEuis.ihd && ++lost <= 1;
    const zcl = Uint8Array.of(0x00, 1, 0x00, 0x00, 0x00);
    for (let i = 0; i < 5; i++) entity.sendZcl(deviceEuis.esme, 0x0700, zcl);
    own.clock.advance(4_000);
    expect(questions).toBe(1);
    expect(heard).toBe(5);
    expect(node.network.addresses.shortOf(deviceEuis.esme)).toBe(
      own.device('esme').node.mac.shortAddress,
    );
  });

  it('are not asked for without end', () => {
    const own = joinedHome();
    const before = own.frames.length;
    const { node } = own.device('ihd');
    for (let i = 0; i < 100; i++) {
      node.hooks.onUnknownAddress?.(`02fe15000000${(i + 0x1000).toString(16)}` as Eui64, 0);
    }
    node.reschedule();
    own.clock.advance(60_000);
    expect(own.frames.length - before).toBe(16 * 3);
  });
});

describe('what must not matter', () => {
  it('nonsense for a message is dropped and counted', () => {
    const own = joinedHome();
    const chance = new SeededRandom('zdo').stream('octets');
    const { node } = own.device('esme');
    const origin = { source: ihd, eui: deviceEuis.ihd, secured: true, broadcast: false };
    for (let i = 0; i < 3_000; i++) {
      const clusterId = chance.int(0, 0x40) | (chance.int(0, 1) << 15);
      const addressing = {
        destinationEndpoint: 0,
        clusterId,
        profileId: 0,
        sourceEndpoint: 0,
      };
      node.onApsData(addressing, chance.bytes(chance.int(0, 24)), origin, own.clock.nowMs());
    }
    own.clock.advance(10_000);
    expect(node.drops().malformedZdo).toBeGreaterThan(1_000);
    expect(own.device('esme').joiner.state).toBe('joined');
  });
});

describe('endpoint descriptions', () => {
  const all = Object.values(endpointDescriptions).flat();

  it('name declared clusters only, each once a side', () => {
    for (const { inputClusters, outputClusters } of all) {
      for (const side of [inputClusters, outputClusters]) {
        expect(new Set(side).size).toBe(side.length);
        for (const id of side) expect(clusters.has(id)).toBe(true);
      }
    }
  });

  it.skipIf(!tsharkAvailable)('are read by Wireshark as they are', () => {
    const own = joinedHome();
    for (const { endpoint } of [...endpointDescriptions.gpf, ...endpointDescriptions.chf]) {
      ask(own, 0, { name: 'Simple_Desc_req', fields: { nwkAddressOfInterest: 0, endpoint } });
    }
    ask(own, 0, { name: 'Mgmt_Lqi_req', fields: { startIndex: 0 } });
    ask(own, 0, { name: 'Power_Desc_req', fields: { nwkAddressOfInterest: 0 } });
    ask(own, 0, { name: 'Active_EP_req', fields: { nwkAddressOfInterest: 0 } });
    const options = zigbeeKeys(...devices.map((name) => toHex(labelKey(deviceEuis[name]))));
    const faults = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
    expect(dissect(own.pcap(), ['frame.number'], faults, options)).toEqual([]);
    const infos = dissect(own.pcap(), ['_ws.col.Info'], '', options).map(([info = '']) => info);
    expect(infos.filter((info) => info.includes('Unknown'))).toEqual([]);
    const shown = dissect(
      own.pcap(),
      ['zbee_zdp.app.device', 'zbee_zdp.in_cluster', 'zbee_zdp.out_cluster'],
      'zbee_zdp.app.device',
      options,
    );
    const numbers = (text = '') => text.split(',').filter(Boolean).map(Number);
    expect(shown.map((row) => row.map(numbers))).toEqual(
      [...endpointDescriptions.gpf, ...endpointDescriptions.chf].map((one) => [
        [one.deviceId],
        [...one.inputClusters],
        [...one.outputClusters],
      ]),
    );
  });
});
