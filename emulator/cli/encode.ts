import type { Command } from 'commander';
import { CodecError } from '../../protocols/codec/codec-error.js';
import { toHex } from '../../protocols/codec/hex.js';
import { type DecodedMessage, encodeMessage } from '../../protocols/gbcs/decoded-message.js';
import { UsageError } from '../ports/errors.js';
import { exitCodes } from './exit.js';
import { fileSize, readChunks, readWhole, wholeFileMax } from './input-files.js';
import { jsonErrorAt } from './json-position.js';
import { lineBatches, lineLengthMax } from './lines.js';
import { examples, type Session } from './session.js';

interface EncodeOptions {
  readonly base64?: boolean;
}

export function addEncode(program: Command, session: Session): void {
  program
    .command('encode')
    .summary('make messages of what decode --json printed')
    .description(
      'Takes the JSON of `hubfleet decode --json` back to the same bytes: one object a line on standard input or in ' +
        'files, or one pretty-printed object. Names (useCase, names inside the payload) are ignored, numbers count.\n' +
        'What is no message gives {"error":{"path","offset","reason"}} in its place; the rest goes on, exit code 1.',
    )
    .argument('[file...]', 'files of JSON; without any, standard input')
    .option('--base64', 'base64 in place of hex')
    .option('--json', 'each message as a JSON object {"hex"} (or {"base64"})')
    .addHelpText(
      'after',
      examples(
        ['hubfleet decode --json m.HEX | hubfleet encode', 'the same hex again'],
        ['hubfleet encode changed.json', 'a message that somebody has edited'],
        ['hubfleet encode --base64 < messages.jsonl', 'one base64 text a line'],
      ),
    )
    .action(async (files: string[], options: EncodeOptions & { readonly json?: boolean }) => {
      const encoding = new Encoding(session, options);
      for (const file of files) await encoding.file(file);
      if (files.length === 0) await encoding.standardInput();
      session.exitCode = encoding.failures === 0 ? exitCodes.passed : exitCodes.failed;
    });
}

class Encoding {
  failures = 0;

  constructor(
    private readonly session: Session,
    private readonly options: EncodeOptions & { readonly json?: boolean },
  ) {}

  async standardInput(): Promise<void> {
    const { io, err } = this.session;
    if (io.stdin.isTTY === true) err.line('JSON, one message a line; Ctrl-D ends');
    await this.stream(io.stdin);
  }

  async file(path: string): Promise<void> {
    const size = fileSize(path);
    if (size === undefined) throw new UsageError(`there is no file '${path}' to encode`);
    if (size > wholeFileMax) await this.stream(readChunks(path));
    else await this.stream([readWhole(path)]);
  }

  private async stream(
    source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>,
  ): Promise<void> {
    const { out } = this.session;
    let document: string | undefined;
    let begun = false;
    for await (const batch of lineBatches(asynchronous(source))) {
      if (document !== undefined) document += `${batch.join('\n')}\n`;
      else {
        const first: number = begun ? -1 : batch.findIndex((line) => line.trim() !== '');
        begun ||= first >= 0;
        // An object that opens alone on the first line is one document over many lines.
        if (first >= 0 && /^\uFEFF?\s*\{\s*$/.test(batch[first] as string)) {
          document = `${batch.slice(first).join('\n')}\n`;
        } else this.lines(batch);
      }
      if (document !== undefined && document.length > lineLengthMax) break;
      await out.ready();
      if (out.closed.aborted) return;
    }
    if (document !== undefined) out.write(this.encoded(document.trim()));
  }

  private lines(batch: readonly string[]): void {
    let text = '';
    for (const line of batch) {
      const trimmed = line.trim();
      if (trimmed !== '') text += this.encoded(trimmed);
    }
    this.session.out.write(text);
  }

  private encoded(text: string): string {
    try {
      return this.shown(encodeMessage(parseJson(text) as DecodedMessage));
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.failures++;
      return `${JSON.stringify({ error })}\n`;
    }
  }

  private shown(bytes: Uint8Array): string {
    const { base64, json } = this.options;
    const text = base64 === true ? Buffer.from(bytes).toString('base64') : toHex(bytes);
    if (json !== true) return `${text}\n`;
    return `${JSON.stringify(base64 === true ? { base64: text } : { hex: text })}\n`;
  }
}

/** @throws CodecError whose offset is the character at which the text goes wrong */
function parseJson(text: string): unknown {
  if (text.length > lineLengthMax) throw new CodecError('', 0, 'no message is that long');
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CodecError('', jsonErrorAt(text), 'not JSON');
  }
}

async function* asynchronous<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* source;
}
