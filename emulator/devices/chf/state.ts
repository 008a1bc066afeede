import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { data } from '../../../protocols/dlms/construct.js';
import type { DlmsData } from '../../../protocols/dlms/data.js';
import type { DeviceType } from '../../../protocols/gbcs/use-cases/use-case.js';
import { computed, cosemModel } from '../../functions/cosem-model.js';
import type { DeviceCounters } from '../../functions/counters.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import { Overrides } from '../../functions/overrides.js';
import type { TrustAnchorCells } from '../../functions/trust-anchor-cells.js';

/** One entry of the hub's device log: who may be on the home network. */
export interface DeviceLogEntry {
  readonly entity: Eui64;
  readonly type: DeviceType;
}

/** Entries of the device log (device-behaviour.md 2.1). */
export const deviceLogEntriesMax = 16;

/** All that one communications hub function knows. */
export class ChfState {
  readonly cosem = new Overrides<DlmsData>();
  readonly deviceLog = new Map<Eui64, DeviceLogEntry>();

  constructor(
    readonly clock: DeviceClock,
    readonly counters: DeviceCounters,
    readonly trustAnchors: TrustAnchorCells,
    /** 4 octets, hex. */
    readonly firmwareVersion: string,
  ) {}
}

export const chfCosemModel = cosemModel<ChfState>([
  [1, '0-0:0.2.1.255', 'a2', computed(({ device }) => data.octets(device.firmwareVersion))],
]);

export const chfDlmsUseCases: ReadonlySet<string> = new Set(['ECS52']);
