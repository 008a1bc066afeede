import type { Command } from 'commander';
import { describeMessage } from '../../protocols/gbcs/decoded-message.js';
import { RingVerificationKeys } from '../../protocols/gbcs/key-ring.js';
import { decodeGbcsMessage } from '../../protocols/gbcs/message.js';
import { annotate, annotateDecrypted } from '../../protocols/gbcs/notes/annotate.js';
import { type Verification, verifyMessage } from '../../protocols/gbcs/verify-message.js';
import { loadKeys } from '../adapters/key-files.js';
import { NodeCrypto } from '../adapters/node-crypto.js';
import { exitCodes } from './exit.js';
import { MessageInputs } from './message-inputs.js';
import type { Colours } from './output.js';
import { examples, type Session } from './session.js';

interface VerifyOptions {
  readonly keys: string;
  readonly json?: boolean;
}

export const keysHelp =
  'A key file is JSON (a list of { eui, usage, certificate, privateScalar }, or a keystore EUI-64 -> usage -> serial -> ' +
  '{ certificate, privateKey }), PEM, or a directory of PEM files as `hubfleet pki export` writes it.';

/** The keys of `--keys`, oddities told on standard error. */
export function verificationKeysOf(session: Session, path: string): RingVerificationKeys {
  const { ring, notes } = loadKeys(path);
  for (const note of notes) session.err.line(`note: ${note}`);
  return new RingVerificationKeys(ring, new NodeCrypto());
}

export function addVerify(program: Command, session: Session): void {
  program
    .command('verify')
    .summary('check signatures, MACs and encryption')
    .description(
      'Checks the signature, the MAC and the encrypted parts of messages: each is valid, invalid, absent or no-key.\n' +
        `Inputs are those of \`hubfleet decode\`. ${keysHelp}\n` +
        'Exit code 1 when anything is invalid or no message.',
    )
    .argument('[input...]', 'hex, base64 or the path of a file')
    .requiredOption('--keys <path>', 'key file or directory')
    .option(
      '--json',
      'one JSON object a line: that of decode, with verdicts as signature, mac, decrypted; and decryptedValues',
    )
    .addHelpText(
      'after',
      examples(
        ['hubfleet verify --keys keys.json message.HEX', 'one message, one line'],
        ['hubfleet verify --keys pki/ --json < messages.txt', 'one JSON object a line'],
      ),
    )
    .action(async (inputs: string[], options: VerifyOptions) => {
      const keys = verificationKeysOf(session, options.keys);
      let invalid = 0;
      const show = (bytes: Uint8Array): string => {
        const message = decodeGbcsMessage(bytes);
        const decoded = describeMessage(message, message.content.byteOffset - bytes.byteOffset);
        const verification = verifyMessage(message, keys);
        const { signature, mac, decryption: decrypted } = verification;
        if ([signature, mac, decrypted].includes('invalid')) invalid++;
        if (options.json !== true)
          return `${verdictLine(decoded, verification, session.out.colours)}\n`;
        const parts = annotateDecrypted(decoded, verification.decrypted);
        const values = parts.length === 0 ? {} : { decryptedValues: parts };
        return `${JSON.stringify({ ...annotate(decoded), signature, mac, decrypted, ...values })}\n`;
      };
      const messages = new MessageInputs(session, show, false);
      await messages.read(inputs);
      const passed = messages.failures === 0 && invalid === 0;
      session.exitCode = passed ? exitCodes.passed : exitCodes.failed;
    });
}

function verdictLine(
  message: ReturnType<typeof describeMessage>,
  { signature, mac, decryption }: Verification,
  colours: Colours,
): string {
  const { messageCode, useCase, craFlag, originator, recipient, originatorCounter } = message;
  const said = (name: string, verdict: string): string => {
    const paint =
      verdict === 'valid' ? colours.green : verdict === 'invalid' ? colours.red : colours.dim;
    return `${name} ${paint(verdict)}`;
  };
  return (
    `${colours.bold(`${useCase ?? 'unknown'} ${craFlag}`)} ${messageCode}  ${originator} → ${recipient}  ` +
    `counter ${originatorCounter}  ${said('signature', signature)}  ${said('mac', mac)}  ` +
    said('decrypted', decryption)
  );
}
