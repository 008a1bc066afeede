import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isTopicName } from '../../protocols/bus/topics.js';
import { MqttBus } from '../adapters/mqtt-bus.js';
import { defaultPort } from '../fleet/start-fleet.js';
import { EnvironmentError } from '../ports/errors.js';

/** How to get onto the bus of a fleet: the options that commands share. */
export interface BrokerOptions {
  readonly broker?: string;
  readonly name: string;
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
}

/** The broker that `hubfleet up` brings along. */
export const ownBrokerUrl = `mqtt://127.0.0.1:${defaultPort}`;

function fleetName(text: string): string {
  if (isTopicName(text)) return text;
  throw new InvalidArgumentError('Want 1 to 63 of a-z, 0-9 and inner hyphens.');
}

/** `brokerHelp` says what happens without one. */
export function addBrokerOptions(command: Command, brokerHelp: string): Command {
  const broker = new Option('--broker <url>', `mqtt:// or mqtts:// ${brokerHelp}`);
  const username = new Option('--username <name>', 'user name at the broker');
  const password = new Option('--password <text>', 'password (the variable hides it from ps)');
  const ca = new Option('--ca <file>', 'PEM file of the authority to trust at mqtts://');
  return command
    .addOption(broker.env('HUBFLEET_BROKER'))
    .addOption(
      new Option('--name <fleet>', 'name of the fleet').default('default').argParser(fleetName),
    )
    .addOption(username.env('HUBFLEET_USERNAME'))
    .addOption(password.env('HUBFLEET_PASSWORD'))
    .addOption(ca.env('HUBFLEET_CA'));
}

/** A connection to the fleet's broker. @throws UsageError, EnvironmentError */
export async function openBus(
  options: BrokerOptions,
  onConnection?: (state: 'lost' | 'back') => void,
): Promise<MqttBus> {
  const { broker, username, password, ca } = options;
  const settings = {
    url: broker ?? ownBrokerUrl,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca: readCertificate(ca) }),
    ...(onConnection === undefined ? {} : { onConnection }),
  };
  try {
    return await MqttBus.connect(settings);
  } catch (error) {
    if (broker !== undefined || !(error instanceof EnvironmentError)) throw error;
    throw new EnvironmentError(`${error.message} (is \`hubfleet up\` running?)`, { cause: error });
  }
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EnvironmentError(`cannot read the CA file ${path}: ${(error as Error).message}`);
  }
}

/** The broker for messages: never with the password that a URL may hold. */
export function brokerText({ broker = ownBrokerUrl }: BrokerOptions): string {
  if (!URL.canParse(broker)) return broker;
  const { protocol, host } = new URL(broker);
  return `${protocol}//${host}`;
}
