import type { DeviceDescription } from '../devices/device.js';
import type { FleetEvent, RunningFleet } from '../fleet/start-fleet.js';
import type { Colours } from './output.js';
import { clipped, tableLines } from './text-table.js';

export interface LastCommand {
  readonly text: string;
  readonly good: boolean;
}

/** What became of the last command of each home, whoever sent it, as its devices tell. */
export class LastCommands {
  private readonly byHome = new Map<string, LastCommand>();

  hear({ home, type, name, detail }: FleetEvent): void {
    if (name !== 'command-executed' && name !== 'command-refused') return;
    const {
      useCase = 'unknown',
      reason,
      results = [],
    } = detail as {
      readonly useCase?: string;
      readonly reason?: string;
      readonly results?: readonly string[];
    };
    const failed = results.find((result) => result !== 'success' && result !== 'answered');
    const verdict = reason ?? failed ?? 'ok';
    this.byHome.set(home, { text: `${useCase} ${type} ${verdict}`, good: verdict === 'ok' });
  }

  of(home: string): LastCommand | undefined {
    return this.byHome.get(home);
  }
}

const wideColumns = 100;

function numberOf(state: DeviceDescription | undefined, name: string): number | undefined {
  const value = state?.[name];
  return typeof value === 'number' ? value : undefined;
}

function electricity(state: DeviceDescription | undefined): string {
  const wh = numberOf(state, 'activeImportWh');
  const w = numberOf(state, 'activePowerW');
  if (wh === undefined) return '-';
  return `${(wh / 1_000).toFixed(3).padStart(9)} kWh ${String(w ?? '-').padStart(5)} W`;
}

function gas(state: DeviceDescription | undefined): string {
  const dm3 = numberOf(state, 'consumptionDm3');
  return dm3 === undefined ? '-' : `${(dm3 / 1_000).toFixed(3).padStart(9)} m³`;
}

/** The ambient light, and what today has cost so far. */
function display(state: DeviceDescription | undefined): string {
  if (state === undefined) return '-';
  const {
    ambient,
    electricity: power,
    gas: fuel,
  } = state as {
    readonly ambient?: string;
    readonly electricity?: { readonly todayPounds?: number };
    readonly gas?: { readonly todayPounds?: number };
  };
  const known = [power?.todayPounds, fuel?.todayPounds].filter((pounds) => pounds !== undefined);
  const pounds = known.reduce((sum, one) => sum + one, 0);
  return `${ambient ?? 'waiting'}${known.length === 0 ? '' : ` £${pounds.toFixed(2)}`}`;
}

/** The first `rows` homes as table lines with a head, clipped to the terminal; the last line counts the rest. */
export function homeLines(
  running: RunningFleet,
  last: LastCommands,
  size: { readonly rows: number; readonly columns: number },
  colours: Colours,
): string[] {
  const { homes } = running.fleet;
  const all = homes.length <= size.rows - 1;
  const shown = homes.slice(0, all ? homes.length : Math.max(0, size.rows - 2));
  const rows = shown.map((home) => {
    const states = new Map([...home.devices.values()].map((one) => [one.type, one.describe()]));
    return [
      home.name,
      size.columns < wideColumns ? `…${home.hub.slice(-6)}` : home.hub,
      electricity(states.get('esme')),
      gas(states.get('gsme')),
      display(states.get('ihd')),
      last.of(home.name)?.text ?? '-',
    ];
  });
  const head = ['HOME', 'HUB', 'ELECTRICITY', 'GAS', 'DISPLAY', 'LAST COMMAND'];
  const [first = '', ...lines] = tableLines([head, ...rows]).map((line) =>
    clipped(line, size.columns),
  );
  const painted = lines.map((line, index) => {
    const good = last.of((shown[index] as (typeof shown)[number]).name)?.good !== false;
    return good ? line : colours.red(line);
  });
  const rest = homes.length - shown.length;
  return [colours.bold(first), ...painted, ...(rest > 0 ? [`… and ${rest} more homes`] : [])];
}
