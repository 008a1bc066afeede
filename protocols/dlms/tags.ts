/** Tags of the A-XDR data types by the standard's names. @see dlms.md 2 */
export const tags = {
  'null-data': 0x00,
  array: 0x01,
  structure: 0x02,
  boolean: 0x03,
  'bit-string': 0x04,
  'double-long': 0x05,
  'double-long-unsigned': 0x06,
  'octet-string': 0x09,
  'visible-string': 0x0a,
  'utf8-string': 0x0c,
  /** One octet, by memory of the standard; never seen in GBCS. */
  bcd: 0x0d,
  integer: 0x0f,
  long: 0x10,
  unsigned: 0x11,
  'long-unsigned': 0x12,
  'compact-array': 0x13,
  long64: 0x14,
  'long64-unsigned': 0x15,
  enum: 0x16,
  float32: 0x17,
  float64: 0x18,
  'date-time': 0x19,
  date: 0x1a,
  time: 0x1b,
} as const;

export type DlmsTypeName = keyof typeof tags;

/** Of untrusted names: undefined where `tags` has no such type. */
export const tagOf: ReadonlyMap<string, number> = new Map(Object.entries(tags));

/** Official messages nest 6 deep; the bound keeps hostile input off the stack. */
export const dataDepthMax = 32;
