import { type Command, InvalidArgumentError, Option } from 'commander';
import type { IssuedUtrn } from '../dcc/utrn-issuer.js';
import { addBrokerOptions, type BrokerOptions } from './broker-options.js';
import { withFleet } from './control-client.js';
import { findDevice } from './device-name.js';
import { examples, type Session } from './session.js';

interface UtrnOptions extends BrokerOptions {
  /** Pence. */
  readonly pounds: number;
  readonly json?: boolean;
}

const defaultPence = 1000;

/** Pence of `10` or `12.50`. */
function parsePounds(text: string): number {
  const [, pounds, pence = ''] = /^(\d{1,4})(?:\.(\d{2}))?$/.exec(text) ?? [];
  const total = Number(pounds) * 100 + Number(pence);
  if (pounds !== undefined && total > 0) return total;
  throw new InvalidArgumentError('Want an amount such as 10 or 12.50.');
}

export function addUtrn(program: Command, session: Session): void {
  const command = program
    .command('utrn')
    .summary('sell a top-up for a meter of a running fleet')
    .description(
      'Makes the 20 digits (UTRN) of a top-up for one meter, under the test keys of the supplier that the meter trusts. Type ' +
        'them into a prepayment display, or send them in a CS01a or CS01b.',
    )
    .argument('<meter>', 'home and type such as home-1/esme or home-1/gsme, or EUI-64')
    .addOption(
      new Option('--pounds <amount>', 'how much; above £81.91 whole pounds only')
        .argParser(parsePounds)
        .default(defaultPence, '10'),
    )
    .option('--json', 'with supplier and counter, as one JSON object');
  addBrokerOptions(command, '(default: the one of `hubfleet up` on this machine)')
    .addHelpText(
      'after',
      examples(
        ['hubfleet utrn home-1/esme', '£10 for the electricity meter'],
        ['hubfleet utrn home-1/gsme --pounds 12.50', 'for the gas meter'],
        [
          'hubfleet display home-1 --top-up "$(hubfleet utrn home-1/esme)"',
          'buy it and type it in (homes of --template full-home)',
        ],
      ),
    )
    .action(async (meter: string, options: UtrnOptions) => {
      const { json, pounds: pence } = options;
      const issued = await withFleet(session, options, async (client) => {
        const device = await findDevice(client, meter);
        return (await client.ask({ query: 'utrn', device, pence })) as unknown as IssuedUtrn;
      });
      print(session, issued, json === true);
    });
}

function print({ out, err }: Session, issued: IssuedUtrn, json: boolean): void {
  const { utrn, device, supplier, pence, utrnCounter } = issued;
  if (json) {
    out.json({ utrn, device, supplier, pence, utrnCounter });
    return;
  }
  out.line(utrn);
  if (err.isTerminal && out.isTerminal) {
    err.line(`£${(pence / 100).toFixed(2)}: type it in with t in \`hubfleet display\` of the home`);
  }
}
