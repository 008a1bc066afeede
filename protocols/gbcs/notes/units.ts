/** Units of COSEM's scaler_unit, by their number (dlms.md 4; DLMS UA Blue Book, scal_unit_type). */
const cosemUnits: ReadonlyMap<number, string> = new Map([
  [4, 'd'],
  [5, 'h'],
  [6, 'min'],
  [7, 's'],
  [9, '°C'],
  [10, 'currency'],
  [13, 'm³'],
  [14, 'm³ corrected'],
  [27, 'W'],
  [28, 'VA'],
  [29, 'var'],
  [30, 'Wh'],
  [31, 'VAh'],
  [32, 'varh'],
  [33, 'A'],
  [35, 'V'],
  [44, 'Hz'],
  [254, 'price'],
  [255, 'count'],
]);

export function cosemUnit(number: number): string {
  return cosemUnits.get(number) ?? `unit ${number}`;
}

/** Metering cluster, UnitOfMeasure. */
const meteringUnits: ReadonlyMap<number, string> = new Map([
  [0x00, 'kWh'],
  [0x01, 'm³'],
]);

export function meteringUnit(number: number): string {
  return meteringUnits.get(number) ?? `unit ${number}`;
}

/** `value` times ten to the power `scaler`; dividing keeps 0.1 what it is. */
export function scaled(value: number, scaler: number): number {
  return scaler < 0 ? value / 10 ** -scaler : value * 10 ** scaler;
}
