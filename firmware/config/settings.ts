/**
 * Settings from what a form, a file or flash gave: each field by itself, then those that belong
 * together.
 *
 * Fields that belong together are taken over together or not at all, so that the result is always
 * a whole that works: a bad one leaves its group as it was, and the others apply.
 */

import { decodeUtf8 } from '../base/text.ts';
import {
  DEFAULTS,
  type Encryption,
  FIELDS,
  type Field,
  type FieldName,
  type FieldProblem,
  PEM_BYTES_MAX,
  type Settings,
} from './fields.ts';
import { readBroker, readIpv4 } from './host.ts';
import { isBlank, readValue, type Value } from './values.ts';

export interface ParsedSettings {
  /** What was given and is right, over what was there; as it was where nothing was right. */
  readonly settings: Settings;
  /** Empty when all of it was taken over. */
  readonly problems: readonly FieldProblem[];
}

type Draft = { -readonly [Name in FieldName]: Settings[Name] };
type Given = ReadonlyMap<string, Uint8Array>;

const FIXED: readonly FieldName[] = Object.freeze(['address', 'netmask', 'gateway', 'dns']);
const PINS: readonly FieldName[] = Object.freeze(['sda', 'scl', 'ledPin', 'buttonPin']);
/** What belongs together; no field is in two. */
const GROUPS: readonly (readonly FieldName[])[] = Object.freeze([
  Object.freeze(['ssid', 'wifiPassword'] as const),
  Object.freeze(['host', 'port', 'encryption', 'path', 'ca', 'certificate', 'key'] as const),
  Object.freeze(['user', 'password', 'version'] as const),
  FIXED,
  PINS,
]);

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
 * - An empty field becomes its default; an empty secret stays as it is. But with another network
 *   an empty `wifiPassword` means an open one; with `user` emptied the password goes, and with
 *   `certificate` emptied the key.
 * - A form does not send a check box that is off. It lists those that it shows in a hidden field
 *   `flags`, with commas between: one that is listed and not there is off.
 * - A whole address in `host` (`mqtts://name:8884`) sets port, encryption and path too.
 */
export function parseSettings(given: Given, current: Settings): ParsedSettings {
  const draft: Draft = { ...current };
  const problems: FieldProblem[] = [];
  readFields(given, draft, problems);
  takeBroker(given, draft);
  dropSecrets(given, draft, current);
  checkWiFi(draft, problems);
  checkBroker(draft, problems);
  checkPins(draft, problems);
  for (const group of GROUPS) {
    if (problems.some((problem) => group.includes(problem.field as FieldName))) {
      for (const name of group) put(draft, name, current[name]);
    }
  }
  return { settings: Object.freeze(draft), problems };
}

/** Whether a board can go to work with them. */
export function isProvisioned(settings: Settings): boolean {
  return settings.ssid.length > 0 && settings.host !== '';
}

/** The broker's port: the one that was set, or the usual one. */
export function portOf(settings: Settings): number {
  if (settings.port > 0) return settings.port;
  return PORTS[settings.encryption];
}

function put(draft: Draft, name: FieldName, value: Value): void {
  (draft as Record<FieldName, Value>)[name] = value;
}

/** One problem per field: the first tells what to do. */
function add(problems: FieldProblem[], problem: FieldProblem): void {
  if (!problems.some(({ field }) => field === problem.field)) problems.push(problem);
}

function isGiven(given: Given, name: FieldName): boolean {
  const bytes = given.get(name);
  const field = FIELDS.find((each) => each.name === name) as Field;
  return bytes !== undefined && !isBlank(field, bytes);
}

function text(bytes: Uint8Array | undefined): string {
  return bytes ? decodeUtf8(bytes, 0, bytes.length) : '';
}

function readFields(given: Given, draft: Draft, problems: FieldProblem[]): void {
  const flags = text(given.get('flags')).split(',');
  for (const field of FIELDS) {
    const { name, kind, min, max } = field;
    const bytes = given.get(name);
    if (bytes === undefined) {
      if (kind === 'flag' && flags.includes(name)) put(draft, name, false);
    } else if (isBlank(field, bytes)) {
      if (!field.isSecret) put(draft, name, DEFAULTS[name]);
    } else {
      const value = readValue(field, bytes);
      if (value !== undefined) put(draft, name, value);
      else if (kind === 'host' && bytes.some((byte) => byte > 0x7f)) {
        problems.push({ field: name, code: 'ascii' });
      } else problems.push({ field: name, code: kind, min, max });
    }
  }
}

function takeBroker(given: Given, draft: Draft): void {
  const written = readBroker(text(given.get('host')).trim());
  if (written === undefined) return;
  draft.port = written.port ?? draft.port;
  draft.encryption = written.encryption ?? draft.encryption;
  draft.path = written.path ?? draft.path;
}

/** Secrets that belonged to what is now gone. */
function dropSecrets(given: Given, draft: Draft, current: Settings): void {
  const isOther = !isEqual(draft.ssid, current.ssid);
  if (isOther && !isGiven(given, 'wifiPassword')) draft.wifiPassword = '';
  const hasLeft = draft.user === '' && current.user !== '';
  if (hasLeft && !isGiven(given, 'password')) draft.password = DEFAULTS.password;
  const isEmptied = draft.certificate.length === 0 && current.certificate.length > 0;
  if (isEmptied && !isGiven(given, 'key')) draft.key = DEFAULTS.key;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function checkWiFi(draft: Draft, problems: FieldProblem[]): void {
  if (draft.ssid.length === 0) add(problems, { field: 'ssid', code: 'required' });
  const missing = FIXED.filter((name) => draft[name] === '');
  if (missing.length === FIXED.length) return;
  for (const field of missing) add(problems, { field, code: 'required' });
  if (missing.length > 0) return;
  const [address, netmask, gateway] = FIXED.map((name) => readIpv4(draft[name] as string) ?? 0);
  if (((address ^ gateway) & netmask) !== 0) add(problems, { field: 'gateway', code: 'subnet' });
}

function checkBroker(draft: Draft, problems: FieldProblem[]): void {
  const { ca, certificate, key } = draft;
  if (draft.host === '') add(problems, { field: 'host', code: 'required' });
  const isPlain = !draft.encryption.startsWith('tls');
  if (isPlain && ca.length > 0) add(problems, { field: 'ca', code: 'tls only' });
  if (isPlain && certificate.length > 0) add(problems, { field: 'certificate', code: 'tls only' });
  if (certificate.length > 0 && key.length === 0) add(problems, { field: 'key', code: 'required' });
  if (key.length > 0 && certificate.length === 0) {
    add(problems, { field: 'certificate', code: 'required' });
  }
  if (ca.length + certificate.length + key.length > PEM_BYTES_MAX) {
    add(problems, { field: 'ca', code: 'too large', max: PEM_BYTES_MAX });
  }
  const needsUser = draft.password.length > 0 && draft.version !== '5';
  if (needsUser && draft.user === '') add(problems, { field: 'user', code: 'needs version 5' });
}

function checkPins(draft: Draft, problems: FieldProblem[]): void {
  PINS.forEach((field, i) => {
    const pin = draft[field] as number;
    const isTaken = PINS.some((other, j) => j < i && draft[other] === pin);
    if (pin >= 0 && isTaken) add(problems, { field, code: 'pin taken' });
  });
}
