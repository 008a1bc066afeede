import { decodeWith } from '../codec/codec.js';
import { fromHex } from '../codec/hex.js';
import type { Trace } from '../codec/trace.js';
import { dlmsData } from '../dlms/axdr.js';
import type { DlmsData } from '../dlms/data.js';
import { decodeZclPayload } from '../zigbee/zcl/payload.js';
import { encryptedBlob } from './gbz-component.js';
import type { GbzComponent, GbzFields } from './gbz-types.js';
import type { Payload } from './payload.js';

/** An encrypted part of a payload. */
export interface ProtectedPart {
  /** `payload.items[0].data`, `payload.body[2]`, `payload.components[1]`. */
  readonly path: string;
  /** Security header ‖ ciphertext ‖ tag. */
  readonly blob: Uint8Array;
  /** Of a GBZ payload: whose fields they are. In DLMS the plaintext is one value. */
  readonly component?: GbzComponent;
}

/** Security control (suite 1, authentication and encryption) and invocation counter 0, in hex. */
const securityHeader = '3100000000';
const tagDigits = 24;

function isBlob(data: DlmsData | undefined): data is DlmsData & { readonly value: string } {
  return (
    data?.type === 'octet-string' &&
    data.value.length >= securityHeader.length + tagDigits &&
    data.value.startsWith(securityHeader)
  );
}

/** A block of protection parameters (an array of one structure of two) in front of a blob. */
function isProtection(data: DlmsData | undefined): boolean {
  if (data?.type !== 'array' || data.value.length !== 1) return false;
  const [only] = data.value;
  return only?.type === 'structure' && only.value.length === 2 && only.value[0]?.type === 'enum';
}

/**
 * Answers of get_protected_attributes are a structure of both; the alert that pushes the billing data log (ECS68) holds
 * both among its members. @see gbcs-message.md 5.1
 */
function* partsOfStructure(data: DlmsData, path: string): Iterable<ProtectedPart> {
  if (data.type !== 'structure') return;
  const whole = data.value.length === 2;
  for (let i = 1; i < data.value.length; i++) {
    const blob = data.value[i];
    if (!isBlob(blob) || !isProtection(data.value[i - 1])) continue;
    yield { path: whole ? path : `${path}.value[${i}]`, blob: fromHex(blob.value) };
  }
}

function* partsOf(payload: Payload): Iterable<ProtectedPart> {
  switch (payload.kind) {
    case 'access-response':
      for (let i = 0; i < payload.items.length; i++) {
        const item = payload.items[i];
        if (item?.response !== 'action') continue;
        yield* partsOfStructure(item.data, `payload.items[${i}].data`);
      }
      return;
    case 'data-notification':
      yield* partsOfStructure(payload.body, 'payload.body');
      return;
    case 'gbz':
    case 'gbz-alert':
      for (const [index, component] of (payload.components ?? []).entries()) {
        const { encrypted } = component;
        if (encrypted === undefined) continue;
        const path = `payload.components[${index}]`;
        yield { path, blob: encryptedBlob(encrypted), component };
      }
      return;
    default:
      return;
  }
}

/** The encrypted parts of a decoded payload, in wire order. */
export function protectedParts(payload: Payload): readonly ProtectedPart[] {
  return [...partsOf(payload)];
}

/** A part's plaintext decoded to its leaves. @throws CodecError with offsets in `plaintext`. */
export function decodePart(
  part: ProtectedPart,
  plaintext: Uint8Array,
  trace?: Trace,
): DlmsData | GbzFields {
  if (part.component === undefined) return decodeWith(dlmsData, plaintext, '', trace);
  const { clusterId, frameControl, commandId } = part.component;
  return decodeZclPayload(clusterId, frameControl, commandId, plaintext, trace);
}
