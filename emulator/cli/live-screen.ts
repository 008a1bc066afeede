import type { Io, OutputStream } from './io.js';

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
/** Without it a line that is too long for a terminal just made narrower would take two rows. */
const wrapOff = '\x1b[?7l';
const wrapOn = '\x1b[?7h';
const clearToEndOfLine = '\x1b[K';
const clearBelow = '\x1b[J';

/** Lines on a terminal that are drawn again in place. However the process ends, the terminal is left as it was. */
export class LiveScreen {
  private height = 0;
  private readonly letGo: () => void;

  constructor(
    private readonly stream: OutputStream,
    io: Io,
  ) {
    stream.write(hideCursor + wrapOff);
    this.letGo = io.onExit(() => this.restore());
  }

  get columns(): number {
    return this.stream.columns ?? 80;
  }

  /** Rows that a picture may have: the cursor's own below it is kept. */
  get rows(): number {
    return Math.max(1, (this.stream.rows ?? 24) - 1);
  }

  draw(lines: readonly string[]): void {
    const up = this.height > 0 ? `\x1b[${this.height}A\r` : '\r';
    const shown = lines.slice(0, this.rows);
    const text = shown.map((line) => `${line}${clearToEndOfLine}\n`).join('');
    this.stream.write(up + text + clearBelow);
    this.height = shown.length;
  }

  /** The last picture stays. */
  close(): void {
    this.letGo();
    this.restore();
  }

  private restore(): void {
    this.stream.write(wrapOn + showCursor);
  }
}
