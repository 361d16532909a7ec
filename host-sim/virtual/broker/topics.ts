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
  const wanted = filter.split('/');
  const given = topic.split('/');
  for (let index = 0; index < wanted.length; index += 1) {
    if (wanted[index] === '#') return true;
    if (index >= given.length) return false;
    if (wanted[index] !== '+' && wanted[index] !== given[index]) return false;
  }
  return wanted.length === given.length;
}
