import { NodeCrypto } from '../../emulator/adapters/node-crypto.js';
import { SharedAir } from '../../emulator/han/air/shared-air.js';
import { Directory, type Listing } from '../../emulator/han/stack/directory.js';
import { FrameNode } from '../../emulator/han/stack/frame-node.js';
import type { HanEntity } from '../../emulator/han/stack/han-entity.js';
import { type HanCrypto, NodeSecurity } from '../../emulator/han/stack/node-security.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import type { ApsHeader } from '../../protocols/zigbee/aps.js';
import type { NwkHeader } from '../../protocols/zigbee/nwk.js';
import { IncomingFrameCounters } from '../../protocols/zigbee/security/frame-counters.js';
import {
  openAps,
  openNwk,
  readApsFrame,
  readNwkFrame,
  sealAps,
  sealNwk,
} from '../../protocols/zigbee/security/frame-security.js';
import { type Contestant, contest, printTable, rounded } from './measure.js';

/**
 * Frames secured and opened per CPU second: a ZCL frame of 60 octets under link key and network key, sealed and opened
 * again with all headers, and the same carried from node to node over a home's air. Beside them the bare CCM*
 * operations of such a frame, with the same cipher.
 */
const zclOctets = 60;
const framesPerPass = 100;
const micOctets = 4;
/** With its auxiliary header: what the integrity code covers besides the payload. */
const apsHeadOctets = 8 + 5;
const nwkHeadOctets = 8 + 14;

const hub = eui64('02fe110000000001');
const meter = eui64('02fe110000000003');
const meterShort = 0x4f21;
const networkKey = { key: new Uint8Array(16).fill(1), sequenceNumber: 0 };
const linkKey = new Uint8Array(16).fill(2);
const keys = { data: linkKey, keyTransport: linkKey, keyLoad: linkKey };
const zcl = new Uint8Array(zclOctets).fill(3);

const nwkHeader: NwkHeader = {
  type: 'data',
  discoverRoute: 0,
  endDeviceInitiator: false,
  destination: meterShort,
  source: 0,
  radius: 30,
  sequenceNumber: 0,
  destinationEui: undefined,
  sourceEui: undefined,
  sourceRoute: undefined,
  auxiliaryHeader: undefined,
};

const apsHeader: ApsHeader = {
  type: 'data',
  delivery: 'unicast',
  acknowledgmentRequest: false,
  destinationEndpoint: 1,
  clusterId: 0x0700,
  profileId: 0x0109,
  sourceEndpoint: 3,
  counter: 0,
  fragment: undefined,
  auxiliaryHeader: undefined,
};

function times(count: number, work: () => void): Contestant {
  return () => {
    for (let i = 0; i < count; i++) work();
  };
}

/** Two seals and two opens, everything made ready. */
function bareOperations(crypto: HanCrypto): Contestant {
  const nonce = new Uint8Array(13);
  const [apsHead, nwkHead] = [new Uint8Array(apsHeadOctets), new Uint8Array(nwkHeadOctets)];
  const apdu = new Uint8Array(apsHeadOctets + zclOctets + micOctets);
  return times(framesPerPass, () => {
    const aps = crypto.ccmStarSeal(linkKey, nonce, apsHead, zcl, micOctets);
    const nwk = crypto.ccmStarSeal(networkKey.key, nonce, nwkHead, apdu, micOctets);
    const opened = crypto.ccmStarOpen(networkKey.key, nonce, nwkHead, nwk, micOctets);
    if (opened === undefined) throw new Error('bad integrity code');
    if (crypto.ccmStarOpen(linkKey, nonce, apsHead, aps, micOctets) === undefined) {
      throw new Error('bad integrity code');
    }
  });
}

/** The same with headers written and read, nonces made and replays looked for. */
function securedFrames(crypto: HanCrypto): Contestant {
  const incoming = { nwk: new IncomingFrameCounters(), aps: new IncomingFrameCounters() };
  let frameCounter = 0;
  return times(framesPerPass, () => {
    frameCounter++;
    const how = { keyIdentifier: 'data', source: hub, namesSource: false, frameCounter } as const;
    const apdu = sealAps(crypto, apsHeader, zcl, { keys, ...how });
    const { key, sequenceNumber: keySequenceNumber } = networkKey;
    const security = { key, keySequenceNumber, source: hub, frameCounter };
    const nsdu = sealNwk(crypto, nwkHeader, apdu, security);
    const outer = openNwk(crypto, readNwkFrame(nsdu), key, incoming.nwk);
    if (outer.verdict !== 'ok') throw new Error(outer.verdict);
    const inner = openAps(crypto, readApsFrame(outer.payload), keys, hub, incoming.aps);
    if (inner.verdict !== 'ok') throw new Error(inner.verdict);
  });
}

/** From entity to entity: the whole stack of both nodes, the air between them, the MAC's acknowledgment. */
function carriedFrames(crypto: HanCrypto): Contestant {
  const clock = new VirtualClock(0);
  const random = new SeededRandom(1);
  const returning: (() => void)[] = [];
  const air: SharedAir = new SharedAir({
    publish: (psdu, meta) => returning.push(() => air.receive(psdu, meta.sender, meta)),
    random: random.stream('air'),
    clock,
  });
  const listing = (entity: Eui64, type: 'chf' | 'esme'): Listing => ({
    entity,
    type,
    radio: entity,
    endpoints: [1],
    sleepy: false,
    band: '2g4',
  });
  const directory = new Directory([listing(hub, 'chf'), listing(meter, 'esme')]);
  const node = (eui: Eui64, role: 'coordinator' | 'router', short: number): HanEntity => {
    const made = new FrameNode({
      eui,
      role,
      medium: air,
      directory,
      security: new NodeSecurity({
        eui,
        crypto,
        store: new MemoryStore(),
        joinedLinkKey: () => linkKey,
      }),
      random: random.stream(eui),
      nowMs: () => clock.stopwatchMs(),
      // Nothing is lost here, and nobody waits.
      wakeAt: () => undefined,
    });
    made.security.setNetworkKey(networkKey);
    const channels = [{ page: 0, channel: 20 }];
    made.startJoined({ panId: 1, extendedPanId: hub, channels }, short, [
      [hub, 0],
      [meter, meterShort],
    ]);
    return made.addEntity(eui, [1]);
  };
  const from = node(hub, 'coordinator', 0);
  let arrived = 0;
  let sent = 0;
  node(meter, 'router', meterShort).onZcl = () => arrived++;
  return times(framesPerPass, () => {
    // A meter that gets the same octets under the same counter would take them for a repetition.
    zcl[0] = (sent >> 8) & 0xff;
    from.sendZcl(meter, 0x0700, zcl);
    for (let next = returning.shift(); next !== undefined; next = returning.shift()) next();
    if (arrived !== ++sent) throw new Error('a frame did not arrive');
  });
}

function benchCipher(name: string, crypto: HanCrypto): void {
  const [bare = 0, secured = 0, carried = 0] = contest(framesPerPass, [
    bareOperations(crypto),
    securedFrames(crypto),
    carriedFrames(crypto),
  ]);
  printTable(`Frames of ${zclOctets} octets of ZCL under two keys, ${name}, per CPU second`, [
    { what: 'the four bare CCM* operations of a frame', value: rounded(bare) },
    { what: 'frames sealed and opened, APS and NWK', value: rounded(secured) },
    { what: 'ratio', value: (secured / bare).toFixed(2) },
    { what: 'frames carried from node to node and acknowledged', value: rounded(carried) },
    { what: 'ratio', value: (carried / bare).toFixed(2) },
  ]);
}

export function benchFrames(): void {
  benchCipher('nobleCrypto', nobleCrypto);
  benchCipher('NodeCrypto', new NodeCrypto());
}
