import { fromHex } from '../../protocols/codec/hex.js';
import type { Asn1UseCase, Asn1Value } from './asn1-processor.js';
import type { ActivationOutcome, Firmware } from './firmware.js';
import { neverGeneralizedTime, parseGeneralizedTime } from './generalized-time.js';

export interface FirmwareHolder {
  readonly firmware: Firmware;
}

interface ActivateFirmwareCommand {
  /** Hex. */
  readonly manufacturerImageHash: string;
  readonly originatorCounter: string;
  readonly executionDateTime?: string;
}

const accepted = { commandAccepted: null };

/** The outcome as responses and alerts of CS06 write it. */
export function executionOutcome({ result, firmwareVersion }: ActivationOutcome) {
  return { responseCode: result, firmwareVersion };
}

/**
 * CS06: activates the firmware that the device holds, at once or at a time; or forgets the time (asn1.md 4.5). What is
 * planned is checked when its time has come, which the device looks at after every command.
 */
export const activateFirmware: Asn1UseCase<FirmwareHolder> = {
  execute: (device, command) => {
    const { manufacturerImageHash, originatorCounter, executionDateTime } =
      command as unknown as ActivateFirmwareCommand;
    const hash = fromHex(manufacturerImageHash);
    const { firmware } = device;
    if (executionDateTime === undefined) {
      const outcome = executionOutcome(firmware.activate(hash));
      return { executionOutcome: outcome } as unknown as Asn1Value;
    }
    if (executionDateTime === neverGeneralizedTime) {
      firmware.cancelPlan();
    } else {
      const atMs = parseGeneralizedTime('executionDateTime', executionDateTime);
      firmware.plan({ hash, originatorCounter: BigInt(originatorCounter), atMs });
    }
    return accepted as unknown as Asn1Value;
  },
};
