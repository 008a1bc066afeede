/**
 * MQTT topic names and filters, matched the way every MQTT 3.1.1 server does.
 *
 * @see MQTT 3.1.1 4.7
 */

/** UTF-8 bytes that MQTT allows in a topic or filter; ours are ASCII and far shorter. */
export const mqttTopicLengthMax = 65_535;

/** A topic to publish to: not empty, no wildcard, no NUL. */
export function isTopicText(text: string): boolean {
  return text.length > 0 && text.length <= mqttTopicLengthMax && !/[+#\0]/.test(text);
}

/** A filter to subscribe to: `+` and `#` only as whole levels, `#` only as the last. */
export function isTopicFilter(text: string): boolean {
  if (text.length === 0 || text.length > mqttTopicLengthMax || text.includes('\0')) return false;
  const levels = text.split('/');
  return levels.every((level, i) => {
    if (level === '#') return i === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}

export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/** Whether a topic's levels match a filter's: the parts of both between their slashes. */
export function levelsMatch(filter: readonly string[], topic: readonly string[]): boolean {
  // A wildcard in the first place does not reach the server's own topics ($SYS). MQTT 3.1.1 4.7.2
  const first = filter[0];
  if ((first === '+' || first === '#') && topic[0]?.startsWith('$')) return false;
  for (let i = 0; i < filter.length; i++) {
    const wanted = filter[i];
    // `a/#` matches `a` too: the loop gets here with i === topic.length.
    if (wanted === '#') return true;
    if (i >= topic.length || (wanted !== '+' && wanted !== topic[i])) return false;
  }
  return filter.length === topic.length;
}

export function filterMatches(filter: string, topic: string): boolean {
  return levelsMatch(filter.split('/'), topic.split('/'));
}
