import { Chf, type HubHost } from '../../emulator/devices/chf/device.js';
import type { Device } from '../../emulator/devices/device.js';
import type { DeviceParts } from '../../emulator/devices/device-parts.js';
import { Esme } from '../../emulator/devices/esme/device.js';
import { Gpf } from '../../emulator/devices/gpf/device.js';
import { Gsme } from '../../emulator/devices/gsme/device.js';
import { Hcalcs } from '../../emulator/devices/hcalcs/device.js';
import { Ihd } from '../../emulator/devices/ihd/device.js';
import { Ppmid } from '../../emulator/devices/ppmid/device.js';
import {
  type FirmwareMaking,
  makeFirmwareFile,
  type UpgradableType,
} from '../../emulator/functions/firmware-image.js';
import { FixedKeys } from '../../emulator/functions/fixed-keys.js';
import { gasMeterFlags } from '../../emulator/functions/mirroring.js';
import {
  type TrustAnchorCell,
  TrustAnchorCells,
} from '../../emulator/functions/trust-anchor-cells.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { decodeGbcsMessage } from '../../protocols/gbcs/message.js';
import { decodePayload, type Payload } from '../../protocols/gbcs/payload.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import { deviceParts } from './device-parts.js';
import { nodeCryptoForTests } from './test-crypto.js';
import { TestHome } from './test-home.js';

export const entities = {
  esme: eui64('00db1000000001a0'),
  gsme: eui64('00db1000000001a1'),
  chf: eui64('00db1000000001a2'),
  gpf: eui64('00db1000000001a3'),
  ppmid: eui64('00db1000000001a4'),
  hcalcs: eui64('00db1000000001a5'),
  ihd: eui64('00db1000000001a7'),
} as const;

const crypto = nodeCryptoForTests();
const startMs = Date.UTC(2026, 5, 1, 8);

function partyKeys(octet: number, entity: Eui64): FixedKeys {
  const key = new Uint8Array(32).fill(octet);
  return new FixedKeys({ entity, signingPrivateKey: key, agreementPrivateKey: key }, crypto);
}

/** Remote parties that the devices know. */
export const parties = {
  supplier: partyKeys(0x41, eui64('90b3d51f30010000')),
  accessControlBroker: partyKeys(0x42, eui64('90b3d51f30000002')),
} as const;

function cells(): TrustAnchorCells {
  const made: TrustAnchorCell[] = [];
  for (const role of ['supplier', 'accessControlBroker'] as const satisfies RemotePartyRole[]) {
    const { entity } = parties[role];
    const publicKey = parties[role].agreementPublicKey();
    for (const keyUsage of ['digitalSignature', 'keyAgreement'] as const) {
      const subjectKeyIdentifier = '00'.repeat(8);
      made.push({
        role,
        keyUsage,
        cellUsage: 'management',
        entity,
        publicKey,
        subjectKeyIdentifier,
      });
    }
  }
  return new TrustAnchorCells(made);
}

/** A home whose hub has firmware for its devices, without radio in between. */
export class FirmwareHome extends TestHome {
  readonly chf: Chf;
  readonly esme: Esme;
  readonly gsme: Gsme;
  readonly gpf: Gpf;
  readonly ppmid: Ppmid;
  readonly hcalcs: Hcalcs;
  readonly ihd: Ihd;
  readonly parentsLost: Eui64[] = [];

  constructor(options: { readonly wakeIntervalMs?: number } = {}) {
    super(startMs);
    const { esme, gpf, gsme } = entities;
    this.gpf = this.attach(new Gpf({ ...this.parts('gpf'), gsme }));
    const chfParts = this.parts('chf');
    const host: HubHost = {
      ...chfParts.host,
      deliver: () => 'sent',
      flagGasMeter: (flag, raised) => this.gpf.setFlags(gasMeterFlags[flag], raised),
    };
    const types = ['esme', 'gsme', 'ppmid', 'hcalcs', 'ihd'] as const;
    const deviceLog = types.map((type) => ({ entity: entities[type], type }));
    this.chf = this.attach(new Chf({ ...chfParts, host, gpf, deviceLog }));
    this.esme = this.attach(new Esme({ ...this.parts('esme'), contract: { payment: 'credit' } }));
    this.gsme = this.attach(
      new Gsme({ ...this.parts('gsme'), gpf, payment: 'credit', ...options }),
    );
    const none = { esme: undefined, gpf: undefined, gsme: undefined };
    this.ppmid = this.attach(new Ppmid({ ...this.parts('ppmid'), ...none }));
    this.hcalcs = this.attach(new Hcalcs({ ...this.parts('hcalcs'), esme }));
    const hub = { entity: entities.chf, random: new SeededRandom('ihd').stream('ihd') };
    const display = { entity: entities.ihd, host: this.lossyHost(entities.ihd) };
    this.ihd = this.attach(new Ihd({ ...display, esme: undefined, gpf: undefined, hub }));
  }

  private lossyHost(entity: Eui64) {
    return { ...this.host(entity), parentLost: () => void this.parentsLost.push(entity) };
  }

  private parts(type: keyof typeof entities): DeviceParts {
    const entity = entities[type];
    return {
      ...deviceParts(this, entity),
      host: this.lossyHost(entity),
      hub: entities.chf,
      trustAnchors: cells(),
    };
  }

  /** Lets so much time pass. */
  pass(ms: number): void {
    this.clock.advance(ms);
  }

  /** Alerts that a device has raised, oldest first, by code, with their payloads. */
  alerts(device: Device): { readonly code: number; readonly payload: Payload }[] {
    return this.messages.flatMap(({ entity, message }) => {
      if (entity !== device.entity) return [];
      const { header, content } = decodeGbcsMessage(message);
      if (header.craFlag !== 'alert') return [];
      const { messageCode } = header.otherInformation;
      return [{ code: messageCode, payload: decodePayload(content, messageCode, 'alert') }];
    });
  }

  /** What the device says of its firmware. */
  firmwareOf(device: Device): Readonly<Record<string, unknown>> {
    return device.describe().firmware as Readonly<Record<string, unknown>>;
  }
}

/** A file for a device of that type, as its supplier would send it. */
export function firmwareFile(
  type: UpgradableType,
  fileVersion: number,
  making: Partial<FirmwareMaking> = {},
): Uint8Array {
  return makeFirmwareFile({
    type,
    fileVersion,
    sign: (image) => parties.supplier.sign(image),
    random: new SeededRandom('firmware').stream(type),
    ...making,
  });
}
