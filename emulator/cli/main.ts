#!/usr/bin/env node
import { exitCodes, explanation } from './exit.js';
import { processIo } from './io.js';
import { runCli } from './run.js';

const io = processIo();

process.on('uncaughtException', (error) => {
  const text = explanation(error, Boolean(io.env.HUBFLEET_DEBUG));
  if (text !== undefined) io.stderr.write(`${text}\n`);
  process.exit(exitCodes.failed);
});

// No process.exit: the process ends by itself, which proves that nothing was left behind.
process.exitCode = await runCli(process.argv.slice(2), io);
