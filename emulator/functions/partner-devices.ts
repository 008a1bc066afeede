import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { DeviceType } from '../../protocols/gbcs/use-cases/use-case.js';

/**
 * Another device of the home, whose key agreement certificate came with the join (CS03C): a prepayment display to a gas
 * meter, and the other way round. It is in no trust anchor cell and has no role (device-behaviour.md 1.10, 3.5).
 */
export interface PartnerDevice {
  readonly entity: Eui64;
  readonly type: DeviceType;
  /** Key agreement public key, 65 bytes; asked for when a message is to be checked, not before. */
  agreementPublicKey(): Uint8Array;
}

/** What a device may order of its partner, by its type: messages of the kind SME.C.PPMID-GSME, and nothing else. */
export const partnerUseCases: Readonly<Partial<Record<DeviceType, readonly string[]>>> = {
  ppmid: ['PCS01', 'PCS02'],
};

export function partnerOf(
  partners: readonly PartnerDevice[] | undefined,
  entity: Eui64,
): PartnerDevice | undefined {
  return partners?.find((partner) => partner.entity === entity);
}
