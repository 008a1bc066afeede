/**
 * A request that is well-formed but cannot be done. `code` is what the answer carries: a DLMS result code, a ZCL status
 * or a GBCS ASN.1 response code, by the encoding in which it was asked.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
