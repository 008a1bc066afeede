import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msToIso, secondsSince2000 } from '../../../protocols/codec/utc.js';
import { messaging } from '../../../protocols/zigbee/clusters/messaging.js';
import { commandNumber } from '../../functions/cluster-rows.js';
import type { DeviceHost, Fuel } from '../device.js';
import { ZclClient } from '../zcl-client.js';
import { type AmbientThresholds, ambientBand, defaultAmbientThresholds } from './bands.js';
import { describeFuel, describeReading } from './describe.js';
import { electricityPaces, FollowedFuel, gasPaces } from './followed-fuel.js';
import { type FuelView, fuelLines } from './lines.js';
import { timeOf } from './wording.js';

export interface DisplayParts {
  readonly entity: Eui64;
  readonly host: DeviceHost;
  /** The electricity meter to show; undefined where there is none. */
  readonly esme: Eui64 | undefined;
  /** The gas proxy function that stands for the gas meter; undefined where there is none. */
  readonly gpf: Eui64 | undefined;
  /** Default ten seconds (device-behaviour.md 5). */
  readonly electricityIntervalMs?: number | undefined;
  /** Default half an hour (device-behaviour.md 5). */
  readonly gasIntervalMs?: number | undefined;
  /** Until the meter says its own. */
  readonly ambientThresholds?: AmbientThresholds | undefined;
  /** The time as it is shown; default the home's own, which a display without a hub could not know. */
  readonly clockText?: (() => string) | undefined;
}

const defaults = { electricityIntervalMs: 10_000, gasIntervalMs: 1_800_000 } as const;
const names: Readonly<Record<Fuel, string>> = { electricity: 'Electricity', gas: 'Gas' };
const screenWidth = 58;
const messageConfirmation = commandNumber(messaging, 'server', 'MessageConfirmation');
const notAnswered = 0xff;

/**
 * What every display on the home network has in common: it asks the electricity meter and the gas proxy by a timetable,
 * keeps what they said with its age, and shows it. The device around it owns the timer: it calls `poll` at `nextMs`.
 */
export class Display {
  /** For what the device around this asks beyond it; frames go through `receiveZcl`. */
  readonly client: ZclClient;
  readonly electricity: FollowedFuel | undefined;
  readonly gas: FollowedFuel | undefined;
  private readonly followed: readonly FollowedFuel[];
  private acknowledged: number | undefined;

  constructor(private readonly parts: DisplayParts) {
    const { host, esme, gpf } = parts;
    this.client = new ZclClient(host);
    const { electricityIntervalMs = defaults.electricityIntervalMs } = parts;
    const { gasIntervalMs = defaults.gasIntervalMs } = parts;
    this.electricity =
      esme && this.follow('electricity', esme, electricityPaces(electricityIntervalMs));
    this.gas = gpf && this.follow('gas', gpf, gasPaces(gasIntervalMs));
    this.followed = [this.electricity, this.gas].filter((one) => one !== undefined);
  }

  private follow(fuel: Fuel, server: Eui64, paces: ReturnType<typeof gasPaces>): FollowedFuel {
    const { host, entity } = this.parts;
    const followed = new FollowedFuel({
      fuel,
      server,
      client: this.client,
      paces,
      place: Number.parseInt(entity.slice(-4), 16) % 9,
      nowMs: () => host.nowMs(),
      onAnswered: () => this.announce(followed),
    });
    return followed;
  }

  /** When `poll` wants to be called next; undefined for a display with nothing to show. */
  get nextMs(): number | undefined {
    return this.followed.length === 0
      ? undefined
      : Math.min(...this.followed.map((followed) => followed.nextMs));
  }

  start(): void {
    const nowMs = this.parts.host.nowMs();
    for (const followed of this.followed) followed.start(nowMs);
    this.poll();
  }

  /** Asks what is due. */
  poll(): void {
    const nowMs = this.parts.host.nowMs();
    for (const followed of this.followed) {
      // Of the cycle before: what came is shown, what did not come will not.
      if (nowMs >= followed.nextMs) this.announce(followed);
      followed.poll(nowMs);
    }
  }

  /** Asks for what is live again at once, after a key press that a meter has acted on. */
  refresh(fuel: Fuel): void {
    const followed = fuel === 'gas' ? this.gas : this.electricity;
    followed?.refresh(this.parts.host.nowMs());
    this.poll();
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    this.client.receive(from, clusterId, frame);
  }

  /**
   * Takes the message shown off the screen and confirms it to the meter that sent it, where that is wanted. Returns
   * whether there was one.
   */
  acknowledgeMessage(): boolean {
    const shown = this.shownMessage();
    if (shown === undefined) return false;
    const { followed, message } = shown;
    this.acknowledged = message.id;
    followed.facts.changed = true;
    if (message.wantsConfirmation) {
      const confirmationTime = secondsSince2000(this.parts.host.nowMs());
      this.client.ask(
        followed.server,
        {
          clusterId: messaging.id,
          commandId: messageConfirmation,
          answerId: notAnswered,
          fields: { messageId: message.id, confirmationTime },
        },
        () => undefined,
      );
    }
    return true;
  }

  private shownMessage() {
    const nowMs = this.parts.host.nowMs();
    for (const followed of this.followed) {
      const message = followed.facts.value('message');
      if (message === undefined || message.id === this.acknowledged) continue;
      if (message.untilMs === undefined || message.untilMs > nowMs) return { followed, message };
    }
    return undefined;
  }

  /** At most once per fuel and reading cycle, and only when people would see a difference. */
  private announce(followed: FollowedFuel): void {
    const { facts, fuel } = followed;
    if (!facts.changed) return;
    facts.changed = false;
    const { host } = this.parts;
    host.event('display-updated', {
      fuel,
      ...describeReading(this.viewOf(followed), host.nowMs()),
    });
  }

  private viewOf({ fuel, facts, intervalMs }: FollowedFuel): FuelView {
    return { name: names[fuel], facts, intervalMs, thresholds: this.thresholds };
  }

  /** The meter's own where it serves them. */
  private get thresholds(): AmbientThresholds {
    const { ambientThresholds = defaultAmbientThresholds } = this.parts;
    return this.electricity?.facts.value('ambientThresholds') ?? ambientThresholds;
  }

  /** The screen as a person sees it, line by line. */
  lines(): readonly string[] {
    const nowMs = this.parts.host.nowMs();
    const clock =
      this.parts.clockText?.() ?? `${msToIso(nowMs).slice(0, 16).replace('T', ' ')} UTC`;
    const supplier = this.followed
      .map(({ facts }) => facts.value('supplierName'))
      .find((name) => name !== undefined);
    const head =
      supplier === undefined ? clock : `${clock}${supplier.padStart(screenWidth - clock.length)}`;
    return [
      head,
      ...this.followed.flatMap((followed) => fuelLines(this.viewOf(followed), nowMs)),
      ...this.messageLines(nowMs),
    ];
  }

  private messageLines(nowMs: number): readonly string[] {
    const shown = this.shownMessage();
    if (shown === undefined) return [];
    const { text, important, untilMs } = shown.message;
    const until = untilMs === undefined ? '' : ` (until ${timeOf(untilMs, nowMs)})`;
    return [`${important ? 'Important message' : 'Message'}${until}`, ...wrapped(text)];
  }

  /** JSON-safe; what is not known yet is left out. */
  describe(): Readonly<Record<string, unknown>> {
    const nowMs = this.parts.host.nowMs();
    const { electricity, gas, client } = this;
    const powerW = electricity?.facts.value('powerW');
    const message = this.shownMessage()?.message;
    return {
      ...(powerW === undefined ? {} : { ambient: ambientBand(powerW, this.thresholds) }),
      ...(electricity === undefined
        ? {}
        : { electricity: describeFuel(this.viewOf(electricity), nowMs) }),
      ...(gas === undefined ? {} : { gas: describeFuel(this.viewOf(gas), nowMs) }),
      ...(message === undefined ? {} : { message: message.text }),
      unanswered: client.unanswered,
      framesDropped: client.dropped + client.unmatched,
    };
  }
}

/** Words of a text on lines of the screen; what is longer than a line is cut. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (longer.length <= screenWidth - 2) {
      current = longer;
    } else {
      if (current !== '') lines.push(current);
      current = word.slice(0, screenWidth - 2);
    }
  }
  if (current !== '') lines.push(current);
  return lines.map((one) => `  ${one}`);
}
