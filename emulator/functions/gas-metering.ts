import { type ZclDataTypeName, zclDataTypeId } from '../../protocols/zigbee/zcl/types.js';

/** Metering, the cluster in which a gas meter keeps its register, valve and battery. */
export const meteringCluster = 0x0702;

export interface MeteringAttribute {
  readonly attributeId: number;
  /** ZCL data type id. */
  readonly dataType: number;
}

function attribute(attributeId: number, type: ZclDataTypeName): MeteringAttribute {
  return { attributeId, dataType: zclDataTypeId(type) };
}

/**
 * What a gas meter holds in its Metering cluster, and therefore what it reports to its mirror and what the mirror serves
 * in its place.
 */
export const gasMetering = {
  /** In units of `multiplier / divisor` of the unit of measure: dm³ here. */
  currentSummationDelivered: attribute(0x0000, 'uint48'),
  /** When the meter took these readings, by its own clock. */
  readingSnapShotTime: attribute(0x0007, 'utc'),
  supplyStatus: attribute(0x0014, 'enum8'),
  remainingBatteryLifeInDays: attribute(0x0205, 'uint16'),
  /** In Great Britain the firmware version. */
  currentMeterId: attribute(0x0206, 'octstr'),
  unitOfMeasure: attribute(0x0300, 'enum8'),
  multiplier: attribute(0x0301, 'uint24'),
  divisor: attribute(0x0302, 'uint24'),
} as const;
export type GasMeteringName = keyof typeof gasMetering;

export const gasMeteringNames = Object.keys(gasMetering) as readonly GasMeteringName[];

/** ZCL unit of measure, as metering and prices number it. */
export const unitsOfMeasure = { kilowattHour: 0, cubicMetre: 1 } as const;

/** The UTC value that stands for "not known". */
export const utcNotKnown = 0xffff_ffff;
