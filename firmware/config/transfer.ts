/**
 * Settings as a JSON text, to be carried to another board or kept: without secrets on the way out;
 * on the way in, secrets that are not there stay as they are.
 *
 * A text is in UTF-8; a network name that is none is an array of its bytes. Remote settings have
 * the same form.
 */

import { parseJsonObject } from '../base/json.ts';
import { decodeUtf8, isValidUtf8 } from '../base/text.ts';
import { FIELDS, type FieldProblem, type Settings } from './fields.ts';
import { type ParsedSettings, parseSettings } from './settings.ts';
import { isLeftToBoard, utf8 } from './values.ts';

/** The longest text that is read; the greatest settings take 9 KB. */
export const JSON_BYTES_MAX = 12_288;
/** Names that are no setting's are told up to this many, and to this length. */
const UNKNOWN_MAX = 4;
const UNKNOWN_CHARACTERS_MAX = 32;

/** All settings but the secrets; null for what is left to the board. */
export function exportSettings(settings: Settings): string {
  const copy: Record<string, unknown> = {};
  FIELDS.forEach(({ name, isSecret }) => {
    const value = settings[name];
    if (isSecret) return;
    const isLeft = isLeftToBoard(name, value);
    copy[name] = isLeft ? null : value instanceof Uint8Array ? textOf(value) : value;
  });
  return JSON.stringify(copy);
}

/**
 * Reads settings over the `current` ones, by the rules of `parseSettings`.
 * @param json in UTF-8; longer than JSON_BYTES_MAX is refused unread
 */
export function importSettings(json: Uint8Array, current: Settings): ParsedSettings {
  const object = json.length > JSON_BYTES_MAX ? undefined : parseJsonObject(json);
  if (object === undefined) {
    const problem = { field: '', code: 'not a JSON object', max: JSON_BYTES_MAX };
    return { settings: current, problems: [problem] };
  }
  const given = new Map<string, Uint8Array | undefined>();
  const unknown: FieldProblem[] = [];
  Object.keys(object).forEach((key) => {
    if (FIELDS.some(({ name }) => name === key)) given.set(key, bytesOf(object[key]));
    else if (unknown.length < UNKNOWN_MAX) {
      unknown.push({ field: key.slice(0, UNKNOWN_CHARACTERS_MAX), code: 'unknown' });
    }
  });
  const { settings, problems } = parseSettings(given, current);
  return { settings, problems: problems.concat(unknown) };
}

function textOf(bytes: Uint8Array): string | number[] {
  const { length } = bytes;
  return isValidUtf8(bytes, 0, length) ? decodeUtf8(bytes, 0, length) : Array.from(bytes);
}

/** What a form would hold; undefined for a value of a strange type. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return utf8(value);
  if (value === null) return utf8('');
  if (typeof value === 'number' || typeof value === 'boolean') return utf8(`${value}`);
  if (!Array.isArray(value)) return undefined;
  const bytes = Uint8Array.from(value);
  return value.every((item, i) => item === bytes[i]) ? bytes : undefined;
}
