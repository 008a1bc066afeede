import type { RunningFleet } from '../fleet/start-fleet.js';
import { brokerText } from './broker-options.js';
import { showDuration } from './duration.js';
import { homeLines, LastCommands } from './fleet-table.js';
import { LiveScreen } from './live-screen.js';
import type { Session } from './session.js';
import { clipped } from './text-table.js';
import { progressLine, totalsLines } from './up-summary.js';

/** Real milliseconds between two pictures, and between two lines where there is no terminal. */
const drawEveryMs = 500;
const lineEveryMs = 5_000;
/** Real milliseconds over which the rate of commands is taken. */
const rateWindowMs = 5_000;

export interface ProgressOptions {
  /** A table, drawn in place. */
  readonly live: boolean;
  /** Nothing at all. */
  readonly silent: boolean;
  /** A line now and then on standard output. */
  readonly lines: boolean;
  readonly hint: string;
}

export interface Progress {
  close(): void;
}

/** Shows how a fleet is doing, in the way that fits where the output goes. */
export function progressOf(
  session: Session,
  running: RunningFleet,
  options: ProgressOptions,
): Progress {
  if (options.silent) return { close: () => undefined };
  if (options.live) return liveTable(session, running, options.hint);
  const { out, err } = session;
  const to = options.lines ? out : err;
  for (const line of startLines(running, options.hint)) to.line(line);
  if (!options.lines) return { close: () => undefined };
  const startedAtMs = performance.now();
  const timer = setInterval(
    () => out.line(progressLine(running.stats(), performance.now() - startedAtMs)),
    lineEveryMs,
  );
  return { close: () => clearInterval(timer) };
}

function startLines(running: RunningFleet, hint: string): string[] {
  const { homes, devices } = running.stats();
  const broker = brokerText({ broker: running.brokerUrl, name: running.name });
  const took = showDuration(running.startupMs);
  return [`${homes} homes (${devices} devices) up in ${took}, broker ${broker}`, hint];
}

function liveTable({ out, io }: Session, running: RunningFleet, hint: string): Progress {
  const screen = new LiveScreen(out.stream, io);
  const last = new LastCommands();
  const stopHearing = running.onDeviceEvent((event) => last.hear(event));
  const rate = new Rate();
  const startedAtMs = performance.now();
  const draw = (): void => {
    const stats = running.stats();
    const { columns, rows } = screen;
    const elapsed = showDuration(performance.now() - startedAtMs);
    const [start = '', ...tips] = startLines(running, hint);
    const footer = [
      '',
      ...totalsLines(stats, rate.of(stats.headEnd.commands)),
      `${start}, running ${elapsed}`,
      ...tips,
    ].map((line) => clipped(line, columns));
    const room = { rows: rows - footer.length, columns };
    screen.draw([...homeLines(running, last, room, out.colours), ...footer]);
  };
  draw();
  const timer = setInterval(draw, drawEveryMs);
  return {
    close: () => {
      clearInterval(timer);
      stopHearing();
      draw();
      screen.close();
    },
  };
}

/** A count's growth per second over the last while. */
class Rate {
  private readonly samples: { readonly atMs: number; readonly count: number }[] = [];

  of(count: number): number {
    const atMs = performance.now();
    this.samples.push({ atMs, count });
    while (this.samples.length > 2 && atMs - (this.samples[0]?.atMs ?? atMs) > rateWindowMs) {
      this.samples.shift();
    }
    const first = this.samples[0] as { readonly atMs: number; readonly count: number };
    return atMs === first.atMs ? 0 : ((count - first.count) / (atMs - first.atMs)) * 1_000;
  }
}
