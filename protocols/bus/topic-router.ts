import { hasWildcard, levelsMatch } from './topic-filter.js';

export type TopicHandler = (topic: string, payload: Uint8Array, retained: boolean) => void;

/** One subscription as the router keeps it; once removed it hears no more, not even of a delivery under way. */
interface Route {
  readonly filter: string;
  readonly levels: readonly string[];
  readonly handler: TopicHandler;
  /** Handlers run in the order in which they subscribed. */
  readonly serial: number;
  active: boolean;
}

/** Topics whose routes are remembered; beyond it the memory starts afresh. */
const rememberedTopicsMax = 65_536;

const none: readonly Route[] = [];

/**
 * Brings a message to the handlers whose filters match its topic. Exact filters are found by a Map, however many there
 * are; each wildcard filter is tried once per topic, and the answer is remembered until the wildcards change.
 */
export class TopicRouter {
  private readonly exact = new Map<string, Route[]>();
  private wildcards: Route[] = [];
  private readonly remembered = new Map<string, readonly Route[]>();
  private nextSerial = 0;

  /** `onHandlerError` gets what a handler throws; without it the error passes through `deliver`. */
  constructor(private readonly onHandlerError?: (error: unknown, topic: string) => void) {}

  /** Returns what removes it again. The filter must be valid (`isTopicFilter`). */
  add(filter: string, handler: TopicHandler): () => void {
    const levels = filter.split('/');
    const route: Route = { filter, levels, handler, serial: this.nextSerial++, active: true };
    if (hasWildcard(filter)) {
      this.wildcards = [...this.wildcards, route];
      this.remembered.clear();
    } else {
      this.exact.set(filter, [...(this.exact.get(filter) ?? none), route]);
      this.remembered.delete(filter);
    }
    return () => this.remove(route);
  }

  private remove(route: Route): void {
    if (!route.active) return;
    route.active = false;
    if (hasWildcard(route.filter)) {
      this.wildcards = this.wildcards.filter((other) => other !== route);
      this.remembered.clear();
      return;
    }
    const left = (this.exact.get(route.filter) ?? none).filter((other) => other !== route);
    if (left.length > 0) this.exact.set(route.filter, left);
    else this.exact.delete(route.filter);
    this.remembered.delete(route.filter);
  }

  private routesOf(topic: string): readonly Route[] {
    const known = this.remembered.get(topic);
    if (known !== undefined) return known;
    const exact = this.exact.get(topic) ?? none;
    const levels = topic.split('/');
    const wild = this.wildcards.filter((route) => levelsMatch(route.levels, levels));
    const routes =
      wild.length === 0 ? exact : [...exact, ...wild].sort((a, b) => a.serial - b.serial);
    if (this.remembered.size >= rememberedTopicsMax) this.remembered.clear();
    this.remembered.set(topic, routes);
    return routes;
  }

  /** Calls every matching handler; returns how many there were. */
  deliver(topic: string, payload: Uint8Array, retained: boolean): number {
    const routes = this.routesOf(topic);
    for (const route of routes) {
      if (route.active) this.call(route.handler, topic, payload, retained);
    }
    return routes.length;
  }

  /** Calls one handler under the router's rule for errors. */
  call(handler: TopicHandler, topic: string, payload: Uint8Array, retained: boolean): void {
    if (this.onHandlerError === undefined) {
      handler(topic, payload, retained);
      return;
    }
    try {
      handler(topic, payload, retained);
    } catch (error) {
      this.onHandlerError(error, topic);
    }
  }
}
