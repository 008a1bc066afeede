import { randomBytes } from 'node:crypto';
import type { CborMap } from '../../protocols/bus/cbor.js';
import { decodeEnvelope, encodeEnvelope } from '../../protocols/bus/envelope.js';
import { fleetTarget, replyTopic, requestTopic } from '../../protocols/bus/topics.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { CommandOutcome } from '../dcc/command-outcome.js';
import type { DeviceKey, KeyOutcome } from '../devices/device.js';
import type { DisplayAnswer, ErrorReply, HomeKey, QueryBody } from '../fleet/control-protocol.js';
import type { DeviceSummary, FleetStats } from '../fleet/fleet.js';
import type { HomeNetwork } from '../fleet/home-network.js';
import type { Bus } from '../ports/bus.js';
import { EnvironmentError, UsageError } from '../ports/errors.js';
import { type BrokerOptions, brokerText, openBus } from './broker-options.js';
import { InterruptedError } from './exit.js';
import { interruption } from './io.js';
import { isHomeKey } from './key-file.js';
import type { Session } from './session.js';

/** A fleet that runs answers within milliseconds. */
const answerTimeoutMs = 5_000;

/** Asks a running fleet over the control plane of the bus. */
export class ControlClient {
  private readonly waiting = new Map<string, (body: CborMap) => void>();
  private readonly asker = `cli-${randomBytes(8).toString('hex')}`;
  private asked = 0;

  /** `where` names the broker in messages. */
  constructor(
    private readonly bus: Bus,
    private readonly fleet: string,
    private readonly where: string,
    private readonly timeoutMs = answerTimeoutMs,
  ) {}

  /** No two clients have the same. */
  get name(): string {
    return this.asker;
  }

  async open(): Promise<void> {
    const topic = replyTopic(this.fleet, this.asker);
    await this.bus.subscribe(topic, (_topic, payload) => this.hear(payload));
  }

  /**
   * The answer to a query. With `patient` it may take its time, as long as the fleet answers that it is there.
   * @throws EnvironmentError when no fleet answers, UsageError for what the fleet cannot take, Error for what failed.
   */
  async ask(body: QueryBody, patient = false): Promise<CborMap> {
    const correlation = `${this.asked++}`;
    const answer = new Promise<CborMap>((resolve) => this.waiting.set(correlation, resolve));
    this.bus.publish(
      requestTopic(this.fleet, fleetTarget),
      encodeEnvelope({
        kind: 'query',
        timeMs: Date.now(),
        sequence: this.asked,
        correlation,
        replyTo: replyTopic(this.fleet, this.asker),
        body: body as unknown as CborMap,
      }),
      { atLeastOnce: true },
    );
    let answered = await this.within(answer);
    while (patient && answered === undefined) {
      await this.ask({ query: 'stats' });
      answered = await this.within(answer);
    }
    this.waiting.delete(correlation);
    if (answered === undefined) throw this.nobody();
    const { error } = answered as unknown as Partial<ErrorReply>;
    if (error === undefined) return answered;
    throw error.kind === 'usage' ? new UsageError(error.message) : new Error(error.message);
  }

  /** Whether a fleet of this name answers. */
  async isThere(): Promise<boolean> {
    try {
      await this.ask({ query: 'stats' });
      return true;
    } catch (error) {
      if (error instanceof EnvironmentError) return false;
      throw error;
    }
  }

  /** All devices, or those of one home; `onPart` hears how many there are so far. */
  devices(home?: string, onPart?: (count: number) => void): Promise<DeviceSummary[]> {
    return this.inParts('devices', 'devices', home, onPart);
  }

  /** Keys of all home networks, or of one, for whoever reads their frames. */
  async hanKeys(home?: string): Promise<HomeKey[]> {
    const keys = await this.inParts<HomeKey>('han-keys', 'keys', home);
    // Anybody on the bus may have answered.
    return keys.filter(isHomeKey);
  }

  /** The networks of all homes, or that of one. */
  networks(home?: string, onPart?: (count: number) => void): Promise<HomeNetwork[]> {
    return this.inParts('network', 'networks', home, onPart);
  }

  /** Counters of the whole fleet. */
  async stats(): Promise<FleetStats> {
    return (await this.ask({ query: 'stats' })).stats as unknown as FleetStats;
  }

  private async inParts<T>(
    query: 'devices' | 'han-keys' | 'network',
    member: string,
    home: string | undefined,
    onPart?: (count: number) => void,
  ): Promise<T[]> {
    const list: T[] = [];
    let from: number | undefined = 0;
    while (from !== undefined) {
      const answer = await this.ask(home === undefined ? { query, from } : { query, home });
      const part = answer as unknown as Record<string, readonly T[]> & { readonly next?: number };
      list.push(...(part[member] ?? []));
      onPart?.(list.length);
      // One that leads back would never end.
      from = part.next !== undefined && part.next > from ? part.next : undefined;
    }
    return list;
  }

  /** A display as its person sees it. */
  async display(device: Eui64): Promise<DisplayAnswer> {
    return (await this.ask({ query: 'display', device })) as unknown as DisplayAnswer;
  }

  /** Presses a key of a display. */
  async press(device: Eui64, key: DeviceKey): Promise<KeyOutcome> {
    return (await this.ask({ query: 'press', device, key })) as unknown as KeyOutcome;
  }

  /** Sends a command in the fleet's head end and waits for its outcome. */
  async send(request: Extract<QueryBody, { query: 'send' }>): Promise<CommandOutcome> {
    const answer = await this.ask(request, true);
    return answer.outcome as unknown as CommandOutcome;
  }

  private within(answer: Promise<CborMap>): Promise<CborMap | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), this.timeoutMs);
      answer.then((body) => {
        clearTimeout(timer);
        resolve(body);
      });
    });
  }

  private hear(payload: Uint8Array): void {
    try {
      const envelope = decodeEnvelope(payload);
      if (envelope.kind !== 'reply') return;
      this.waiting.get(envelope.correlation)?.(envelope.body);
    } catch (error) {
      // Anybody can write to a reply topic: what is no envelope is no answer.
      if (!(error instanceof CodecError)) throw error;
    }
  }

  private nobody(): EnvironmentError {
    return new EnvironmentError(
      `no fleet '${this.fleet}' answers on ${this.where}: is \`hubfleet up\` running?`,
    );
  }
}

/** What comes of `work`, or an InterruptedError as soon as the signal is aborted. */
export function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(new InterruptedError());
    signal.addEventListener('abort', () => reject(new InterruptedError()));
  });
  return Promise.race([work, interrupted]);
}

/** Runs `work` with a client on the fleet's bus and takes both down again; Ctrl-C ends it with an error. */
export async function withFleet<T>(
  session: Session,
  options: BrokerOptions,
  work: (client: ControlClient) => Promise<T>,
): Promise<T> {
  const bus = await openBus(options);
  const client = new ControlClient(bus, options.name, brokerText(options));
  const stop = interruption(session.io);
  try {
    return await unlessInterrupted(
      client.open().then(() => work(client)),
      stop.signal,
    );
  } finally {
    stop.release();
    await bus.close();
  }
}
