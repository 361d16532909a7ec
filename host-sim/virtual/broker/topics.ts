/** Topic names and filters (4.7): validity and matching, for the virtual broker. */

/** Whether `topic` may be published to: not empty, no wildcards, no U+0000. */
export function isTopicName(topic: string): boolean {
  return topic !== '' && !/[#+\0]/.test(topic) && Buffer.byteLength(topic) <= 0xffff;
}

/** Whether `filter` may be subscribed to [MQTT-4.7.1-1] [MQTT-4.7.1-2]. */
export function isTopicFilter(filter: string): boolean {
  if (filter === '' || filter.includes('\0')) return false;
  const levels = filter.split('/');
  return levels.every((level, index) => {
    if (level.includes('#')) return level === '#' && index === levels.length - 1;
    return !level.includes('+') || level === '+';
  });
}

/** Whether a filter has a wildcard. */
export function hasWildcard(filter: string): boolean {
  return /[#+]/.test(filter);
}

/** Whether a valid `filter` takes in `topic`; a leading wildcard leaves out `$` [MQTT-4.7.2-1]. */
export function matches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  if (!hasWildcard(filter)) return false;
  if (topic.startsWith('$') && (filter[0] === '#' || filter[0] === '+')) return false;
  // Level by level, without a list of them: each PUBLISH is looked up.
  let at = 0;
  let wanted = 0;
  for (;;) {
    if (filter[wanted] === '#') return true;
    const filterEnd = levelEnd(filter, wanted);
    const topicEnd = levelEnd(topic, at);
    const isAny = filter[wanted] === '+';
    if (!isAny && filter.slice(wanted, filterEnd) !== topic.slice(at, topicEnd)) return false;
    if (filterEnd === filter.length || topicEnd === topic.length) {
      // A last '/#' takes in the level above it.
      const isParent = topicEnd === topic.length && filter.slice(filterEnd) === '/#';
      return isParent || (filterEnd === filter.length && topicEnd === topic.length);
    }
    wanted = filterEnd + 1;
    at = topicEnd + 1;
  }
}

function levelEnd(text: string, from: number): number {
  const slash = text.indexOf('/', from);
  return slash < 0 ? text.length : slash;
}
