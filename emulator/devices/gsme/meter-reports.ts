import { CodecError } from '../../../protocols/codec/codec-error.js';
import { zclFrameControls } from '../../../protocols/zigbee/zcl/frame.js';
import { encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import { type GasAttributeSet, halfHourUnderWay } from '../../functions/gas-attribute-sets.js';
import { gasMetering, meteringCluster } from '../../functions/gas-metering.js';
import { generalCommandIds, readAttribute } from '../../functions/zcl-interpreter.js';
import { type ZclCall, zclKey } from '../../functions/zcl-model.js';
import type { GsmeState } from './state.js';
import { gsmeMirrorModel } from './zcl.js';

/**
 * Octets of reported attributes in one frame, so that it goes over the air in one piece whatever its security adds; our
 * choice.
 */
const reportOctetsMax = 56;

/** A clock that is not to be trusted stamps nothing: the mirror then gives its own time. */
const ofReliableClock: readonly number[] = [
  gasMetering.readingSnapShotTime.attributeId,
  halfHourUnderWay.start,
  halfHourUnderWay.value,
];

/** One ReportAttributes payload and the cluster it belongs to. */
export interface MeterReport {
  readonly clusterId: number;
  readonly payload: Uint8Array;
}

/**
 * What a set of attributes reads now, in as many reports as it takes. What the meter does not have, or what has a fault,
 * is left out: the mirror keeps what it had. `onFault` hears of a value that no frame can carry, which a tester may pin.
 */
export function meterReports(
  { clusterId, attributeIds }: GasAttributeSet,
  call: ZclCall<GsmeState>,
  onFault: (reason: string) => void,
): readonly MeterReport[] {
  const reliable = call.device.clock.reliability === 'reliable';
  const records: Uint8Array[] = [];
  for (const attributeId of attributeIds) {
    const timed = clusterId === meteringCluster && ofReliableClock.includes(attributeId);
    if (timed && !reliable) continue;
    const read = readAttribute(gsmeMirrorModel, call, zclKey(clusterId, attributeId));
    if (!('value' in read)) continue;
    const attributes = [{ attributeId, dataType: read.dataType, value: read.value }];
    try {
      const { reportAttributes } = generalCommandIds;
      const { generalToClient } = zclFrameControls;
      records.push(encodeZclPayload(clusterId, generalToClient, reportAttributes, { attributes }));
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      onFault(error.message);
    }
  }
  return packed(records).map((payload) => ({ clusterId, payload }));
}

/** Attribute records one after the other are a report's payload. */
function packed(records: readonly Uint8Array[]): readonly Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let gathered: Uint8Array[] = [];
  let octets = 0;
  const finish = (): void => {
    if (octets === 0) return;
    const payload = new Uint8Array(octets);
    let at = 0;
    for (const record of gathered) {
      payload.set(record, at);
      at += record.length;
    }
    payloads.push(payload);
    gathered = [];
    octets = 0;
  };
  for (const record of records) {
    if (octets + record.length > reportOctetsMax) finish();
    gathered.push(record);
    octets += record.length;
  }
  finish();
  return payloads;
}
