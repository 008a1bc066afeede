import type { SubGhzChannel } from '../../emulator/functions/sub-ghz-channels.js';
import type {
  LinkQualityReport,
  SubGhzRadio,
  TransmissionCounts,
} from '../../emulator/functions/sub-ghz-radio.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';

export interface TestSubGhzRadio extends SubGhzRadio {
  channel: SubGhzChannel;
  percent: number;
  /** Airtime in per cent, by device. */
  readonly devices: Map<Eui64, { percent: number; readonly sleepy: boolean }>;
  counts: TransmissionCounts;
  /** dB on channels that are not silent, by `page/channel`. */
  readonly noise: Map<string, number>;
  report: (report: LinkQualityReport) => void;
}

export const keyOfChannel = ({ page, channel }: SubGhzChannel) => `${page}/${channel}`;

/** The hub's sub-GHz radio as a test wants it to be. */
export function testSubGhzRadio(channel: SubGhzChannel = { page: 28, channel: 0 }) {
  const radio: TestSubGhzRadio = {
    channel,
    percent: 0,
    devices: new Map(),
    counts: { transmissions: 0, failures: 0, retries: 0 },
    noise: new Map(),
    report: () => undefined,
    dutyCyclePercent: () => radio.percent,
    clients: () =>
      [...radio.devices].map(([device, one]) => ({
        device,
        sleepy: one.sleepy,
        airtimePercent: () => one.percent,
      })),
    transmissions: () => radio.counts,
    energyOn: (on) => radio.noise.get(keyOfChannel(on)) ?? 0,
    changeChannel: (to) => {
      radio.channel = to;
    },
    settleMs: 10_000,
    onLinkQuality: (listener) => {
      radio.report = listener;
    },
  };
  return radio;
}
