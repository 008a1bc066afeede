import type { DlmsData } from './data.js';

/** The three application PDUs that GBCS uses (dlms.md 1), JSON-safe. */
export type DlmsApdu = AccessRequest | AccessResponse | DataNotification;

export interface AccessRequest {
  readonly kind: 'access-request';
  readonly longInvokeIdAndPriority: number;
  /** Hex of the APDU's own date-time; '' when empty, as always in GBCS. */
  readonly dateTime: string;
  readonly items: readonly AccessRequestItem[];
}

export type AccessRequestKind =
  | 'get'
  | 'set'
  | 'action'
  | 'get-with-selection'
  | 'set-with-selection';

/** One specification together with its data item. */
export interface AccessRequestItem {
  readonly request: AccessRequestKind;
  readonly classId: number;
  /** OBIS code as A-B:C.D.E.F, for example `0-0:96.3.10.255`. */
  readonly instanceId: string;
  /** Attribute id, or method id of an action. */
  readonly memberId: number;
  /** The standard's name of the object and member, where known; ignored when encoding. */
  readonly name?: string;
  readonly selector?: number;
  readonly selection?: DlmsData;
  readonly data: DlmsData;
}

export interface AccessResponse {
  readonly kind: 'access-response';
  readonly longInvokeIdAndPriority: number;
  readonly dateTime: string;
  readonly items: readonly AccessResponseItem[];
}

export interface AccessResponseItem {
  readonly response: 'get' | 'set' | 'action';
  /** Data-access-result or action-result; 0 is success, 250 other-reason. */
  readonly result: number;
  readonly resultName: string;
  readonly data: DlmsData;
}

export interface DataNotification {
  readonly kind: 'data-notification';
  readonly longInvokeIdAndPriority: number;
  readonly dateTime: string;
  readonly body: DlmsData;
}
