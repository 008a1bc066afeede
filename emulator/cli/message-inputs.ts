import { CodecError } from '../../protocols/codec/codec-error.js';
import { fileSize, readChunks, readWhole, wholeFileMax } from './input-files.js';
import { lineBatches } from './lines.js';
import { bytesOfText, startsLikeMessage } from './message-text.js';
import type { Session } from './session.js';

/** Makes text, with its line ends, of a message. May throw CodecError: then the error stands in its place. */
export type ShowMessage = (message: Uint8Array) => string;

/**
 * The messages that a command line names: hex or base64 as arguments, files holding hex, base64 or bytes, or one message
 * a line on standard input. Each is shown in turn; what is none gives an error in its place, and the rest goes on.
 */
export class MessageInputs {
  failures = 0;
  private first = true;

  /** @param apart Whether an empty line stands between messages. */
  constructor(
    private readonly session: Session,
    private readonly show: ShowMessage,
    private readonly apart: boolean,
  ) {}

  /** All inputs, or standard input where there are none. */
  async read(inputs: readonly string[]): Promise<void> {
    for (const input of inputs) await this.input(input);
    if (inputs.length === 0) await this.standardInput();
  }

  private async standardInput(): Promise<void> {
    const { io, err } = this.session;
    if (io.stdin.isTTY === true) err.line('hex or base64, one message a line; Ctrl-D ends');
    await this.stream(io.stdin);
  }

  /** An argument: a file if there is one of that name, else the message itself. */
  private async input(text: string): Promise<void> {
    const size = fileSize(text);
    if (size === undefined) this.put(this.shown(() => bytesOfArgument(text)));
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
      this.put(this.shown(() => new Uint8Array(bytes)));
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
      return this.show(bytesOfText(held.join('')));
    } catch (error) {
      if (error instanceof CodecError) return undefined;
      throw error;
    }
  }

  private lines(batch: readonly string[]): void {
    let text = '';
    for (const line of batch) {
      const trimmed = line.trim();
      if (trimmed !== '') text += this.separated(this.shown(() => bytesOfText(trimmed)));
    }
    this.session.out.write(text);
  }

  private put(shown: string): void {
    this.session.out.write(this.separated(shown));
  }

  private separated(shown: string): string {
    const text = this.first || !this.apart ? shown : `\n${shown}`;
    this.first = false;
    return text;
  }

  private shown(bytes: () => Uint8Array): string {
    try {
      return this.show(bytes());
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.failures++;
      return `${JSON.stringify({ error })}\n`;
    }
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
