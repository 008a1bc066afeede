import type { Eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import { type DeviceLogType, isDeviceLogType } from '../../protocols/gbcs/device-log-types.js';
import type { DeviceType } from '../../protocols/gbcs/use-cases/use-case.js';
import { UsageError } from '../ports/errors.js';
import type { CommandOutcome } from './command-outcome.js';
import type { HeadEnd } from './head-end.js';

export interface DeviceToAdmit {
  readonly device: Eui64;
  readonly type: DeviceType | 'cad';
  /** 16 octets, without the CRC. */
  readonly installCode: Uint8Array;
}

export interface CommissioningPlan {
  readonly hub: Eui64;
  /** In the order in which they are added. The hub and its gas proxy function need no adding: they are passed over. */
  readonly devices: readonly DeviceToAdmit[];
  /** How long each may join, from 1 to 3,600; default 3,600. */
  readonly joiningSeconds?: number;
  /** For each command, in emulated time; default is the head end's. */
  readonly timeoutMs?: number;
}

/** How the hub took it; `admitted` once every device is in its log with an open window. */
export interface CommissioningOutcome {
  readonly hub: Eui64;
  readonly admitted: boolean;
  readonly outcomes: readonly CommandOutcome[];
}

const joiningSecondsDefault = 3600;

/**
 * Puts a home's devices into the device log of its hub: one CCS01 after the other, each sent when the one before has been
 * answered, so that no counter arrives out of order. A command that fails does not keep the others back.
 *
 * @throws UsageError before anything is sent for a device that no device log knows the type of.
 */
export async function commission(
  headEnd: Pick<HeadEnd, 'send'>,
  plan: CommissioningPlan,
): Promise<CommissioningOutcome> {
  const { hub, joiningSeconds = joiningSecondsDefault, timeoutMs } = plan;
  const wanted = plan.devices.filter(({ type }) => type !== 'chf' && type !== 'gpf');
  const admissions = wanted.map(({ device, type, installCode }) => ({
    device,
    installCode: toHex(installCode),
    deviceType: deviceLogTypeOfDevice(device, type),
    joiningSeconds,
  }));
  const outcomes: CommandOutcome[] = [];
  for (const parameters of admissions) {
    const outcome = await headEnd.send({
      useCase: 'CCS01',
      device: hub,
      parameters,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    outcomes.push(outcome);
  }
  return { hub, admitted: outcomes.every((outcome) => outcome.succeeded), outcomes };
}

function deviceLogTypeOfDevice(device: Eui64, type: string): DeviceLogType {
  if (isDeviceLogType(type)) return type;
  throw new UsageError(`${device}: a device log has no number for a ${type}`);
}
