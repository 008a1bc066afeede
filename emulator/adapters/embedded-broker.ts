import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { RetainedMessages } from '../../protocols/bus/retained-messages.js';
import type { PublishOptions } from '../ports/bus.js';
import { EnvironmentError } from '../ports/errors.js';
import { EmbeddedBus, type EmbeddedBusOptions, type HostBroker } from './embedded-bus.js';
import { PacketFrames } from './packet-frames.js';

export interface EmbeddedBrokerOptions {
  /** Loopback unless told otherwise. */
  readonly host?: string;
  /** 0 takes any free port; see `url`. */
  readonly port?: number;
  /** With both, clients on the network must log in. */
  readonly username?: string;
  readonly password?: string;
  /** Bytes; a client that publishes more is disconnected. */
  readonly maxPayloadBytes?: number;
  /** A subscriber that has read nothing at all for so long, with messages waiting, is disconnected. */
  readonly drainTimeoutMs?: number;
  /** Bytes waiting for one subscriber, beyond which messages to it are dropped. */
  readonly backlogBytesMax?: number;
}

/** What the broker had to refuse or give up since its start. */
export interface BrokerRefusals {
  /** Connections closed because a packet was longer than the limit. */
  oversizedPackets: number;
  /** Connections closed for what is not MQTT 3.1.1 or not allowed (`$SYS`, wildcards in a topic). */
  protocolErrors: number;
  refusedLogins: number;
  /** Messages not sent to a subscriber that is too slow. */
  droppedForSlowSubscribers: number;
  /** Connections closed because the subscriber had stopped reading. */
  frozenSubscribers: number;
}

const defaults = {
  host: '127.0.0.1',
  port: 1883,
  maxPayloadBytes: 65_536,
  drainTimeoutMs: 10_000,
  backlogBytesMax: 32 * 1024 * 1024,
} as const;

/** Bytes of a packet besides its payload: topic, lengths, and in a CONNECT names and password. */
const packetOverheadBytes = 2_048;

/** CONNACK return code. @see MQTT 3.1.1 3.2.2.3 */
const badUserNameOrPassword = 4 as AuthenticateError['returnCode'];

/** A promise of old: runs the continuation at once instead of after the current work. */
function settled(value: unknown): { then(onValue: (value: unknown) => void): void } {
  // biome-ignore lint/suspicious/noThenProperty: aedes continues with `.then`, and must do so before its next packet
  return { then: (onValue) => onValue(value) };
}

interface Packet {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly retain: boolean;
}

/** The parts of aedes between a packet's arrival and its delivery: its memory store and its emitter. */
interface Insides {
  readonly persistence: {
    storeRetained(packet: unknown): unknown;
    subscriptionsByTopic(topic: string): unknown;
    outgoingEnqueueCombi(subscriptions: unknown, packet: unknown): unknown;
  };
  readonly mq: { emit(packet: Packet, done: unknown): unknown };
}

/**
 * aedes numbers packets on arrival, delivers retained and QoS 1 packets some promises later, and takes a packet with
 * a lower number than the last one delivered for a duplicate: a retained message followed by a plain one in the same
 * tick is lost. Here the store answers at once, so all packets go out in the order in which they came in.
 * It can, as no session outlives its connection (`preConnect`) and nothing is kept for those who are away.
 */
function deliverInOrder({ persistence }: Insides): void {
  const storeRetained = persistence.storeRetained.bind(persistence);
  persistence.storeRetained = (packet) => {
    storeRetained(packet);
    return settled(undefined);
  };
  persistence.subscriptionsByTopic = () => settled([]);
  persistence.outgoingEnqueueCombi = () => settled(undefined);
}

/** Shows `hear` each packet on its way to the subscribers; a subscription to `#` would cost a match and a callback. */
function overhear({ mq }: Insides, hear: (packet: Packet) => void): void {
  const emit = mq.emit.bind(mq);
  mq.emit = (packet, done) => {
    hear(packet);
    return emit(packet, done);
  };
}

/** Compares in constant time whatever the lengths. */
function sameSecret(a: string | Buffer, b: string | Buffer): boolean {
  const digest = (text: string | Buffer) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const where = `${host}:${port}`;
  const reasons: { readonly [code: string]: string } = {
    EADDRINUSE: `port ${port} on ${host} is in use: stop the program that has it or choose another port (0 takes any)`,
    EACCES: `no permission to listen on ${where}: choose a port above 1023`,
    EADDRNOTAVAIL: `this machine has no address ${host}: choose 127.0.0.1 or one of its own`,
    ENOTFOUND: `the host name ${host} is not known: choose 127.0.0.1 or an address of this machine`,
  };
  const reason = reasons[error.code ?? ''] ?? `cannot listen on ${where}: ${error.message}`;
  return new EnvironmentError(reason, { cause: error });
}

/**
 * An MQTT 3.1.1 broker in this process (aedes), with the limits a fleet needs: no subscriber can hold up another, no
 * client can make it collect an endless packet, sessions end with their connection.
 */
export class EmbeddedBroker implements HostBroker {
  readonly retained = new RetainedMessages();
  readonly refusals: BrokerRefusals = {
    oversizedPackets: 0,
    protocolErrors: 0,
    refusedLogins: 0,
    droppedForSlowSubscribers: 0,
    frozenSubscribers: 0,
  };
  private readonly sockets = new Set<Socket>();
  private readonly buses = new Set<EmbeddedBus>();
  private readonly server: Server;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly broker: Aedes,
    private readonly host: string,
    readonly payloadLengthMax: number,
  ) {
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  /** Listens, or throws EnvironmentError saying why it cannot. */
  static async start(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
    const settings = { ...defaults, ...options };
    const aedes = new Aedes({
      // No limit: with one, a single frozen subscriber takes all places and stalls the rest.
      concurrency: 0,
      drainTimeout: settings.drainTimeoutMs,
      maxTopicLevels: 32,
    });
    await aedes.listen();
    const insides = aedes as unknown as Insides;
    deliverInOrder(insides);
    const broker = new EmbeddedBroker(aedes, settings.host, settings.maxPayloadBytes);
    broker.guard(settings);
    overhear(insides, (packet) => broker.heard(packet));
    try {
      broker.server.listen(settings.port, settings.host);
      await once(broker.server, 'listening');
    } catch (error) {
      await broker.close();
      throw listenFailure(error as NodeJS.ErrnoException, settings.host, settings.port);
    }
    return broker;
  }

  /** Where clients connect: `mqtt://127.0.0.1:1883`. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') return '';
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `mqtt://${host}:${address.port}`;
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** A bus inside this process; each call makes another. */
  bus(options?: EmbeddedBusOptions): EmbeddedBus {
    const bus = new EmbeddedBus(this, options);
    this.buses.add(bus);
    return bus;
  }

  detach(bus: EmbeddedBus): void {
    this.buses.delete(bus);
  }

  forward(topic: string, payload: Uint8Array, options: PublishOptions | undefined): void {
    this.broker.publish(
      {
        cmd: 'publish',
        topic,
        payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
        qos: options?.atLeastOnce === true ? 1 : 0,
        retain: options?.retain === true,
        dup: false,
      },
      ignore,
    );
  }

  private heard({ topic, payload, retain }: Packet): void {
    // The broker's own announcements are nobody's business here.
    if (topic.startsWith('$')) return;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (retain) this.retained.set(topic, bytes);
    for (const bus of this.buses) bus.deliver(topic, bytes);
  }

  private guard(
    settings: Required<Omit<EmbeddedBrokerOptions, 'username' | 'password'>> &
      EmbeddedBrokerOptions,
  ): void {
    const { broker, refusals } = this;
    broker.preConnect = (_client, packet, done) => {
      packet.clean = true;
      done(null, true);
    };
    const { username, password } = settings;
    if (username !== undefined && password !== undefined) {
      broker.authenticate = (_client, name, secret, done) => {
        const right = sameSecret(name ?? '', username) && sameSecret(secret ?? '', password);
        if (right) return done(null, true);
        refusals.refusedLogins++;
        const error = new Error('bad user name or password') as AuthenticateError;
        error.returnCode = badUserNameOrPassword;
        done(error, null);
      };
    }
    broker.authorizePublish = (_client, packet, done) => {
      if (packet.topic.startsWith('$')) return done(new Error("$ topics are the broker's own"));
      if (packet.payload.length <= settings.maxPayloadBytes) return done(null);
      refusals.oversizedPackets++;
      done(Object.assign(new Error('payload too long'), { code: 'OVERSIZED' }));
    };
    broker.authorizeForward = (client, packet) => {
      if (client.conn.writableLength <= settings.backlogBytesMax) return packet;
      refusals.droppedForSlowSubscribers++;
      return null;
    };
    // A subscriber given up is reported once for each message that was waiting for it.
    const given = new WeakSet<Client>();
    const failed = (client: Client, error: Error) => {
      if (given.has(client)) return;
      given.add(client);
      this.count(error);
    };
    broker.on('clientError', failed);
    broker.on('connectionError', failed);
  }

  private count(error: Error & { code?: unknown; errorCode?: unknown }): void {
    if (error.message === 'drain timeout') this.refusals.frozenSubscribers++;
    // A connection that broke is nobody's fault: those errors carry the system's code.
    // Refused logins and payloads are counted where they are refused.
    else if (error.code === undefined && error.errorCode !== badUserNameOrPassword) {
      this.refusals.protocolErrors++;
    }
  }

  private accept(socket: Socket): void {
    if (this.closing !== undefined) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    this.broker.handle(socket);
    // The broker reads the socket when it is readable; each chunk it takes passes here first.
    const frames = new PacketFrames(this.payloadLengthMax + packetOverheadBytes);
    socket.on('data', (chunk: Buffer) => {
      if (socket.destroyed || !frames.exceeds(chunk)) return;
      this.refusals.oversizedPackets++;
      socket.destroy();
    });
  }

  /** Ends all connections and frees the port. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await Promise.all([...this.buses].map((bus) => bus.close()));
    await new Promise<void>((resolve) => this.broker.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    if (this.server.listening) {
      await new Promise<void>((resolve) => this.server.close(() => resolve()));
    }
  }
}

function ignore(): void {
  // A publish that fails because the broker is closing has nobody left to tell.
}
