/** Checks of options and arguments: each throws a ConfigError that names what cannot work. */

import { ConfigError } from '../../base/errors.ts';
import { utf8Length } from '../../base/utf8.ts';

/** A whole number from `min` to `max`. */
export function checkWhole(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max && value % 1 === 0)) {
    throw new ConfigError(field, `must be a whole number from ${min} to ${max}`);
  }
}

/** What a two-byte length can tell. */
export function checkLength(field: string, length: number): void {
  if (length > 0xffff) throw new ConfigError(field, 'is longer than 65,535 bytes');
}

/** A text as MQTT sends it, without U+0000 [3.1.1 MQTT-1.5.3-2] [5.0 MQTT-1.5.4-2]. */
export function checkText(field: string, text: string): void {
  checkLength(field, utf8Length(text));
  if (text.indexOf('\0') >= 0) throw new ConfigError(field, 'contains U+0000');
}
