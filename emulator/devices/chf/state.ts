import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { DlmsData } from '../../../protocols/dlms/data.js';
import type { AcceptedCommand } from '../../functions/command-gate.js';
import type { DeviceCounters } from '../../functions/counters.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import { DeviceEventLog } from '../../functions/device-event-log.js';
import type { DeviceLog, RestoredNetwork } from '../../functions/device-log.js';
import { Overrides } from '../../functions/overrides.js';
import type { TrustAnchorCells } from '../../functions/trust-anchor-cells.js';
import type { ChfSubGhz } from './sub-ghz.js';

export interface ChfStateParts {
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
  readonly deviceLog: DeviceLog;
  /** 4 octets, hex. */
  readonly firmwareVersion: string;
  /** Called when a command has brought the network of another hub; the log has it already. */
  readonly onRestore: (network: RestoredNetwork) => void;
}

/** All that one communications hub function knows; its behaviour is in the model over it. */
export class ChfState {
  readonly cosem = new Overrides<DlmsData>();
  readonly deviceLog: DeviceLog;
  readonly eventLog = new DeviceEventLog();
  readonly securityLog = new DeviceEventLog();
  /** Undefined where the hub has no device on its sub-GHz radio. */
  subGhz: ChfSubGhz | undefined;
  /** For how long the next window stays open. */
  joiningSeconds = 0;
  private adding: { readonly device: Eui64; readonly command: AcceptedCommand } | undefined;

  constructor(readonly parts: ChfStateParts) {
    this.deviceLog = parts.deviceLog;
  }

  get clock(): DeviceClock {
    return this.parts.clock;
  }

  get counters(): DeviceCounters {
    return this.parts.counters;
  }

  get trustAnchors(): TrustAnchorCells {
    return this.parts.trustAnchors;
  }

  /** The first step of CCS01 names the device, the last opens its window: what binds them is the command. */
  beginAdding(device: Eui64, command: AcceptedCommand): void {
    this.adding = { device, command };
  }

  /** The device that this very command has named. */
  endAdding(command: AcceptedCommand): Eui64 | undefined {
    const device = this.adding?.command === command ? this.adding.device : undefined;
    this.adding = undefined;
    return device;
  }
}
