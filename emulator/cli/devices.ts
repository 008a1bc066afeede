import type { Command } from 'commander';
import type { DeviceSummary } from '../fleet/fleet.js';
import { addBrokerOptions, type BrokerOptions } from './broker-options.js';
import { withFleet } from './control-client.js';
import { examples, type Session } from './session.js';
import { briefly, clipped, tableLines } from './text-table.js';

interface DevicesOptions extends BrokerOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function addDevices(program: Command, session: Session): void {
  const command = program
    .command('devices')
    .summary('list the devices of a running fleet')
    .description('Lists the devices of a running fleet and what state they are in.')
    .option('--home <name>', 'only those of one home')
    .option('--json', 'one JSON object a line');
  addBrokerOptions(command, '(default: the one of `hubfleet up` on this machine)')
    .addHelpText(
      'after',
      examples(
        ['hubfleet devices', 'all devices'],
        ['hubfleet devices --home home-3', 'those of one home'],
        ['hubfleet devices --json | jq -r \'select(.type=="esme").device\'', 'for scripts'],
      ),
    )
    .action(async (options: DevicesOptions) => {
      const devices = await withFleet(session, options, (client) =>
        client.devices(options.home, progress(session)),
      );
      if (session.err.isTerminal) session.err.write('\r\x1b[K');
      if (options.json === true) printJson(session, devices);
      else printTable(session, devices);
    });
}

/** Large fleets come in many parts. */
function progress({ err }: Session): (count: number) => void {
  return (count) => {
    if (err.isTerminal && count >= 1_000) err.write(`\r${count} devices…`);
  };
}

function printJson({ out }: Session, devices: readonly DeviceSummary[]): void {
  // The bus sorts the keys of what it carries.
  for (const { home, type, device, hub, state } of devices) {
    out.json({ home, type, device, hub, state });
  }
}

function printTable({ out }: Session, devices: readonly DeviceSummary[]): void {
  const rows = devices.map(({ home, type, device, hub, state }) => [
    home,
    type,
    device,
    hub,
    briefly(inReadingOrder(state)),
  ]);
  const [head = '', ...lines] = tableLines([['HOME', 'TYPE', 'DEVICE', 'HUB', 'STATE'], ...rows]);
  const width = out.isTerminal ? (out.stream.columns ?? 80) : Number.POSITIVE_INFINITY;
  out.line(out.colours.bold(head));
  for (const line of lines) out.line(clipped(line, width));
}

/** What a person looks for first; the rest follows as it came. */
const readingOrder = [
  'activeImportWh',
  'activePowerW',
  'consumptionDm3',
  'energyKwh',
  'flowM3PerHour',
  'electricity',
  'gas',
  'supply',
  'switches',
  'clock',
  'ambient',
  'last',
  'executed',
  'refused',
];

/** The bus sorts the keys of what it carries. */
function inReadingOrder(state: DeviceSummary['state']): DeviceSummary['state'] {
  const place = (key: string): number => {
    const index = readingOrder.indexOf(key);
    return index < 0 ? readingOrder.length : index;
  };
  const entries = Object.entries(state);
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b)));
}
