import type { DlmsData } from '../../dlms/data.js';
import type { DecodedMessage } from '../decoded-message.js';
import type { GbzComponent, GbzFields } from '../gbz-types.js';
import type { Payload } from '../payload.js';
import { answeredItems } from '../use-cases/response-items.js';
import type { DecryptedPart } from '../verify-message.js';
import { noteNotification, noteProtected, noteRequest, noteResponse } from './dlms-notes.js';
import { Notes } from './notes.js';
import { noteComponents, noteFields, noteGbzAlert } from './zcl-notes.js';

/** What there is to say of a payload's values. */
export function payloadNotes(payload: Payload, messageCode: number, notes = new Notes()): Notes {
  switch (payload.kind) {
    case 'access-request':
      noteRequest(notes, payload);
      break;
    case 'access-response':
      noteResponse(notes, payload, messageCode);
      break;
    case 'data-notification':
      noteNotification(notes, payload);
      break;
    case 'gbz':
      noteComponents(notes, payload.components);
      break;
    case 'gbz-alert':
      noteGbzAlert(notes, payload);
      break;
    default:
      break;
  }
  return notes;
}

/**
 * The same message with what its values mean beside them: results of a DLMS response named by the request of the use
 * case, times as UTC, registers scaled and with their unit, titles of alerts. `encodeMessage` ignores all of it. Kept
 * apart from decoding, which is several times as fast.
 */
export function annotate(message: DecodedMessage): DecodedMessage {
  const notes = payloadNotes(message.payload, messageCodeNumber(message.messageCode));
  return { ...message, payload: notes.apply(message.payload) };
}

function messageCodeNumber(text: string): number {
  return Number.parseInt(text, 16);
}

const itemPath = /^payload\.items\[(\d+)\]/;
const componentPath = /^payload\.components\[(\d+)\]/;

/** Notes on the plaintext of a part of `payload`, as on any other value. */
export function noteDecrypted(
  notes: Notes,
  payload: Payload,
  messageCode: number,
  part: Pick<DecryptedPart, 'path' | 'value'>,
): void {
  const { path, value } = part;
  if (value === undefined) return;
  const component = Number(componentPath.exec(path)?.[1] ?? -1);
  if (payload.kind === 'gbz' || payload.kind === 'gbz-alert') {
    const own: GbzComponent | undefined = payload.components?.[component];
    if (own !== undefined) noteFields(notes, own, value as GbzFields);
    return;
  }
  const item = Number(itemPath.exec(path)?.[1] ?? -1);
  const answered =
    payload.kind === 'access-response'
      ? answeredItems(messageCode, payload.items)[item]
      : undefined;
  noteProtected(notes, value as DlmsData, answered);
}

/** The decrypted parts of a message, their values annotated. */
export function annotateDecrypted(
  message: DecodedMessage,
  parts: readonly DecryptedPart[],
): readonly DecryptedPart[] {
  const notes = new Notes();
  for (const part of parts) {
    noteDecrypted(notes, message.payload, messageCodeNumber(message.messageCode), part);
  }
  return notes.apply(parts);
}
