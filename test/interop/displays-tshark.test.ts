import { beforeAll, describe, expect, it } from 'vitest';
import { encodeAttributeReport } from '../../emulator/devices/attribute-report.js';
import { Esme } from '../../emulator/devices/esme/device.js';
import { Gpf } from '../../emulator/devices/gpf/device.js';
import { Ihd } from '../../emulator/devices/ihd/device.js';
import { gasMetering } from '../../emulator/functions/gas-metering.js';
import { electricityTariffs, type Tariff } from '../../emulator/functions/tariff.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { secondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { calendar } from '../../protocols/zigbee/clusters/calendar.js';
import { clusters } from '../../protocols/zigbee/clusters/clusters.js';
import { deviceManagement } from '../../protocols/zigbee/clusters/device-management.js';
import { messaging } from '../../protocols/zigbee/clusters/messaging.js';
import { metering } from '../../protocols/zigbee/clusters/metering.js';
import { prepayment } from '../../protocols/zigbee/clusters/prepayment.js';
import { price } from '../../protocols/zigbee/clusters/price.js';
import {
  decodeZclFrame,
  encodeZclFrame,
  isServerToClient,
} from '../../protocols/zigbee/zcl/frame.js';
import type { ClusterDefinition } from '../../protocols/zigbee/zcl/layout.js';
import {
  commandNamed,
  decodeZclPayload,
  encodeZclPayload,
} from '../../protocols/zigbee/zcl/payload.js';
import { deviceParts } from '../support/device-parts.js';
import { type RecordedFrame, TestHome } from '../support/test-home.js';
import { dissect, tsharkAvailable } from '../support/tshark.js';
import { pcapOfZcl } from '../support/zcl-pcap.js';

const gpf = eui64('02fe110000000001');
const gsme = eui64('02fe110000000004');
const meters = [eui64('02fe110000000013'), eui64('02fe110000000023'), eui64('02fe110000000033')];
const ihd = eui64('02fe110000000006');
const start = Date.UTC(2026, 0, 14, 11);
const pound = 100_000;

const tariffOf = (label: string): Tariff =>
  electricityTariffs.map(([, tariff]) => tariff).find((tariff) => tariff.label === label) as Tariff;

const running = 0xffff_ffff;
const search = { earliestStartTime: 0, minIssuerEventId: running, numberOfCommands: 1 };
const ofCalendar = { providerId: running, issuerCalendarId: running };
const friendly = { ...ofCalendar, issuerCalendarId: 0xffff_fffe };
const now = secondsSince2000(start);

/** Every command that the servers answer with a command of their own. */
const questions: readonly (readonly [ClusterDefinition, string, GbzFields])[] = [
  [price, 'GetCurrentPrice', { commandOptions: 0 }],
  [price, 'GetScheduledPrices', { startTime: 0, numberOfEvents: 0 }],
  [price, 'GetTariffInformation', { ...search, tariffType: 0 }],
  [price, 'GetPriceMatrix', { issuerTariffId: 1 }],
  [price, 'GetBlockThresholds', { issuerTariffId: 1 }],
  [price, 'GetTierLabels', { issuerTariffId: 1 }],
  [price, 'GetBlockPeriods', { startTime: 0, numberOfEvents: 1 }],
  [price, 'GetBillingPeriod', { ...search, tariffType: 0 }],
  [price, 'GetConversionFactor', search],
  [price, 'GetCalorificValue', search],
  [price, 'GetCurrencyConversion', {}],
  [metering, 'GetProfile', { intervalChannel: 0, endTime: 0, numberOfPeriods: 6 }],
  [
    metering,
    'GetSampledData',
    { sampleId: 0, earliestSampleTime: now - 7200, sampleType: 0, numberOfSamples: 3 },
  ],
  [messaging, 'GetLastMessage', {}],
  [messaging, 'MessageConfirmation', { messageId: 4711, confirmationTime: now }],
  [
    calendar,
    'GetCalendar',
    {
      earliestStartTime: 0,
      minIssuerEventId: running,
      numberOfCalendars: 1,
      calendarType: 0,
      providerId: running,
    },
  ],
  [calendar, 'GetDayProfiles', { ...ofCalendar, startDayId: 1, numberOfDays: 0 }],
  [calendar, 'GetDayProfiles', { ...friendly, startDayId: 1, numberOfDays: 0 }],
  [calendar, 'GetWeekProfiles', { ...friendly, startWeekId: 1, numberOfWeeks: 0 }],
  [calendar, 'GetSeasons', ofCalendar],
  [deviceManagement, 'GetSiteId', {}],
  [deviceManagement, 'GetChangeOfSupplier', {}],
  [
    prepayment,
    'SelectAvailableEmergencyCredit',
    { commandIssueDateTime: now, originatingDevice: 2 },
  ],
  [prepayment, 'ConsumerTopUp', { originatingDevice: 2, topUpCode: '12345678901234567890' }],
];

describe.skipIf(!tsharkAvailable)('tshark on what meters and displays say to each other', () => {
  let frames: readonly RecordedFrame[];
  let capture: Uint8Array;

  /** A display of its own for each meter, then every question, from the display to every server. */
  beforeAll(() => {
    const home = new TestHome(start);
    const payments = [
      { state: { balance: pound / 2, accumulatedDebt: 12_345 } },
      'credit',
      'credit',
    ] as const;
    const tariffs = ['Economy 7', 'Peak Saver', 'No Standing Charge'];
    meters.forEach((entity, index) => {
      const payment = payments[index] as 'credit';
      const contract = { tariff: tariffOf(tariffs[index] as string), payment };
      const esme = home.attach(new Esme({ ...deviceParts(home, entity), contract }));
      esme.state.messages.add({
        id: 4711,
        text: 'Your supply may be off on Thursday.',
        startMs: start,
        durationMinutes: 120,
        priority: 'high',
        confirmationRequired: true,
      });
    });
    const proxy = home.attach(new Gpf({ ...deviceParts(home, gpf), gsme }));
    const { currentSummationDelivered, unitOfMeasure, multiplier, divisor } = gasMetering;
    const report = [
      { ...currentSummationDelivered, value: 4_000_000 },
      { ...unitOfMeasure, value: 1 },
      { ...multiplier, value: 1 },
      { ...divisor, value: 1000 },
    ];
    proxy.receiveZcl(gsme, 0x0702, encodeAttributeReport(0x0702, 0, report));
    const displays = meters.map((esme, index) => {
      const entity = eui64(`02fe11000000010${index}`);
      return home.attach(new Ihd({ entity, host: home.host(entity), esme, gpf }));
    });
    home.start();
    home.clock.advance(5 * 60_000);
    for (const display of displays) expect(display.describe()).toMatchObject({ framesDropped: 0 });
    const asker: Eui64 = ihd;
    let sequenceNumber = 0;
    for (const server of [...meters, gpf]) {
      for (const [cluster, name, fields] of questions) {
        const commandId = commandNamed(cluster, 0x01, name) as number;
        const payload = encodeZclPayload(cluster.id, 0x01, commandId, fields);
        const frame = {
          frameControl: 0x01,
          sequenceNumber: sequenceNumber++ & 0xff,
          commandId,
          payload,
        };
        home.carry({
          from: asker,
          to: server,
          clusterId: cluster.id,
          frame: encodeZclFrame(frame),
        });
      }
    }
    frames = home.frames;
    capture = pcapOfZcl(frames);
  });

  it('finds nothing malformed, nothing to remark on and nothing unknown', () => {
    expect(frames.length).toBeGreaterThan(400);
    const odd = dissect(capture, ['frame.number', '_ws.expert'], '_ws.malformed || _ws.expert');
    expect(odd).toEqual([]);
    const infos = dissect(capture, ['_ws.col.Info']).flat();
    expect(infos).toHaveLength(frames.length);
    expect(infos.filter((info) => info.includes('Unknown'))).toEqual([]);
  });

  it('every server command of the tables comes at least once', () => {
    const said = new Set(
      frames.flatMap(({ clusterId, frame }) => {
        const { frameControl, commandId } = decodeZclFrame(frame);
        if (frameControl !== 0x09) return [];
        return [`${clusters.get(clusterId)?.toClient[commandId]?.name}`];
      }),
    );
    expect([...said].sort()).toEqual([
      'ConsumerTopUpResponse',
      'DisplayMessage',
      'GetProfileResponse',
      'GetSampledDataResponse',
      'PublishBillingPeriod',
      'PublishBlockPeriod',
      'PublishBlockThresholds',
      'PublishCalendar',
      'PublishCalorificValue',
      'PublishConversionFactor',
      'PublishDayProfile',
      'PublishEventLog',
      'PublishPrice',
      'PublishPriceMatrix',
      'PublishSeasons',
      'PublishTariffInformation',
      'PublishTierLabels',
      'PublishWeekProfile',
      'UpdateSiteId',
    ]);
  });

  /** Fields by tshark's name and ours, of answers of one command. */
  const compared: readonly (readonly [ClusterDefinition, string, Record<string, string>])[] = [
    [
      price,
      'PublishPrice',
      {
        'zbee_zcl_se.price.price': 'price',
        'zbee_zcl_se.price.currency': 'currency',
        'zbee_zcl_se.price.duration_in_minutes': 'durationMinutes',
        'zbee_zcl_se.price.rate_label': 'rateLabel',
        'zbee_zcl_se.price.issuer_event_id': 'issuerEventId',
      },
    ],
    [
      price,
      'PublishTariffInformation',
      {
        'zbee_zcl_se.price.tariff_information.tariff_label': 'tariffLabel',
        'zbee_zcl_se.price.tariff_information.standing_charge': 'standingCharge',
        'zbee_zcl_se.price.tariff_information.number_of_price_tiers_in_use':
          'numberOfPriceTiersInUse',
        'zbee_zcl_se.price.tariff_information.number_of_block_thresholds_in_use':
          'numberOfBlockThresholdsInUse',
        'zbee_zcl_se.price.tariff_information.block_threshold_divisor': 'blockThresholdDivisor',
      },
    ],
    [
      calendar,
      'PublishCalendar',
      {
        'zbee_zcl_se.calendar.name': 'calendarName',
        'zbee_zcl_se.calendar.type': 'calendarType',
        'zbee_zcl_se.calendar.number_of_day_profiles': 'numberOfDayProfiles',
        'zbee_zcl_se.calendar.issuer_calendar_id': 'issuerCalendarId',
      },
    ],
    [
      messaging,
      'DisplayMessage',
      {
        'zbee_zcl_se.msg.message.id': 'messageId',
        'zbee_zcl_se.msg.message.duration': 'durationMinutes',
        'zbee_zcl_se.msg.message': 'message',
      },
    ],
    [
      prepayment,
      'ConsumerTopUpResponse',
      {
        'zbee_zcl_se.pp.consumer_top_up_response.result_type': 'resultType',
        'zbee_zcl_se.pp.consumer_top_up_response.top_up_value': 'topUpValue',
        'zbee_zcl_se.pp.consumer_top_up_response.credit_remaining': 'creditRemaining',
      },
    ],
    [
      deviceManagement,
      'UpdateSiteId',
      { 'zbee_zcl_se.device_management.update_site_id.site_id': 'siteId' },
    ],
  ];

  it.each(compared.map((row) => [row[1], row] as const))('%s has the values we sent', (_, row) => {
    const [cluster, name, fields] = row;
    const commandId = commandNamed(cluster, 0x09, name) as number;
    const ours = frames.flatMap(({ clusterId, frame }) => {
      const decoded = decodeZclFrame(frame);
      if (clusterId !== cluster.id || decoded.commandId !== commandId) return [];
      if (decoded.frameControl !== 0x09 || !isServerToClient(decoded.frameControl)) return [];
      const values = decodeZclPayload(clusterId, 0x09, commandId, decoded.payload);
      return [Object.values(fields).map((field) => String(values[field]))];
    });
    expect(ours.length).toBeGreaterThan(0);
    const filter = `zbee_aps.cluster == ${cluster.id} && zbee_zcl.type == 1 && zbee_zcl.dir == 1`;
    const theirs = dissect(capture, ['zbee_zcl.cmd.tsn', ...Object.keys(fields)], filter)
      .map(([, ...values]) => values.map(plain))
      .filter((values) => values.every((value) => value !== ''));
    expect(theirs).toEqual(ours);
  });

  it('reads the attributes of every answer: clusters, numbers, none that it does not know', () => {
    const filter = 'zbee_zcl.cmd.id == 0x01 && zbee_zcl.type == 0';
    const rows = dissect(capture, ['zbee_aps.cluster', '_ws.col.Info'], filter);
    const asked = new Set(rows.map(([cluster]) => Number(cluster)));
    expect([...asked].sort((a, b) => a - b)).toEqual([0x0000, 0x0702, 0x0705, 0x0708]);
  });
});

/** tshark prints some numbers in hex, ours are decimal. */
function plain(value: string): string {
  return /^0x[0-9a-f]+$/i.test(value) ? String(Number(value)) : value;
}
