import { Command } from 'commander';
import { packageVersion } from '../adapters/package-directory.js';
import { exitCodeOf, explanation } from './exit.js';
import type { Io } from './io.js';
import { Output } from './output.js';
import { examples, type Session } from './session.js';

type Add = (program: Command, session: Session) => void;

/** In the order of the help. Loaded when asked for: `decode` need not wait for a broker's code. */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  up: async () => (await import('./up.js')).addUp,
  send: async () => (await import('./send.js')).addSend,
  devices: async () => (await import('./devices.js')).addDevices,
  network: async () => (await import('./network.js')).addNetwork,
  display: async () => (await import('./display.js')).addDisplay,
  utrn: async () => (await import('./utrn.js')).addUtrn,
  firmware: async () => (await import('./firmware.js')).addFirmware,
  watch: async () => (await import('./watch.js')).addWatch,
  capture: async () => (await import('./capture.js')).addCapture,
  decode: async () => (await import('./decode.js')).addDecode,
  encode: async () => (await import('./encode.js')).addEncode,
  verify: async () => (await import('./verify.js')).addVerify,
  explain: async () => (await import('./explain.js')).addExplain,
  conformance: async () => (await import('./conformance.js')).addConformance,
  pki: async () => (await import('./pki.js')).addPki,
};

/** The one command that is meant or, where that is not clear from the first word, all. */
function loadCommands(first: string | undefined): Promise<Add[]> {
  const one = first !== undefined && Object.hasOwn(commands, first) ? commands[first] : undefined;
  const wanted = one === undefined ? Object.values(commands) : [one];
  return Promise.all(wanted.map((load) => load()));
}

function makeProgram(session: Session, adds: readonly Add[]): Command {
  const { out, err } = session;
  const program = new Command('hubfleet');
  program
    .description(
      "Emulates Great Britain's smart metering network: SMETS2 homes, real GBCS messages, real ZigBee frames, one MQTT bus.",
    )
    .version(packageVersion())
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
  for (const add of adds) add(program, session);
  return program;
}

/** Runs one command line; resolves to its exit code when nothing of it is left running. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const out = new Output(io.stdout, io.env);
  const err = new Output(io.stderr, io.env);
  const session: Session = { io, out, err, exitCode: 0 };
  try {
    const program = makeProgram(session, await loadCommands(args[0]));
    await program.parseAsync(args, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    const text = explanation(error, Boolean(io.env.HUBFLEET_DEBUG));
    if (text !== undefined) err.line(text);
    return exitCodeOf(error);
  }
}
