import { clockStatuses } from '../../protocols/dlms/time.js';
import type { GbzValue } from '../../protocols/gbcs/gbz-types.js';
import { Asn1Processor, type Asn1UseCase, type Asn1Value } from '../functions/asn1-processor.js';
import { DeviceCounters } from '../functions/counters.js';
import { DeviceClock } from '../functions/device-clock.js';
import { DeviceEventLog, eventLogRows } from '../functions/device-event-log.js';
import { Firmware } from '../functions/firmware.js';
import { GbzProcessor, type GbzUseCase } from '../functions/gbz-processor.js';
import { Overrides } from '../functions/overrides.js';
import { provideCredentials } from '../functions/provide-credentials.js';
import type { TrustAnchorCells } from '../functions/trust-anchor-cells.js';
import { zclModel } from '../functions/zcl-model.js';
import type { DeviceParts } from './device-parts.js';
import { RemotePartyDesk } from './remote-party-desk.js';

/** What a PPMID and an HCALCS have in common: an identity that remote parties know, logs, and firmware. */
export class AccessoryState {
  readonly zcl = new Overrides<GbzValue>();
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
  readonly firmware: Firmware;
  readonly eventLog = new DeviceEventLog();
  readonly securityLog = new DeviceEventLog();

  constructor(
    { host, store, entity, counterGranularity, trustAnchors }: DeviceParts,
    /** 4 octets, hex: from its maker. */
    firmwareVersion: string,
  ) {
    this.clock = new DeviceClock(() => host.nowMs());
    this.counters = new DeviceCounters(store, entity, counterGranularity);
    this.trustAnchors = trustAnchors;
    this.firmware = new Firmware(store, entity, firmwareVersion);
  }
}

const readFirmwareVersion: Asn1UseCase<AccessoryState> = {
  execute: ({ firmware }) =>
    ({ firmwareVersion: firmware.version, responseCode: 'success' }) as unknown as Asn1Value,
};

const asn1UseCases = new Map<string, Asn1UseCase<AccessoryState>>([
  ['CS02a', provideCredentials],
  ['CS08', readFirmwareVersion],
]);
const gbzUseCases = new Map<string, GbzUseCase>([
  ['CS10a', { disableDefaultResponse: true }],
  ['CS10b', { disableDefaultResponse: true }],
]);
const gbzModel = zclModel<AccessoryState>([], eventLogRows());

/** The GBCS end of an accessory: what every one of them answers to remote parties. */
export function accessoryDesk(
  parts: DeviceParts,
  type: 'ppmid' | 'hcalcs',
  state: AccessoryState,
): RemotePartyDesk {
  const clockStatus = ({ clock }: AccessoryState): number =>
    clock.reliability === 'reliable' ? clockStatuses.reliable : clockStatuses.doubtful;
  return new RemotePartyDesk(parts, type, state, {
    gbz: new GbzProcessor({ model: gbzModel, device: state, useCases: gbzUseCases, clockStatus }),
    asn1: new Asn1Processor({ device: state, useCases: asn1UseCases }),
  });
}
