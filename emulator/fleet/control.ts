import { decodeEnvelope, encodeEnvelope } from '../../protocols/bus/envelope.js';
import type { FaultEnvelope, QueryEnvelope } from '../../protocols/bus/envelope-types.js';
import { fleetTarget, requestTopic } from '../../protocols/bus/topics.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { commandUseCases } from '../../protocols/gbcs/use-cases/catalogue.js';
import { formatMessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import type { CommandRequest } from '../dcc/command-outcome.js';
import type { Device, DeviceKey } from '../devices/device.js';
import type { Bus, Subscription } from '../ports/bus.js';
import type { Clock } from '../ports/clock.js';
import { UsageError } from '../ports/errors.js';
import type { Log } from '../ports/log.js';
import {
  type DisplayAnswer,
  type FaultBody,
  faultBody,
  type QueryBody,
  queryBody,
} from './control-protocol.js';
import type { Fleet } from './fleet.js';
import type { Home } from './home.js';
import { homeKeysOf } from './home-keys.js';
import { homeNetworkOf } from './home-network.js';

type Answer = Readonly<Record<string, unknown>> | DisplayAnswer;

/** Characters of JSON after which a list goes on in the next answer; well below an envelope's limit. */
const answerLengthMax = 32_768;

/** Answers the control plane of a running fleet. Anybody may ask anything: what is no request gets a reason, or nothing. */
export class Control {
  private subscription: Subscription | undefined;
  private sequence = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async open(): Promise<void> {
    const topic = requestTopic(this.fleet.name, fleetTarget);
    this.subscription = await this.bus.subscribe(topic, (_topic, payload) => this.hear(payload));
  }

  async close(): Promise<void> {
    await this.subscription?.unsubscribe();
    this.subscription = undefined;
  }

  private hear(payload: Uint8Array): void {
    try {
      const envelope = decodeEnvelope(payload);
      if (envelope.kind !== 'query' && envelope.kind !== 'fault') {
        throw new CodecError('kind', 0, `${envelope.kind} is no request`);
      }
      this.answer(envelope);
    } catch (error) {
      // Without a reply topic there is nobody to tell but the operator.
      if (!(error instanceof CodecError)) throw error;
      this.log.warn({ reason: error.message }, 'control request dropped');
    }
  }

  private answer(envelope: QueryEnvelope | FaultEnvelope): void {
    const reply = (body: Answer): void => this.reply(envelope, body);
    const fail = (error: unknown): void => {
      const kind = error instanceof UsageError ? 'usage' : 'failed';
      if (kind === 'failed') this.log.error({ error: String(error) }, 'control request failed');
      reply({ error: { kind, message: error instanceof Error ? error.message : String(error) } });
    };
    try {
      const outcome =
        envelope.kind === 'query'
          ? this.query(checked(queryBody, envelope.body))
          : this.fault(checked(faultBody, envelope.body));
      Promise.resolve(outcome).then(reply, fail);
    } catch (error) {
      fail(error);
    }
  }

  private query(body: QueryBody): Answer | Promise<Answer> {
    switch (body.query) {
      case 'devices':
        return this.byHome('devices', body, (home) => this.fleet.devicesOf(home));
      case 'han-keys':
        return this.byHome('keys', body, homeKeysOf);
      case 'network':
        return this.byHome('networks', body, (home) => [homeNetworkOf(home)]);
      case 'stats':
        return { stats: this.fleet.stats() };
      case 'use-cases':
        return { useCases: commandUseCases.map(useCaseSummary) };
      case 'display':
        return this.display(body.device);
      case 'press':
        return this.press(body.device, body.key);
      case 'utrn':
        return { ...this.fleet.issueUtrn(body.device, body.pence) };
      case 'firmware-part': {
        const { upload, offset, octets } = body;
        return { upload, octets: this.fleet.firmware.addPart(upload, offset, octets) };
      }
      case 'firmware':
        return { images: this.fleet.firmware.distribute(body.target, body.source) };
      case 'send': {
        const { query: _query, ...request } = body;
        const given = Object.fromEntries(
          Object.entries(request).filter(([, value]) => value !== undefined),
        );
        const sent = this.fleet.send(given as unknown as CommandRequest);
        return sent.then((outcome) => ({ outcome }));
      }
    }
  }

  /** What there is in one home, or in whole homes, as many as fit; `next` is the one to go on with. */
  private byHome(
    member: 'devices' | 'keys' | 'networks',
    {
      home: name,
      from = 0,
    }: { readonly home?: string | undefined; readonly from?: number | undefined },
    of: (home: Home) => readonly object[],
  ): Answer {
    const { homes } = this.fleet;
    if (name !== undefined) {
      const home = homes.find((one) => one.name === name);
      if (home === undefined) throw new UsageError(`there is no home '${name}' in this fleet`);
      return { [member]: of(home) };
    }
    const list: object[] = [];
    let length = 0;
    let next = from;
    for (; next < homes.length; next++) {
      const more = of(homes[next] as Home);
      length += JSON.stringify(more).length;
      if (length > answerLengthMax && list.length > 0) break;
      list.push(...more);
    }
    return next < homes.length ? { [member]: list, next } : { [member]: list };
  }

  private display(entity: Eui64): DisplayAnswer {
    const device = this.deviceOf(entity);
    if (device.render === undefined) {
      throw new UsageError(`device ${entity} (${device.type}) has no display`);
    }
    return {
      device: entity,
      type: device.type,
      keys: device.press !== undefined,
      lines: device.render(),
      state: device.describe(),
    };
  }

  private press(entity: Eui64, key: DeviceKey): Answer {
    const device = this.deviceOf(entity);
    if (device.press === undefined) {
      throw new UsageError(`device ${entity} (${device.type}) has no keys`);
    }
    return { ...device.press(key) };
  }

  private fault(body: FaultBody): Answer {
    const device = this.deviceOf(body.device);
    if (device.disturb === undefined) {
      throw new UsageError(`device ${body.device} (${device.type}) takes no fault`);
    }
    device.disturb(body);
    return { fault: body.fault, device: body.device, done: true };
  }

  private deviceOf(entity: Eui64): Device {
    const device = this.fleet.deviceOf(entity);
    if (device === undefined) throw new UsageError(`device ${entity} is not in this fleet`);
    return device;
  }

  private reply(envelope: QueryEnvelope | FaultEnvelope, body: Answer): void {
    const message = (content: Answer): Uint8Array =>
      encodeEnvelope({
        kind: 'reply',
        timeMs: this.clock.nowMs(),
        sequence: this.sequence++ >>> 0,
        correlation: envelope.correlation,
        // Through JSON, so that whatever a state holds becomes plain data.
        body: JSON.parse(JSON.stringify(content)),
      });
    let payload: Uint8Array;
    try {
      payload = message(body);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      payload = message({ error: { kind: 'failed', message: `the answer: ${error.message}` } });
    }
    this.bus.publish(envelope.replyTo, payload, { atLeastOnce: true });
  }
}

function checked<T>(
  schema: { safeParse(value: unknown): { success: boolean; data?: T; error?: unknown } },
  body: unknown,
): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data as T;
  const { issues } = result.error as {
    issues: readonly { path: readonly PropertyKey[]; message: string }[];
  };
  const text = issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new UsageError(text.join('; '));
}

function useCaseSummary(useCase: (typeof commandUseCases)[number]): Answer {
  const { name, code } = useCase;
  return {
    useCase: name,
    messageCode: formatMessageCode(code.code),
    title: code.title,
    targets: code.targets,
    roles: code.roles,
    critical: code.critical,
  };
}
