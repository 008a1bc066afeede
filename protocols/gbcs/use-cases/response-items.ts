import type { AccessResponseItem } from '../../dlms/apdu-types.js';
import { commandUseCases } from './catalogue.js';
import type { ItemNode } from './dlms-template.js';
import { isForEach, isPlace, isWhen } from './template.js';

/** What an item of a response answers, as the request of its use case names it. */
export interface AnsweredItem {
  readonly request: string;
  readonly classId: number;
  /** Undefined where the request leaves a choice. */
  readonly instanceId: string | undefined;
  /** All that it may be. */
  readonly instanceIds: readonly string[];
  readonly memberId: number;
  /** The item of the request, places still open. */
  readonly data: unknown;
}

type Kind = AccessResponseItem['response'];
/** Undefined where the request leaves open what the item is of. */
type Reading = readonly (AnsweredItem | undefined)[];

/** Ways to read a request that are followed; a template that leaves more open than that names nothing. */
const readingsMax = 8;
/** Far more than any request of GBCS has; a longer response is no answer to one. */
const itemsMax = 64;
const stepsMax = 2_000;

/**
 * Results carry no names on the wire; they come in the order of the request. The requests of the message code that the
 * catalogue declares are laid beside them: what all readings agree on is returned, item by item.
 */
export function answeredItems(
  messageCode: number,
  items: readonly Pick<AccessResponseItem, 'response'>[],
): readonly (AnsweredItem | undefined)[] {
  if (items.length > itemsMax) return [];
  const kinds = items.map(({ response }) => response);
  const key = `${messageCode} ${kinds.join(' ')}`;
  let found = remembered.get(key);
  if (found === undefined) {
    // What a peer sends decides the keys: bounded, and simply begun anew.
    if (remembered.size >= rememberedMax) remembered.clear();
    found = readAnswers(messageCode, kinds);
    remembered.set(key, found);
  }
  return found;
}

const remembered = new Map<string, Reading>();
const rememberedMax = 1024;

function readAnswers(messageCode: number, kinds: readonly Kind[]): Reading {
  const readings: Reading[] = [];
  const budget = { steps: stepsMax };
  for (const { code, request } of commandUseCases) {
    if (code.code !== messageCode || !('dlms' in request.payload)) continue;
    for (const reading of readingsOf(request.payload.dlms, kinds, budget)) {
      readings.push(reading);
      if (readings.length > readingsMax) return kinds.map(() => undefined);
    }
  }
  if (budget.steps < 0) return kinds.map(() => undefined);
  return kinds.map((_, index) => agreed(readings.map((reading) => reading[index])));
}

function agreed(answers: readonly (AnsweredItem | undefined)[]): AnsweredItem | undefined {
  const [first, ...others] = answers;
  if (first === undefined) return undefined;
  const same = others.every(
    (other) =>
      other?.classId === first.classId &&
      other.instanceId === first.instanceId &&
      other.memberId === first.memberId,
  );
  return same ? first : undefined;
}

/** Steps that a search may still take. */
interface Budget {
  steps: number;
}

/** All ways in which nodes give exactly these kinds of results. */
function* readingsOf(
  nodes: readonly ItemNode[],
  kinds: readonly Kind[],
  budget: Budget,
): Generator<Reading> {
  if (--budget.steps < 0) return;
  const [node, ...rest] = nodes;
  if (node === undefined) {
    if (kinds.length === 0) yield [];
    return;
  }
  if (isWhen(node)) {
    yield* readingsOf([...(node.nodes as ItemNode[]), ...rest], kinds, budget);
    yield* readingsOf(rest, kinds, budget);
    return;
  }
  if (isForEach(node)) {
    if (kinds.length > 0) {
      yield* readingsOf([...(node.nodes as ItemNode[]), node, ...rest], kinds, budget);
    }
    yield* readingsOf(rest, kinds, budget);
    return;
  }
  const [kind, ...otherKinds] = kinds;
  if (kind === undefined || kindOf(node) !== kind) return;
  const item = answeredItem(node);
  for (const others of readingsOf(rest, otherKinds, budget)) yield [item, ...others];
}

function kindOf(node: unknown): Kind | undefined {
  const { request } = node as { readonly request?: unknown };
  if (typeof request !== 'string') return undefined;
  if (request === 'action') return 'action';
  return request.startsWith('set') ? 'set' : 'get';
}

function answeredItem(node: unknown): AnsweredItem | undefined {
  const { request, classId, instanceId, memberId, data } = node as Record<string, unknown>;
  if (typeof request !== 'string' || typeof classId !== 'number') return undefined;
  if (typeof memberId !== 'number') return undefined;
  const instanceIds = instancesOf(instanceId);
  const only = instanceIds.length === 1 ? instanceIds[0] : undefined;
  return { request, classId, instanceId: only, instanceIds, memberId, data };
}

function instancesOf(instanceId: unknown): readonly string[] {
  if (typeof instanceId === 'string') return [instanceId];
  if (typeof instanceId !== 'object' || instanceId === null || !isPlace(instanceId)) return [];
  return (instanceId.choices ?? []).map(([, instance]) => String(instance));
}
