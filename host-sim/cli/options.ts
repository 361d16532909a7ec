/**
 * The command line of `npm start`, as a pure function: arguments in, options or one problem out.
 *
 * A problem is one line that names the option, what was given and what is accepted. Files are only
 * named here; they are read later. Of an option given twice the last one counts.
 */
import type { TimeServer } from '../../firmware/time/time-service.ts';
import { readAlarms, readOnChange } from './alarm-rules.ts';
import { Refusal, readFlags, shown, timeOf, UNIT_MS } from './arguments.ts';
import { type BrokerAddress, parseBroker } from './broker-url.ts';
import { HELP } from './help.ts';
import { readSensorList } from './sensor-list.ts';

/** What to run. */
export interface Options {
  /** Undefined: the embedded broker. */
  readonly broker?: BrokerAddress;
  readonly user: string;
  readonly password?: string;
  /** Whether the password is sent, or proven by SCRAM-SHA-256. */
  readonly signIn: 'password' | 'scram';
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly alpn?: string;
  /** Undefined: not said; 5.0 with a fall-back to 3.1.1, or what the embedded broker speaks. */
  readonly mqtt?: 4 | 5;
  /** Undefined: the host's own. */
  readonly id?: string;
  readonly intervalMs: number;
  readonly devices: number;
  /** Infinity: until it is stopped. */
  readonly durationMs: number;
  /** Where the boards' flash is kept; undefined: nowhere beyond this run. */
  readonly state?: string;
  /** The boards start without settings: they are set up through their page. */
  readonly unprovisioned: boolean;
  /** The boards are set up with what is said here, and have settings of their own from then on. */
  readonly provisioned: boolean;
  /** A file with a document of settings for the embedded broker to keep. */
  readonly desired?: string;
  /** Opens the set-up page in the browser. */
  readonly open: boolean;
  /** Loopback port of the set-up page; 0 for any. */
  readonly setupPort: number;
  /** Who is asked for the time; undefined: not said. */
  readonly timeServer?: TimeServer;
  /** How long the button is held at power-up, in ms. */
  readonly buttonMs: number;
  /** What is on the boards' buses. */
  readonly sensors: readonly string[];
  /** Rules for alarms, as the setting has them; empty for none. */
  readonly alarms: string;
  /** Milliseconds between two samples; 0: as the interval. */
  readonly sampleMs: number;
  readonly spread: boolean;
  /** How far quantities move before a reading is stored; empty: each is. */
  readonly onChange: string;
  readonly silenceMs: number;
  /** Boards that get their settings from here announce themselves to Home Assistant. */
  readonly homeAssistant: boolean;
  /** Each MQTT packet is told as a line. */
  readonly packets: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What the arguments ask for. */
export type Parsed =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'problem'; readonly line: string };

const FLAGS = Object.freeze({
  broker: { type: 'string' },
  user: { type: 'string' },
  password: { type: 'string' },
  'sign-in': { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  alpn: { type: 'string' },
  mqtt: { type: 'string' },
  id: { type: 'string' },
  interval: { type: 'string' },
  devices: { type: 'string' },
  duration: { type: 'string' },
  state: { type: 'string' },
  'time-server': { type: 'string' },
  sensors: { type: 'string' },
  alarms: { type: 'string' },
  sample: { type: 'string' },
  spread: { type: 'boolean' },
  'on-change': { type: 'string' },
  silence: { type: 'string' },
  'home-assistant': { type: 'boolean' },
  unprovisioned: { type: 'boolean' },
  provisioned: { type: 'boolean' },
  desired: { type: 'string' },
  open: { type: 'boolean' },
  'setup-port': { type: 'string' },
  button: { type: 'string' },
  packets: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const);
type Name = keyof typeof FLAGS;
type Values = Partial<Record<Name, string>>;

/** What a board is told by its settings where it has some of its own. */
const OWN = Object.freeze([
  ...(['interval', 'alarms', 'sample', 'spread', 'on-change', 'silence'] as const),
  ...(['mqtt', 'ca', 'cert', 'key', 'alpn'] as const),
]);
const DEVICES_MAX = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const INTERVAL_MS_DEFAULT = 1000;
const NTP_PORT = '123';

/** Reads the arguments after the program's name. Never throws for what a user can write. */
export function parseOptions(argv: readonly string[]): Parsed {
  try {
    const values = readFlags<Name>(argv, FLAGS);
    if (values.help !== undefined) return { kind: 'help', text: HELP };
    if (values.version !== undefined) return { kind: 'version' };
    const options = readOptions(values);
    checkTogether(options, values);
    return { kind: 'run', options };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'problem', line: error.message };
    throw error;
  }
}

function readOptions(values: Values): Options {
  const { broker: brokerText, user, password, mqtt, id, interval, devices, duration } = values;
  const broker = brokerText === undefined ? undefined : readBroker(brokerText);
  return {
    broker,
    user: user ?? broker?.user ?? '',
    password: password ?? broker?.password,
    signIn: values['sign-in'] === undefined ? 'password' : readSignIn(values['sign-in']),
    ca: readPresent('ca', values.ca, 'a file'),
    cert: readPresent('cert', values.cert, 'a file'),
    key: readPresent('key', values.key, 'a file'),
    alpn: readPresent('alpn', values.alpn, 'a protocol name such as x-amzn-mqtt-ca'),
    mqtt: mqtt === undefined ? undefined : readVersion(mqtt),
    id: id === undefined ? undefined : readId(id),
    intervalMs:
      interval === undefined ? INTERVAL_MS_DEFAULT : readTime('interval', interval, 10, DAY_MS),
    devices: devices === undefined ? 1 : readDevices(devices),
    durationMs:
      duration === undefined
        ? Number.POSITIVE_INFINITY
        : readTime('duration', duration, 100, 7 * DAY_MS),
    state: readPresent('state', values.state, 'a folder'),
    unprovisioned: values.unprovisioned !== undefined,
    provisioned: values.provisioned !== undefined,
    desired: readPresent('desired', values.desired, 'a file'),
    open: values.open !== undefined,
    setupPort: values['setup-port'] === undefined ? 0 : readPort(values['setup-port']),
    timeServer:
      values['time-server'] === undefined ? undefined : readTimeServer(values['time-server']),
    homeAssistant: values['home-assistant'] !== undefined,
    buttonMs: values.button === undefined ? 0 : readTime('button', values.button, 100, HOUR_MS),
    sensors: values.sensors === undefined ? ['bme280'] : readSensorList(values.sensors),
    alarms: values.alarms === undefined ? '' : readAlarms(values.alarms),
    sampleMs: values.sample === undefined ? 0 : readTime('sample', values.sample, 10, DAY_MS),
    spread: values.spread !== undefined,
    onChange: values['on-change'] === undefined ? '' : readOnChange(values['on-change']),
    silenceMs:
      values.silence === undefined ? HOUR_MS : readTime('silence', values.silence, 100, DAY_MS),
    packets: values.packets !== undefined,
    json: values.json !== undefined,
    quiet: values.quiet !== undefined,
  };
}

function readBroker(text: string): BrokerAddress {
  const broker = parseBroker(text);
  if (typeof broker === 'string') throw new Refusal(`--broker ${broker}`);
  return broker;
}

function readPresent(name: Name, text: string | undefined, what: string): string | undefined {
  if (text === '') throw new Refusal(`--${name} '' is empty; expected ${what}`);
  return text;
}

function readVersion(text: string): 4 | 5 {
  if (text === '5' || text === '5.0') return 5;
  if (text === '3.1.1') return 4;
  throw new Refusal(`--mqtt ${shown(text)} is not supported; expected 5 or 3.1.1`);
}

function readSignIn(text: string): 'password' | 'scram' {
  if (text === 'password' || text === 'scram') return text;
  throw new Refusal(`--sign-in ${shown(text)} is not known; expected password or scram`);
}

function readId(text: string): string {
  if (/^[a-z0-9-]{1,32}$/.test(text)) return text;
  throw new Refusal(`--id ${shown(text)} is not an id; expected 1 to 32 of a-z, 0-9 and -`);
}

function readDevices(text: string): number {
  const count = Number(text);
  if (/^\d{1,6}$/.test(text) && count >= 1 && count <= DEVICES_MAX) return count;
  throw new Refusal(`--devices ${shown(text)} is not possible; expected 1 to ${DEVICES_MAX}`);
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Refusal(`--setup-port ${shown(text)} is no port; expected 0 to 65535, 0 for any`);
}

function readTimeServer(text: string): TimeServer {
  const [, host, port = NTP_PORT] = /^([A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) {
    return { host, port: Number(port) };
  }
  throw new Refusal(`--time-server ${shown(text)} is no server; expected HOST or HOST:PORT`);
}

function readTime(name: Name, text: string, msMin: number, msMax: number): number {
  const ms = timeOf(text);
  if (ms >= msMin && ms <= msMax) return ms;
  const bounds = `from ${msMin}ms to ${msMax / UNIT_MS.h}h`;
  const wrong = Number.isNaN(ms) ? 'is not a time' : 'is out of range';
  throw new Refusal(`--${name} ${shown(text)} ${wrong}; expected 500ms, 2s, 1m or 1h, ${bounds}`);
}

function checkTogether(options: Options, values: Values): void {
  const { broker, cert, key, alpn, password, user, mqtt } = options;
  const given = (['ca', 'cert', 'key', 'alpn'] as const).find((name) => values[name] !== undefined);
  if (given !== undefined && broker?.scheme !== 'mqtts' && broker?.scheme !== 'wss') {
    throw new Refusal(`--${given} needs --broker mqtts://host or wss://host`);
  }
  if (alpn !== undefined && broker?.scheme !== 'mqtts') {
    throw new Refusal(
      `--alpn ${shown(alpn)} works with mqtts:// only; wss:// always offers http/1.1`,
    );
  }
  if (alpn !== undefined && Buffer.byteLength(alpn) > 255) {
    throw new Refusal('--alpn is longer than 255 bytes; expected a protocol name');
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [has, lacks] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw new Refusal(`--${has} needs --${lacks} too: the certificate and its private key`);
  }
  if (options.packets && options.quiet) {
    throw new Refusal('--packets and --quiet exclude each other');
  }
  checkSetUp(options, values);
  checkProvisioned(options);
  if (options.signIn === 'scram') checkScram(options);
  if (password !== undefined && user === '' && mqtt !== 5) {
    throw new Refusal('--password needs --user too: MQTT 3.1.1 has no password without a user');
  }
}

function checkScram({ broker, user, password, mqtt, unprovisioned }: Options): void {
  if (unprovisioned) throw new Refusal('--sign-in scram is not on the set-up page');
  if (broker === undefined) {
    throw new Refusal('--sign-in scram needs --broker: the embedded broker speaks MQTT 3.1.1');
  }
  if (mqtt === 4) throw new Refusal('--sign-in scram is for MQTT 5 only: leave --mqtt 3.1.1 out');
  if (user === '' || password === undefined || password === '') {
    throw new Refusal('--sign-in scram needs --user and --password');
  }
}

function checkSetUp(options: Options, values: Values): void {
  if (options.unprovisioned) {
    if (options.devices > 1) throw new Refusal('--unprovisioned works with one device');
    const told = OWN.find((name) => values[name] !== undefined);
    if (told !== undefined)
      throw new Refusal(`--${told} is a setting of the board's own with --unprovisioned`);
    return;
  }
  if (options.provisioned) return;
  for (const name of ['open', 'setup-port', 'button'] as const) {
    if (values[name] !== undefined) {
      throw new Refusal(`--${name} needs --unprovisioned or --provisioned`);
    }
  }
}

/** What settings from afar need, and what a board's own settings do not have. */
function checkProvisioned(options: Options): void {
  const { broker, provisioned, unprovisioned, desired, intervalMs, ca, alpn } = options;
  if (desired !== undefined && broker !== undefined) {
    throw new Refusal('--desired is for the embedded broker; with --broker use npm run settings');
  }
  if (desired !== undefined && !provisioned) {
    throw new Refusal('--desired needs --provisioned: other boards take no settings from afar');
  }
  if (!provisioned) return;
  if (unprovisioned) {
    throw new Refusal(
      '--provisioned sets the board up, and --unprovisioned leaves that to its page',
    );
  }
  if (intervalMs % 1000 !== 0) {
    throw new Refusal('--interval takes whole seconds with --provisioned, as a board does');
  }
  if (alpn !== undefined) throw new Refusal('--alpn is no setting of a board: not --provisioned');
  if (ca === undefined && (broker?.scheme === 'mqtts' || broker?.scheme === 'wss')) {
    throw new Refusal('--provisioned needs --ca with TLS: a board trusts no authority by itself');
  }
}
