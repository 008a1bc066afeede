/**
 * A value of the DLMS A-XDR data types, JSON-safe: byte strings are lower-case hex, 64-bit integers decimal text,
 * bit strings text of 0 and 1. Every value decodes to exactly one of these and encodes back to the same bytes.
 */
export type DlmsData =
  | { readonly type: 'null-data' }
  | { readonly type: 'array' | 'structure'; readonly value: readonly DlmsData[] }
  /** `octet` only where the byte is neither 0x00 nor 0xFF (RTDS writes FF for true; any non-zero is legal). */
  | { readonly type: 'boolean'; readonly value: boolean; readonly octet?: number }
  | { readonly type: 'bit-string'; readonly value: string }
  | {
      readonly type:
        | 'double-long'
        | 'double-long-unsigned'
        | 'integer'
        | 'long'
        | 'unsigned'
        | 'long-unsigned'
        | 'enum';
      readonly value: number;
    }
  | { readonly type: 'long64' | 'long64-unsigned'; readonly value: string }
  | {
      readonly type:
        | 'octet-string'
        | 'visible-string'
        | 'utf8-string'
        | 'date-time'
        | 'date'
        | 'time'
        | 'float32'
        | 'float64'
        | 'bcd';
      readonly value: string;
    }
  | {
      readonly type: 'compact-array';
      readonly description: DlmsTypeDescription;
      readonly value: readonly DlmsData[];
    };

/** The element type of a compact-array. */
export type DlmsTypeDescription =
  | { readonly type: 'structure'; readonly elements: readonly DlmsTypeDescription[] }
  | { readonly type: 'array'; readonly count: number; readonly element: DlmsTypeDescription }
  | { readonly type: Exclude<DlmsData['type'], 'array' | 'structure' | 'compact-array'> };
