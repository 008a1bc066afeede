import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import { deviceParts } from '../../../support/device-parts.js';
import { testSubGhzRadio } from '../../../support/sub-ghz-radio.js';
import { TestHome } from '../../../support/test-home.js';
import { testHub } from './hub.js';

const hubEntity = eui64('02fe110000000002');
const hcalcs = eui64('02fe110000000005');
const esme = eui64('02fe110000000003');
const subGhz = 0x070b;
const ota = 0x0019;
const loadControl = 0x0701;
const minuteMs = 60_000;

/** A hub whose load controller has been told to be silent half a minute ago. */
function busyHub(percent: number) {
  const radio = testSubGhzRadio();
  radio.devices.set(hcalcs, { percent: 1, sleepy: false });
  const start = Date.UTC(2026, 0, 5);
  const parts = deviceParts(new TestHome(start), hubEntity);
  const { home, chf } = testHub(hubEntity, start, (host) => ({ ...parts, host }), {}, radio);
  chf.start();
  radio.percent = percent;
  home.clock.advance(minuteMs + 30_000);
  const told = home.frames.map(({ to, frame }) => [to, toHex(frame)]);
  home.frames.length = 0;
  const frames = () =>
    home.frames.splice(0).map(({ to, clusterId, frame }) => [to, clusterId, toHex(frame)]);
  const screened = (cluster: number, hex: string, from = hcalcs) =>
    chf.screensZcl(from, cluster, fromHex(hex));
  return { radio, home, chf, told, frames, screened };
}

// Frames by hand: frame control, sequence number, command, payload.
const reportEventStatus = '01 07 00 01000000'.replaceAll(' ', '');
const imageBlockRequest = '01 22 03 00 1234 0001 00000001 00000000 40'.replaceAll(' ', '');

describe('a device that has to be silent', () => {
  it('is told so: SuspendZCLMessages, five minutes, no default response wanted', () => {
    expect(busyHub(1.3).told).toEqual([[hcalcs, '19000005']]);
  });

  it('is answered with the minutes that remain, rounded up, and not heard', () => {
    const { screened, frames, chf, home } = busyHub(1.3);
    expect(screened(loadControl, reportEventStatus)).toBe(true);
    expect(frames()).toEqual([[hcalcs, subGhz, '19010005']]);
    home.clock.advance(2 * minuteMs);
    expect(screened(loadControl, reportEventStatus)).toBe(true);
    expect(frames()).toEqual([[hcalcs, subGhz, '19020003']]);
    expect(chf.describe().subGhz).toMatchObject({ framesRefused: 2 });
    expect(screened(loadControl, reportEventStatus, esme)).toBe(false);
  });

  it('has its default responses swallowed', () => {
    const { screened, frames } = busyHub(1.3);
    expect(screened(subGhz, '00000b0000')).toBe(false);
    expect(screened(loadControl, '00000b0000')).toBe(true);
    expect(frames()).toEqual([]);
  });

  it('may ask for how long', () => {
    const { chf, frames, home } = busyHub(1.3);
    const ask = () => chf.receiveZcl(hcalcs, subGhz, fromHex('014200'));
    ask();
    expect(frames()).toEqual([[hcalcs, subGhz, '09420005']]);
    chf.receiveZcl(esme, subGhz, fromHex('014300'));
    expect(frames()).toEqual([[esme, subGhz, '09430000']]);
    home.clock.advance(4 * minuteMs);
    ask();
    expect(frames().at(-1)).toEqual([hcalcs, subGhz, '09420001']);
  });

  it('gets its firmware while the hub is limited, and has to wait for it while that is critical', () => {
    const limited = busyHub(1.3);
    expect(limited.screened(ota, imageBlockRequest)).toBe(false);
    const critical = busyHub(2.2);
    expect(critical.screened(ota, imageBlockRequest)).toBe(true);
    // Image Block Response, WAIT_FOR_DATA, current time 0, request time 300 s, block period 0.
    expect(critical.frames()).toEqual([
      [hcalcs, ota, '192205' + '97' + '00000000' + '2c010000' + '0000'],
    ]);
    expect(critical.screened(ota, '01230500')).toBe(true);
    expect(critical.frames()).toEqual([[hcalcs, subGhz, '19010005']]);
  });

  it('may send any octets: nothing is thrown', () => {
    const { chf, frames } = busyHub(1.3);
    const cluster = fc.constantFrom(subGhz, ota, loadControl);
    fc.assert(
      fc.property(cluster, fc.uint8Array({ maxLength: 40 }), (clusterId, octets) => {
        if (!chf.screensZcl(hcalcs, clusterId, octets)) chf.receiveZcl(hcalcs, clusterId, octets);
        frames();
      }),
      { seed: 20261122, numRuns: 2_000 },
    );
  });
});
