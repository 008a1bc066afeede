import type { Command } from 'commander';
import { explainMessage } from '../../protocols/gbcs/explain.js';
import { renderExplanation } from '../../protocols/gbcs/explanation.js';
import { exitCodes } from './exit.js';
import { MessageInputs } from './message-inputs.js';
import { examples, type Session } from './session.js';
import { keysHelp, verificationKeysOf } from './verify.js';

interface ExplainOptions {
  readonly keys?: string;
  readonly json?: boolean;
}

export function addExplain(program: Command, session: Session): void {
  program
    .command('explain')
    .summary('show which bytes of a message mean what')
    .description(
      'Shows a message field by field, with offsets, lengths and names. With keys also how it is protected: parties, ' +
        'other info, derived keys, IV, additional data, the MAC that is due and the first byte that differs.\n' +
        `Inputs are those of \`hubfleet decode\`. ${keysHelp}`,
    )
    .argument('[input...]', 'hex, base64 or the path of a file')
    .option('--keys <path>', 'key file or directory')
    .option('--json', 'the tree as one JSON object a line')
    .addHelpText(
      'after',
      examples(
        ['hubfleet explain message.HEX', 'fields and offsets'],
        ['hubfleet explain --keys keys.json message.HEX', 'also signature, MAC and encryption'],
      ),
    )
    .action(async (inputs: string[], options: ExplainOptions) => {
      const keys =
        options.keys === undefined ? undefined : verificationKeysOf(session, options.keys);
      const show = (bytes: Uint8Array): string => {
        const explanation = explainMessage(bytes, keys);
        if (options.json === true) return `${JSON.stringify(explanation)}\n`;
        return `${renderExplanation(explanation).join('\n')}\n`;
      };
      const messages = new MessageInputs(session, show, options.json !== true);
      await messages.read(inputs);
      session.exitCode = messages.failures === 0 ? exitCodes.passed : exitCodes.failed;
    });
}
