import { readLength } from '../../../protocols/codec/length.js';
import { Reader } from '../../../protocols/codec/reader.js';
import { loadRtdsIndex, type RtdsEntry, readRtdsMessage } from '../../support/rtds.js';

export interface RtdsPayload {
  readonly entry: RtdsEntry;
  readonly content: Uint8Array;
}

/** The content between the headers and the signature (gbcs-message.md 1), found without the code under test. */
export function contentOf(message: Uint8Array): Uint8Array {
  const reader = new Reader(message);
  if (reader.peek() === 0xdd) {
    reader.skip(7);
    readLength(reader);
    reader.skip(5);
  }
  reader.skip(29);
  reader.skip(reader.u8());
  reader.skip(readLength(reader));
  return reader.bytes(readLength(reader)).slice();
}

/** All DLMS payloads of the data set at hand. */
export function loadDlmsPayloads(): RtdsPayload[] {
  return loadRtdsIndex()
    .filter((entry) => entry.payload.startsWith('dlms-'))
    .map((entry) => ({ entry, content: contentOf(readRtdsMessage(entry)) }));
}

/** Command and response of one exchange. */
export function pairsOf(payloads: readonly RtdsPayload[]): [RtdsPayload, RtdsPayload][] {
  const commands = new Map(
    payloads
      .filter(({ entry }) => entry.role === 'command')
      .map((payload) => [payload.entry.group, payload]),
  );
  return payloads
    .filter(({ entry }) => entry.role === 'response')
    .flatMap((response) => {
      const command = commands.get(response.entry.group);
      return command === undefined ? [] : [[command, response] as [RtdsPayload, RtdsPayload]];
    });
}
