/**
 * Reads settings from a form, a file or flash: each field by itself, then the groups.
 *
 * A group of fields is taken over as a whole or not at all, so that the result always works: a bad
 * field leaves its group as it was, and the other groups apply.
 */

import { sameBytes } from '../base/bytes.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import {
  DEFAULTS,
  type Encryption,
  FIELDS,
  type Field,
  type FieldGroup,
  type FieldName,
  type FieldProblem,
  PEM_BYTES_MAX,
  type Settings,
} from './fields.ts';
import { readBroker, readIpv4, takeApart } from './host.ts';
import { isBlank, readableBytesMax, readValue, utf8, type Value } from './values.ts';

export interface ParsedSettings {
  /** The settings from before with every given field that is right. */
  readonly settings: Settings;
  /** Empty when all of it was taken over. */
  readonly problems: readonly FieldProblem[];
}

type Draft = { -readonly [Name in FieldName]: Settings[Name] };
/** Decoded bytes by name; undefined for a value that was given and cannot be used. */
type Given = ReadonlyMap<string, Uint8Array | undefined>;

/** The names of all switches that a page can show, with commas between. */
const FLAGS_BYTES_MAX = 128;

/** IANA's ports of MQTT, and WebSocket's own (RFC 6455, section 3). */
const PORTS: Readonly<Record<Encryption, number>> = Object.freeze({
  none: 1883,
  tls: 8883,
  websocket: 80,
  'tls-websocket': 443,
});

/**
 * Reads fields over the `current` settings.
 *
 * - A field that is not in `given` stays as it is; names that are no setting's are passed over.
 * - An empty field becomes its default; an empty secret stays as it is. Exceptions: with another
 *   network an empty `wifiPassword` means an open network; an empty `user` also clears the
 *   password, and an empty `certificate` the key.
 * - Saved secrets of the broker go only to the host, port and encryption that they were saved with:
 *   for another place they must be typed again.
 * - A form does not send a check box that is off. It lists those that it shows in a hidden field
 *   `flags`, with commas between: one that is listed and not there is off.
 * - A whole address in `host` (`mqtts://name:8884`) sets port, encryption and path too, and user and
 *   password where it has them.
 */
export function parseSettings(form: Given, current: Settings): ParsedSettings {
  const given = credentialsApart(form);
  const draft: Draft = { ...current };
  const problems: FieldProblem[] = [];
  readFields(given, draft, problems);
  takeBroker(given, draft);
  dropSecrets(given, draft, current);
  const isElsewhere = !isSamePlace(draft, current);
  if (isElsewhere) holdSecrets(given, draft, problems);
  checkTogether(draft, (field, code, max) => {
    // The first problem of a field tells what to do.
    if (problems.some((problem) => problem.field === field)) return;
    problems.push(max ? { field, code, max } : { field, code });
  });
  problems.forEach((problem) => {
    const group = FIELDS.find(({ name }) => name === problem.field)?.group;
    if (!group) return;
    restore(draft, current, group);
    // A new place and its secrets go together: else the next form would find the saved ones there.
    if (!isElsewhere || (group !== 'user' && group !== 'broker')) return;
    restore(draft, current, 'user');
    restore(draft, current, 'broker');
  });
  return { settings: Object.freeze(draft), problems };
}

/** Whether a board can go to work with them. */
export function isProvisioned(settings: Settings): boolean {
  return settings.ssid.length > 0 && settings.host !== '';
}

/** The broker's port: the one that was set, or the standard one. */
export function portOf(settings: Settings): number {
  if (settings.port > 0) return settings.port;
  return PORTS[settings.encryption];
}

function put(draft: Draft, name: FieldName, value: Value): void {
  (draft as Record<FieldName, Value>)[name] = value;
}

function ofGroup(group: FieldGroup): FieldName[] {
  return FIELDS.filter((field) => field.group === group).map(({ name }) => name);
}

/** The text of a few bytes; empty for more than `bytesMax`. */
function text(bytes: Uint8Array | undefined, bytesMax: number): string {
  return bytes && bytes.length <= bytesMax ? decodeUtf8(bytes, 0, bytes.length) : '';
}

function fieldOf(name: FieldName): Field {
  return FIELDS.find((field) => field.name === name) as Field;
}

function readFields(given: Given, draft: Draft, problems: FieldProblem[]): void {
  const flags = text(given.get('flags'), FLAGS_BYTES_MAX).split(',');
  FIELDS.forEach((field) => {
    const { name, kind, min, max } = field;
    const bytes = given.get(name);
    if (!given.has(name)) {
      if (kind === 'boolean' && flags.includes(name)) put(draft, name, false);
    } else if (bytes && isBlank(field, bytes)) {
      if (!field.isSecret) put(draft, name, DEFAULTS[name]);
    } else {
      const value = bytes && readValue(field, bytes);
      if (value !== undefined) put(draft, name, value);
      else if (kind === 'host name or address' && bytes?.some((byte) => byte > 0x7f)) {
        problems.push({ field: name, code: 'not ASCII' });
      } else
        problems.push(
          max > 0 ? { field: name, code: kind, min, max } : { field: name, code: kind },
        );
    }
  });
}

/** The given fields, with the credentials of the broker's address moved to fields of their own. */
export function credentialsApart<F extends Given>(given: F): F | Map<string, Uint8Array> {
  const bytesMax = readableBytesMax(fieldOf('host'));
  const url = takeApart(text(given.get('host'), bytesMax).trim());
  if (url === undefined) return given;
  const whole = new Map(given as ReadonlyMap<string, Uint8Array>);
  whole.set('host', utf8(url.address)).set('user', utf8(url.user));
  return url.password === undefined ? whole : whole.set('password', utf8(url.password));
}

function takeBroker(given: Given, draft: Draft): void {
  const bytesMax = readableBytesMax(fieldOf('host'));
  const written = readBroker(text(given.get('host'), bytesMax).trim());
  draft.port = written?.port ?? draft.port;
  draft.encryption = written?.encryption ?? draft.encryption;
  draft.path = written?.path ?? draft.path;
}

function restore(draft: Draft, current: Settings, group: FieldGroup): void {
  ofGroup(group).forEach((name) => {
    put(draft, name, current[name]);
  });
}

/** Whether secrets would go to the same place as before. */
function isSamePlace(draft: Settings, current: Settings): boolean {
  return (
    draft.host === current.host &&
    portOf(draft) === portOf(current) &&
    draft.encryption === current.encryption
  );
}

/** Refuses kept secrets for another place than theirs: they must be typed again. */
function holdSecrets(given: Given, draft: Draft, problems: FieldProblem[]): void {
  FIELDS.forEach((field) => {
    const { name, group, isSecret } = field;
    if (!isSecret || group === 'wifi' || (draft[name] as Uint8Array).length === 0) return;
    const bytes = given.get(name);
    if (!bytes || isBlank(field, bytes)) problems.push({ field: name, code: 'type again' });
  });
}

/** Drops secrets whose network, user or certificate is gone, unless new ones were given. */
function dropSecrets(given: Given, draft: Draft, current: Settings): void {
  const drop = (name: FieldName) => {
    const bytes = given.get(name);
    if (!bytes || isBlank(fieldOf(name), bytes)) put(draft, name, DEFAULTS[name]);
  };
  if (!sameBytes(draft.ssid, current.ssid)) drop('wifiPassword');
  if (draft.user === '' && current.user !== '') drop('password');
  if (draft.certificate.length === 0 && current.certificate.length > 0) drop('key');
}

function checkTogether(
  draft: Draft,
  add: (field: FieldName, code: string, max?: number) => void,
): void {
  const missing = (field: FieldName) => add(field, 'missing');
  const ca = draft.ca.length;
  const certificate = draft.certificate.length;
  const key = draft.key.length;
  if (draft.ssid.length === 0) missing('ssid');
  if (draft.host === '') missing('host');
  if (!draft.encryption.startsWith('tls')) {
    if (ca > 0) add('ca', 'for TLS only');
    if (certificate > 0) add('certificate', 'for TLS only');
  }
  if (certificate > 0 !== key > 0) missing(key > 0 ? 'certificate' : 'key');
  if (ca + certificate + key > PEM_BYTES_MAX) add('ca', 'too large in all', PEM_BYTES_MAX);
  if (draft.password.length > 0 && draft.user === '' && draft.version !== '5') {
    add('password', 'for MQTT 5 only');
  }
  if (draft.signIn === 'scram') {
    if (draft.version === '3.1.1') add('signIn', 'for MQTT 5 only');
    if (draft.user === '') missing('user');
    if (draft.password.length === 0) missing('password');
  }
  const fixed = ofGroup('address');
  const empty = fixed.filter((name) => draft[name] === '');
  if (empty.length < fixed.length) empty.forEach(missing);
  const mask = Number(readIpv4(draft.netmask));
  const differing = Number(readIpv4(draft.address)) ^ Number(readIpv4(draft.gateway));
  if (empty.length === 0 && (differing & mask) !== 0) add('gateway', 'not in the subnet');
}
