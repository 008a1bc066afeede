import type { ProvideCredentialsCommand } from '../../protocols/asn1/security-credentials.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { withMac, withSignature } from '../../protocols/gbcs/message.js';
import type { Payload } from '../../protocols/gbcs/payload.js';
import { computeMac } from '../../protocols/gbcs/protection.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import type {
  DeviceType,
  MessageCode,
  ProtectionForm,
} from '../../protocols/gbcs/use-cases/use-case.js';
import { UsageError } from '../ports/errors.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { OriginatorCounter } from './originator-counter.js';
import { type Party, type PreCommand, ServiceUser } from './service-user.js';

export type PublicKeyUsage = 'digitalSignature' | 'keyAgreement';
/** The current public key (65 bytes) of a device or party, as the SMKI repository has it. */
export type PublicKeyOf = (entity: Eui64, usage: PublicKeyUsage) => Uint8Array | undefined;

/**
 * Use cases that the data communications company authors itself: its broker is the originator and names nobody in the
 * supplementary fields. In all others the broker speaks for a service user. Taken from official data.
 */
const authoredByBroker: ReadonlySet<string> = new Set(['CS02a', 'CS02b', 'CS02f', 'GCS59']);

export function speaksForItself(code: MessageCode): boolean {
  return authoredByBroker.has(code.useCase);
}

/** Whether commands of this code come in more than one protected form (CS02a, CS02f). */
export function hasVariants(code: MessageCode): boolean {
  return (code.protection.command ?? []).length > 1;
}

/**
 * How a command is protected. A variant use case is MACed when a key agreement cell authorises it and signed otherwise;
 * the payload names the cell (gbcs-message.md 2.1).
 */
export function protectionOf(code: MessageCode, payload: Payload): ProtectionForm {
  if (!hasVariants(code)) return code.protection.command?.[0] ?? 'mac';
  return authorisingKeyUsage(payload) === 'digitalSignature' ? 'signature' : 'mac';
}

function authorisingKeyUsage(payload: Payload): unknown {
  if (payload.kind !== 'asn1') return undefined;
  const command = payload.value as Partial<ProvideCredentialsCommand> | null;
  return command?.authorisingRemotePartyTACellIdentifier?.trustAnchorCellKeyUsage;
}

/**
 * The access control broker: checks who may send what to which device, and adds the MAC without which no device takes a
 * command. It is a party itself, and the originator for users whom devices do not know.
 */
export class AccessControlBroker extends ServiceUser {
  constructor(
    party: Party,
    keys: EntityKeys,
    counter: OriginatorCounter,
    private readonly crypto: Crypto,
    private readonly publicKeyOf: PublicKeyOf,
  ) {
    super(party, keys, counter);
  }

  /** Why this command must not go out, in words; undefined when it may. */
  refusalOf(code: MessageCode, originator: RemotePartyRole, type: DeviceType): string | undefined {
    if (code.encodings.command === undefined) return `${code.useCase} is not a command`;
    if (!code.targets.includes(type)) {
      return `${code.useCase} is for ${code.targets.join(', ')}, not for a ${type}`;
    }
    if (!code.roles.includes(originator)) {
      return `${code.useCase} may be sent by ${code.roles.join(', ')}, not by ${originator}`;
    }
    return undefined;
  }

  /**
   * Signature and MAC as the use case wants them: `originator` signs, the broker MACs.
   * @throws UsageError when no key agreement key of the device is known.
   */
  protect(code: MessageCode, originator: ServiceUser, preCommand: PreCommand): Uint8Array {
    const form = protectionOf(code, preCommand.payload);
    const inner =
      form === 'mac' ? withSignature(preCommand.bytes) : originator.signed(preCommand.bytes);
    return form === 'signature' ? inner : this.withMac(inner, preCommand.header.recipient);
  }

  /**
   * Puts the broker's MAC around an unMACed message for `device`. Whoever the originator is, the key comes from the
   * broker's and the device's key agreement keys (gbcs-message.md 4).
   */
  withMac(inner: Uint8Array, device: Eui64): Uint8Array {
    const deviceKey = this.publicKeyOf(device, 'keyAgreement');
    if (deviceKey === undefined) {
      throw new UsageError(`no key agreement certificate of device ${device} is known`);
    }
    return withMac(inner, computeMac(this.crypto, this.keys.sharedSecret(deviceKey), inner));
  }
}
