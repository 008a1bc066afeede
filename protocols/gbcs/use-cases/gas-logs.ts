import { z } from 'zod';
import { events } from '../../zigbee/clusters/events.js';
import { metering } from '../../zigbee/clusters/metering.js';
import { prepayment } from '../../zigbee/clusters/prepayment.js';
import type { ClusterDefinition } from '../../zigbee/zcl/layout.js';
import { command, immediately, issuerEventId, timed } from './gbz-template.js';
import { integer, openTime, time } from './parameters.js';
import { type GbzComponentTemplate, request } from './request.js';
import { place } from './template.js';

/** Reads of a gas meter's logs, or of the gas proxy's copies of them, and the clearing of one. */

const from = place('from', 'secondsSince2000');
const to = place('to', 'zclCalendarTime');

const period = z.strictObject({
  from: time('start of the log entries to read'),
  to: openTime('end of the log entries to read'),
});

/** Why a snapshot was taken, as bits (gbz.md 5). */
const snapshotCauses = {
  daily: 0x0001,
  billingPeriod: 0x0002,
  /** Change of payment mode or tariff. */
  change: 0x6008,
} as const;
/** As many entries as the log holds: each takes a command of its own. */
const dailyEntries = 31;
const billingEntries = 12;

function snapshots(
  cluster: ClusterDefinition,
  entries: number,
  cause: keyof typeof snapshotCauses,
): GbzComponentTemplate[] {
  const name = cluster === metering ? 'GetSnapshot' : 'GetPrepaySnapshot';
  return Array.from({ length: entries }, (_, snapshotOffset) =>
    command(cluster, name, {
      earliestStartTime: from,
      latestEndTime: to,
      snapshotOffset,
      snapshotCause: snapshotCauses[cause],
    }),
  );
}

/** Numbers by which meters keep their sampled data. */
const sampleIds = { halfHourly: 0, daily: 1, network: 2 } as const;
const samplesMax = 0xffff;

function samples(sampleId: number, earliestSampleTime: unknown): GbzComponentTemplate {
  return command(metering, 'GetSampledData', {
    sampleId,
    earliestSampleTime,
    sampleType: 0,
    numberOfSamples: place('samples'),
  });
}

const samplesFrom = (interval: string) =>
  z.strictObject({
    from: time('first sample to read'),
    samples: integer(1, samplesMax, `how many, one for each ${interval} from then on`),
  });

function eventLog(eventControlLogId: number): GbzComponentTemplate {
  return command(events, 'GetEventLog', {
    eventControlLogId,
    eventId: 0,
    startTime: from,
    endTime: to,
    numberOfEvents: 0,
    eventOffset: 0,
  });
}

export const gasLogs = {
  CS10a: request(0x0014, { gbz: [eventLog(0x13)] }, period),
  CS10b: request(0x00a1, { gbz: [eventLog(0x04)] }, period),
  CS11: request(0x0015, { gbz: [command(events, 'ClearEventLogRequest', { logId: 3 })] }),
  GCS15b: request(
    0x00c3,
    {
      gbz: [
        ...snapshots(prepayment, billingEntries, 'change'),
        ...snapshots(metering, billingEntries, 'change'),
      ],
    },
    period,
  ),
  GCS15c: request(
    0x0076,
    {
      gbz: [
        ...snapshots(metering, billingEntries, 'billingPeriod'),
        ...snapshots(prepayment, billingEntries, 'billingPeriod'),
      ],
    },
    period,
  ),
  GCS15d: request(
    0x00c4,
    {
      gbz: [
        timed(
          from,
          command(prepayment, 'GetDebtRepaymentLog', {
            latestEndTime: to,
            numberOfDebts: 10,
            debtType: 2,
          }),
        ),
      ],
    },
    period,
  ),
  GCS15e: request(
    0x00c5,
    {
      gbz: [
        timed(from, command(prepayment, 'GetTopUpLog', { latestEndTime: to, numberOfRecords: 5 })),
      ],
    },
    period,
  ),
  GCS16a: request(0x0077, { gbz: snapshots(metering, dailyEntries, 'daily') }, period),
  GCS16b: request(0x0096, { gbz: snapshots(prepayment, dailyEntries, 'daily') }, period),
  GCS17: request(0x0078, { gbz: [samples(sampleIds.halfHourly, from)] }, samplesFrom('half hour')),
  /** All from the beginning of the log, which starts when it is told to (GCS31). */
  GCS18: request(
    0x0079,
    { gbz: [samples(sampleIds.network, 1)] },
    z.strictObject({ samples: integer(1, samplesMax, 'how many, one for each six minutes') }),
  ),
  GCS31: request(0x0080, {
    gbz: [
      command(metering, 'StartSampling', {
        issuerEventId,
        startSamplingTime: immediately,
        sampleType: 0,
        sampleRequestInterval: 360,
        maxNumberOfSamples: 41,
      }),
    ],
  }),
  GCS61: request(0x00a0, { gbz: [samples(sampleIds.daily, from)] }, samplesFrom('day')),
} as const;
