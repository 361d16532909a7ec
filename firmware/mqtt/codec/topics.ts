/** Topic names and filters (sections 4.7 of both versions), as UTF-8 bytes and as text. */

import { ConfigError } from '../../base/errors.ts';
import { isValidUtf8, utf8Length, writeUtf8 } from '../../base/utf8.ts';
import { checkLength, checkText } from '../session/checks.ts';

/** [MQTT-4.7.3-1] */
const EMPTY = 'is empty';
const PLUS = 0x2b;
const HASH = 0x23;

/** For the check of four bytes at once: 0x2D in each, and the highest bit of each. */
const DASHES = 0x2d2d_2d2d;
const HIGH_BITS = 0x8080_8080 | 0;

/**
 * Whether a topic has 16 bytes or more and none outside 0x2D to 0x7F, as nearly all topics: nothing
 * can be wrong with it then. Sixteen bytes are looked at together, the last of them again where
 * they do not come out even: with none below 0x2D no subtraction borrows, so a highest bit is set
 * exactly when some byte is outside.
 */
export function isPlainTopic(view: DataView, start: number, end: number): boolean {
  const last = end - 16;
  if (last < start) return false;
  let seen = 0;
  let a = view.getInt32(last);
  let b = view.getInt32(last + 4);
  let c = view.getInt32(last + 8);
  let d = view.getInt32(last + 12);
  for (; start < last; start += 16) {
    seen |= a | (a - DASHES) | b | (b - DASHES) | c | (c - DASHES) | d | (d - DASHES);
    a = view.getInt32(start);
    b = view.getInt32(start + 4);
    c = view.getInt32(start + 8);
    d = view.getInt32(start + 12);
  }
  seen |= a | (a - DASHES) | b | (b - DASHES) | c | (c - DASHES) | d | (d - DASHES);
  return (seen & HIGH_BITS) === 0;
}

/**
 * What is wrong with a received topic name, or '' when nothing is. A length of zero is left to the
 * session: in 5.0 an alias may stand for the name. [MQTT-3.3.2-2, 4.7.3-2] [3.1.1 MQTT-1.5.3-1]
 * [5.0 MQTT-1.5.4-1]
 */
export function topicFault(bytes: Uint8Array, start: number, end: number): string {
  let ascii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte > 0x3f) {
      if (byte > 0x7f) ascii = false;
    } else if (byte === 0) return 'topic contains U+0000';
    else if (byte === PLUS || byte === HASH) return 'topic has a wildcard';
  }
  return ascii || isValidUtf8(bytes, start, end) ? '' : 'topic is not UTF-8';
}

/**
 * @param filter to subscribe to
 * @throws ConfigError when it is none
 */
export function checkFilter(filter: string): void {
  checkText('filter', filter);
  const fault = filterFault(filter.split('/'));
  if (filter === '' || fault !== '') {
    throw new ConfigError('filter', `${filter} ${fault || EMPTY}`);
  }
}

/** [3.1.1 MQTT-4.7.1-2, 4.7.1-3] [5.0 MQTT-4.7.1-1, 4.7.1-2, 4.8.2-1, 4.8.2-2] */
function filterFault(levels: readonly string[]): string {
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i];
    const isHash = level.indexOf('#') >= 0;
    if (isHash || level.indexOf('+') >= 0) {
      const isLast = i === levels.length - 1;
      if (level.length > 1 || (isHash && !isLast)) return 'has a wildcard in a wrong place';
    }
  }
  const [first, name, rest] = levels;
  if (first !== '$share') return '';
  const isBad =
    !name || name === '+' || name === '#' || rest === undefined || (levels.length === 3 && !rest);
  // `$share/{name}/{filter}`
  return isBad ? 'has no share name or no filter' : '';
}

/** @throws ConfigError when a topic's bytes are no topic name to send */
export function checkTopic(field: string, topic: Uint8Array): void {
  checkLength(field, topic.length);
  const fault = topic.length === 0 ? EMPTY : topicFault(topic, 0, topic.length);
  if (fault !== '') throw new ConfigError(field, fault);
}

/**
 * A topic name as the bytes to send, made once.
 * @throws ConfigError when it is empty, too long, or has a wildcard or U+0000
 */
export function encodeTopic(name: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(name));
  writeUtf8(bytes, 0, name);
  checkTopic('topic', bytes);
  return bytes;
}
