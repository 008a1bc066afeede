import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { AccessRequestProcessor } from '../../functions/access-request-processor.js';
import { Asn1Processor } from '../../functions/asn1-processor.js';
import { DeviceCounters } from '../../functions/counters.js';
import { DeviceClock } from '../../functions/device-clock.js';
import { HouseholdLoad } from '../../functions/household-load.js';
import { CumulativeRegister, startingValue } from '../../functions/meter-registers.js';
import { provideCredentials } from '../../functions/provide-credentials.js';
import { SupplyVoltage } from '../../functions/supply-voltage.js';
import type { Device, DeviceDescription, DeviceFault } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { RemotePartyDesk } from '../remote-party-desk.js';
import { ZclServer } from '../zcl-server.js';
import { esmeCosemModel, esmeDlmsUseCases } from './cosem.js';
import { esmeZclModel } from './han.js';
import { EsmeState, randomisedOffsetNumbers } from './state.js';

const asn1UseCases = new Map([['CS02a', provideCredentials]]);
const firmwareVersion = '01000000';
/** SMETS2: at most 1,799 s [mem]; ten minutes is what suppliers commonly set. */
const randomisedOffsetLimit = 600;

/** Single-phase electricity meter, single element, credit mode. */
export class Esme implements Device {
  readonly type = 'esme';
  readonly state: EsmeState;
  private readonly desk: RemotePartyDesk;
  private readonly zcl: ZclServer<EsmeState>;

  constructor(private readonly parts: DeviceParts) {
    const { host, random, household } = parts;
    const load = new HouseholdLoad(household);
    const clock = new DeviceClock(() => host.nowMs());
    const counters = new DeviceCounters(parts.store, parts.entity, parts.counterGranularity);
    const digits = String(random.int(0, 999_999_999)).padStart(9, '0');
    this.state = new EsmeState({
      load,
      voltage: new SupplyVoltage(household),
      activeImport: new CumulativeRegister(load, {
        value: startingValue(household, load.annualWh),
        atMs: host.nowMs(),
      }),
      clock,
      counters,
      trustAnchors: parts.trustAnchors,
      onSupplyChange: (state) => host.event('supply-changed', { supply: state }),
      meterPointAdministrationNumber: `1012${digits}`,
      firmwareVersion,
      randomisedOffsetLimit,
      randomisedOffsetNumber: random.int(0, randomisedOffsetNumbers),
    });
    this.desk = new RemotePartyDesk(parts, this.type, this.state.parts, {
      dlms: new AccessRequestProcessor({
        model: esmeCosemModel,
        device: this.state,
        useCases: esmeDlmsUseCases,
      }),
      asn1: new Asn1Processor({ device: this.state, useCases: asn1UseCases }),
    });
    this.zcl = new ZclServer({
      model: esmeZclModel,
      device: this.state,
      host,
      nowMs: () => clock.nowMs(),
    });
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
  }

  receiveMessage(message: Uint8Array): void {
    this.desk.receive(message);
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    this.zcl.receive(from, clusterId, frame);
  }

  wake(): void {
    // A mains-powered meter with lazily advanced registers asks for no wake-up.
  }

  disturb(fault: DeviceFault): void {
    const { cosem, zcl, parts } = this.state;
    disturbDevice({ cosem, zcl, clock: parts.clock }, fault);
  }

  describe(): DeviceDescription {
    const nowMs = this.state.parts.clock.nowMs();
    return {
      activeImportWh: this.state.activeImportWh(nowMs),
      activePowerW: this.state.activePowerW(nowMs),
      supply: this.state.supplyState,
      clock: this.state.parts.clock.reliability,
      ...this.desk.totals,
      last: this.desk.last,
    };
  }
}
