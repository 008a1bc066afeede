import type { GbzValue } from '../../protocols/gbcs/gbz-types.js';
import { basicServer, powerSources } from '../functions/basic-server.js';
import type { Firmware } from '../functions/firmware.js';
import type { Overrides } from '../functions/overrides.js';
import { zclModel } from '../functions/zcl-model.js';
import type { DeviceHost } from './device.js';
import { ZclServer } from './zcl-server.js';

/** A device that serves nothing to the home but what it is. */
interface Described {
  readonly zcl: Overrides<GbzValue>;
}
interface Upgradable extends Described {
  readonly firmware: Firmware;
}

export type BasicDesk = ZclServer<Described>;
export type UpgradableBasicDesk = ZclServer<Upgradable>;

const { mains } = powerSources;
const version = ({ firmware }: Upgradable): string => firmware.version;
const models = {
  ihd: zclModel(basicServer<Described>('In-home display', mains).attributes),
  ppmid: zclModel(basicServer('Prepayment display', mains, version).attributes),
  hcalcs: zclModel(basicServer('Load control switch', mains, version).attributes),
} as const;

/** Where a display answers what it is. */
export function basicDesk(device: Described, host: DeviceHost): BasicDesk {
  return new ZclServer({ model: models.ihd, device, host, nowMs: () => host.nowMs() });
}

/** Where a display or load switch with firmware of its own answers what it is. */
export function upgradableBasicDesk(
  type: 'ppmid' | 'hcalcs',
  device: Upgradable,
  host: DeviceHost,
): UpgradableBasicDesk {
  return new ZclServer({ model: models[type], device, host, nowMs: () => host.nowMs() });
}
