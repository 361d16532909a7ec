/**
 * One setting from the bytes that a form gives, and back. What `formatValue` gives reads back as
 * the same value: forms, flash and JSON share this one reader, so nothing unchecked gets in.
 */

import { decodeUtf8, isValidUtf8, utf8Length, writeNumber, writeUtf8 } from '../base/text.ts';
import { CHOICES, DEFAULTS, type Field, type FieldName, type Settings } from './fields.ts';
import { isHost, isNetmask, readBroker, readIpv4 } from './host.ts';
import { readPem } from './pem.ts';

export type Value = string | number | boolean | Uint8Array;

/** Calibration offsets are kept to this many places. */
const DECIMALS = 2;
const NUMBER_BYTES_MAX = 24;
/** What may stand around a value beyond its greatest length: spaces, comments around PEM. */
const AROUND_BYTES = 2048;

/** The bytes of `text` in UTF-8. */
export function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(bytes, 0, text);
  return bytes;
}

/** What a form or flash holds for a setting: its text, empty for a number that is the board's. */
export function formatValue(settings: Settings, name: FieldName): Uint8Array {
  const value = settings[name];
  if (typeof value === 'string') return utf8(value);
  if (typeof value === 'boolean') return utf8(value ? 'on' : 'off');
  if (typeof value !== 'number') return value;
  // The number of a port or pin that is left to the board lies outside of the range.
  if (value === DEFAULTS[name] && value <= 0 && !name.startsWith('offset')) return utf8('');
  const bytes = new Uint8Array(NUMBER_BYTES_MAX);
  return bytes.subarray(0, writeNumber(bytes, 0, value, DECIMALS));
}

/** Whether nothing was typed; spaces count as nothing where they are dropped. */
export function isBlank(field: Field, bytes: Uint8Array): boolean {
  if (field.kind === 'bytes' || field.kind === 'wifi password') return bytes.length === 0;
  return bytes.every((byte) => byte === 0x20 || (byte >= 9 && byte <= 13));
}

/**
 * Reads one value. Spaces around it are dropped, but of passwords and of the network's name.
 * @returns undefined where the kind of the field, or its range, does not allow it
 */
export function readValue(field: Field, bytes: Uint8Array): Value | undefined {
  const { kind, min, max } = field;
  if (bytes.length > max + AROUND_BYTES) return undefined;
  if (kind === 'bytes') {
    return bytes.length >= min && bytes.length <= max ? bytes.slice() : undefined;
  }
  if (kind === 'certificate') return readPem(bytes, false, max);
  if (kind === 'private key') return readPem(bytes, true, max);
  const raw = decodeUtf8(bytes, 0, bytes.length);
  if (kind === 'wifi password') {
    return /^(?:[ -~]{8,63}|[0-9A-Fa-f]{64})$/.test(raw) ? raw : undefined;
  }
  const text = raw.trim();
  if (kind === 'whole' || kind === 'decimal') return readNumber(field, text);
  if (kind === 'flag') return readFlag(text);
  if (!isValidUtf8(bytes, 0, bytes.length)) return undefined;
  const value = readText(field, text);
  const length = value === undefined ? -1 : utf8Length(value);
  if (value === undefined || length < min || length > max) return undefined;
  return value;
}

function readText(field: Field, text: string): string | undefined {
  switch (field.kind) {
    case 'host':
      // The broker's may come as a URL; settings.ts takes its other parts.
      return field.name === 'host' ? readBroker(text)?.host : where(isHost(text), text);
    case 'name':
      return where(/^[a-z0-9-]+$/i.test(text), text.toLowerCase());
    case 'path':
      return where(/^\/[!-~]*$/.test(text), text);
    case 'list': {
      const list = text.replace(/\s+/g, '');
      return where(/^[a-z0-9-]+(?:,[a-z0-9-]+)*$/.test(list), list);
    }
    case 'ipv4':
      return where(readIpv4(text) !== undefined, text);
    case 'netmask':
      return where(isNetmask(text), text);
    case 'choice':
      return where(CHOICES[field.name].includes(text), text);
    case 'topic':
      return where(isPlain(text) && /^[^$/#+][^#+]*$/.test(text) && !text.endsWith('/'), text);
    default:
      return where(isPlain(text), text);
  }
}

function where(isGood: boolean, text: string): string | undefined {
  return isGood ? text : undefined;
}

/** Whether it has no control characters, among them the NUL that MQTT forbids [MQTT-1.5.4-2]. */
function isPlain(text: string): boolean {
  return utf8(text).every((byte) => byte >= 0x20 && byte !== 0x7f);
}

/** A comma counts as a point: many keyboards have no other. */
function readNumber(field: Field, text: string): number | undefined {
  if (text.length > NUMBER_BYTES_MAX || !/^[-+.,0-9]+$/.test(text)) return undefined;
  const number = Number(text.replace(',', '.'));
  if (number === DEFAULTS[field.name]) return number + 0;
  if (!(number >= field.min && number <= field.max)) return undefined;
  // Adding 0 takes the sign off a zero.
  if (field.kind === 'decimal') return Math.round(number * 100) / 100 + 0;
  return Math.floor(number) === number ? number : undefined;
}

function readFlag(text: string): boolean | undefined {
  if (/^(?:on|true|yes|1)$/i.test(text)) return true;
  return /^(?:off|false|no|0)$/i.test(text) ? false : undefined;
}
