import { msOfSecondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import {
  gasMetering,
  gasMeteringNames,
  type MeteringAttribute,
  utcNotKnown,
} from '../../functions/gas-metering.js';
import type { ReportedAttribute } from '../attribute-report.js';

/** How old the mirror's content is, and by whose clock. */
export interface MirrorStamp {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The meter gave the time; otherwise it is when the report came in. */
  readonly byMeter: boolean;
}

const summation = gasMetering.currentSummationDelivered.attributeId;
const snapShotTime = gasMetering.readingSnapShotTime.attributeId;
const dataTypes: ReadonlyMap<number, number> = new Map(
  gasMeteringNames.map((name) => {
    const { attributeId, dataType }: MeteringAttribute = gasMetering[name];
    return [attributeId, dataType];
  }),
);

/** The last readings that a sleepy gas meter left on the hub. */
export class GasMirror {
  private readonly values = new Map<number, GbzValue>();
  private lastStamp: MirrorStamp | undefined;

  /** Undefined before the first report. */
  get stamp(): MirrorStamp | undefined {
    return this.lastStamp;
  }

  valueOf(attribute: MeteringAttribute): GbzValue | undefined {
    return this.values.get(attribute.attributeId);
  }

  /**
   * Takes a report. Attributes that a gas meter does not have, or has with another type, are not taken: what is in the
   * mirror can always be served. Returns how many were taken; a report without the register leaves the stamp alone.
   */
  accept(attributes: readonly ReportedAttribute[], nowMs: number): number {
    let taken = 0;
    let stamped = false;
    let meterSeconds = utcNotKnown;
    for (const { attributeId, dataType, value } of attributes) {
      if (dataTypes.get(attributeId) !== dataType) continue;
      taken++;
      stamped ||= attributeId === summation || attributeId === snapShotTime;
      if (attributeId === snapShotTime) meterSeconds = value as number;
      else this.values.set(attributeId, value);
    }
    if (!stamped) return taken;
    const byMeter = meterSeconds !== utcNotKnown;
    this.lastStamp = { atMs: byMeter ? msOfSecondsSince2000(meterSeconds) : nowMs, byMeter };
    return taken;
  }
}
