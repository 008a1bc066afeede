import type { DlmsData } from '../../protocols/dlms/data.js';
import type { GbzValue } from '../../protocols/gbcs/gbz-types.js';
import type { DeviceClock } from '../functions/device-clock.js';
import type { Overrides } from '../functions/overrides.js';
import type { DeviceFault } from './device.js';

/** What a device has that can be made to go wrong. */
export interface Disturbable {
  readonly cosem?: Overrides<DlmsData>;
  readonly zcl?: Overrides<GbzValue>;
  readonly clock: DeviceClock;
}

const zclKeyPattern = /^[0-9a-f]{4}\/[0-9a-f]{4}$/;

/** Applies a fault; a key that the device has no attribute of is kept and does no harm. */
export function disturbDevice(device: Disturbable, fault: DeviceFault): void {
  if (fault.fault === 'clock') {
    device.clock.disturb(fault.offsetMs, fault.reliability);
    return;
  }
  const overrides = zclKeyPattern.test(fault.key) ? device.zcl : device.cosem;
  if (fault.fault === 'fail') overrides?.fail(fault.key, fault.code);
  else overrides?.release(fault.key);
}
