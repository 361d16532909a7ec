/** Translates checked settings for the device and its radio. Pure functions. */

import type { Settings } from '../config/fields.ts';
import { portOf } from '../config/settings.ts';
import type { Scheme, WiFiNetwork } from '../ports.ts';
import { type DeviceConfig, defaultConfig } from './config.ts';

/** What the board knows of itself. */
export interface BoardFacts {
  /** 6 bytes. */
  readonly mac: Uint8Array;
  /** The number of this boot. */
  readonly boot: number;
  readonly firmwareVersion: string;
}

const HEX = '0123456789abcdef';

const SCHEMES: Readonly<Record<Settings['encryption'], Scheme>> = Object.freeze({
  none: 'mqtt',
  tls: 'mqtts',
  websocket: 'ws',
  'tls-websocket': 'wss',
});

/** The name that was set, or `mote-` and the last six digits of the MAC. */
export function deviceId(settings: Settings, mac: Uint8Array): string {
  if (settings.name !== '') return settings.name;
  return `mote-${hexOf(mac, 3)}`;
}

function hexOf(mac: Uint8Array, start: number): string {
  let text = '';
  for (let i = start; i < 6; i += 1) text += HEX[mac[i] >> 4] + HEX[mac[i] & 15];
  return text;
}

export function deviceConfig(settings: Settings, board: BoardFacts): DeviceConfig {
  const config = defaultConfig(deviceId(settings, board.mac));
  return {
    ...config,
    baseTopic: settings.baseTopic === '' ? config.baseTopic : settings.baseTopic,
    broker: {
      scheme: SCHEMES[settings.encryption],
      host: settings.host,
      port: portOf(settings),
      path: settings.path,
    },
    user: settings.user,
    password: settings.password.length > 0 ? settings.password : undefined,
    signIn: settings.signIn,
    version: settings.version === 'auto' ? 'auto' : settings.version === '5' ? 5 : 4,
    followRedirects: settings.followRedirects,
    label: settings.label,
    alarms: settings.alarms,
    sampleMs: settings.sampleS * 1000,
    spread: settings.spread,
    onChange: settings.onChange,
    silenceMs: settings.silenceS * 1000,
    intervalMs: settings.intervalS * 1000,
    keepAliveS: settings.keepAliveS,
    hardwareId: hexOf(board.mac, 0),
    boot: board.boot,
    firmwareVersion: board.firmwareVersion,
  };
}

export function wifiNetwork(settings: Settings): WiFiNetwork {
  const { ssid, wifiPassword: password, address, netmask, gateway, dns } = settings;
  if (address === '') return { ssid, password };
  return { ssid, password, fixed: { address, netmask, gateway, dns } };
}
