/** A device's configuration and its defaults. What people type is checked by `config/`. */

import type { Scheme } from '../ports.ts';

/** The broker's address. */
export interface BrokerAddress {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  /** WebSocket's path, with its leading slash. */
  readonly path: string;
}

export interface DeviceConfig {
  /** `[a-z0-9-]+`; the MQTT client identifier too. */
  readonly id: string;
  /** The device's topics are below it. */
  readonly baseTopic: string;
  readonly broker: BrokerAddress;
  /** Empty for none. */
  readonly user: string;
  readonly password: Uint8Array | undefined;
  /** Whether the password is sent, or proven by SCRAM-SHA-256: then in MQTT 5.0 alone, and never sent. */
  readonly signIn: 'password' | 'scram';
  /** Until when the client certificate is valid, in Unix milliseconds; Infinity: there is none. */
  readonly certificateEndsAt: number;
  /** MQTT version: 5.0, 3.1.1 (4), or 5.0 with a fall-back. */
  readonly version: 'auto' | 5 | 4;
  /**
   * The version that this broker last accepted, tried first where `version` is `auto`; 0: unknown.
   */
  readonly rememberedVersion: 0 | 5 | 4;
  /** The check of these settings has signed in, and left a session that is the device's own. */
  readonly rememberedSession: boolean;
  /** What this broker has refused of the will, as `DeviceOwner.signedIn` was told; 0 for nothing. */
  readonly rememberedWill: number;
  /** Whether a redirect is followed without TLS too, for as long as that server is there. */
  readonly followRedirects: boolean;
  readonly intervalMs: number;
  readonly keepAliveS: number;
  /** Milliseconds between two attempts to reach a broker that is down, at the most. */
  readonly reconnectMsMax: number;
  readonly cleanStart: boolean;
  /** Seconds that the broker is to keep the session. */
  readonly sessionExpiryS: number;
  readonly firmwareVersion: string;
  /** The number of this boot. */
  readonly boot: number;
  /** Milliseconds between two diagnostics messages. */
  readonly diagnosticsMs: number;
  /** Readings in flight at most, 1 to 128. */
  readonly windowMax: number;
  readonly receiveBytes: number;
  readonly transmitBytes: number;
  /** Whether Home Assistant is told of the device, told to forget it, or told nothing. */
  readonly discovery: 'on' | 'remove' | 'off';
  /** The components that Home Assistant was last told of at this broker; empty: none. */
  readonly announced: string;
  /** The MAC as 12 hexadecimal digits; empty: the device is known by its `id` alone. */
  readonly hardwareId: string;
  /** Rules for alarms, as `alarms/rule-reader.ts` has them; empty for none. */
  readonly alarms: string;
  /** Milliseconds between two samples; 0: as the interval. */
  readonly sampleMs: number;
  /** Readings have the least and the greatest of their samples, too. */
  readonly spread: boolean;
  /** How far quantities move before a reading is stored; empty: each is. */
  readonly onChange: string;
  /** A reading is stored after so many milliseconds whatever it shows. */
  readonly silenceMs: number;
  /** What people call the device; empty: as `id`. */
  readonly label: string;
  /** What the board is, such as `ESP32-C3`; empty for not known. */
  readonly model: string;
}

/** The defaults for a device with this identifier; the broker is a local one. */
export function defaultConfig(id: string): DeviceConfig {
  return {
    id,
    baseTopic: `mote/${id}`,
    broker: { scheme: 'mqtt', host: 'localhost', port: 1883, path: '/' },
    user: '',
    password: undefined,
    signIn: 'password',
    certificateEndsAt: Number.POSITIVE_INFINITY,
    version: 'auto',
    rememberedVersion: 0,
    rememberedSession: false,
    rememberedWill: 0,
    followRedirects: false,
    label: '',
    alarms: '',
    sampleMs: 0,
    spread: false,
    onChange: '',
    silenceMs: 3_600_000,
    intervalMs: 60_000,
    keepAliveS: 60,
    reconnectMsMax: 60_000,
    cleanStart: false,
    sessionExpiryS: 86_400,
    firmwareVersion: '0.1.0',
    boot: 1,
    diagnosticsMs: 300_000,
    windowMax: 8,
    receiveBytes: 1024,
    transmitBytes: 2048,
    discovery: 'off',
    announced: '',
    hardwareId: '',
    model: '',
  };
}
