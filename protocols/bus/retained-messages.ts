import { filterMatches, hasWildcard } from './topic-filter.js';

/** The last retained message of every topic, as an MQTT server keeps it. */
export class RetainedMessages {
  private readonly messages = new Map<string, Uint8Array>();

  /** An empty payload forgets the topic. */
  set(topic: string, payload: Uint8Array): void {
    if (payload.length === 0) this.messages.delete(topic);
    else this.messages.set(topic, payload);
  }

  get(topic: string): Uint8Array | undefined {
    return this.messages.get(topic);
  }

  /** Topics that a new subscriber gets first, in the order in which they were first retained. */
  matching(filter: string): readonly string[] {
    if (!hasWildcard(filter)) return this.messages.has(filter) ? [filter] : [];
    return [...this.messages.keys()].filter((topic) => filterMatches(filter, topic));
  }
}
