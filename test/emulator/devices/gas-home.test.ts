import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeAttributeReport } from '../../../emulator/devices/attribute-report.js';
import type { DeviceParts } from '../../../emulator/devices/device-parts.js';
import { Esme } from '../../../emulator/devices/esme/device.js';
import { Gpf } from '../../../emulator/devices/gpf/device.js';
import { Gsme } from '../../../emulator/devices/gsme/device.js';
import { Ihd } from '../../../emulator/devices/ihd/device.js';
import { FixedKeys } from '../../../emulator/functions/fixed-keys.js';
import { gasEnergyKwh } from '../../../emulator/functions/gas-demand.js';
import { gasMetering } from '../../../emulator/functions/gas-metering.js';
import { TrustAnchorCells } from '../../../emulator/functions/trust-anchor-cells.js';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../../emulator/sim/seeded-random.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { msToIso } from '../../../protocols/codec/utc.js';
import { gasHome } from '../../support/gas-home.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { type RecordedFrame, TestHome } from '../../support/test-home.js';

const euis = {
  gpf: eui64('02fe110000000001'),
  esme: eui64('02fe110000000003'),
  gsme: eui64('02fe110000000004'),
  ihd: eui64('02fe110000000006'),
} as const;
const metering = 0x0702;
const minuteMs = 60_000;
const halfHourMs = 30 * minuteMs;
/** A January morning: the boiler is on. */
const start = Date.UTC(2026, 0, 14, 6, 10);

function parts(home: TestHome, entity: Eui64): DeviceParts {
  const crypto = nodeCryptoForTests();
  const material = {
    entity,
    signingPrivateKey: new Uint8Array(32).fill(1),
    agreementPrivateKey: new Uint8Array(32).fill(2),
  };
  return {
    entity,
    host: home.host(entity),
    crypto,
    keys: new FixedKeys(material, crypto),
    trustAnchors: new TrustAnchorCells([]),
    store: new MemoryStore(),
    counterGranularity: 'perRoleAndMessageCode',
    random: new SeededRandom(20261122).stream(entity),
    household: 4711,
  };
}

function dualFuelHome(startMs = start) {
  const home = new TestHome(startMs);
  const gpf = home.attach(new Gpf({ ...parts(home, euis.gpf), gsme: euis.gsme }));
  const esme = home.attach(new Esme(parts(home, euis.esme)));
  const gsme = home.attach(new Gsme({ ...parts(home, euis.gsme), gpf: euis.gpf }));
  const host = home.host(euis.ihd);
  const ihd = home.attach(new Ihd({ entity: euis.ihd, host, esme: euis.esme, gpf: euis.gpf }));
  home.start();
  return { home, gpf, esme, gsme, ihd };
}

/** Reports of readings: they begin with the register. */
const reportsIn = (home: TestHome) =>
  home.frames.filter(
    ({ from, to, frame }) =>
      from === euis.gsme && to === euis.gpf && /^18..0a000025/.test(toHex(frame)),
  );

describe('gas meter', () => {
  it('reports at start, then every half hour, and what the proxy mirrors is what it reported', () => {
    const { home, gpf, gsme } = dualFuelHome();
    expect(reportsIn(home)).toHaveLength(1);
    home.clock.advance(3 * halfHourMs);
    home.clock.advanceTo(Date.parse(String(gsme.describe().nextWakeAt)));
    expect(reportsIn(home)).toHaveLength(5);
    const consumptionDm3 = gsme.state.consumptionDm3(home.clock.nowMs());
    expect(gpf.describe()).toMatchObject({
      consumptionDm3,
      energyKwh: Number(gasEnergyKwh(consumptionDm3).toFixed(3)),
      supply: 'enabled',
      stampedAt: msToIso(home.clock.nowMs()),
      stampedBy: 'gsme',
      reports: 5,
    });
  });

  it('reports as ZCL says: general, server to client, no default response wanted', () => {
    const home = new TestHome(Date.UTC(2015, 0, 1));
    home.attach(new Gpf({ ...parts(home, euis.gpf), gsme: euis.gsme }));
    const gsme = home.attach(new Gsme({ ...parts(home, euis.gsme), gpf: euis.gpf }));
    gsme.state.zcl.pin('0702/0000', 12345);
    gsme.state.zcl.pin('0702/0205', 100);
    gsme.state.zcl.pin('0702/0407', 0);
    gsme.state.zcl.pin('0702/0c01', 0x010203);
    home.start();
    // ZCL 2.5.11: frame control, sequence, 0A, then per attribute id, type, value; all little-endian.
    const expected = [
      '18020a',
      '000025393000000000',
      '0700e2804a371c',
      '14003002',
      '0502216400',
      '0504e2804a371c',
      '070422000000',
      '010c22030201',
    ];
    const [report] = reportsIn(home);
    expect(toHex((report as RecordedFrame).frame)).toBe(expected.join(''));
    expect(report).toMatchObject({ clusterId: metering, endpoints: { to: 2 } });
  });

  it('keeps its rhythm when woken early and takes another interval', () => {
    const home = new TestHome(start);
    const gsmeParts = { ...parts(home, euis.gsme), gpf: euis.gpf, wakeIntervalMs: 1000 };
    const gsme = home.attach(new Gsme(gsmeParts));
    home.start();
    const turn = Date.parse(String(gsme.describe().nextWakeAt));
    expect(turn).toBeLessThanOrEqual(start + 1000);
    gsme.wake();
    expect(gsme.describe().wakes).toBe(1);
    home.clock.advance(3000);
    expect(gsme.describe().wakes).toBe(4);
    expect(home.radioWakes).toHaveLength(4);
  });

  it('lets gas flow only while the valve is open, and only a consumer opens it', () => {
    const { home, gsme, gpf } = gasHome();
    home.start();
    home.clock.advance(6 * halfHourMs);
    const before = gsme.state.consumptionDm3(home.clock.nowMs());
    expect(before).toBeGreaterThan(gsme.state.parts.consumption.value - 1);
    gsme.state.setSupply('disabled', home.clock.nowMs());
    expect(gsme.enableByConsumer()).toBe(false);
    expect(gpf.describe().supply).toBe('disabled');
    home.clock.advance(48 * halfHourMs);
    expect(gsme.state.consumptionDm3(home.clock.nowMs())).toBe(before);
    expect(gsme.describe().flowM3PerHour).toBe(0);
    gsme.state.setSupply('armed', home.clock.nowMs());
    home.clock.advance(48 * halfHourMs);
    expect(gsme.state.consumptionDm3(home.clock.nowMs())).toBe(before);
    expect(gsme.enableByConsumer()).toBe(true);
    expect(gsme.enableByConsumer()).toBe(false);
    expect(gpf.describe().supply).toBe('enabled');
    home.clock.advance(48 * halfHourMs);
    expect(gsme.state.consumptionDm3(home.clock.nowMs())).toBeGreaterThan(before);
    const supplies = home.eventsNamed('supply-changed', euis.gsme).map(({ detail }) => detail);
    expect(supplies).toEqual([{ supply: 'disabled' }, { supply: 'armed' }, { supply: 'enabled' }]);
  });

  it('does not move the valve for anybody on the home network', () => {
    const { home, gsme } = dualFuelHome();
    const shut = fromHex('01070b000000000000000000000000000000000001');
    gsme.receiveZcl(euis.ihd, metering, shut);
    expect(gsme.state.supplyState).toBe('enabled');
    // DefaultResponse to 0B: unsupported cluster command.
    expect(toHex(home.frames.at(-1)?.frame as Uint8Array)).toBe('08070b0b81');
  });

  it('a clock that is off stamps nothing: the proxy gives its own time', () => {
    const { home, gpf, gsme } = dualFuelHome();
    gsme.state.clock.disturb(-5 * minuteMs, 'unreliable');
    const stampedAt = gsme.describe().nextWakeAt;
    home.clock.advance(halfHourMs);
    expect(gpf.describe()).toMatchObject({ stampedAt, stampedBy: 'gpf' });
  });

  it('survives a pinned value that no frame can carry', () => {
    const { home, gsme } = dualFuelHome();
    gsme.state.zcl.pin('0702/0000', 'nonsense');
    home.clock.advance(halfHourMs);
    expect(home.eventsNamed('fault')).toHaveLength(1);
    expect(reportsIn(home)).toHaveLength(1);
    gsme.state.zcl.release('0702/0000');
    home.clock.advance(halfHourMs);
    expect(reportsIn(home)).toHaveLength(2);
  });
});

describe('gas proxy', () => {
  const summation = gasMetering.currentSummationDelivered;

  it('takes reports from its meter alone, and only what it can serve', () => {
    const home = new TestHome(start);
    const gpf = home.attach(new Gpf({ ...parts(home, euis.gpf), gsme: euis.gsme }));
    const report = encodeAttributeReport(metering, 0, [{ ...summation, value: 5 }]);
    gpf.receiveZcl(euis.ihd, metering, report);
    gpf.receiveZcl(euis.gsme, 0x0700, report);
    const mistyped = [{ ...summation, dataType: 0x23, value: 5 }];
    gpf.receiveZcl(euis.gsme, metering, encodeAttributeReport(metering, 1, mistyped));
    expect(gpf.describe()).toMatchObject({ reports: 0, framesDropped: 2 });
    expect(gpf.describe().consumptionDm3).toBeUndefined();
    gpf.receiveZcl(euis.gsme, metering, report);
    expect(gpf.describe()).toMatchObject({ reports: 1, consumptionDm3: 5 });
    expect(home.frames).toEqual([]);
  });

  it('serves displays from the mirror, with failures where nothing was reported', () => {
    const home = new TestHome(start);
    const gpf = home.attach(new Gpf({ ...parts(home, euis.gpf), gsme: euis.gsme }));
    const read = fromHex('00110000000003');
    gpf.receiveZcl(euis.ihd, metering, read);
    expect(toHex(home.frames.at(-1)?.frame as Uint8Array)).toBe('0811010000c00003c0');
    const report = encodeAttributeReport(metering, 0, [{ ...summation, value: 0x010203 }]);
    gpf.receiveZcl(euis.gsme, metering, report);
    gpf.receiveZcl(euis.ihd, metering, read);
    const answer = '08110100000025030201000000' + '0003c0';
    expect(toHex(home.frames.at(-1)?.frame as Uint8Array)).toBe(answer);
  });
});

describe('in-home display', () => {
  it('shows both fuels as their meters have them', () => {
    const { home, esme, gsme, ihd } = dualFuelHome();
    home.clock.advance(2 * 60 * minuteMs);
    const nowMs = home.clock.nowMs();
    const importWh = esme.state.activeImportWh(nowMs);
    expect(ihd.describe()).toMatchObject({
      electricity: {
        powerW: esme.state.activePowerW(nowMs),
        meter: importWh / 1000,
        unit: 'kWh',
        pencePerKwh: 27.35,
        supply: 'enabled',
        readAt: '2026-01-14T08:10:00Z',
        stale: false,
      },
      gas: { unit: 'm³', pencePerKwh: 6.3, supply: 'enabled', stale: false },
    });
    const gasMeter = (ihd.describe().gas as { meter: number }).meter;
    expect(gasMeter).toBeLessThanOrEqual(gsme.state.consumptionDm3(nowMs) / 1000);
    expect(gasMeter).toBeGreaterThan(gsme.state.consumptionDm3(nowMs) / 1000 - 5);
    expect(ihd.render().join('\n')).toContain('2026-01-14 08:10 UTC');
  });

  it('counts today from midnight UTC, in kWh and in pounds with the standing charge', () => {
    const lateEvening = Date.UTC(2026, 0, 13, 22, 0);
    const { home, esme, gsme, ihd } = dualFuelHome(lateEvening);
    const eleven = Date.UTC(2026, 0, 14, 11, 0);
    const midnight = Date.UTC(2026, 0, 14);
    home.clock.advanceTo(midnight);
    const atMidnight = {
      wh: esme.state.activeImportWh(midnight),
      dm3: gsme.state.consumptionDm3(midnight),
    };
    home.clock.advanceTo(eleven);
    const kwh = (esme.state.activeImportWh(eleven) - atMidnight.wh) / 1000;
    const gasKwh = gasEnergyKwh(gsme.state.consumptionDm3(eleven) - atMidnight.dm3);
    const { electricity, gas } = ihd.describe() as Record<string, Record<string, number>>;
    expect(kwh).toBeGreaterThan(0);
    expect(electricity?.todayKwh).toBeCloseTo(kwh, 3);
    expect(electricity?.todayPounds).toBe(Math.round(kwh * 27.35 + 53.68) / 100);
    // What the display knows is what was in the mirror when it looked, up to half an hour ago.
    expect(gas?.todayKwh).toBeGreaterThan(0);
    expect(gas?.todayKwh).toBeLessThanOrEqual(gasKwh + 0.001);
  });

  it('shows data as stale when nothing new comes, and gives up what is not answered', () => {
    const { home, ihd } = dualFuelHome();
    home.clock.advance(minuteMs);
    expect(ihd.render().join('\n')).not.toContain('no reading');
    home.loses = ({ from }) => from === euis.esme;
    home.clock.advance(2 * minuteMs);
    const text = ihd.render();
    expect(text.filter((line) => line.includes('no reading since 06:11'))).toHaveLength(1);
    expect(text[1]).toMatch(/^Electricity +-$/);
    expect(ihd.describe()).toMatchObject({ electricity: { stale: true }, gas: { stale: false } });
    // Twelve live readings and what was asked each minute.
    expect(ihd.describe().unanswered).toBeGreaterThan(12);
    home.loses = () => false;
    home.clock.advance(10_000);
    expect(ihd.render().join('\n')).not.toContain('no reading');
  });

  it('says so at most once per reading cycle, and only when something has changed', () => {
    const { home, esme } = dualFuelHome();
    home.clock.advance(minuteMs);
    const updates = () => home.eventsNamed('display-updated', euis.ihd).length;
    const before = updates();
    home.clock.advance(60 * minuteMs);
    expect(updates() - before).toBeGreaterThan(0);
    expect(updates() - before).toBeLessThanOrEqual(6 * 60 + 2);
    esme.state.zcl.pin('0702/0000', 1);
    esme.state.zcl.pin('0702/0400', 1);
    // Consumption, cost and bill go on whatever the register says.
    for (const key of ['0702/0401', '0702/0a00', '0705/051c']) esme.state.zcl.pin(key, 1);
    home.clock.advance(5 * minuteMs);
    const pinned = updates();
    home.clock.advance(minuteMs);
    expect(updates()).toBe(pinned);
  });

  it('believes an answer only from whom it asked, for what it asked, once', () => {
    const home = new TestHome(start);
    const host = home.host(euis.ihd);
    const ihd = home.attach(new Ihd({ entity: euis.ihd, host, esme: euis.esme, gpf: undefined }));
    home.start();
    const [read] = home.frames as [RecordedFrame];
    const sequence = toHex(read.frame.subarray(1, 2));
    const answer = fromHex(
      `18${sequence}01000300300001030022010000020300222a0000000000257b0000000000`,
    );
    const meter = () => (ihd.describe().electricity as Record<string, unknown>).meter;
    ihd.receiveZcl(euis.gpf, metering, answer);
    ihd.receiveZcl(euis.esme, 0x0700, answer);
    ihd.receiveZcl(euis.esme, metering, fromHex(`00${toHex(answer.subarray(1))}`));
    expect(meter()).toBeUndefined();
    ihd.receiveZcl(euis.esme, metering, answer);
    expect(meter()).toBe(123 / 42);
    ihd.receiveZcl(euis.esme, metering, answer);
    expect(ihd.describe().framesDropped).toBe(4);
  });

  it('shows a home with one fuel, or none', () => {
    const home = new TestHome(start);
    const only = { entity: euis.ihd, host: home.host(euis.ihd) };
    expect(new Ihd({ ...only, esme: undefined, gpf: euis.gpf }).render()).toHaveLength(2);
    const none = new Ihd({ ...only, esme: undefined, gpf: undefined });
    none.start();
    expect(none.render()).toHaveLength(1);
    expect(home.clock.pending).toBe(0);
  });
});

describe('any bytes', () => {
  const frames = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(
        fc.constantFrom(0x00, 0x01, 0x08, 0x09, 0x18, 0x19, 0x04, 0x05, 0x02),
        fc.nat(3),
        fc.constantFrom(0x00, 0x01, 0x0a, 0x0b, 0x0c),
        fc.uint8Array({ maxLength: 30 }),
      )
      .map(([control, sequence, command, rest]) =>
        Uint8Array.of(control, sequence, command, ...rest),
      ),
  );
  const clusterIds = fc.constantFrom(0x0702, 0x0700, 0x000a, 0xfc00);
  const senders = fc.constantFrom(...Object.values(euis));

  it('from any sender and cluster leave every device running', () => {
    const { home, gpf, gsme, esme, ihd } = dualFuelHome();
    fc.assert(
      fc.property(frames, clusterIds, senders, (frame, clusterId, from) => {
        for (const device of [gpf, gsme, esme, ihd]) {
          device.receiveZcl(from, clusterId, frame);
          device.receiveMessage(frame);
        }
        ihd.render();
      }),
      { seed: 20261122, numRuns: 2000 },
    );
    home.clock.advance(halfHourMs);
    expect(gsme.state.supplyState).toBe('enabled');
    for (const device of [gpf, gsme, esme, ihd]) JSON.stringify(device.describe());
    expect(gsme.describe()).toMatchObject({ executed: 0 });
  });
});
