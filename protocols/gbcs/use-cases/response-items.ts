import type { AccessResponseItem } from '../../dlms/apdu-types.js';
import { commandUseCases } from './catalogue.js';
import type { ItemNode } from './dlms-template.js';
import { isForEach, isWhen } from './template.js';

/** What an item of a response answers, as the request of its use case names it. */
export interface AnsweredItem {
  readonly request: string;
  readonly classId: number;
  /** Undefined where the request leaves a choice among instances. */
  readonly instanceId: string | undefined;
  readonly memberId: number;
  /** The item of the request, places still open. */
  readonly data: unknown;
}

type Kind = AccessResponseItem['response'];
/** Undefined where the request leaves open what the item is of. */
type Reading = readonly (AnsweredItem | undefined)[];

/** Ways to read a request that are followed; a template that leaves more open than that names nothing. */
const readingsMax = 8;

/**
 * Results carry no names on the wire; they come in the order of the request. The requests of the message code that the
 * catalogue declares are laid beside them: what all readings agree on is returned, item by item.
 */
export function answeredItems(
  messageCode: number,
  items: readonly Pick<AccessResponseItem, 'response'>[],
): readonly (AnsweredItem | undefined)[] {
  const kinds = items.map(({ response }) => response);
  const readings: Reading[] = [];
  for (const { code, request } of commandUseCases) {
    if (code.code !== messageCode || !('dlms' in request.payload)) continue;
    for (const reading of readingsOf(request.payload.dlms, kinds)) {
      readings.push(reading);
      if (readings.length > readingsMax) return kinds.map(() => undefined);
    }
  }
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

/** All ways in which nodes give exactly these kinds of results. */
function* readingsOf(nodes: readonly ItemNode[], kinds: readonly Kind[]): Generator<Reading> {
  const [node, ...rest] = nodes;
  if (node === undefined) {
    if (kinds.length === 0) yield [];
    return;
  }
  if (isWhen(node)) {
    yield* readingsOf([...(node.nodes as ItemNode[]), ...rest], kinds);
    yield* readingsOf(rest, kinds);
    return;
  }
  if (isForEach(node)) {
    const once = node.nodes as ItemNode[];
    if (once.length <= kinds.length) yield* readingsOf([...once, node, ...rest], kinds);
    yield* readingsOf(rest, kinds);
    return;
  }
  const [kind, ...otherKinds] = kinds;
  if (kind === undefined || kindOf(node) !== kind) return;
  const item = answeredItem(node);
  for (const others of readingsOf(rest, otherKinds)) yield [item, ...others];
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
  const instance = typeof instanceId === 'string' ? instanceId : undefined;
  return { request, classId, instanceId: instance, memberId, data };
}
