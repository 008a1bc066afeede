import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msOfSecondsSince2000 } from '../../../protocols/codec/utc.js';
import { decodeGbtBlock, isGbtBlock } from '../../../protocols/gbcs/gbt.js';
import { GbtJoiner } from '../../../protocols/gbcs/gbt-joiner.js';
import { decodeGbz } from '../../../protocols/gbcs/gbz.js';
import type { GbzComponent, GbzFields, GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { decodeGbcsMessage, type GbcsMessage } from '../../../protocols/gbcs/message.js';
import { messageCodeOf } from '../../../protocols/gbcs/use-cases/use-case.js';
import { deviceManagement } from '../../../protocols/zigbee/clusters/device-management.js';
import { price } from '../../../protocols/zigbee/clusters/price.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { isGeneralCommand, isServerToClient } from '../../../protocols/zigbee/zcl/frame.js';
import type { ClusterDefinition } from '../../../protocols/zigbee/zcl/layout.js';
import { attributeNumber, commandNumber } from '../../functions/cluster-rows.js';
import { octetsOfText } from '../../functions/octet-text.js';
import type { Overrides } from '../../functions/overrides.js';
import { generalCommandIds } from '../../functions/zcl-interpreter.js';
import { zclKey } from '../../functions/zcl-model.js';

/** Commands to the gas meter that its proxy follows too; GCS25a probably [mem?] (device-behaviour.md 3.3). */
const tapped: ReadonlySet<string> = new Set([
  'CS11',
  'GCS01a',
  'GCS01b',
  'GCS05',
  'GCS07',
  'GCS23',
  'GCS25',
  'GCS25a',
  'GCS44',
]);

/** Commands that wait for their responses; the oldest is forgotten. Our choice. */
const keptMax = 16;
/** Large messages that pass block by block, at a time. Our choice. */
const joiningMax = 4;

type Values = Readonly<Record<string, GbzValue>>;

/** What a command of a tapped message means for what the proxy serves: attributes of the same cluster, by name. */
interface Effect {
  readonly cluster: ClusterDefinition;
  readonly commandId: number;
  readonly values: (fields: GbzFields) => Values;
}

function effect(
  cluster: ClusterDefinition,
  command: string,
  values: (fields: GbzFields) => Values,
): Effect {
  return { cluster, commandId: commandNumber(cluster, 'client', command), values };
}

const effects: readonly Effect[] = [
  effect(price, 'PublishConversionFactor', (fields) => ({
    ConversionFactor: fields.conversionFactor as number,
    ConversionFactorTrailingDigit: fields.conversionFactorTrailingDigit as number,
  })),
  effect(price, 'PublishCalorificValue', (fields) => ({
    CalorificValue: fields.calorificValue as number,
    CalorificValueUnit: fields.calorificValueUnit as number,
    CalorificValueTrailingDigit: fields.calorificValueTrailingDigit as number,
  })),
  effect(deviceManagement, 'PublishChangeOfSupplier', (fields) => ({
    ProviderName: octetsOfText(fields.proposedProviderName as string),
    ProviderContactDetails: octetsOfText(fields.proposedProviderContactDetails as string),
  })),
];

interface KeptCommand {
  readonly messageCode: number;
  readonly components: readonly GbzComponent[];
}

/** How many tapped messages went which way. */
export interface TapOffTotals {
  /** Commands that passed down. */
  kept: number;
  /** Responses that said success, by what the proxy then did: followed, or nothing to follow as yet. */
  applied: number;
  withoutEffect: number;
  /** Dated for later: left to the meter. */
  setAside: number;
  /** Responses that said failure, or do not match the command. */
  failed: number;
  /** Responses to no command that is kept. */
  unmatched: number;
}

/**
 * Tapping off: the proxy looks at gas messages that pass through the hub. A command is kept when it passes down and
 * followed when the meter's response passes up and says success, so that displays see what the meter obeys. Messages are
 * not checked here: the meter's response is the check.
 *
 * Not kept: dated parts wait for no alert of the meter, and the tariff (GCS01a) is counted only.
 *
 * @see device-behaviour.md 3.3
 */
export class TapOff {
  readonly totals: TapOffTotals = {
    kept: 0,
    applied: 0,
    withoutEffect: 0,
    setAside: 0,
    failed: 0,
    unmatched: 0,
  };
  private readonly kept = new Map<string, KeptCommand>();
  private joiner: GbtJoiner | undefined;

  constructor(
    private readonly gsme: Eui64 | undefined,
    private readonly served: Overrides<GbzValue>,
    private readonly nowMs: () => number,
  ) {}

  /** A message for the gas meter passes down. */
  command(bytes: Uint8Array): void {
    const opened = this.open(bytes, 'command');
    if (opened === undefined || opened.message.header.recipient !== this.gsme) return;
    const { originator, originatorCounter } = opened.message.header;
    if (this.kept.size >= keptMax) {
      const [oldest] = this.kept.keys();
      if (oldest !== undefined) this.kept.delete(oldest);
    }
    const { messageCode, components } = opened;
    this.kept.set(`${originator}/${originatorCounter}`, { messageCode, components });
    this.totals.kept++;
  }

  /** A message of the gas meter passes up. */
  response(bytes: Uint8Array): void {
    const opened = this.open(bytes, 'response');
    if (opened === undefined || opened.message.header.originator !== this.gsme) return;
    const { recipient, originatorCounter } = opened.message.header;
    const key = `${recipient}/${originatorCounter}`;
    const command = this.kept.get(key);
    if (command === undefined || command.messageCode !== opened.messageCode) {
      this.totals.unmatched++;
      return;
    }
    this.kept.delete(key);
    if (agree(command.components, opened.components)) this.follow(command.components);
    else this.totals.failed++;
  }

  /** Undefined for whatever is not to be tapped; nobody relies on its being well-formed. */
  private open(bytes: Uint8Array, craFlag: 'command' | 'response'): OpenedMessage | undefined {
    try {
      const whole = isGbtBlock(bytes) ? this.joined(bytes) : bytes;
      return whole && open(whole, craFlag);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return undefined;
    }
  }

  /** The message that is whole with this block. */
  private joined(bytes: Uint8Array): Uint8Array | undefined {
    const block = decodeGbtBlock(bytes);
    if (block.recipient !== this.gsme && block.originator !== this.gsme) return undefined;
    this.joiner ??= new GbtJoiner({ transfersMax: joiningMax });
    const progress = this.joiner.accept(block, this.nowMs());
    return progress.state === 'complete' ? progress.message : undefined;
  }

  private follow(components: readonly GbzComponent[]): void {
    let outcome: keyof TapOffTotals = 'withoutEffect';
    for (const { clusterId, commandId, fields } of components) {
      const found = effects.find(
        (candidate) => candidate.cluster.id === clusterId && candidate.commandId === commandId,
      );
      if (found === undefined || fields === undefined) continue;
      const startTime = fields.startTime ?? fields.providerChangeImplementationTime;
      if (typeof startTime === 'number' && msOfSecondsSince2000(startTime) > this.nowMs()) {
        this.totals.setAside++;
        return;
      }
      for (const [name, value] of Object.entries(found.values(fields))) {
        this.served.pin(zclKey(clusterId, attributeNumber(found.cluster, name)), value);
      }
      outcome = 'applied';
    }
    this.totals[outcome]++;
  }
}

interface OpenedMessage extends KeptCommand {
  readonly message: GbcsMessage;
}

/** Undefined for a message that is none of those tapped. @throws CodecError for what is no message. */
function open(bytes: Uint8Array, craFlag: 'command' | 'response'): OpenedMessage | undefined {
  const message = decodeGbcsMessage(bytes);
  const { messageCode } = message.header.otherInformation;
  const useCase = messageCodeOf(messageCode)?.useCase ?? '';
  if (message.header.craFlag !== craFlag || !tapped.has(useCase)) return undefined;
  const payload = decodeGbz(message.content, messageCode, craFlag);
  if (payload.kind !== 'gbz') return undefined;
  return { message, messageCode, components: payload.components };
}

/** Component by component: same cluster, same sequence number, the other direction, and success. */
function agree(commands: readonly GbzComponent[], responses: readonly GbzComponent[]): boolean {
  return (
    commands.length === responses.length &&
    commands.every((command, index) => {
      const response = responses[index] as GbzComponent;
      const isDefault =
        isGeneralCommand(response.frameControl) &&
        response.commandId === generalCommandIds.defaultResponse;
      return (
        response.clusterId === command.clusterId &&
        response.sequenceNumber === command.sequenceNumber &&
        isServerToClient(response.frameControl) !== isServerToClient(command.frameControl) &&
        (!isDefault || response.fields?.status === zclStatuses.success)
      );
    })
  );
}
