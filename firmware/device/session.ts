/** The options of a device's MQTT session and link: identity, will, buffers, patience. */

import type { SupervisorOptions } from '../link/supervisor-options.ts';
import { encodeProperties } from '../mqtt/codec/property-values.ts';
import { defaultOptions, type SessionOptions } from '../mqtt/session/options.ts';
import type { Clock, Random } from '../ports.ts';
import { lostStatus, WILL_DELAY_S } from '../telemetry/announcer.ts';
import type { DeviceConfig } from './config.ts';
import { authenticatorOf, type ScramMaker } from './sign-in.ts';

const WILL_PROPERTIES = encodeProperties({ willDelay: WILL_DELAY_S });

/** What is larger a 5.0 broker keeps to itself; what is larger than the receive buffer is told. */
const PACKET_BYTES_MAX = 65_536;

/**
 * The session's options.
 * @param status the status topic, where the will goes
 * @param extraWindow messages in flight beside the readings
 * @param hasSession whether an earlier boot may have left a session that is to be taken up
 * @param scram for a password that is proven; undefined where that cannot be done
 * @param transmitBytes the configured size, or more where a message needs it
 */
export function sessionOptions(
  config: DeviceConfig,
  status: Uint8Array,
  extraWindow: number,
  hasSession: boolean,
  scram: ScramMaker | undefined,
  transmitBytes = config.transmitBytes,
): SessionOptions {
  const authenticator = authenticatorOf(config, scram);
  return {
    ...defaultOptions,
    clientId: config.id,
    cleanStart: config.cleanStart,
    hasSession,
    sessionExpiryS: config.sessionExpiryS,
    keepAliveS: config.keepAliveS,
    username: config.user === '' ? undefined : config.user,
    // The broker may want the name; a password that is proven is not sent.
    password: authenticator === undefined ? config.password : undefined,
    authenticator,
    will: {
      topic: status,
      payload: lostStatus(),
      qos: 1,
      retain: true,
      properties: WILL_PROPERTIES,
    },
    receiveBytes: config.receiveBytes,
    packetBytesMax: PACKET_BYTES_MAX,
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
  // 3.1.1 has nothing to prove a password with.
  const versions = config.signIn === 'scram' ? 5 : config.version;
  const { rememberedVersion, rememberedWill, reconnectMsMax } = config;
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
