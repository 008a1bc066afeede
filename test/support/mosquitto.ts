import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.js';

// Debian puts the server where an ordinary user's PATH does not look.
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { env: environment }).error === undefined;
}

/** Whether Debian's `mosquitto` is here; tests that need it are skipped otherwise. */
export const mosquittoAvailable = runs('mosquitto', '-h') && runs('mosquitto_passwd', '--help');
/** Whether `mosquitto-clients` is here. */
export const mosquittoClientsAvailable = runs('mosquitto_pub', '--help');
export const opensslAvailable = runs('openssl', 'version');

export interface Mosquitto {
  readonly url: string;
  /** PEM of the throwaway authority, with `tls`. */
  readonly ca: string | undefined;
  stop(): Promise<void>;
}

export interface MosquittoOptions {
  readonly login?: { readonly username: string; readonly password: string };
  readonly tls?: boolean;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** A throwaway authority and a server certificate for 127.0.0.1 and localhost, made by openssl. */
function makeCertificates(directory: string): void {
  const openssl = (...options: string[]) =>
    execFileSync('openssl', options, { cwd: directory, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ca = ['-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=throwaway', '-days', '1'];
  openssl('req', '-x509', ...key, ...ca);
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(join(directory, 'san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'san'];
  openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.pem', '-days', '1');
}

function makePasswords(directory: string, username: string, password: string): void {
  const file = join(directory, 'passwords');
  execFileSync('mosquitto_passwd', ['-b', '-c', file, username, password], { env: environment });
}

/** A mosquitto of our own on a free loopback port, with a temporary configuration. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const directory = mkdtempSync(join(tmpdir(), 'hubfleet-mosquitto-'));
  const port = await freePort();
  const lines = [
    `listener ${port} 127.0.0.1`,
    'persistence false',
    'log_type error',
    'max_queued_messages 0',
    // Started by root it would become a user who cannot read the temporary files.
    'user root',
    `allow_anonymous ${options.login === undefined}`,
  ];
  if (options.login !== undefined) {
    makePasswords(directory, options.login.username, options.login.password);
    lines.push(`password_file ${join(directory, 'passwords')}`);
  }
  if (options.tls === true) {
    makeCertificates(directory);
    lines.push(
      `certfile ${join(directory, 'server.pem')}`,
      `keyfile ${join(directory, 'server.key')}`,
    );
  }
  const configuration = join(directory, 'mosquitto.conf');
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  const server = spawn('mosquitto', ['-c', configuration], { env: environment, stdio: 'ignore' });
  const ended = once(server, 'exit');
  await until('mosquitto listens', () => answers(port));
  const scheme = options.tls === true ? 'mqtts' : 'mqtt';
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    ca: options.tls === true ? readFileSync(join(directory, 'ca.pem'), 'utf8') : undefined,
    stop: async () => {
      server.kill();
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}
