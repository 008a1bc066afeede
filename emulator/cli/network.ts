import type { Command } from 'commander';
import type { HomeNetwork } from '../fleet/home-network.js';
import { addBrokerOptions, type BrokerOptions } from './broker-options.js';
import { withFleet } from './control-client.js';
import { parseHomeName } from './device-name.js';
import { fleetLines, networkLines } from './network-table.js';
import { examples, type Session } from './session.js';
import { clipped } from './text-table.js';

interface NetworkOptions extends BrokerOptions {
  readonly json?: boolean;
}

export function addNetwork(program: Command, session: Session): void {
  const command = program
    .command('network')
    .summary('show the home networks of a running fleet')
    .description(
      'Shows the network of one home: its radios, their addresses and links, what they sent, received and dropped and why, ' +
        "the members of the hub's trust centre, and the air. Without a home, each home in a line.",
    )
    .argument('[home]', 'such as home-1', parseHomeName)
    .option('--json', 'all there is to know, one JSON object a home');
  addBrokerOptions(command, '(default: the one of `hubfleet up` on this machine)')
    .addHelpText(
      'after',
      examples(
        ['hubfleet network', 'every home in a line'],
        ['hubfleet network home-1', 'one home: radios, links, drops by reason'],
        [
          "hubfleet network home-1 --json | jq '.network.nodes[] | {types, dropped}'",
          'for scripts',
        ],
      ),
    )
    .action((home: string | undefined, options: NetworkOptions) => network(session, home, options));
}

async function network(
  session: Session,
  home: string | undefined,
  options: NetworkOptions,
): Promise<void> {
  const { out, err } = session;
  const progress = (count: number): void => {
    if (err.isTerminal && count >= 200) err.write(`\r${count} homes…`);
  };
  const { networks, stats } = await withFleet(session, options, async (client) => ({
    networks: await client.networks(home, progress),
    stats: await client.stats(),
  }));
  if (err.isTerminal) err.write('\r\x1b[K');
  if (options.json === true) {
    for (const one of networks) out.json(inOrder(one));
    return;
  }
  const lines =
    home === undefined
      ? fleetLines(networks, stats, out.colours)
      : networks.flatMap((one) => networkLines(one, out.colours));
  const width = out.isTerminal ? (out.stream.columns ?? 80) : Number.POSITIVE_INFINITY;
  for (const line of lines) out.line(clipped(line, width));
}

/** The bus sorts the keys of what it carries. */
function inOrder({ home, hub, devices, joined, network }: HomeNetwork): HomeNetwork {
  return { home, hub, devices, joined, network };
}
