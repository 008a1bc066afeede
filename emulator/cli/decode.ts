import type { Command } from 'commander';
import { CodecError } from '../../protocols/codec/codec-error.js';
import { type DecodedMessage, decodeMessage } from '../../protocols/gbcs/decoded-message.js';
import { exitCodes } from './exit.js';
import { fileSize, readChunks, readWhole, wholeFileMax } from './input-files.js';
import { lineBatches } from './lines.js';
import { bytesOfText, startsLikeMessage } from './message-text.js';
import { messageTree } from './message-tree.js';
import { examples, type Session } from './session.js';

interface DecodeOptions {
  readonly json?: boolean;
}

export function addDecode(program: Command, session: Session): void {
  program
    .command('decode')
    .summary('take GBCS messages apart')
    .description(
      'Takes GBCS messages apart: hex or base64 as arguments, files holding hex, base64 or bytes, or one message a ' +
        'line on standard input.\n' +
        'What is no message gives {"error":{"path","offset","reason"}} in its place; the rest goes on, exit code 1.',
    )
    .argument('[input...]', 'hex, base64 or the path of a file')
    .option('--json', 'one JSON object a line; `hubfleet encode` takes it back')
    .addHelpText(
      'after',
      examples(
        ['hubfleet decode dd00000000000011…', 'one message, as a readable tree'],
        ['hubfleet decode *.HEX --json', 'many files, one JSON object a line'],
        ['hubfleet decode --json < messages.txt | hubfleet encode', 'there and back'],
      ),
    )
    .action(async (inputs: string[], options: DecodeOptions) => {
      const decoding = new Decoding(session, options.json === true);
      for (const input of inputs) await decoding.input(input);
      if (inputs.length === 0) await decoding.standardInput();
      session.exitCode = decoding.failures === 0 ? exitCodes.passed : exitCodes.failed;
    });
}

class Decoding {
  failures = 0;
  private first = true;

  constructor(
    private readonly session: Session,
    private readonly json: boolean,
  ) {}

  async standardInput(): Promise<void> {
    const { io, err } = this.session;
    if (io.stdin.isTTY === true) err.line('hex or base64, one message a line; Ctrl-D ends');
    await this.stream(io.stdin);
  }

  /** An argument: a file if there is one of that name, else the message itself. */
  async input(text: string): Promise<void> {
    const size = fileSize(text);
    if (size === undefined) this.put(this.decoded(() => bytesOfArgument(text)));
    else if (size > wholeFileMax) await this.stream(readChunks(text));
    else this.file(readWhole(text));
    await this.session.out.ready();
  }

  private async stream(source: AsyncIterable<Uint8Array | string>): Promise<void> {
    const { out } = this.session;
    for await (const batch of lineBatches(source)) {
      this.lines(batch);
      await out.ready();
      if (out.closed.aborted) break;
    }
  }

  private file(bytes: Buffer): void {
    if (!isText(bytes)) {
      this.put(this.decoded(() => new Uint8Array(bytes)));
      return;
    }
    const lines = bytes.toString('latin1').split('\n');
    const folded = this.folded(lines);
    if (folded === undefined) this.lines(lines);
    else this.put(folded);
  }

  /** One message broken over the lines of its file, as base64 often is; undefined if it is not that. */
  private folded(lines: readonly string[]): string | undefined {
    const held = lines.filter((line) => line.trim() !== '');
    const starts = held.filter(startsLikeMessage).length;
    if (held.length < 2 || starts !== 1 || !startsLikeMessage(held[0] as string)) return undefined;
    try {
      return this.shown(decodeMessage(bytesOfText(held.join(''))));
    } catch (error) {
      if (error instanceof CodecError) return undefined;
      throw error;
    }
  }

  private lines(batch: readonly string[]): void {
    let text = '';
    for (const line of batch) {
      const trimmed = line.trim();
      if (trimmed !== '') text += this.separated(this.decoded(() => bytesOfText(trimmed)));
    }
    this.session.out.write(text);
  }

  private put(shown: string): void {
    this.session.out.write(this.separated(shown));
  }

  /** Trees stand apart by an empty line. */
  private separated(shown: string): string {
    const text = this.json || this.first ? shown : `\n${shown}`;
    this.first = false;
    return text;
  }

  private decoded(bytes: () => Uint8Array): string {
    try {
      return this.shown(decodeMessage(bytes()));
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.failures++;
      return `${JSON.stringify({ error })}\n`;
    }
  }

  private shown(message: DecodedMessage): string {
    if (this.json) return `${JSON.stringify(message)}\n`;
    return `${messageTree(message, this.session.out.colours).join('\n')}\n`;
  }
}

/** An argument that is no message was perhaps meant as a path. */
function bytesOfArgument(text: string): Uint8Array {
  try {
    return bytesOfText(text);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new CodecError(error.path, error.offset, `${error.reason}, and there is no such file`);
  }
}

/** Printable ASCII and white space only: no message in binary is that, its first byte is above 127. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09,
  );
}
