import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { DeviceSummary } from '../fleet/fleet.js';
import type { Output } from './output.js';

/** One device that is to get an image. */
export interface FirmwareTarget {
  readonly home: string;
  readonly type: string;
  readonly device: Eui64;
  readonly version: string;
  readonly imageHash: string;
}

/** How far one device is with its image. */
export interface TargetState {
  readonly target: FirmwareTarget;
  readonly state:
    | 'announced'
    | 'waiting'
    | 'downloading'
    | 'held'
    | 'running'
    | 'rejected'
    | 'failed';
  /** Why not. */
  readonly reason?: string;
  /** Of the file, while it is fetched. */
  readonly share?: number;
}

/** What a device says of its firmware in its state. */
interface FirmwareState {
  readonly version?: string;
  readonly held?: string;
  readonly downloading?: string;
  readonly rejected?: string;
  readonly reason?: string;
  readonly octets?: number;
  readonly ofOctets?: number;
}

/** Follows devices as they fetch firmware; in a terminal, with a line that tells. */
export class FirmwareProgress {
  private states: readonly TargetState[] = [];
  private readonly failures = new Map<Eui64, string>();

  constructor(
    private readonly targets: readonly FirmwareTarget[],
    private readonly err: Output,
  ) {}

  look(devices: readonly DeviceSummary[]): readonly TargetState[] {
    this.states = this.targets.map((target) => {
      const found = devices.find(({ device }) => device === target.device);
      return this.stateOf(target, (found?.state.firmware ?? {}) as FirmwareState);
    });
    this.show();
    return this.states;
  }

  private stateOf(target: FirmwareTarget, firmware: FirmwareState): TargetState {
    const { device, version } = target;
    const reason = this.failures.get(device);
    if (firmware.version === version) return { target, state: 'running' };
    if (reason !== undefined) return { target, state: 'failed', reason };
    if (firmware.held === version) return { target, state: 'held' };
    if (firmware.rejected === version) {
      return { target, state: 'rejected', reason: firmware.reason ?? 'no reason given' };
    }
    if (firmware.downloading !== version) return { target, state: 'waiting' };
    const { octets = 0, ofOctets = 1 } = firmware;
    return { target, state: 'downloading', share: octets / ofOctets };
  }

  /** CS06 was sent; with the reason why it did nothing, if so. */
  activated({ device }: FirmwareTarget, reason: string | undefined): void {
    if (reason !== undefined) this.failures.set(device, reason);
  }

  /** Devices of which something is still to come. */
  open(untilRunning: boolean): readonly TargetState[] {
    return this.states.filter(({ state, target }) => {
      if (this.failures.has(target.device)) return false;
      return state === 'waiting' || state === 'downloading' || (untilRunning && state === 'held');
    });
  }

  private show(): void {
    if (!this.err.isTerminal) return;
    const texts = this.states.map(({ target: { home, type }, state, share }) => {
      const percent = share === undefined ? '' : ` ${Math.floor(share * 100)}%`;
      return `${home}/${type} ${state}${percent}`;
    });
    const width = (this.err.stream.columns ?? 80) - 1;
    this.err.write(`\r\x1b[K${texts.join(', ').slice(0, width)}`);
  }

  /** Takes the line away again. */
  end(): void {
    if (this.err.isTerminal) this.err.write('\r\x1b[K');
  }
}
