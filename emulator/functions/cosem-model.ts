import type { DlmsData } from '../../protocols/dlms/data.js';
import type { Overrides } from './overrides.js';
import type { CommandContext } from './payload-processor.js';

/** What the interpreter of access requests gives a member to work with. */
export interface CosemCall<S> {
  readonly device: S;
  readonly context: CommandContext;
}

/**
 * One attribute or method of a COSEM object, as behaviour over a device's state `S`. A member that cannot do what it is
 * asked throws ProtocolError with a DLMS result code.
 */
export interface CosemMember<S> {
  readonly get?: (call: CosemCall<S>, selection?: DlmsData) => DlmsData;
  /** The value's shape has been checked against the dictionary. */
  readonly set?: (call: CosemCall<S>, value: DlmsData) => void;
  /** Its return value, if the method has one. */
  readonly invoke?: (call: CosemCall<S>, parameter: DlmsData) => DlmsData | undefined;
}

export type CosemRow<S> = readonly [
  classId: number,
  instanceId: string,
  /** `a2` an attribute, `m1` a method. */
  member: string,
  behaviour: CosemMember<S>,
];

/** All members of one device type, shared by all its devices. */
export type CosemModel<S> = ReadonlyMap<string, CosemMember<S>>;

export function cosemKey(
  classId: number,
  instanceId: string,
  kind: 'attribute' | 'method',
  memberId: number,
): string {
  return `${classId}/${instanceId}/${kind === 'attribute' ? 'a' : 'm'}${memberId}`;
}

export function cosemModel<S>(rows: readonly CosemRow<S>[]): CosemModel<S> {
  return new Map(
    rows.map(([classId, instanceId, member, behaviour]) => [
      `${classId}/${instanceId}/${member}`,
      behaviour,
    ]),
  );
}

/** An attribute that keeps what is written to it. */
export function stored<S extends { readonly cosem: Overrides<DlmsData> }>(
  key: string,
  initial: DlmsData,
): CosemMember<S> {
  return {
    get: ({ device }) => device.cosem.valueOf(key) ?? initial,
    set: ({ device }, value) => device.cosem.pin(key, value),
  };
}

/** An attribute whose value never changes by itself. */
export function constant<S>(value: DlmsData): CosemMember<S> {
  return { get: () => value };
}

export function computed<S>(get: (call: CosemCall<S>) => DlmsData): CosemMember<S> {
  return { get };
}
