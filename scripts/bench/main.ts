import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { benchCodec } from './codec.js';
import { benchCommands } from './commands.js';
import { benchFrames } from './frames.js';
import { printTable, rounded } from './measure.js';

/** All benchmarks in one run: every rate beside the ceiling it is judged by. Quote ratios, not rates. */
function benchMemory(): void {
  for (const han of ['messages', 'frames']) {
    const args = ['--expose-gc', 'scripts/bench/memory.js', han];
    const { homes, bytesPerHomeStarted, bytesPerHomeBusy } = JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8' }),
    ) as { homes: number; bytesPerHomeStarted: number; bytesPerHomeBusy: number };
    const aim = han === 'messages' ? ' (aim: under 61,440)' : '';
    printTable(`Memory of a home (5 devices), --han ${han}, over ${rounded(homes)} homes${aim}`, [
      {
        what: 'bytes a home, started and read by its display',
        value: rounded(bytesPerHomeStarted),
      },
      {
        what: 'bytes a home, after critical and encrypted commands',
        value: rounded(bytesPerHomeBusy),
      },
    ]);
  }
}

process.stdout.write(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}\n`);
if (!process.argv.includes('--no-codec')) benchCodec();
if (!process.argv.includes('--no-frames')) benchFrames();
if (!process.argv.includes('--no-commands')) await benchCommands();
if (!process.argv.includes('--no-memory')) benchMemory();
