import { type Command, Option } from 'commander';
import {
  type CommandUseCase,
  checkParameters,
  commandUseCases,
} from '../../protocols/gbcs/use-cases/catalogue.js';
import type { CommandOutcome } from '../dcc/command-outcome.js';
import type { ResponseValue } from '../dcc/response-value.js';
import type { QueryBody } from '../fleet/control-protocol.js';
import { UsageError } from '../ports/errors.js';
import { addBrokerOptions, type BrokerOptions } from './broker-options.js';
import { withFleet } from './control-client.js';
import { entityIn, findDevice, unknownDevice } from './device-name.js';
import { parseDuration } from './duration.js';
import { exitCodes } from './exit.js';
import { nearestHint } from './nearest.js';
import { examples, type Session } from './session.js';
import { tableLines } from './text-table.js';
import {
  parameterNames,
  roleNames,
  useCaseDescription,
  useCaseList,
  useCaseNamed,
  useCaseSummary,
} from './use-case-help.js';

interface SendOptions extends BrokerOptions {
  readonly param: readonly string[];
  readonly originator?: string;
  readonly timeout?: number;
  readonly unchecked?: boolean;
  readonly list?: boolean;
  readonly describe?: string;
  readonly json?: boolean;
}

type SendBody = Extract<QueryBody, { query: 'send' }>;

export function addSend(program: Command, session: Session): void {
  const command = program
    .command('send')
    .summary('send one command to a device of a running fleet')
    .description(
      'Has the head end of a running fleet send one command, and prints what came back. Exit code 0 when it was ' +
        'answered, every check passed and the device did what was asked; else 1.',
    )
    .argument('[use case]', 'such as ECS17b; --list has them all')
    .argument('[device]', 'EUI-64, or home and type such as home-1/esme')
    .addOption(
      new Option('--param <name=value>', 'a parameter; may be given again')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--originator <role|eui>', 'who sends it (default: the first party that may)')
    .option('--timeout <duration>', 'emulated time to wait for the response', parseDuration)
    .option('--unchecked', 'send even what the access control broker would refuse')
    .option('--list', 'the use cases that can be sent')
    .option('--describe <use case>', 'one use case: devices, roles, parameters')
    .option('--json', 'the outcome as one JSON object');
  addBrokerOptions(command, '(default: the one of `hubfleet up` on this machine)')
    .addHelpText(
      'after',
      examples(
        ['hubfleet send ECS17b home-1/esme', 'read the meter'],
        ['hubfleet send ECS50 00db1000000001a0 --param number=2468', 'set what it displays'],
        ['hubfleet send --describe ECS23', 'which parameters a use case takes'],
      ),
    )
    .action(
      async (useCase: string | undefined, device: string | undefined, options: SendOptions) => {
        if (options.list === true) list(session, options);
        else if (options.describe !== undefined) describe(session, options.describe, options);
        else if (useCase === undefined || device === undefined) {
          throw new UsageError('want a use case and a device, or --list, or --describe <use case>');
        } else await send(session, useCaseNamed(useCase), device, options);
      },
    );
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function list({ out }: Session, { json }: SendOptions): void {
  if (json === true) for (const one of commandUseCases) out.json(useCaseSummary(one));
  else for (const line of useCaseList(out.colours)) out.line(line);
}

function describe({ out }: Session, name: string, { json }: SendOptions): void {
  const useCase = useCaseNamed(name);
  if (json === true) out.json(useCaseSummary(useCase));
  else for (const line of useCaseDescription(useCase, out.colours)) out.line(line);
}

/** @throws UsageError for what is no `name=value`, and for parameters that the use case does not take */
function givenParameters(useCase: CommandUseCase, options: SendOptions): Record<string, string> {
  const names = parameterNames(useCase);
  const given: Record<string, string> = {};
  for (const text of options.param) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--param ${text}: want name=value`);
    const name = text.slice(0, at);
    if (!names.includes(name)) {
      const takes = names.length === 0 ? 'takes none' : `takes ${names.join(', ')}`;
      throw new UsageError(
        `${useCase.name} has no parameter '${name}', it ${takes}${nearestHint(name, names)}`,
      );
    }
    given[name] = text.slice(at + 1);
  }
  if (options.unchecked === true) return given;
  const check = checkParameters(useCase, given);
  if (!check.ok) throw new UsageError(`${useCase.name}: ${check.problems.join('; ')}`);
  return given;
}

function originatorOf({ originator }: SendOptions): Pick<SendBody, 'originator'> {
  if (originator === undefined) return {};
  const named = entityIn(originator) ?? roleNames.find((role) => role === originator);
  if (named === undefined) {
    const hint = nearestHint(originator, roleNames);
    throw new UsageError(`no role '${originator}'${hint}; or give the EUI-64 of a party`);
  }
  return { originator: named as NonNullable<SendBody['originator']> };
}

/** Real milliseconds after which a person wonders. */
const noteAfterMs = 1_000;
const asleepNote =
  'waiting: a gas meter is asleep and answers at its next wake-up (nextWakeAt in `hubfleet devices`, emulated time);\n' +
  "`hubfleet up --gas-wake-interval 10s` or `--speed` shortens that, Ctrl-C gives up. The hub's mirror (gpf) answers at once.";

/** By its name, or because the use case is for gas meters alone. */
function mayBeAsleep({ code }: CommandUseCase, device: string): boolean {
  return device.endsWith('/gsme') || code.targets.every((target) => target === 'gsme');
}

async function send(
  session: Session,
  useCase: CommandUseCase,
  device: string,
  options: SendOptions,
): Promise<void> {
  const { timeout, unchecked } = options;
  const request = {
    query: 'send' as const,
    useCase: useCase.name,
    ...originatorOf(options),
    parameters: givenParameters(useCase, options),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(unchecked === true ? { unchecked } : {}),
  };
  const outcome = await withFleet(session, options, async (client) => {
    // Whether a fleet is there at all shows at once, and not when a command does not come back.
    await client.ask({ query: 'stats' });
    const entity = await findDevice(client, device);
    const patience = mayBeAsleep(useCase, device)
      ? setTimeout(() => session.err.line(asleepNote), noteAfterMs)
      : undefined;
    try {
      return await client.send({ ...request, device: entity });
    } catch (error) {
      if (error instanceof UsageError) await unknownDevice(client, device);
      throw error;
    } finally {
      clearTimeout(patience);
    }
  });
  session.exitCode = outcome.succeeded ? exitCodes.passed : exitCodes.failed;
  if (options.json === true) session.out.json(inReadingOrder(outcome));
  else printOutcome(session, outcome);
}

function printOutcome({ out }: Session, outcome: CommandOutcome): void {
  const { green, red, yellow, bold } = out.colours;
  const { useCase, messageCode, device, verdict, reason, succeeded, checks, values } = outcome;
  const shown =
    verdict === 'answered'
      ? succeeded
        ? green('answered')
        : yellow('answered, not done')
      : red(verdict);
  out.line(
    `${bold(useCase)} ${messageCode} → ${device}: ${shown} in ${outcome.latencyMs.toFixed(1)} ms`,
  );
  if (reason !== undefined) out.line(`  ${reason}`);
  out.line(`  originator ${outcome.originator}, counter ${outcome.originatorCounter}`);
  out.line(`  signature ${checks.signature}, MAC ${checks.mac}, decryption ${checks.decryption}`);
  const rows = values.flatMap(valueRows);
  for (const line of tableLines(rows)) out.line(line);
}

/** The bus sorts the keys of what it carries. */
function inReadingOrder(outcome: CommandOutcome): CommandOutcome {
  const { useCase, messageCode, device, verdict, succeeded, ...rest } = outcome;
  return { useCase, messageCode, device, verdict, succeeded, ...rest };
}

const valueLength = 72;

/** Name, result and value; a long list has its entries below. */
function valueRows({ name, value, result, encrypted }: ResponseValue): string[][] {
  const verdict = encrypted === true ? `${result} (was encrypted)` : result;
  const text = valueText(value);
  if (text.length <= valueLength || !Array.isArray(value)) return [[`  ${name}`, verdict, text]];
  const entries = value.map((entry) => ['', '', valueText(entry)]);
  return [[`  ${name}`, verdict, `${value.length} entries`], ...entries];
}

function valueText(value: ResponseValue['value']): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
