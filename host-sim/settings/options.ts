/**
 * The command line of `npm run settings`: arguments in, options or one problem out. Files that
 * settings come from are read here, because what is in them is checked with the rest.
 */

import { Refusal, readFlags, shown, timeOf } from '../cli/arguments.ts';
import { type BrokerAddress, parseBroker } from '../cli/broker-url.ts';
import { readSmallFile } from './document.ts';
import { parseWish, type Wish } from './wish.ts';

export interface SettingsOptions {
  readonly broker: BrokerAddress;
  readonly user: string;
  readonly password: string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Base topics; a level may be `+`. */
  readonly to: string;
  /** Undefined: what the boards have is printed. */
  readonly wish: Wish | undefined;
  readonly waitMs: number;
  /** Whether boards that are not online are waited for. */
  readonly waitsForAll: boolean;
}

export type ParsedOptions =
  | { readonly kind: 'run'; readonly options: SettingsOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'problem'; readonly line: string };

const FLAGS = Object.freeze({
  broker: { type: 'string' },
  user: { type: 'string' },
  password: { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  to: { type: 'string' },
  get: { type: 'boolean' },
  set: { type: 'string' },
  file: { type: 'string' },
  insecure: { type: 'boolean' },
  wait: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const);
type Name = keyof typeof FLAGS;
type Values = Partial<Record<Name, string>>;

const TO_DEFAULT = 'mote/+';
const WAIT_DEFAULT = '4m';
const WAIT_MS_MAX = 7 * 86_400_000;
/** A base topic and what comes below it. */
const TO_BYTES_MAX = 256;

/** Reads the arguments after the program's name. Never throws for what a user can write. */
export function parseSettingsOptions(argv: readonly string[]): ParsedOptions {
  try {
    const sets: string[] = [];
    const values = readFlags<Name>(argv.map(withTime), FLAGS, (name, value) => {
      if (name === 'set') sets.push(value);
    });
    if (values.help !== undefined) return { kind: 'help' };
    return { kind: 'run', options: readOptions(values, sets) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'problem', line: error.message };
    throw error;
  }
}

/** `--wait` may stand alone. */
function withTime(argument: string, i: number, argv: readonly string[]): string {
  const isAlone = argument === '--wait' && !/^[^-]/.test(argv[i + 1] ?? '');
  return isAlone ? `--wait=${WAIT_DEFAULT}` : argument;
}

function readOptions(values: Values, sets: readonly string[]): SettingsOptions {
  const broker = readBroker(values);
  const isSecure = broker.scheme === 'mqtts' || broker.scheme === 'wss';
  for (const name of ['ca', 'cert', 'key'] as const) {
    if (values[name] !== undefined && !isSecure) {
      throw new Refusal(`--${name} needs --broker mqtts://host or wss://host`);
    }
  }
  if ((values.cert === undefined) !== (values.key === undefined)) {
    throw new Refusal('--cert and --key need each other: the certificate and its private key');
  }
  const { wait } = values;
  const waitMs = timeOf(wait ?? WAIT_DEFAULT);
  if (!(waitMs >= 1000 && waitMs <= WAIT_MS_MAX)) {
    throw new Refusal(`--wait ${shown(String(wait))} is no such time; expected 30s, 10m or 8h`);
  }
  return {
    broker,
    user: values.user ?? broker.user ?? '',
    password: values.password ?? broker.password,
    ca: values.ca,
    cert: values.cert,
    key: values.key,
    to: readTo(values.to ?? TO_DEFAULT),
    wish: readWish(values, sets, isSecure),
    waitMs,
    waitsForAll: wait !== undefined,
  };
}

function readBroker({ broker: text }: Values): BrokerAddress {
  if (text === undefined) throw new Refusal('--broker is needed: mqtt://host or mqtts://host');
  const broker = parseBroker(text);
  if (typeof broker === 'string') throw new Refusal(`--broker ${broker}`);
  return broker;
}

function readTo(text: string): string {
  const isFilter = /^[^+#\0]*$/.test(text.replace(/(^|\/)\+(?=\/|$)/g, '$1'));
  if (isFilter && !/^\/?$|\/$/.test(text) && Buffer.byteLength(text) <= TO_BYTES_MAX) return text;
  throw new Refusal(`--to ${shown(text)} is no base topic; expected mote/kitchen or mote/+`);
}

function readWish(values: Values, sets: readonly string[], isSecure: boolean): Wish | undefined {
  const { file, get, insecure } = values;
  if (get !== undefined) {
    if (sets.length + (file === undefined ? 0 : 1) === 0) return undefined;
    throw new Refusal('--get only prints: leave --set and --file out, or --get');
  }
  if (sets.length === 0 && file === undefined) {
    throw new Refusal('nothing to do: --set NAME=VALUE or --file FILE changes, --get prints');
  }
  const json = file === undefined ? undefined : readSmallFile('--file', file);
  const wish = parseWish(json, sets);
  if (wish.secrets.length === 0 || isSecure || insecure !== undefined) return wish;
  const names = wish.secrets.join(', ');
  throw new Refusal(
    `${names} would be readable on the way: use mqtts:// or wss://, or say --insecure`,
  );
}
