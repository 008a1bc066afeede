import type { Command } from 'commander';
import { decodeMessage } from '../../protocols/gbcs/decoded-message.js';
import { annotate } from '../../protocols/gbcs/notes/annotate.js';
import { exitCodes } from './exit.js';
import { MessageInputs } from './message-inputs.js';
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
      const json = options.json === true;
      const { colours } = session.out;
      const show = (bytes: Uint8Array): string => {
        const message = annotate(decodeMessage(bytes));
        if (json) return `${JSON.stringify(message)}\n`;
        return `${messageTree(message, colours).join('\n')}\n`;
      };
      const messages = new MessageInputs(session, show, !json);
      await messages.read(inputs);
      session.exitCode = messages.failures === 0 ? exitCodes.passed : exitCodes.failed;
    });
}
