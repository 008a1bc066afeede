import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msOfSecondsSince2000, secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import type { DeviceEventLog } from '../../functions/device-event-log.js';
import { utcNotKnown } from '../../functions/gas-metering.js';
import type { ZclClient } from '../zcl-client.js';

export interface ClockKeeperParts {
  readonly client: ZclClient;
  /** Serves the home's time. */
  readonly hub: Eui64;
  readonly clock: DeviceClock;
  readonly eventLog: DeviceEventLog;
  /** The hub's time is too far off to be taken; once until it agrees again. */
  readonly onDisagreement: (alertCode: number) => void;
}

const timeCluster = 0x000a;
const timeAttribute = 0x0000;

/** A meter follows its hub silently so far, and no further (device-behaviour.md 1.12). */
const adjustmentMaxMs = 10_000;

export const clockEvents = { adjusted: 0x8145, adjustmentTooLarge: 0x8f0c } as const;

/**
 * Keeps a sleepy meter's clock with its hub's, once at each wake. A difference that is too large leaves the clock as it
 * is: setting it then takes a command.
 */
export class ClockKeeper {
  private disagrees = false;

  constructor(private readonly parts: ClockKeeperParts) {}

  check(): void {
    const { client, hub } = this.parts;
    client.giveUp(hub);
    client.readAttributes(hub, timeCluster, [timeAttribute], (values) => {
      const seconds = values.get(timeAttribute);
      if (typeof seconds === 'number' && seconds !== utcNotKnown) this.take(seconds);
    });
  }

  /** The hub tells whole seconds; only a whole second is a difference. */
  private take(hubSeconds: number): void {
    const { clock, eventLog, onDisagreement } = this.parts;
    const nowMs = clock.nowMs();
    const own = msOfSecondsSince2000(secondsSince2000(nowMs));
    const gapMs = msOfSecondsSince2000(hubSeconds) - own;
    if (Math.abs(gapMs) > adjustmentMaxMs) {
      if (this.disagrees) return;
      this.disagrees = true;
      eventLog.add(clockEvents.adjustmentTooLarge, nowMs);
      onDisagreement(clockEvents.adjustmentTooLarge);
      return;
    }
    this.disagrees = false;
    if (gapMs === 0) return;
    clock.adjust(gapMs);
    eventLog.add(clockEvents.adjusted, clock.nowMs());
  }
}
