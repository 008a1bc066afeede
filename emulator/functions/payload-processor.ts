import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { AcceptedCommand } from './command-gate.js';

/**
 * Executes the payload of an accepted command and builds the payload of its response. One per payload encoding
 * (access requests, GBZ, ASN.1), each a generic interpreter over a device's declared model.
 */
export interface PayloadProcessor {
  /** Whether the model has behaviour for this use case. */
  supports(useCase: string): boolean;
  /**
   * @returns the response content, or undefined where the use case answers nothing.
   * @throws CodecError when the payload does not parse; nothing is executed then.
   */
  execute(content: Uint8Array, context: CommandContext): ResponseContent;
}

export interface ResponseContent {
  readonly content: Uint8Array;
  /** Clock status octet of the header date-time, for use cases that carry one; default 0xFF (not given). */
  readonly clockStatus?: number;
  /** The header date-time itself, where it is not the device's own; milliseconds since 1970. */
  readonly dateTimeMs?: number;
  /** For people and tests: what was done, item by item. */
  readonly results: readonly string[];
}

/** What a processor may know of the command and use for its response. */
export interface CommandContext {
  readonly command: AcceptedCommand;
  readonly nowMs: number;
  /** Encrypts for the party that is to read the response (gbcs-message.md 5). */
  protect(plaintext: Uint8Array): ProtectedData;
}

export interface ProtectedData {
  /** 31 00000000 ‖ ciphertext ‖ tag. */
  readonly blob: Uint8Array;
  /** What a class 30 protection block of the response names: always the header's values. */
  readonly originator: Eui64;
  readonly recipient: Eui64;
  readonly counter: bigint;
}
