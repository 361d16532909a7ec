/** Topic names and filters (sections 4.7 of both versions), as UTF-8 bytes and as text. */

import { ConfigError } from '../base/errors.ts';
import { isValidUtf8, utf8Length, writeUtf8 } from '../base/text.ts';

const PLUS = 0x2b;
const SLASH = 0x2f;
const HASH = 0x23;

/**
 * What is wrong with a received topic name, or '' when nothing is. A length of zero is left to the
 * session: in 5.0 an alias may stand for the name.
 */
export function topicFault(bytes: Uint8Array, start: number, end: number): string {
  let ascii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte > 0x3f) {
      if (byte > 0x7f) ascii = false;
    } else if (byte === 0) return 'a topic contains U+0000 [MQTT-4.7.3-2]';
    else if (byte === PLUS || byte === HASH) return 'a topic name has a wildcard [MQTT-3.3.2-2]';
  }
  if (ascii || isValidUtf8(bytes, start, end)) return '';
  return 'a topic is not UTF-8 [3.1.1 MQTT-1.5.3-1] [5.0 MQTT-1.5.4-1]';
}

/** What is wrong with a filter to subscribe to, or '' [3.1.1 MQTT-4.7.1-2, 4.7.1-3] [5.0 MQTT-4.7.1-1, 4.7.1-2]. */
export function filterFault(filter: string): string {
  const length = utf8Length(filter);
  if (length === 0) return 'is empty [MQTT-4.7.3-1]';
  if (length > 0xffff) return 'is longer than 65,535 bytes [MQTT-4.7.3-3]';
  const levels = filter.split('/');
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i];
    if (level.indexOf('\0') >= 0) return 'contains U+0000 [MQTT-4.7.3-2]';
    if (level.length > 1 && (level.indexOf('#') >= 0 || level.indexOf('+') >= 0)) {
      return 'has a wildcard that does not fill its level [3.1.1 MQTT-4.7.1-2, 4.7.1-3] [5.0 MQTT-4.7.1-1, 4.7.1-2]';
    }
    if (level === '#' && i < levels.length - 1)
      return 'has # before its end [3.1.1 MQTT-4.7.1-2] [5.0 MQTT-4.7.1-1]';
  }
  return sharedFault(levels);
}

/** `$share/{name}/{filter}` [5.0 MQTT-4.8.2-1] [5.0 MQTT-4.8.2-2]. */
function sharedFault(levels: readonly string[]): string {
  if (levels[0] !== '$share') return '';
  if (levels.length < 3 || levels[1] === '') return 'is shared but has no share name or filter';
  if (levels[1] === '+' || levels[1] === '#') return 'has a wildcard in its share name';
  return levels.length === 3 && levels[2] === '' ? 'is shared but has no filter' : '';
}

/**
 * A topic name as the bytes to send, made once.
 * @throws ConfigError when it is empty, too long, or has a wildcard or U+0000
 */
export function encodeTopic(name: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(name));
  writeUtf8(bytes, 0, name);
  if (bytes.length === 0) throw new ConfigError('topic', 'is empty [MQTT-4.7.3-1]');
  if (bytes.length > 0xffff) throw new ConfigError('topic', 'is longer than 65,535 bytes');
  const fault = topicFault(bytes, 0, bytes.length);
  if (fault !== '') throw new ConfigError('topic', fault);
  return bytes;
}

/**
 * Whether a filter matches a topic name, both as UTF-8. A wildcard at the start does not match
 * names that begin with $ [MQTT-4.7.2-1].
 */
export function filterMatches(
  filter: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (filter.length > 0 && (filter[0] === PLUS || filter[0] === HASH) && bytes[start] === 0x24) {
    return false;
  }
  let at = start;
  let f = 0;
  while (f < filter.length) {
    const wanted = filter[f];
    if (wanted === HASH) return true;
    if (wanted === PLUS) {
      while (at < end && bytes[at] !== SLASH) at++;
      f++;
    } else if (at < end && bytes[at] === wanted) {
      at++;
      f++;
    } else {
      // "a/#" also matches its parent "a" (4.7.1.2).
      return at === end && wanted === SLASH && filter[f + 1] === HASH && f + 2 === filter.length;
    }
  }
  return at === end;
}
