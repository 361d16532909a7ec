/**
 * The settings: their types, their defaults, and one table of what each may hold. Data only.
 *
 * A row's place in the table is its tag in flash (store.ts): rows are appended, and neither moved
 * nor removed nor given another meaning. The names are those of the page's form, of the export and
 * of remote settings. Lengths are bytes, never characters.
 */

export type Encryption = 'none' | 'tls' | 'tls-websocket' | 'websocket';

/** All settings, checked. An empty text or array stands for "none", or for what its line says. */
export interface Settings {
  /** 1 to 32 bytes, any; empty before the first set-up. */
  readonly ssid: Uint8Array;
  /** 8 to 63 printable ASCII, or 64 hexadecimal digits; empty for an open network. Secret. */
  readonly wifiPassword: string;
  /** A name, an IPv4 address, or an IPv6 address without brackets; empty before the set-up. */
  readonly host: string;
  /** 0: the standard port of the encryption (`portOf`). */
  readonly port: number;
  readonly encryption: Encryption;
  /** WebSocket's, with its leading slash. */
  readonly path: string;
  readonly user: string;
  /** MQTT 5.0 allows any bytes. Secret. */
  readonly password: Uint8Array;
  /** `[a-z0-9-]`; empty: made from the MAC. */
  readonly name: string;
  /** Empty: `mote/` and the name. */
  readonly baseTopic: string;
  /** Seconds between two readings. */
  readonly intervalS: number;
  /** Celsius or Fahrenheit, for what people see. */
  readonly unit: 'C' | 'F';
  readonly keepAliveS: number;
  readonly version: 'auto' | '5' | '3.1.1';
  readonly homeAssistant: boolean;
  readonly timeServer: string;
  /** PEM with LF, one or more certificates. */
  readonly ca: Uint8Array;
  /** PEM with LF: the device's own, its chain after it. */
  readonly certificate: Uint8Array;
  /** PEM with LF, not encrypted. Secret. */
  readonly key: Uint8Array;
  /** Dotted IPv4; these four are all set or all empty (DHCP). */
  readonly address: string;
  readonly netmask: string;
  readonly gateway: string;
  readonly dns: string;
  /** Names with commas between; empty: the bus is probed. */
  readonly sensors: string;
  /** Pins; -1: the board's own. */
  readonly sda: number;
  readonly scl: number;
  readonly ledPin: number;
  readonly buttonPin: number;
  /** Added to what is measured: °C, %RH, hPa. */
  readonly offsetTemperature: number;
  readonly offsetHumidity: number;
  readonly offsetPressure: number;
  /** Without TLS too, where the broker points to another server. */
  readonly followRedirects: boolean;
  /** What people call the device, in any letters; empty: as `name`. */
  readonly label: string;
  /** Whether the password is sent to the broker, or proven by SCRAM-SHA-256 (MQTT 5.0 only). */
  readonly signIn: 'password' | 'scram';
  /** Rules for alarms in words (alarms/rule-reader.ts); empty for none. */
  readonly alarms: string;
  /** Seconds between two samples, of which a reading is the mean; 0: as the interval. */
  readonly sampleS: number;
  /** A reading has the least and the greatest of its samples, too. */
  readonly spread: boolean;
  /** How far quantities move before a reading is stored (telemetry/on-change.ts); empty: each is. */
  readonly onChange: string;
  /** With `onChange`: a reading is stored after so many seconds whatever it shows. */
  readonly silenceS: number;
}

export type FieldName = keyof Settings;

/** How a field is read; also the code of the problem when it cannot be read. */
export type FieldKind =
  | 'byte string'
  | 'Wi-Fi password'
  | 'host name or address'
  | 'name'
  | 'topic'
  | 'path'
  | 'text'
  | 'list'
  | 'whole number'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'certificate'
  | 'private key'
  | 'dotted IPv4 address'
  | 'netmask';

/** The group of a field, if it has one: a group is taken over as a whole or not at all. */
export type FieldGroup = '' | 'wifi' | 'broker' | 'user' | 'address' | 'pins';

export interface Field {
  readonly name: FieldName;
  readonly kind: FieldKind;
  /** The least and the most: of a number its value, of else its bytes; 0 and 0 where it is plain. */
  readonly min: number;
  readonly max: number;
  readonly group: FieldGroup;
  /** Never leaves the board; left empty in a form it stays as it is. */
  readonly isSecret: boolean;
}

/**
 * A field that cannot be accepted. Its code is stable: a `FieldKind`, with its range; or `missing`,
 * `type again`, `not ASCII`, `not in the subnet`, `for TLS only`, `too large in all`,
 * `for MQTT 5 only`; what the board cannot do, `pin unusable`, `pin input only`, `pin taken`,
 * `unknown`, `too many`, `not a certificate`, `not its key`, `key kind`, `not in this firmware`, `rule`; or, of a whole file,
 * `not a JSON object`.
 */
export interface FieldProblem {
  /** Empty where it is about the whole input. */
  readonly field: string;
  readonly code: string;
  readonly min?: number;
  readonly max?: number;
  /** The part of the input that is meant and what would be right, where the code does not say. */
  readonly what?: string;
  readonly known?: string;
}

/** What PEM may hold in all: bytes of `ca`, `certificate` and `key` together. */
export const PEM_BYTES_MAX = 6144;
/** Bytes of a WebSocket path. */
export const PATH_MAX = 128;

function row(
  name: FieldName,
  kind: FieldKind,
  min: number,
  max: number,
  group: FieldGroup = '',
  isSecret = false,
): Field {
  return Object.freeze({ name, kind, min, max, group, isSecret });
}

function pin(name: FieldName): Field {
  return row(name, 'whole number', 0, 48, 'pins');
}

export const FIELDS: readonly Field[] = Object.freeze([
  row('ssid', 'byte string', 1, 32, 'wifi'),
  row('wifiPassword', 'Wi-Fi password', 8, 63, 'wifi', true),
  row('host', 'host name or address', 1, 253, 'broker'),
  row('port', 'whole number', 1, 65_535, 'broker'),
  row('encryption', 'choice', 0, 0, 'broker'),
  row('path', 'path', 1, PATH_MAX, 'broker'),
  row('user', 'text', 0, 128, 'user'),
  row('password', 'byte string', 0, 512, 'user', true),
  row('name', 'name', 1, 32),
  row('baseTopic', 'topic', 1, 96),
  row('intervalS', 'whole number', 1, 86_400),
  row('unit', 'choice', 0, 0),
  row('keepAliveS', 'whole number', 5, 3_600),
  row('version', 'choice', 0, 0, 'user'),
  row('homeAssistant', 'boolean', 0, 0),
  row('timeServer', 'host name or address', 1, 128),
  row('ca', 'certificate', 0, 4096, 'broker'),
  row('certificate', 'certificate', 0, 4096, 'broker'),
  row('key', 'private key', 0, 4096, 'broker', true),
  row('address', 'dotted IPv4 address', 0, 0, 'address'),
  row('netmask', 'netmask', 0, 0, 'address'),
  row('gateway', 'dotted IPv4 address', 0, 0, 'address'),
  row('dns', 'dotted IPv4 address', 0, 0, 'address'),
  row('sensors', 'list', 0, 440),
  pin('sda'),
  pin('scl'),
  pin('ledPin'),
  pin('buttonPin'),
  row('offsetTemperature', 'number', -20, 20),
  row('offsetHumidity', 'number', -50, 50),
  row('offsetPressure', 'number', -200, 200),
  row('followRedirects', 'boolean', 0, 0),
  row('label', 'text', 0, 48),
  row('signIn', 'choice', 0, 0, 'user'),
  row('alarms', 'text', 0, 480),
  row('sampleS', 'whole number', 1, 86_400),
  row('spread', 'boolean', 0, 0),
  row('onChange', 'text', 0, 240),
  row('silenceS', 'whole number', 1, 86_400),
]);

/** What the fields of kind `choice` can be. */
export const CHOICES: Readonly<Record<string, readonly string[]>> = Object.freeze({
  encryption: Object.freeze(['none', 'tls', 'tls-websocket', 'websocket']),
  unit: Object.freeze(['C', 'F']),
  version: Object.freeze(['auto', '5', '3.1.1']),
  signIn: Object.freeze(['password', 'scram']),
});

const NOTHING = new Uint8Array(0);

/** The settings of a board that was never set up. */
export const DEFAULTS: Settings = Object.freeze({
  ssid: NOTHING,
  wifiPassword: '',
  host: '',
  port: 0,
  encryption: 'none',
  path: '/mqtt',
  user: '',
  password: NOTHING,
  name: '',
  baseTopic: '',
  intervalS: 60,
  unit: 'C',
  keepAliveS: 60,
  version: 'auto',
  homeAssistant: true,
  timeServer: 'pool.ntp.org',
  ca: NOTHING,
  certificate: NOTHING,
  key: NOTHING,
  address: '',
  netmask: '',
  gateway: '',
  dns: '',
  sensors: '',
  sda: -1,
  scl: -1,
  ledPin: -1,
  buttonPin: -1,
  offsetTemperature: 0,
  offsetHumidity: 0,
  offsetPressure: 0,
  followRedirects: false,
  label: '',
  signIn: 'password',
  alarms: '',
  sampleS: 0,
  spread: false,
  onChange: '',
  silenceS: 3600,
});
