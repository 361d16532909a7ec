/**
 * The schemas of `docs/schemas/`, and what is wrong with a message that a board has published.
 *
 * Beside its schema a message is held to its topic's flags, and to the one way in which a board
 * writes JSON: without spaces, without a key twice, numbers as JavaScript has them.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const FOLDER = new URL('../../docs/schemas/v1/', import.meta.url);
const ANNOUNCEMENT = /^homeassistant\/device\/[a-z0-9_-]+\/config$/;
const CONTROLS = /^homeassistant\/device\/[a-z0-9_-]+_(controls|diagnostics)\/config$/;

/** What the boards publish, with QoS and retain flag. */
const FLAGS: Readonly<Record<string, readonly [qos: number, isRetained: boolean]>> = Object.freeze({
  status: [1, true],
  telemetry: [1, false],
  alarm: [1, true],
  history: [1, false],
  diagnostics: [0, false],
  response: [1, false],
  discovery: [1, true],
  controls: [1, true],
  reported: [1, true],
  // A board only empties it.
  desired: [1, true],
});

/** A message as a subscriber or a broker's books have it. */
export interface Published {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: number;
  readonly retain: boolean;
}

/** A schema as far as the tables and the tests look into it. */
export interface Schema {
  readonly $id: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly $ref?: string;
}

/** The schemas by the last part of their identifier. */
export const SCHEMAS: ReadonlyMap<string, Schema> = new Map(
  readdirSync(FOLDER).map((file) => {
    const schema = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Schema;
    return [file.replace(/\.json$/, ''), schema];
  }),
);

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
for (const schema of SCHEMAS.values()) ajv.addSchema(schema);

/** @param name of a schema, with `#/$defs/…` behind it where a part is meant */
export function validator(name: string): ValidateFunction {
  const validate = ajv.getSchema(`urn:mote:v1:${name}`);
  if (validate === undefined) throw new Error(`there is no schema ${name}`);
  return validate;
}

/** A part of a schema. @param pointer of JSON into it, such as `/$defs/sensor` */
export function partOf(name: string, pointer: string): Schema {
  let part: unknown = SCHEMAS.get(name);
  for (const key of pointer.split('/').slice(1)) part = (part as Record<string, unknown>)[key];
  return part as Schema;
}

/** What a value does wrong by a schema, in words; empty for nothing. */
export function faultsOf(name: string, value: unknown): string {
  const validate = validator(name);
  return validate(value) ? '' : ajv.errorsText(validate.errors, { dataVar: name });
}

/**
 * The schema that a board's topic has.
 * @param base the topic that the board's others are below
 * @param isAnswered topics at which requests of MQTT 5.0 want their responses
 */
export function schemaOf(topic: string, base: string, isAnswered: RegExp = /^$/): string {
  if (CONTROLS.test(topic)) return 'controls';
  if (ANNOUNCEMENT.test(topic)) return 'discovery';
  if (isAnswered.test(topic)) return 'response';
  if (topic.startsWith(`${base}/desired`)) return 'desired';
  if (topic.startsWith(`${base}/alarm/`)) return 'alarm';
  return topic.startsWith(`${base}/`) ? topic.slice(base.length + 1) : topic;
}

const EMPTIED: readonly string[] = [
  'discovery',
  'controls',
  'desired',
  'reported',
  'alarm',
  'status',
];

/** What a message of a board does wrong, in words; empty for nothing. */
export function problemsOf(name: string, message: Published): string {
  const flags = FLAGS[name];
  if (flags === undefined) return `no board publishes ${message.topic}`;
  if (message.qos !== flags[0] || message.retain !== flags[1]) return `${message.topic}: its flags`;
  const text = new TextDecoder('utf-8', { fatal: true }).decode(message.payload);
  // What a board takes back, as where it moves to another place.
  if (text === '' && EMPTIED.includes(name)) return '';
  if (name === 'status') return faultsOf(name, text);
  const value: unknown = JSON.parse(text);
  if (JSON.stringify(value) !== text) return `not written as JSON.stringify writes it: ${text}`;
  const faults = faultsOf(name, value);
  return faults === '' ? '' : `${faults}: ${text}`;
}
