import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageDirectory } from '../adapters/package-directory.js';
import { addDecode } from './decode.js';
import { addDevices } from './devices.js';
import { addEncode } from './encode.js';
import { exitCodeOf, explanation } from './exit.js';
import type { Io } from './io.js';
import { Output } from './output.js';
import { addPki } from './pki.js';
import { addSend } from './send.js';
import { examples, type Session } from './session.js';
import { addUp } from './up.js';
import { addWatch } from './watch.js';

function version(): string {
  const manifest = readFileSync(join(packageDirectory(), 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function makeProgram(session: Session): Command {
  const { out, err } = session;
  const program = new Command('hubfleet');
  program
    .description(
      "Emulates Great Britain's smart metering network: SMETS2 homes, real GBCS messages, real ZigBee frames, one MQTT bus.",
    )
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      // One line, suggestion included.
      outputError: (text, write) => write(`${text.trim().replace(/\s*\n\s*/g, ' ')}\n`),
      getOutHelpWidth: () => out.stream.columns ?? 100,
      getErrHelpWidth: () => err.stream.columns ?? 100,
      getOutHasColors: () => out.colours.isColorSupported,
      getErrHasColors: () => err.colours.isColorSupported,
    })
    .addHelpText(
      'after',
      `${examples(
        ['hubfleet up', 'ten homes, a broker and a live table'],
        ['hubfleet up --for 15s --json', 'the same as a test: one JSON object, exit code 0 or 1'],
        ['hubfleet send ECS17b home-1/esme', 'one command to one meter of the running fleet'],
        ['hubfleet watch', 'what goes over the bus, decoded'],
        ['hubfleet help send', 'about one command'],
      )}\n\nExit codes: 0 passed, 1 failed, 2 wrong use, 3 wrong surroundings (port, broker, files).`,
    );
  for (const add of [addUp, addSend, addDevices, addWatch, addDecode, addEncode, addPki]) {
    add(program, session);
  }
  return program;
}

/** Runs one command line; resolves to its exit code when nothing of it is left running. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const out = new Output(io.stdout, io.env);
  const err = new Output(io.stderr, io.env);
  const session: Session = { io, out, err, exitCode: 0 };
  try {
    await makeProgram(session).parseAsync(args, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    const text = explanation(error, Boolean(io.env.HUBFLEET_DEBUG));
    if (text !== undefined) err.line(text);
    return exitCodeOf(error);
  }
}
