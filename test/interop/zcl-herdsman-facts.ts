/**
 * Where zigbee-herdsman 10.9.5 differs from the standards, as data: the tests fail when one of
 * these is gone or another one comes.
 */

/** Commands of which it knows the first fields only. */
export const cutShort: Readonly<Record<string, string>> = {
  'Metering ScheduleSnapshot': 'has no schedules',
  'Metering ScheduleSnapshotResponse': 'has no confirmations',
  'Metering PublishSnapshot': 'loses the sub-payload',
  'Tunneling SupportedTunnelProtocolsResponse': 'counts the protocols, but has none',
};

/** Lists of ours for which it has room for one item only. */
export const oneItemOnly: Readonly<Record<string, string>> = {
  'Metering MirrorReportAttributeResponse': 'carries the first notification flags attribute',
};

/** Our commands in clusters of its own that it does not have. */
export const commandsLeftOut: readonly string[] = [];

/** Its attributes whose number it has wrong, with ours under that number. */
export const wrongAttributes: Readonly<Record<string, string>> = {
  'seMetering alternativeDemandFormatting': 'AlternativeUnitOfMeasure',
  'seMetering alternativeConsumptionFormatting': 'AlternativeUnitOfMeasure',
};

/**
 * What becomes of a number field of all ones (or the least signed one), which the library takes for
 * "no value" although many commands give it a meaning: how often it is lost as NaN, kept, or refused
 * as beyond a limit of the library's own.
 */
export const nonValues = { lost: 137, kept: 20, refused: 6 };

/** Data types that it cannot carry, or not both ways. */
export const dataTypesLeftOut: Readonly<Record<string, string>> = {
  nodata: 'has no value to compare',
  unknown: 'has no value to compare',
  semi: 'is not implemented',
  array: 'loses the type of the elements when read',
  set: 'loses the type of the elements when read',
  bag: 'loses the type of the elements when read',
  struct: 'has members with other names; judged by tshark',
};

/** Analogue types for which it leaves out the reportable change. */
export const changeLeftOut = ['uint64', 'int64'] as const;
