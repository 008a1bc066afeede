/**
 * Value shapes that several objects share or that are long, in the notation of `checkShape`. The dictionary's rows
 * name them as `$name`. Lengths of names that the official data only gives examples of are the tables' maxima.
 * @see dlms.md 4
 */
export const shapes = {
  dateTime: 'octet-string(12)',
  scalerUnit: 'structure(integer, enum)',
  unitCharge:
    'structure(structure(integer, integer), structure(long-unsigned, octet-string(6), integer), ' +
    'array(structure(octet-string(0), long)))',
  indexedUnitCharge:
    'structure(structure(integer, integer), structure(long-unsigned, octet-string(6), integer), ' +
    'array(structure(octet-string(1), long)))',
  scheduleEntries:
    'array(structure(long-unsigned, boolean, octet-string(6), long-unsigned, octet-string(4), ' +
    'long-unsigned, bit-string(7), bit-string, octet-string(5), octet-string(5)))',
  specialDays: 'array(structure(long-unsigned, octet-string(5), unsigned))',
  seasons: 'array(structure(octet-string(0..8), octet-string(12), octet-string(0..4)))',
  weeks:
    'array(structure(octet-string(0..4), unsigned, unsigned, unsigned, unsigned, unsigned, ' +
    'unsigned, unsigned))',
  days: 'array(structure(unsigned, array(structure(octet-string(4), octet-string(6), long-unsigned))))',
  executionTimes: 'array(structure(octet-string(4), octet-string(5)))',
  creditChargeConfiguration: 'array(structure(octet-string(6), octet-string(6), bit-string(3)))',
  importRegisters:
    'structure(double-long-unsigned, structure(integer, enum), double-long-unsigned, ' +
    'structure(integer, enum))',
  importRegistersTwin:
    'structure(double-long-unsigned, structure(integer, enum), double-long-unsigned, ' +
    'structure(integer, enum), double-long-unsigned)',
  prepaymentBalances:
    'structure(double-long, double-long, double-long, double-long, double-long, double-long)',
  subGhzConfiguration:
    'structure(bit-string(32), bit-string(32), bit-string(32), bit-string(32), long-unsigned, ' +
    'long-unsigned, unsigned, long-unsigned, unsigned, unsigned, long-unsigned, unsigned, ' +
    'long-unsigned, long-unsigned, long-unsigned)',
  activeDevices:
    'array(structure(octet-string(8), bit-string(8), integer, integer, integer, unsigned, ' +
    'unsigned, unsigned, octet-string(12), unsigned, unsigned, unsigned, unsigned, unsigned))',
  deviceToRegister: 'structure(octet-string(8), enum, octet-string(16), enum)',
  panBackup: 'structure(octet-string(8), array(structure(octet-string(8), octet-string(16))))',
  protectedAttributes:
    'structure(array(structure(long-unsigned, octet-string(6), integer, long-unsigned, ' +
    'structure(enum, null-data | structure(octet-string(12), octet-string(12))))), ' +
    'array(structure(enum, structure(octet-string(9), octet-string(8), octet-string(8), ' +
    'octet-string, structure(enum, structure(octet-string(1), octet-string))))))',
  timeAndValue: 'compact-array(structure(double-long-unsigned, double-long-unsigned))',
  timeAndTwoValues:
    'compact-array(structure(double-long-unsigned, double-long-unsigned, double-long-unsigned))',
  timeAndCode: 'compact-array(structure(double-long-unsigned, long-unsigned))',
  eventLog: 'compact-array(structure(double-long-unsigned, long-unsigned, octet-string))',
  powerEventLog:
    'compact-array(structure(double-long-unsigned, long-unsigned, double-long-unsigned))',
  auxiliaryControllerLog:
    'compact-array(structure(double-long-unsigned, long-unsigned, enum, double-long-unsigned))',
  prepaymentLog:
    'compact-array(structure(double-long-unsigned, double-long, double-long, double-long, ' +
    'double-long, double-long, double-long))',
  registerLog:
    'compact-array(structure(double-long-unsigned, double-long-unsigned, ' +
    'array[48](double-long-unsigned), array[8](double-long-unsigned), ' +
    'array[8](double-long-unsigned), array[8](double-long-unsigned), ' +
    'array[8](double-long-unsigned)))',
  registerLogTwin:
    'compact-array(structure(double-long-unsigned, double-long-unsigned, double-long-unsigned, ' +
    'array[48](double-long-unsigned), array[4](double-long-unsigned), ' +
    'array[8](double-long-unsigned), array[8](double-long-unsigned), ' +
    'array[8](double-long-unsigned), array[8](double-long-unsigned)))',
  billingLog:
    'compact-array(structure(double-long-unsigned, double-long-unsigned, ' +
    'array[48](double-long-unsigned), array[8](double-long-unsigned), ' +
    'array[8](double-long-unsigned), array[8](double-long-unsigned), ' +
    'array[8](double-long-unsigned), double-long, double-long, double-long, double-long, ' +
    'double-long, double-long))',
  billingLogTwin:
    'compact-array(structure(double-long-unsigned, double-long-unsigned, double-long-unsigned, ' +
    'array[48](double-long-unsigned), array[4](double-long-unsigned), ' +
    'array[8](double-long-unsigned), array[8](double-long-unsigned), ' +
    'array[8](double-long-unsigned), array[8](double-long-unsigned), double-long, double-long, ' +
    'double-long, double-long, double-long, double-long))',
} as const;
