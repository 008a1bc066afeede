import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { DisplayAnswer } from '../fleet/control-protocol.js';
import type { ControlClient } from './control-client.js';
import { DisplayKeys } from './display-keys.js';
import { picture } from './display-picture.js';
import { type Interruption, pause } from './io.js';
import { LiveScreen } from './live-screen.js';
import type { Session } from './session.js';
import { clipped } from './text-table.js';

/** Real milliseconds between two looks at the display. */
const lookEveryMs = 1_000;

export interface LiveDisplay {
  readonly client: ControlClient;
  readonly device: Eui64;
  readonly title: string;
  readonly first: DisplayAnswer;
}

/** Shows a display in place until the person has seen enough, and hands on the keys. */
export async function showLive(
  session: Session,
  { client, device, title, first }: LiveDisplay,
  stop: Interruption,
): Promise<void> {
  const { io, out } = session;
  const quit = new AbortController();
  const keys = new DisplayKeys(first.keys);
  const screen = new LiveScreen(out.stream, io);
  const keyboard = new Keyboard(session);
  let answer = first;
  let said = '';
  /** What a key did shows on the display itself from the next look on; why it did nothing shows nowhere else. */
  let saidFades = false;
  const draw = (): void => {
    const foot = ['', said, keys.help()].map((line) => clipped(line, screen.columns));
    // The foot is what one types by: it stays, whatever has to go.
    const room = Math.max(0, screen.rows - foot.length);
    const box = picture(title, answer.lines, screen.columns, out.colours).slice(0, room);
    screen.draw([...box, ...foot]);
  };
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    quit.abort();
  };
  keyboard.onInput((input) => {
    for (const action of keys.take(input)) {
      if (action === 'quit') quit.abort();
      else if (action !== undefined) {
        client.press(device, action.press).then(({ accepted, text }) => {
          said = text;
          saidFades = accepted;
          draw();
        }, fail);
      }
    }
    if (!quit.signal.aborted) draw();
  });
  const ends = [quit.signal, stop.signal, out.closed];
  try {
    while (!ends.some((signal) => signal.aborted)) {
      draw();
      await pause(lookEveryMs, ...ends);
      if (ends.some((signal) => signal.aborted)) break;
      answer = await Promise.race([client.display(device), ended(ends, answer)]);
      if (saidFades) said = '';
    }
  } finally {
    keyboard.close();
    screen.close();
  }
  if (failure !== undefined) throw failure;
}

/** Nobody waits for an answer once it is over. */
function ended(signals: readonly AbortSignal[], last: DisplayAnswer): Promise<DisplayAnswer> {
  return pause(undefined, ...signals).then(() => last);
}

/** Keys of a terminal, one by one. However the process ends, the terminal is left as it was. */
class Keyboard {
  private readonly letGo: () => void;
  private listener: ((data: Buffer | string) => void) | undefined;

  constructor(private readonly session: Session) {
    this.letGo = session.io.onExit(() => this.restore());
    if (this.isTerminal) session.io.stdin.setRawMode?.(true);
  }

  private get isTerminal(): boolean {
    return this.session.io.stdin.isTTY === true;
  }

  onInput(take: (input: string) => void): void {
    if (!this.isTerminal) return;
    this.listener = (data) => take(data.toString());
    this.session.io.stdin.on('data', this.listener);
  }

  close(): void {
    this.letGo();
    this.restore();
    const { stdin } = this.session.io;
    if (this.listener !== undefined) stdin.off('data', this.listener);
    // Or the process would wait for the next key.
    stdin.pause();
  }

  private restore(): void {
    if (this.isTerminal) this.session.io.stdin.setRawMode?.(false);
  }
}
