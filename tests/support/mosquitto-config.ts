/**
 * What a test may ask of Mosquitto, and the configuration file that gives it.
 *
 * The WebSocket listener of Mosquitto 2.0 heeds its bind address only together with
 * `socket_domain ipv4`; without it, it listens on every address of the machine.
 */

import { join } from 'node:path';
import { certificates } from './certificates.ts';

/** The one address that anything here listens on. */
export const loopback = '127.0.0.1';

/** A way in. `mutual tls` asks for a certificate of the tests' authority. */
export type Listener = 'tcp' | 'tls' | 'mutual tls' | 'websocket' | 'websocket tls';

export interface MosquittoOptions {
  /** Beside `tcp`, which is always there: the helper clients need it. */
  readonly listeners?: readonly Listener[];
  /** What the TLS listeners show; default `server`. */
  readonly serverCertificate?:
    | 'server'
    | 'expired'
    | 'wrongName'
    | 'commonName'
    | 'foreign'
    | 'notForServers'
    | 'rsa';
  /** With it, nobody else gets in. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** When sessions and retained messages go to disk; default `never`. */
  readonly persistence?: 'never' | 'on stop' | 'on every change';
  /** 1 to 65535, 0 = no limit; also the receive maximum that it announces in MQTT 5. */
  readonly maxInflight?: number;
  /** In bytes; also announced in MQTT 5. */
  readonly maxPacketBytes?: number;
  /** Without a log line per packet, for measurements. */
  readonly quiet?: boolean;
  /** Further lines for mosquitto.conf, before the listeners. */
  readonly config?: readonly string[];
}

/** The text of mosquitto.conf; `folder` holds `data/` and, with credentials, `passwords`. */
export function configText(
  options: MosquittoOptions,
  ports: ReadonlyMap<Listener, number>,
  folder: string,
): string {
  const levels = ['error', 'warning', 'notice', 'information'];
  if (options.quiet !== true) levels.push('debug', 'subscribe', 'unsubscribe');
  const lines = [
    'user root',
    'sys_interval 0',
    'log_dest stderr',
    ...levels.map((level) => `log_type ${level}`),
    `allow_anonymous ${options.credentials === undefined}`,
    ...setting('password_file', options.credentials && join(folder, 'passwords')),
    ...setting('max_inflight_messages', options.maxInflight),
    ...setting('max_packet_size', options.maxPacketBytes),
    ...persistenceLines(options, join(folder, 'data')),
    ...(options.config ?? []),
  ];
  for (const [listener, port] of ports) lines.push(...listenerLines(listener, port, options));
  return `${lines.join('\n')}\n`;
}

function setting(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`${name} ${value}`];
}

function persistenceLines(options: MosquittoOptions, folder: string): string[] {
  if (options.persistence === undefined || options.persistence === 'never') return [];
  const lines = ['persistence true', `persistence_location ${folder}/`];
  if (options.persistence === 'on every change') {
    lines.push('autosave_on_changes true', 'autosave_interval 1');
  }
  return lines;
}

function listenerLines(listener: Listener, port: number, options: MosquittoOptions): string[] {
  const lines = [`listener ${port} ${loopback}`, 'socket_domain ipv4'];
  if (listener.startsWith('websocket')) lines.push('protocol websockets');
  if (listener.endsWith('tls')) {
    const made = certificates();
    const { certificate, key } = made[options.serverCertificate ?? 'server'];
    lines.push(`cafile ${made.ca}`, `certfile ${certificate}`, `keyfile ${key}`);
  }
  if (listener === 'mutual tls') lines.push('require_certificate true');
  return lines;
}
