import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../protocols/codec/hex.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { decodeZclFrame, isClusterCommand } from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload } from '../../protocols/zigbee/zcl/payload.js';
import { entities, FirmwareHome, firmwareFile } from '../support/firmware-home.js';
import type { RecordedFrame } from '../support/test-home.js';
import { dissect, tsharkAvailable } from '../support/tshark.js';
import { pcapOfZcl } from '../support/zcl-pcap.js';

const clusters = { basic: 0x0000, time: 0x000a, ota: 0x0019, keepAlive: 0x0025 } as const;
const upkeep: ReadonlySet<number> = new Set(Object.values(clusters));
const minute = 60_000;
const prefix = 'zbee_zcl_general.ota';
const filter = 'zbee_aps.cluster == 0x0019';

/** tshark's name of each field of OTA Upgrade that we have a name for. */
const otaFields: Readonly<Record<string, string>> = {
  [`${prefix}.status`]: 'status',
  [`${prefix}.manufacturer_code`]: 'manufacturerCode',
  [`${prefix}.image.type`]: 'imageType',
  [`${prefix}.file.version`]: 'fileVersion',
  [`${prefix}.image.size`]: 'imageSize',
  [`${prefix}.hw_ver`]: 'hardwareVersion',
  [`${prefix}.payload.type`]: 'payloadType',
  [`${prefix}.query_jitter`]: 'queryJitter',
  [`${prefix}.file.offset`]: 'fileOffset',
  [`${prefix}.max_data_size`]: 'maximumDataSize',
  [`${prefix}.min_block_period`]: 'minimumBlockPeriod',
  [`${prefix}.data_size`]: 'dataSize',
  [`${prefix}.image.data`]: 'imageData',
};

/** Upgrades of every device that gets firmware, with all that a day at rest brings besides. */
function upgrades(): FirmwareHome {
  const home = new FirmwareHome({ wakeIntervalMs: 10 * minute });
  home.start();
  home.pass(20 * minute);
  for (const type of ['esme', 'gsme', 'ppmid', 'hcalcs'] as const) {
    home.chf.receiveFirmware(firmwareFile(type, 0x01000001, { octets: 2_000 }));
  }
  home.pass(20 * minute);
  // One that does not pass, so that a failure is among the frames, too.
  const spoilt = firmwareFile('esme', 0x01000002, { octets: 500 });
  spoilt[200] = (spoilt[200] as number) ^ 1;
  home.chf.receiveFirmware(spoilt);
  home.pass(25 * 60 * minute);
  return home;
}

describe.skipIf(!tsharkAvailable)('tshark reads the upkeep of a home', () => {
  let frames: readonly RecordedFrame[];
  let pcap: Uint8Array;

  beforeAll(() => {
    const home = upgrades();
    expect(home.firmwareOf(home.esme)).toMatchObject({ held: '01000001', rejected: '01000002' });
    expect(home.firmwareOf(home.gsme)).toMatchObject({ held: '01000001' });
    expect(home.firmwareOf(home.ppmid)).toEqual({ version: '01000001' });
    expect(home.firmwareOf(home.hcalcs)).toEqual({ version: '01000001' });
    frames = home.frames.filter(({ clusterId }) => upkeep.has(clusterId));
    pcap = pcapOfZcl(frames);
  });

  it('without a complaint, and every frame of it', () => {
    const read = dissect(pcap, ['zbee_zcl.cmd.tsn']);
    expect(read.length).toBe(frames.length);
    expect(dissect(pcap, ['frame.number'], '_ws.malformed || _ws.expert')).toEqual([]);
    const info = dissect(pcap, ['_ws.col.info']).flat();
    expect(info.filter((text) => /unknown/i.test(text))).toEqual([]);
    for (const cluster of ['time', 'ota', 'keepAlive'] as const) {
      expect(frames.some(({ clusterId }) => clusterId === clusters[cluster])).toBe(true);
    }
  });

  it('with the values of our own decoding', () => {
    const names = Object.keys(otaFields);
    const rows = dissect(pcap, ['frame.number', ...names], filter);
    let compared = 0;
    const seen = new Set<string>();
    for (const [number, ...values] of rows) {
      const { clusterId, frame } = frames[Number(number) - 1] as RecordedFrame;
      const { frameControl, commandId, payload } = decodeZclFrame(frame);
      if (!isClusterCommand(frameControl)) continue;
      const own: GbzFields = decodeZclPayload(clusterId, frameControl, commandId, payload);
      values.forEach((value, index) => {
        const name = otaFields[names[index] ?? ''] ?? '';
        // It stops reading "wait" after the request time.
        if (name === 'minimumBlockPeriod' && own.requestTime !== undefined) return;
        if (value === '' || own[name] === undefined) {
          expect([name, value]).toEqual([name, own[name] === undefined ? '' : 'present']);
          return;
        }
        const expected = own[name];
        if (typeof expected === 'string') expect(value.replace(/:/g, '')).toBe(expected);
        else expect(Number(value), `${name} of frame ${number}`).toBe(expected);
        seen.add(name);
        compared++;
      });
    }
    expect(seen).toEqual(new Set(Object.values(otaFields)));
    expect(compared).toBeGreaterThan(2_000);
  });

  it('as the commands that they are', () => {
    const commands = dissect(
      pcap,
      [`${prefix}.cmd.srv_tx.id`, `${prefix}.cmd.srv_rx.id`],
      filter,
    ).map(([sent, received]) => Number(sent || received));
    expect(new Set(commands)).toEqual(new Set([0, 1, 2, 3, 5, 6, 7]));
    expect(commands.indexOf(0)).toBe(0);
  });

  it('and a flipped octet makes it object', () => {
    const index = frames.findIndex(
      ({ clusterId, frame, from }) =>
        clusterId === clusters.ota &&
        from === entities.chf &&
        decodeZclFrame(frame).commandId === 2,
    );
    const found = frames[index] as RecordedFrame;
    const spoilt = found.frame.slice();
    // The command is now one with more fields than there are octets.
    spoilt[2] = 5;
    const changed = frames.with(index, { ...found, frame: spoilt });
    expect(dissect(pcapOfZcl(changed), ['frame.number'], '_ws.malformed')).toEqual([
      [String(index + 1)],
    ]);
    expect(toHex(spoilt)).not.toBe(toHex(found.frame));
  });
});
