/**
 * What boards are to be told, and the messages that it takes: a document with a version where all of
 * it is short; else each value in pieces, which a board gathers, judges together and empties.
 */

import { VERSION_MAX } from '../../firmware/config/desired.ts';
import { FIELDS, type Field } from '../../firmware/config/fields.ts';
import { Refusal } from '../cli/arguments.ts';
import { readSmallFile } from './document.ts';

/** Bytes of a piece: with its topic it fits the receive buffer of every board. */
const PIECE_BYTES = 900;
/** Of a document with its topic, likewise. */
const DOCUMENT_BYTES_MAX = 1000;
/** What a board gathers: pieces of a value, values in pieces, and bytes of all. */
const PIECES_MAX = 16;
const VALUES_MAX = 16;
const BYTES_MAX = 8000;
/** Groups of settings that say where a board is. */
const PLACES: readonly string[] = Object.freeze(['wifi', 'broker', 'user', 'address']);
/** What belongs to one board alone. */
const OWN: readonly string[] = Object.freeze(['name', 'baseTopic', 'address']);

export interface Wish {
  /** By name, as a form has it. */
  readonly values: ReadonlyMap<string, string>;
  /** Versions are greater than this one of the file; 0 where it has none. */
  readonly version: number;
  /** Names of the secrets among them that are not empty. */
  readonly secrets: readonly string[];
  /** Names of those that only one board can have. */
  readonly own: readonly string[];
}

/** One retained message, below the base topic. */
export interface WishMessage {
  readonly path: string;
  readonly payload: string;
}

/**
 * @param json a file's text @param sets `name=value` each; they count where both name a setting
 * @throws Refusal that names what is wrong
 */
export function parseWish(json: string | undefined, sets: readonly string[]): Wish {
  const values = new Map<string, string>();
  const version = json === undefined ? 0 : takeFile(json, values);
  for (const set of sets) {
    const [, name, text] = /^([^=]*)=(.*)$/s.exec(set) ?? [];
    if (name === undefined) throw new Refusal('--set needs NAME=VALUE, such as intervalS=30');
    fieldOf(name);
    values.set(name, valueGiven(name, text));
  }
  if (values.size === 0) throw new Refusal('--file holds no setting');
  const given = [...values.keys()];
  const wish = {
    values,
    version,
    secrets: given.filter((name) => fieldOf(name).isSecret && values.get(name) !== ''),
    own: given.filter((name) => OWN.includes(name) && values.get(name) !== ''),
  };
  // What no board could gather is told before anything is sent.
  if (given.some((name) => isLong(name, values))) inPieces(wish);
  return wish;
}

/** Its certificates and keys do not fit a message. */
function isLong(name: string, values: ReadonlyMap<string, string>): boolean {
  const { kind } = fieldOf(name);
  return (kind === 'certificate' || kind === 'private key') && values.get(name) !== '';
}

/**
 * @param waiting members of a document that the board has not seen yet, which are kept
 * @throws Refusal where it is more than a board gathers
 */
export function messagesOf(
  wish: Wish,
  base: string,
  version: number,
  waiting: Readonly<Record<string, unknown>> = {},
): WishMessage[] {
  const names = [...wish.values.keys()];
  if (!names.some((name) => isLong(name, wish.values))) {
    const members = names.map((name) => [name, memberOf(name, wish.values.get(name) as string)]);
    const document = { ...waiting, ...Object.fromEntries(members), v: version };
    const payload = JSON.stringify(document);
    const path = '/desired';
    const bytes = Buffer.byteLength(base) + path.length + Buffer.byteLength(payload);
    if (bytes <= DOCUMENT_BYTES_MAX) return [{ path, payload }];
  }
  return inPieces(wish);
}

/** Whether a board that takes it may be with another broker, in another network, or under another name. */
export function changesPlace({ values }: Wish): boolean {
  return FIELDS.some(({ name, group }) => {
    return values.has(name) && (PLACES.includes(group) || OWN.includes(name));
  });
}

/** The version to be sent. @param known what the board has seen, or what waits for it */
export function nextVersion(wish: Wish, known: number): number {
  return Math.min(VERSION_MAX, Math.max(wish.version, known + 1));
}

function inPieces({ values }: Pick<Wish, 'values'>): WishMessage[] {
  const messages: WishMessage[] = [];
  let bytes = 0;
  if (values.size > VALUES_MAX) {
    throw new Refusal(`with long values, ${VALUES_MAX} settings at once are the most`);
  }
  values.forEach((value, name) => {
    if (value === '') throw new Refusal(`${name} can only be emptied by a command of its own`);
    const whole = Buffer.from(value);
    const pieces = Math.ceil(whole.length / PIECE_BYTES);
    bytes += whole.length;
    if (pieces > PIECES_MAX || bytes > BYTES_MAX) {
      throw new Refusal(`${name} is too long: a board gathers ${BYTES_MAX} bytes at once`);
    }
    for (const [i, piece] of cut(whole, pieces).entries()) {
      messages.push({ path: `/desired/${name}/${i + 1}/${pieces}`, payload: piece });
    }
  });
  return messages;
}

/** Pieces of whole characters: payloads are text here. */
function cut(whole: Buffer, pieces: number): string[] {
  const texts: string[] = [];
  let at = 0;
  for (let i = 1; i <= pieces; i += 1) {
    let end = i === pieces ? whole.length : Math.min(whole.length, at + PIECE_BYTES);
    while (end < whole.length && (whole[end] & 0xc0) === 0x80) end -= 1;
    texts.push(whole.toString('utf8', at, end));
    at = end;
  }
  return texts;
}

function takeFile(json: string, values: Map<string, string>): number {
  let file: unknown;
  try {
    file = JSON.parse(json);
  } catch {
    throw new Refusal('--file is not JSON');
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw new Refusal('--file holds no JSON object');
  }
  let version = 0;
  for (const [name, value] of Object.entries(file)) {
    if (name === 'v') version = versionOf(value);
    else values.set(fieldOf(name).name, textOf(name, value));
  }
  return version;
}

function versionOf(value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= VERSION_MAX) {
    return value as number;
  }
  throw new Refusal(`--file: v must be a whole number, 1 to ${VERSION_MAX}`);
}

function textOf(name: string, value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new Refusal(`--file: ${name} must be a text, a number, true, false or null`);
}

/** Numbers and switches as JSON has them, where they are written as such. */
function memberOf(name: string, text: string): string | number | boolean | null {
  const { kind } = fieldOf(name);
  if (text === '') return null;
  const isNumber = kind === 'whole number' || kind === 'number';
  if (isNumber && /^-?(?:0|[1-9]\d{0,8})(?:\.\d{1,6})?$/.test(text)) return Number(text);
  if (kind === 'boolean' && /^(?:on|true|off|false)$/.test(text)) return /^(?:on|true)$/.test(text);
  return text;
}

function valueGiven(name: string, text: string): string {
  if (text.startsWith('@@')) return text.slice(1);
  if (!text.startsWith('@')) return text;
  // Editors end a file with a line feed that is no part of a password.
  return readSmallFile(`--set ${name}`, text.slice(1)).replace(/\r?\n$/, '');
}

/** @throws Refusal that names what there is */
function fieldOf(name: string): Field {
  const field = FIELDS.find((one) => one.name === name);
  if (field !== undefined) return field;
  const near = FIELDS.find((one) => one.name.toLowerCase().startsWith(name.toLowerCase()));
  const known = FIELDS.map((one) => one.name).join(', ');
  const hint = near === undefined || name === '' ? `known: ${known}` : `did you mean ${near.name}?`;
  throw new Refusal(`'${name.slice(0, 40)}' is no setting; ${hint}`);
}
