import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type LogLevel, logLevels, pinoLog } from '../../../emulator/adapters/pino-log.js';
import { silentLog } from '../../../emulator/sim/silent-log.js';

function logged(level: LogLevel | undefined): { lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = pinoLog(level === undefined ? { destination } : { level, destination });
  log.debug({ device: '00db1234567890a0' }, 'polled');
  log.info({ message: Uint8Array.of(0xdf, 0x09), counter: 2n ** 60n }, 'sent');
  log.warn({}, 'slow');
  log.error({ err: new Error('no route') }, 'dropped');
  return { lines };
}

describe('pinoLog', () => {
  it('writes one JSON object a line from its level up', () => {
    const counts = logLevels.map((level) => logged(level).lines.length);
    expect(counts).toEqual([4, 3, 2, 1, 0]);
    expect(logged(undefined).lines.map((line) => line.msg)).toEqual(['sent', 'slow', 'dropped']);
  });

  it('shows bytes as hex, big integers whole and errors with their stack', () => {
    const [sent, , dropped] = logged('info').lines;
    expect(sent).toMatchObject({ level: 30, message: 'df09', msg: 'sent' });
    expect(sent?.time).toBeTypeOf('number');
    expect(dropped?.err).toMatchObject({ message: 'no route', stack: expect.any(String) });
  });

  it('goes to standard error, and is out before the process dies', () => {
    const module = new URL('../../../emulator/adapters/pino-log.ts', import.meta.url);
    const program = `import { pinoLog } from '${module.href}';
      pinoLog().error({ home: 7 }, 'last words');
      process.exit(1);`;
    const run = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      { encoding: 'utf8' },
    );
    expect(run.stdout).toBe('');
    expect(JSON.parse(run.stderr)).toMatchObject({ level: 50, home: 7, msg: 'last words' });
  });
});

describe('silentLog', () => {
  it('takes everything and says nothing', () => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      expect(silentLog[level]({}, 'text')).toBeUndefined();
  });
});
