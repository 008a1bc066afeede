import { CodecError } from '../../protocols/codec/codec-error.js';
import { isoToMs, msToIso } from '../../protocols/codec/utc.js';
import type { Asn1UseCase, Asn1Value } from './asn1-processor.js';
import type { DeviceClock } from './device-clock.js';

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
    const fromMs = parseTime('validityIntervalStart', validityIntervalStart);
    const toMs = parseTime('validityIntervalEnd', validityIntervalEnd);
    if (device.clock.setWithin(fromMs, toMs)) device.onClockSet();
    return {
      deviceTime: generalizedTime(device.clock.nowMs()),
      deviceTimeStatus: device.clock.reliability,
    } as unknown as Asn1Value;
  },
};

const timeParts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

function parseTime(path: string, text: string): number {
  const ms = isoToMs(text.replace(timeParts, '$1-$2-$3T$4:$5:$6Z'));
  if (ms === undefined) throw new CodecError(path, 0, `'${text}' is no day of the calendar`);
  return ms;
}

/** `YYYYMMDDhhmmssZ`. */
function generalizedTime(ms: number): string {
  return msToIso(ms).replace(/[-:T]/g, '');
}
