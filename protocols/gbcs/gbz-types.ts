/** GBZ payloads (gbz.md), JSON-safe. Numbers are plain numbers; ids also come with the standard's names. */
export type GbzPayload = GbzMessage | GbzAlert;

/** Command or response: an ordered list of components. */
export interface GbzMessage {
  readonly kind: 'gbz';
  readonly profileId: number;
  readonly components: readonly GbzComponent[];
}

export interface GbzComponent {
  readonly clusterId: number;
  /** Name of the cluster; ignored when encoding. */
  readonly cluster: string;
  /** Seconds since 2000-01-01T00:00:00Z before the ZCL header (control bit 0x10); absent otherwise. */
  readonly fromDateTime?: number;
  readonly frameControl: number;
  readonly sequenceNumber: number;
  readonly commandId: number;
  /** Name of the command (`ReadAttributes`, `PublishSnapshot`…); ignored when encoding. */
  readonly command: string;
  /** The ZCL payload, field by field; absent when encrypted. */
  readonly fields?: GbzFields;
  /** In place of `fields` when control bit 0x02 is set. */
  readonly encrypted?: GbzEncrypted;
}

/** Named fields down to the last octet; `unparsed` (hex) marks legal content that has no declared layout. */
export type GbzFields = { readonly [name: string]: GbzValue };
export type GbzValue = number | string | boolean | readonly GbzValue[] | GbzFields;

export interface GbzEncrypted {
  readonly additionalHeaderControl: number;
  readonly additionalHeaderFrameCounter: number;
  /** Hex of security header (5 octets 3100000000), ciphertext and 12-octet tag. */
  readonly securityHeader: string;
  readonly ciphertext: string;
  readonly tag: string;
}

export interface GbzAlert {
  readonly kind: 'gbz-alert';
  readonly profileId: number;
  readonly alertCode: number;
  /** The standard's title of the alert; ignored when encoding. */
  readonly alert: string;
  /** Seconds since 2000-01-01T00:00:00Z. */
  readonly timestamp: number;
  /** What follows the common prefix, by the form that the message code names (gbz.md 2). */
  readonly detail?: GbzFields;
  readonly components?: readonly GbzComponent[];
}
