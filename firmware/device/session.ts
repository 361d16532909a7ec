/** A device's MQTT session and link: who it is, its will, its buffers, its patience. */

import type { SupervisorOptions } from '../link/supervisor-options.ts';
import { encodeProperties } from '../mqtt/codec/property-values.ts';
import { defaultOptions, type SessionOptions } from '../mqtt/session/options.ts';
import type { Clock, Random } from '../ports.ts';
import { lostStatus, WILL_DELAY_S } from '../telemetry/announcer.ts';
import type { DeviceConfig } from './config.ts';

/**
 * The session's options.
 * @param status the status topic, where the will goes
 * @param extraWindow messages in flight beside the readings
 * @param hasSession whether an earlier boot may have left a session that is to be taken up
 * @param transmitBytes the configured size, or more where a message needs it
 */
export function sessionOptions(
  config: DeviceConfig,
  status: Uint8Array,
  extraWindow: number,
  hasSession: boolean,
  transmitBytes = config.transmitBytes,
): SessionOptions {
  return {
    ...defaultOptions,
    clientId: config.id,
    cleanStart: config.cleanStart,
    hasSession,
    sessionExpiryS: config.sessionExpiryS,
    keepAliveS: config.keepAliveS,
    username: config.user === '' ? undefined : config.user,
    password: config.password,
    will: {
      topic: status,
      payload: lostStatus(),
      qos: 1,
      retain: true,
      properties: encodeProperties({ willDelay: WILL_DELAY_S }),
    },
    receiveBytes: config.receiveBytes,
    transmitBytes,
    windowMax: config.windowMax + extraWindow,
  };
}

/** The link's options. @param random for the jitter @param clock over TLS it has to be set */
export function supervisorOptions(
  config: DeviceConfig,
  random: Random,
  clock: Clock,
): SupervisorOptions {
  const { host, port } = config.broker;
  const { version: versions, rememberedVersion, rememberedWill, reconnectMsMax } = config;
  const hasTime = () => !isSecure(config) || clock.quality() !== 'none';
  const redirects = isSecure(config) ? 'all' : config.followRedirects ? 'temporary' : 'none';
  const backoff = { capMs: reconnectMsMax };
  const remembered = { rememberedVersion, rememberedWill };
  return { host, port, random, hasTime, versions, ...remembered, redirects, backoff };
}

/** Whether certificates are judged on the way to the broker. */
export function isSecure({ broker }: DeviceConfig): boolean {
  return broker.scheme === 'mqtts' || broker.scheme === 'wss';
}
