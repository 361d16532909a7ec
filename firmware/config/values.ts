/**
 * One setting from the bytes that a form gives, and back. What `formatValue` gives reads back as
 * the same value: forms, flash and JSON share this one reader, so nothing unchecked gets in.
 */

import { writeNumber } from '../base/decimal.ts';
import { decodeUtf8, isValidUtf8, utf8Length, writeUtf8 } from '../base/utf8.ts';
import {
  CHOICES,
  DEFAULTS,
  type Field,
  type FieldKind,
  type FieldName,
  PATH_MAX,
  type Settings,
} from './fields.ts';
import { isHost, isNetmask, readBroker, readIpv4 } from './host.ts';
import { readPem } from './pem.ts';

export type Value = string | number | boolean | Uint8Array;

/** Calibration offsets are kept to this many places. */
const DECIMALS = 2;
const NUMBER_BYTES_MAX = 24;
/** Room beyond a value's greatest length: for spaces, and for comments around PEM. */
const AROUND_BYTES = 64;
const AROUND_PEM_BYTES = 2048;
/** User and password in a URL, percent-encoded. */
const CREDENTIALS_BYTES_MAX = 128;
/** The longest of a choice, a switch, an address and a mask. */
const WORD_BYTES_MAX = 16;

/** Kinds that a pattern describes; lengths are measured beside it. */
const PATTERNS: Readonly<Partial<Record<FieldKind, string>>> = Object.freeze({
  name: '^[a-z0-9-]+$',
  path: '^/[!-~]*$',
  list: '^[a-z0-9-]+(?:,[a-z0-9-]+)*$',
  // No wildcards, no empty level at the ends, nothing of the system.
  topic: '^(?![$/])[^#+]*[^#+/]$',
  text: '',
});

/** The bytes of `text` in UTF-8. */
export function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(bytes, 0, text);
  return bytes;
}

/** Whether a number leaves a port or a pin to the board: it then lies outside the range. */
export function isLeftToBoard(name: FieldName, value: unknown): boolean {
  const isNumber = typeof value === 'number' && !name.startsWith('offset');
  return isNumber && value === DEFAULTS[name] && value <= 0;
}

/** The text of a setting in a form or in flash; empty for a number that is left to the board. */
export function formatValue(settings: Settings, name: FieldName): Uint8Array {
  const value = settings[name];
  if (typeof value === 'string') return utf8(value);
  if (typeof value === 'boolean') return utf8(value ? 'on' : 'off');
  if (typeof value !== 'number') return value;
  if (isLeftToBoard(name, value)) return utf8('');
  const bytes = new Uint8Array(NUMBER_BYTES_MAX);
  return bytes.subarray(0, writeNumber(bytes, 0, value, DECIMALS));
}

/** The longest value that is read for a field; a longer one is refused unread. */
export function readableBytesMax({ name, kind, max }: Field): number {
  // An address may come as a URL, with scheme, credentials, port and path.
  if (name === 'host') return max + PATH_MAX + CREDENTIALS_BYTES_MAX + AROUND_BYTES;
  if (kind === 'certificate' || kind === 'private key') return max + AROUND_PEM_BYTES;
  if (kind === 'whole number' || kind === 'number') return NUMBER_BYTES_MAX + AROUND_BYTES;
  // With a space behind each comma.
  if (kind === 'list') return 2 * max;
  return (max === 0 ? WORD_BYTES_MAX : max) + AROUND_BYTES;
}

/** Whether nothing was typed; spaces count as nothing where they are dropped. */
export function isBlank(field: Field, bytes: Uint8Array): boolean {
  if (field.kind === 'byte string' || field.kind === 'Wi-Fi password') return bytes.length === 0;
  return bytes.every((byte) => byte === 0x20 || (byte >= 9 && byte <= 13));
}

/**
 * Reads one value. Spaces around it are dropped, except for passwords and the network's name.
 * @returns undefined where the kind of the field, or its range, does not allow it
 */
export function readValue(field: Field, bytes: Uint8Array): Value | undefined {
  const { kind, min, max } = field;
  const { length } = bytes;
  if (length > readableBytesMax(field)) return undefined;
  if (kind === 'byte string') return length >= min && length <= max ? bytes.slice() : undefined;
  const isKey = kind === 'private key';
  if (isKey || kind === 'certificate') return readPem(bytes, isKey, max);
  const raw = decodeUtf8(bytes, 0, length);
  if (kind === 'Wi-Fi password') {
    return /^(?:[ -~]{8,63}|[0-9A-Fa-f]{64})$/.test(raw) ? raw : undefined;
  }
  const text = raw.trim();
  if (kind === 'whole number' || kind === 'number') return readNumber(field, text);
  if (kind === 'boolean') {
    const isOn = /^(?:on|true|yes|1)$/i.test(text);
    return isOn || /^(?:off|false|no|0)$/i.test(text) ? isOn : undefined;
  }
  // Not by a pattern: those of XS 13.3 do not see NUL, which MQTT forbids [MQTT-1.5.4-2].
  const hasControls = utf8(text).some((byte) => byte < 0x20 || byte === 0x7f);
  if (hasControls || !isValidUtf8(bytes, 0, length)) return undefined;
  const value = readText(field, text);
  const size = value === undefined ? -1 : utf8Length(value);
  return max === 0 || (size >= min && size <= max) ? value : undefined;
}

function readText(field: Field, written: string): string | undefined {
  const { kind, name } = field;
  // The broker's may come as a URL; settings.ts takes its other parts.
  if (name === 'host') return readBroker(written)?.host;
  const text =
    kind === 'name'
      ? written.toLowerCase()
      : kind === 'list'
        ? written.replace(/ /g, '').toLowerCase()
        : written;
  const pattern = PATTERNS[kind];
  const isGood =
    pattern !== undefined
      ? new RegExp(pattern).test(text)
      : kind === 'choice'
        ? CHOICES[name].includes(text)
        : kind === 'netmask'
          ? isNetmask(text)
          : kind === 'dotted IPv4 address'
            ? readIpv4(text) !== undefined
            : isHost(text);
  return isGood ? text : undefined;
}

/** A comma counts as a point: many keyboards have no other. */
function readNumber(field: Field, text: string): number | undefined {
  if (text.length > NUMBER_BYTES_MAX || !/^[-+.,0-9]+$/.test(text)) return undefined;
  // Adding 0 takes the sign off a zero.
  let number = Number(text.replace(',', '.')) + 0;
  if (!(number >= field.min && number <= field.max)) return undefined;
  if (field.kind === 'number') number = Math.round(number * 100) / 100 + 0;
  else if (!Number.isInteger(number)) return undefined;
  return number;
}
