import type { Asn1UseCase, Asn1Value } from './asn1-processor.js';
import type { DeviceClock } from './device-clock.js';
import { generalizedTime, parseGeneralizedTime } from './generalized-time.js';

/** What GCS28 needs of a device. */
export interface ClockHolder {
  readonly clock: DeviceClock;
  /** Called after the clock took the hub's time. */
  onClockSet(): void;
}

interface SetClockCommand {
  readonly validityIntervalStart: string;
  readonly validityIntervalEnd: string;
}

/**
 * GCS28: takes the hub's time if it lies in the interval given, and answers with the time and its status either way
 * (device-behaviour.md 1.12).
 */
export const setClock: Asn1UseCase<ClockHolder> = {
  execute: (device, command) => {
    const { validityIntervalStart, validityIntervalEnd } = command as unknown as SetClockCommand;
    const fromMs = parseGeneralizedTime('validityIntervalStart', validityIntervalStart);
    const toMs = parseGeneralizedTime('validityIntervalEnd', validityIntervalEnd);
    if (device.clock.setWithin(fromMs, toMs)) device.onClockSet();
    return {
      deviceTime: generalizedTime(device.clock.nowMs()),
      deviceTimeStatus: device.clock.reliability,
    } as unknown as Asn1Value;
  },
};
