import { Socket } from 'node:net';
import { type IClientOptions, type MqttClient, connect as openClient } from 'mqtt';
import { EnvironmentError, UsageError } from '../ports/errors.js';

export interface MqttConnectionOptions {
  /** `mqtt://host:1883` or `mqtts://host:8883`; user and password in it count unless given apart. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM text of the authority (or the server's own certificate) to trust instead of the system's. */
  readonly ca?: string;
  /** Published by the broker, retained, when this connection dies without a word. */
  readonly will?: { readonly topic: string; readonly payload: Uint8Array };
  readonly connectTimeoutMs?: number;
  /** Pause before each attempt to come back after the connection was lost. */
  readonly reconnectPeriodMs?: number;
}

const connectTimeoutMs = 5_000;
const reconnectPeriodMs = 1_000;

function brokerUrl(text: string): URL {
  if (!URL.canParse(text))
    throw new UsageError(`'${text}' is not a broker URL: use mqtt://host:1883`);
  const url = new URL(text);
  if ((url.protocol !== 'mqtt:' && url.protocol !== 'mqtts:') || url.hostname === '') {
    throw new UsageError('the broker URL must start with mqtt:// or mqtts:// and name a host');
  }
  return url;
}

const untrusted = 'its certificate is not trusted: give the authority that issued it as CA';

/** By system, TLS or CONNACK code. */
const reasons: { readonly [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there: start the broker or correct the address',
  ECONNRESET: 'it closed the connection: check that it speaks plain MQTT there (or use mqtts://)',
  ENOTFOUND: 'the host name is not known: correct it',
  EAI_AGAIN: 'the host name cannot be looked up now: check the network',
  EHOSTUNREACH: 'no route to that host: check the network',
  ENETUNREACH: 'no route to that network: check the network',
  ETIMEDOUT: 'it does not answer: check address and firewall',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name: use the name it carries',
  EPROTO: 'it does not speak TLS there: use mqtt:// or correct the port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there: use mqtt:// or correct the port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS there: use mqtt:// or correct the port',
  '1': 'it does not speak MQTT 3.1.1',
  '3': 'it is not available: try again later',
  '4': 'it refuses the user name or password',
  '5': 'it does not admit this user: check user name and password',
};

/** The client has no code for the two ways of hearing nothing. */
function codeOf(error: (Error & { code?: unknown }) | undefined): string {
  if (error === undefined) return 'ECONNRESET';
  return error.message === 'connack timeout' ? 'ETIMEDOUT' : String(error.code);
}

function failure(url: URL, error: (Error & { code?: unknown }) | undefined): EnvironmentError {
  // Never the URL as given: it may hold the password.
  const where = `${url.protocol}//${url.host}`;
  const reason = reasons[codeOf(error)] ?? error?.message.replace(/\s+/g, ' ');
  return new EnvironmentError(`cannot use the broker at ${where}: ${reason}`, { cause: error });
}

function clientOptions(options: MqttConnectionOptions): IClientOptions {
  const { username, password, ca, will } = options;
  // A fresh object for each client: clients that share one take over each other's session.
  return {
    protocolVersion: 4,
    clean: true,
    // Until the first connection stands there is no second attempt: the caller wants to know.
    reconnectPeriod: 0,
    connectTimeout: options.connectTimeoutMs ?? connectTimeoutMs,
    resubscribe: true,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(will === undefined
      ? {}
      : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
  };
}

/**
 * A connected client that comes back by itself when the connection is lost later. Throws UsageError for a URL that is
 * none, EnvironmentError (one line, says what to do) when the broker cannot be used.
 */
export async function openConnection(options: MqttConnectionOptions): Promise<MqttClient> {
  const url = brokerUrl(options.url);
  const settings = clientOptions(options);
  const client = openClient(options.url, settings);
  client.on('connect', () => withoutDelay(client));
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', (error) => reject(failure(url, error)));
      client.once('close', () => reject(failure(url, undefined)));
    });
  } catch (error) {
    client.on('error', ignore);
    client.end(true);
    throw error;
  }
  client.options.reconnectPeriod = options.reconnectPeriodMs ?? reconnectPeriodMs;
  return client;
}

/**
 * A command crosses the bus in half a dozen small packets, each the cause of the next: with Nagle's algorithm every one
 * waits for the acknowledgement of the last, 40 ms on Linux.
 */
function withoutDelay({ stream }: MqttClient): void {
  if (stream instanceof Socket) stream.setNoDelay(true);
}

function ignore(): void {
  // What a client says after it was given up has been said already.
}
