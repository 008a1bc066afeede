import type { Gsme } from '../../emulator/devices/gsme/device.js';
import { Fleet, type FleetEvent } from '../../emulator/fleet/fleet.js';
import { loadHomeTemplate } from '../../emulator/fleet/home-template.js';
import { joiningWorld } from '../../emulator/fleet/joining-world.js';
import { FixedKeyStore, FixedKeys } from '../../emulator/functions/fixed-keys.js';
import { TestPki } from '../../emulator/functions/test-pki.js';
import {
  type TrustAnchorCell,
  trustAnchorCellsOf,
} from '../../emulator/functions/trust-anchor-cells.js';
import type { Bus } from '../../emulator/ports/bus.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { silentLog } from '../../emulator/sim/silent-log.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import { decodeEnvelope, encodeEnvelope } from '../../protocols/bus/envelope.js';
import { wanTopic } from '../../protocols/bus/topics.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import { utcToMs } from '../../protocols/codec/utc.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import { parseCertificate } from '../../protocols/smki/certificate.js';
import { loadRtdsKeys } from './rtds.js';
import { rtdsKeyRing } from './rtds-keys.js';
import { nodeCryptoForTests } from './test-crypto.js';

export const rtdsEntities = {
  esme: eui64('00db1234567890a0'),
  gsme: eui64('00db1234567890a1'),
  chf: eui64('00db1234567890a2'),
  gpf: eui64('00db1234567890a3'),
  ihd: eui64('00db1234567890a7'),
};
export const rtdsTimeMs = utcToMs({ year: 2015, month: 1, day: 1, hour: 0, minute: 0, second: 0 });

const roleOf: Readonly<Record<string, RemotePartyRole>> = {
  '90b3d51f30000001': 'recovery',
  '90b3d51f30000002': 'accessControlBroker',
  '90b3d51f30000004': 'transitionalCoS',
  '90b3d51f30000007': 'wanProvider',
  '90b3d51f30010000': 'supplier',
  '90b3d51f30020000': 'networkOperator',
};

/** The trust anchors of the official test devices, from the published certificates. */
function rtdsTrustAnchors(): TrustAnchorCell[] {
  return loadRtdsKeys().flatMap((key): TrustAnchorCell[] => {
    const role = roleOf[key.eui];
    if (role === undefined) return [];
    const { publicKey, subjectKeyIdentifier } = parseCertificate(
      Uint8Array.from(Buffer.from(key.certificate, 'base64')),
    );
    const cellUsage = key.prepayment ? 'prePaymentTopUp' : 'management';
    const entity = eui64(key.eui);
    const keyIdentifier = toHex(subjectKeyIdentifier);
    return [
      {
        role,
        keyUsage: key.usage,
        cellUsage,
        entity,
        publicKey,
        subjectKeyIdentifier: keyIdentifier,
      },
    ];
  });
}

/** One home with the official identities, on any bus. Its devices sign with keys of our own: no device key is published. */
export async function rtdsFleet(bus: Bus, startMs: number = rtdsTimeMs) {
  const crypto = nodeCryptoForTests();
  const ring = rtdsKeyRing();
  const clock = new VirtualClock(startMs);
  const anchors = rtdsTrustAnchors();
  const parties = [...new Set(anchors.map((cell) => cell.entity))];
  const keysOf = (entity: Eui64, index: number): FixedKeys => {
    const agreementPublicKey = ring.publicKey(entity, 'keyAgreement') as Uint8Array;
    const sharedSecrets = parties.flatMap((party) => {
      const own = ring.privateKey(party, 'keyAgreement');
      const peerPublicKey = ring.publicKey(party, 'keyAgreement');
      if (own === undefined || peerPublicKey === undefined) return [];
      return [{ peerPublicKey, z: crypto.sharedSecret(own, agreementPublicKey) }];
    });
    const signingPrivateKey = new Uint8Array(32).fill(index + 1);
    return new FixedKeys({ entity, signingPrivateKey, agreementPublicKey, sharedSecrets }, crypto);
  };
  const { esme, gsme, chf, gpf } = rtdsEntities;
  const deviceKeys = new Map([esme, gsme, chf, gpf].map((e, i) => [e, keysOf(e, i)]));
  const pki = new TestPki({ seed: 'rtds', crypto });
  const store = new MemoryStore();
  const fleet = new Fleet(
    'rtds',
    bus,
    {
      clock,
      home: {
        clock,
        crypto,
        keys: new FixedKeyStore(deviceKeys.values(), pki),
        trustAnchorsOf: (type) => trustAnchorCellsOf(type, anchors),
        store,
        random: new SeededRandom('rtds'),
        hanCrypto: nobleCrypto,
        ...joiningWorld(pki, 'rtds'),
        counterGranularity: 'perRoleAndMessageCode',
      },
      headEnd: {
        clock,
        crypto,
        keys: pki,
        publicKeyOf: (entity, usage) => pki.publicKeyOf(entity, usage),
        store,
        parties: pki.parties,
      },
    },
    [
      {
        name: 'home-1',
        template: loadHomeTemplate('dual-fuel-home'),
        panId: 0x1234,
        entities: rtdsEntities,
      },
    ],
    silentLog,
  );
  const events: FleetEvent[] = [];
  fleet.onDeviceEvent((event) => events.push(event));
  const answers: Uint8Array[] = [];
  await bus.subscribe(wanTopic('rtds', chf, 'up'), (_topic, payload) => {
    const envelope = decodeEnvelope(payload);
    if (envelope.kind === 'gbcs') answers.push(envelope.body.slice());
  });
  await fleet.start();
  let sequence = 0;
  return {
    fleet,
    clock,
    events,
    crypto,
    ring,
    signingKey: (entity: Eui64) => deviceKeys.get(entity)?.signingPublicKey() as Uint8Array,
    /** Puts a command on the WAN plane, as a head end of another make would; what came up since. */
    async exchange(command: Uint8Array): Promise<Uint8Array[]> {
      answers.length = 0;
      const timeMs = clock.nowMs();
      const body = encodeEnvelope({ kind: 'gbcs', timeMs, sequence: sequence++, body: command });
      bus.publish(wanTopic('rtds', chf, 'down'), body);
      await bus.flush();
      return answers.slice();
    },
    /** The same for the gas meter, which is woken for it: its answer comes within a second. */
    async exchangeAwake(command: Uint8Array): Promise<Uint8Array[]> {
      await this.exchange(command);
      (fleet.deviceOf(gsme) as Gsme).wakeNow();
      clock.advance(900);
      await bus.flush();
      return answers.slice();
    },
  };
}
