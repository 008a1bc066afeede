import { msOfSecondsSince2000, secondsSince2000 } from '../../../protocols/codec/utc.js';
import { metering } from '../../../protocols/zigbee/clusters/metering.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { answering, type ClusterRows, serverRows } from '../../functions/cluster-rows.js';
import { type Demand, halfHourMs } from '../../functions/demand.js';
import { profileSamples, sampleNotKnown } from '../../functions/mirroring.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import { type GasLogs, gasLogEntriesMax } from './gas-logs.js';

const getSampledDataResponse = answering(metering, 'GetSampledDataResponse');

/** Where a proxy finds half hours: in its log, and before that in what it knows of the household. */
export interface ProfileSource {
  readonly logs: GasLogs;
  /** What the household drew before the log begins. */
  readonly demand: Demand;
  readonly mirror: { readonly stamp: unknown };
}

/** Samples from `fromMs` on, until there is none or `max` are found. */
function samplesFrom(source: ProfileSource, fromMs: number, nowMs: number, max: number): number[] {
  const { logs, demand, mirror } = source;
  // A meter that has not reported yet is not known at all.
  if (mirror.stamp === undefined) return [];
  const [oldestMs, endMs] = logs.halfHours > 0 ? logs.profileSpan : [nowMs, nowMs];
  const samples: number[] = [];
  for (let atMs = fromMs; samples.length < max && atMs + halfHourMs <= endMs; atMs += halfHourMs) {
    const isLogged = atMs >= oldestMs;
    const sample = isLogged ? logs.halfHour(atMs) : demand.amount(atMs, atMs + halfHourMs);
    samples.push(sample ?? sampleNotKnown);
  }
  return samples;
}

/**
 * GetSampledData at the proxy, at most as far back as the log is long: what remote parties (GCS17) and displays read
 * while the meter sleeps. Half hours that were missed and could not be had later are not known.
 *
 * @see device-behaviour.md 3.2
 */
export function profileServer<S>(sourceOf: (device: S) => ProfileSource): ClusterRows<S> {
  return serverRows(
    metering,
    sourceOf,
    {},
    {
      GetSampledData: (source, fields, nowMs) => {
        const { sampleId, earliestSampleTime, sampleType, numberOfSamples } = fields as Readonly<
          Record<string, number>
        >;
        const isProfile =
          sampleId === profileSamples.sampleId && sampleType === profileSamples.sampleType;
        const askedMs = msOfSecondsSince2000(earliestSampleTime as number);
        const oldestMs = nowMs - gasLogEntriesMax.profile * halfHourMs;
        const fromMs = Math.ceil(Math.max(oldestMs, askedMs) / halfHourMs) * halfHourMs;
        const max = isProfile ? (numberOfSamples as number) : 0;
        const samples = samplesFrom(source, fromMs, nowMs, max);
        if (samples.length === 0) throw new ProtocolError(zclStatuses.notFound, 'no such samples');
        return [
          getSampledDataResponse({
            sampleId: profileSamples.sampleId,
            sampleStartTime: secondsSince2000(fromMs),
            sampleType: profileSamples.sampleType,
            sampleRequestInterval: profileSamples.intervalSeconds,
            numberOfSamples: samples.length,
            samples,
          }),
        ];
      },
    },
  );
}
