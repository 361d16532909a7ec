/**
 * What somebody wants from afar, as a form: a document of JSON, or single values. It reads nothing
 * itself: the form goes the way of the page's, through `settings.ts`.
 */

import { sameBytes } from '../base/bytes.ts';
import { crc32 } from '../base/crc32.ts';
import { parseJsonObject } from '../base/json.ts';
import { FIELDS, type Field, type FieldName, type FieldProblem, type Settings } from './fields.ts';
import { formatValue, utf8, type Value } from './values.ts';

/** Versions of documents are 1 to this. */
export const VERSION_MAX = 0xffff_ffff;
/** Problems that are told; there may be more. */
export const PROBLEMS_MAX = 8;
const NAME_CHARACTERS_MAX = 32;

export interface Desired {
  /** The document's; 0 for single values, and for a document that has none. */
  readonly version: number;
  readonly fields: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly FieldProblem[];
}

/** What a change of settings takes: nothing, no more than an order, a restart, or a trial before. */
export type Change = 'none' | 'live' | 'restart' | 'trial';

const WITHOUT_VALUE = new Uint8Array(0);
/** What can cut a board off, beside the groups: how it is called there, and the time for TLS. */
const CUTTING: readonly string[] = Object.freeze(['name', 'baseTopic', 'timeServer']);
const CUTTING_GROUPS: readonly string[] = Object.freeze(['wifi', 'broker', 'user', 'address']);

/** A document: `{"v":7,"intervalS":30}`; `null` stands for a field's default. */
export function readDesired(payload: Uint8Array): Desired {
  const values = parseJsonObject(payload);
  if (values === undefined) return refused('', 'not a JSON object');
  const { v } = values;
  if (!Number.isInteger(v) || (v as number) < 1 || (v as number) > VERSION_MAX) {
    return refused('v', 'whole number', VERSION_MAX);
  }
  const fields = new Map<string, Uint8Array>();
  const problems: FieldProblem[] = [];
  for (const name of Object.keys(values)) {
    if (name === 'v') continue;
    const value = bytesOf(values[name]);
    const code = codeOf(name, value);
    if (code === '') fields.set(name, value as Uint8Array);
    else if (problems.length < PROBLEMS_MAX) {
      problems.push({ field: name.slice(0, NAME_CHARACTERS_MAX), code });
    }
  }
  return { version: v as number, fields, problems };
}

/** Single values, by the names of their topics. @param wrong what is known to be wrong already */
export function desiredValues(
  values: ReadonlyMap<string, Uint8Array>,
  wrong: readonly FieldProblem[] = [],
): Desired {
  const fields = new Map<string, Uint8Array>();
  const problems = [...wrong];
  values.forEach((value, name) => {
    const code = codeOf(name, value);
    if (code === '') fields.set(name, value);
    else problems.push({ field: name.slice(0, NAME_CHARACTERS_MAX), code });
  });
  return { version: 0, fields, problems };
}

/** Whether one of the names is a secret's. */
export function hasSecret(fields: ReadonlyMap<string, unknown>): boolean {
  return FIELDS.some(({ name, isSecret }) => isSecret && fields.has(name));
}

/** What it takes to go over from one to the other. */
export function changeBetween(before: Settings, after: Settings): Change {
  let change: Change = 'none';
  for (const field of FIELDS) {
    const { name } = field;
    if (isSame(before[name], after[name])) continue;
    if (cutsOff(field)) return 'trial';
    if (name !== 'intervalS') change = 'restart';
    else if (change === 'none') change = 'live';
  }
  return change;
}

/** Whether a change may be what crashes a board: its pins and its sensors. */
export function mayCrash(before: Settings, after: Settings): boolean {
  return FIELDS.some((field) => crashes(field) && before[field.name] !== after[field.name]);
}

/**
 * What of a change can do harm, as one number by which it is known again; 0 for nothing. In another
 * change that happens to have the same one (one in 2^32), single values wait for another value.
 */
export function riskOf(before: Settings, after: Settings): number {
  let risk = 0;
  FIELDS.forEach((field, i) => {
    const { name } = field;
    if (isSame(before[name], after[name]) || !(cutsOff(field) || crashes(field))) return;
    const value = formatValue(after, name);
    risk = crc32(value, 0, value.length, (risk + i + 1) >>> 0);
  });
  return risk;
}

function cutsOff({ name, group }: Field): boolean {
  return CUTTING_GROUPS.includes(group) || CUTTING.includes(name);
}

function crashes({ name, group }: Field): boolean {
  return group === 'pins' || name === 'sensors';
}

function refused(field: string, code: string, max?: number): Desired {
  const problem = max === undefined ? { field, code } : { field, code, min: 1, max };
  return { version: 0, fields: new Map(), problems: [problem] };
}

/** What is wrong with a name, or with the type of its value; empty for nothing. */
function codeOf(name: string, value: Uint8Array | undefined): string {
  const field = FIELDS.find((one) => one.name === (name as FieldName));
  if (field === undefined) return 'no such setting';
  return value === undefined ? field.kind : '';
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value === null) return WITHOUT_VALUE;
  if (typeof value === 'boolean') return utf8(value ? 'on' : 'off');
  if (typeof value === 'string' || typeof value === 'number') return utf8(String(value));
  return undefined;
}

function isSame(one: Value, other: Value): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  return sameBytes(one, other);
}
