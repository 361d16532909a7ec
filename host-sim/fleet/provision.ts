/**
 * The settings of a board that `npm start -- --provisioned` has set up: what the command line says,
 * as a form that somebody filled in on its page, read by the board's own reader.
 */

import { DEFAULTS, type Encryption, type Settings } from '../../firmware/config/fields.ts';
import { isProvisioned, parseSettings } from '../../firmware/config/settings.ts';
import { ConfigStore } from '../../firmware/config/store.ts';
import type { KeyValue, Scheme } from '../../firmware/ports.ts';
import { namesInSettings } from '../chips/one-wire-sensors.ts';
import { Refusal } from '../cli/arguments.ts';
import type { BrokerAddress } from '../cli/broker-url.ts';
import { describe } from '../cli/describe-problem.ts';
import type { TlsIdentity } from '../live/network.ts';
import { PRETEND_NETWORKS } from '../live/radio.ts';

const ENCRYPTIONS: Readonly<Record<Scheme, Encryption>> = Object.freeze({
  mqtt: 'none',
  mqtts: 'tls',
  ws: 'websocket',
  wss: 'tls-websocket',
});

/** What the command line says. */
export interface Told {
  readonly broker: BrokerAddress;
  readonly user: string;
  readonly password?: string;
  readonly signIn: 'password' | 'scram';
  readonly identity: TlsIdentity;
  /** Undefined: not said. */
  readonly mqtt?: 4 | 5;
  readonly intervalMs: number;
  readonly sensors: readonly string[];
  readonly alarms: string;
  readonly sampleMs: number;
  readonly spread: boolean;
  readonly onChange: string;
  readonly silenceMs: number;
  readonly homeAssistant: boolean;
}

/** @throws Refusal with a line that names the setting */
export function settingsOf(told: Told, id: string): Settings {
  const { broker, user, password, signIn, identity, mqtt, alarms } = told;
  const { sampleMs, spread, onChange, silenceMs } = told;
  const [home] = PRETEND_NETWORKS;
  const form = {
    ssid: home.ssid,
    wifiPassword: home.password,
    host: broker.host,
    port: String(broker.port),
    encryption: ENCRYPTIONS[broker.scheme],
    path: broker.path,
    user,
    password,
    signIn,
    version: mqtt === undefined ? 'auto' : mqtt === 5 ? '5' : '3.1.1',
    ca: identity.ca,
    certificate: identity.cert,
    key: identity.key,
    name: id,
    intervalS: String(told.intervalMs / 1000),
    sensors: namesInSettings(told.sensors),
    homeAssistant: told.homeAssistant ? 'on' : 'off',
    alarms,
    sampleS: sampleMs === 0 ? '' : String(sampleMs / 1000),
    spread: spread ? 'on' : 'off',
    onChange,
    silenceS: String(silenceMs / 1000),
  };
  const given = new Map(Object.entries(form).map(([name, text]) => [name, bytesOf(text)] as const));
  const { settings, problems } = parseSettings(given, DEFAULTS);
  if (problems.length > 0) throw new Refusal(`--provisioned: ${describe(problems[0])}`);
  return settings;
}

/** Sets a board up, unless it has settings already. */
export function provision(values: KeyValue, settings: () => Settings): void {
  const store = new ConfigStore(values);
  const saved = store.load();
  if (saved === undefined || !isProvisioned(saved)) store.save(settings());
}

function bytesOf(text: string | undefined): Uint8Array {
  return new TextEncoder().encode(text ?? '');
}
