import { describe, expect, it } from 'vitest';
import { DeviceLog } from '../../../../emulator/functions/device-log.js';
import { MemoryStore } from '../../../../emulator/sim/memory-store.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { mmoHash } from '../../../../protocols/zigbee/security/mmo.js';
import {
  type DeviceName,
  deviceEuis,
  FrameHome,
  hubEuis,
  labelKey,
  TestAuthority,
} from '../../../support/frame-home.js';
import { nodeCryptoForTests } from '../../../support/test-crypto.js';
import { dissect, tsharkAvailable, zigbeeKeys } from '../../../support/tshark.js';

const minuteMs = 60_000;
const newHub = { gpf: eui64('02fe120000000011'), chf: eui64('02fe120000000012') };
const devices: readonly DeviceName[] = ['esme', 'gsme', 'ihd'];

function joinedHome(): FrameHome {
  const home = new FrameHome({ devices });
  home.powerOn();
  expect(home.runUntil(() => home.allJoined())).toBe(true);
  return home;
}

/** What CCS03 tells the new hub: a hash for each device's link key. */
function hashes(home: FrameHome): Map<`${string}`, Uint8Array> {
  const crypto = nodeCryptoForTests();
  const { joinedKeys } = home.authority as TestAuthority;
  return new Map([...joinedKeys].map(([eui, key]) => [eui, mmoHash(crypto, key)]));
}

describe('another hub in the place of the one there was', () => {
  it('takes over the network: devices find it by its name, and trust it by the hash', () => {
    const home = joinedHome();
    const authority = home.authority as TestAuthority;
    const oldKeys = new Map(authority.joinedKeys);
    const oldNetworkKey = home.hub.node.security.networkKey;
    authority.listed.clear();
    for (const [eui, hash] of hashes(home)) authority.listed.set(eui as typeof hubEuis.gpf, [hash]);
    home.swapHub(newHub.gpf, newHub.chf);
    home.form({ extendedPanId: hubEuis.gpf });
    for (const { joiner } of home.all()) joiner.parentLost(home.clock.nowMs());
    expect(home.runUntil(() => home.allJoined(), 30 * minuteMs)).toBe(true);
    expect(home.hub.node.network.network?.extendedPanId).toBe(hubEuis.gpf);
    for (const { node, joiner } of home.all()) {
      expect(joiner.trustCentre).toBe(newHub.gpf);
      const ours = node.security.linkKeyOf(newHub.gpf);
      expect(ours?.kind).toBe('trust-centre');
      expect(ours?.data).toEqual(home.hub.node.security.linkKeyOf(node.eui)?.data);
      expect(ours?.data).not.toEqual(oldKeys.get(node.eui));
      expect(node.security.linkKeyOf(hubEuis.gpf)).toBeUndefined();
      expect(node.security.networkKey).toEqual(home.hub.node.security.networkKey);
      expect(node.security.networkKey).not.toEqual(oldNetworkKey);
    }
  });

  it('is not trusted without the right hash', () => {
    const home = joinedHome();
    const authority = home.authority as TestAuthority;
    for (const eui of authority.listed.keys()) authority.listed.set(eui, [new Uint8Array(16)]);
    home.swapHub(newHub.gpf, newHub.chf);
    home.form({ extendedPanId: hubEuis.gpf });
    for (const { joiner } of home.all()) joiner.parentLost(home.clock.nowMs());
    expect(home.runUntil(() => home.allJoined(), 10 * minuteMs)).toBe(false);
    for (const { node } of home.all()) {
      expect(home.hub.node.security.linkKeyOf(node.eui)).toBeUndefined();
    }
    // The right one is learned, and they are found where they wait.
    for (const [eui, hash] of hashes(home)) authority.listed.set(eui as typeof hubEuis.gpf, [hash]);
    expect(home.runUntil(() => home.allJoined(), 120 * minuteMs)).toBe(true);
  });

  it('works with the log that CCS03 restores', () => {
    const crypto = nodeCryptoForTests();
    const before = joinedHome();
    const log = new DeviceLog({
      hub: newHub.chf,
      crypto,
      store: new MemoryStore(),
      hanIdentifier: newHub.gpf,
    });
    log.restore({
      hanIdentifier: hubEuis.gpf,
      devices: [...hashes(before)].map(([entity, linkKeyHash]) => ({
        entity: entity as typeof hubEuis.gpf,
        linkKeyHash,
      })),
    });
    let authority: TestAuthority | DeviceLog = new TestAuthority();
    for (const name of devices) {
      authority.listed.set(deviceEuis[name], [labelKey(deviceEuis[name])]);
    }
    const home = new FrameHome({
      devices,
      authority: {
        joiningKeys: (device, nowMs) => authority.joiningKeys(device, nowMs),
        joiningOpen: (nowMs) => authority.joiningOpen(nowMs),
        isWhitelisted: (device) => authority.isWhitelisted(device),
        joined: (device, key, nowMs) => authority.joined(device, key, nowMs),
        heard: (device, nowMs) => authority.heard(device, nowMs),
      },
    });
    home.powerOn();
    expect(home.runUntil(() => home.allJoined())).toBe(true);
    authority = log;
    home.swapHub(newHub.gpf, newHub.chf);
    home.form({ extendedPanId: log.hanIdentifier });
    for (const { joiner } of home.all()) joiner.parentLost(home.clock.nowMs());
    expect(home.runUntil(() => home.allJoined(), 30 * minuteMs)).toBe(true);
    for (const name of devices) {
      const eui = deviceEuis[name];
      const key = home.hub.node.security.linkKeyOf(eui)?.data ?? new Uint8Array();
      const entry = log.keyHashes().find(({ entity }) => entity === eui);
      expect(toHex(entry?.linkKeyHash ?? new Uint8Array())).toBe(toHex(mmoHash(crypto, key)));
      expect(log.joiningKeys(eui, home.clock.nowMs())).toEqual([]);
    }
  });

  it.skipIf(!tsharkAvailable)(
    'dissects in Wireshark from labels, hashes and the old network key',
    () => {
      const home = joinedHome();
      const authority = home.authority as TestAuthority;
      const known = hashes(home);
      // Devices ask the new hub under the old key first, on a PAN that Wireshark knows no key of.
      const old = home.hub.node.security.networkKey?.key ?? new Uint8Array(16);
      for (const [eui, hash] of known) authority.listed.set(eui as typeof hubEuis.gpf, [hash]);
      home.swapHub(newHub.gpf, newHub.chf);
      home.form({ extendedPanId: hubEuis.gpf });
      for (const { joiner } of home.all()) joiner.parentLost(home.clock.nowMs());
      expect(home.runUntil(() => home.allJoined(), 30 * minuteMs)).toBe(true);
      const keys = [...devices.map((name) => labelKey(deviceEuis[name])), ...known.values(), old];
      const options = zigbeeKeys(...keys.map((key) => toHex(key)));
      const faults = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
      expect(dissect(home.pcap(), ['frame.number'], faults, options)).toEqual([]);
    },
  );
});
