import { toHex } from '../../protocols/codec/hex.js';
import { isoToMs } from '../../protocols/codec/utc.js';
import { decodeGbcsMessage } from '../../protocols/gbcs/message.js';
import { decodePayload, encodePayload } from '../../protocols/gbcs/payload.js';
import { commandPayload } from '../../protocols/gbcs/use-cases/catalogue.js';
import { commandParameters } from '../../protocols/gbcs/use-cases/command-parameters.js';
import { loadRtdsIndex, type RtdsEntry, readRtdsMessage } from './rtds.js';

/** When all official commands were made. */
const rtdsTimeMs = isoToMs('2015-01-01T00:00:00Z') as number;

export interface RebuiltCommand {
  readonly file: string;
  readonly messageCode: number;
  /** Undefined where no use case of the catalogue makes such a payload. */
  readonly name: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly official: string;
  /** The payload made anew from the parameters alone; hex like the official one. */
  readonly rebuilt: string;
}

/** Every official command and pre-command with that kind of payload. */
export function rebuildRtdsCommands(kind: RtdsEntry['payload']): RebuiltCommand[] {
  return loadRtdsIndex()
    .filter((entry) => entry.cra === 'command' && entry.payload === kind)
    .map(rebuild);
}

function rebuild(entry: RtdsEntry): RebuiltCommand {
  const { header, content } = decodeGbcsMessage(readRtdsMessage(entry));
  const { messageCode } = header.otherInformation;
  const named = commandParameters(messageCode, decodePayload(content, messageCode, 'command'));
  const file = entry.file.slice(entry.file.indexOf('/') + 1);
  const official = toHex(content);
  if (named === undefined) {
    return { file, messageCode, name: undefined, parameters: {}, official, rebuilt: '' };
  }
  // Through text, as from a file or a command line: parameters are plain data.
  const parameters = JSON.parse(JSON.stringify(named.parameters)) as Record<string, unknown>;
  const { originator, recipient, originatorCounter } = header;
  const values = { originator, recipient, originatorCounter, nowMs: rtdsTimeMs };
  const payload = commandPayload(named.useCase, parameters, values);
  const rebuilt = toHex(encodePayload(payload, messageCode, 'command'));
  return { file, messageCode, name: named.useCase.name, parameters, official, rebuilt };
}
