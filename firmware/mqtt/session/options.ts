/** What a session is set up with, its defaults, and the check that finds what cannot work. */

import type { Will } from '../codec/encode.ts';
import { checkTopic } from '../codec/topics.ts';
import { checkLength, checkText, checkWhole } from './checks.ts';

/**
 * Enhanced authentication (5.0 section 4.12), one method. A method may throw: the session then
 * ends with the reason of a PeerError, or with 0x87.
 */
export interface Authenticator {
  /** The method's name, as the broker knows it. */
  readonly method: string;
  /** The first data, in CONNECT or in a re-authentication; empty for none. */
  start(): Uint8Array;
  /** Answers a challenge. @returns undefined: it takes long, and is to be asked again, soon */
  challenge(data: Uint8Array): Uint8Array | undefined;
  /** Judges the broker's last data. @returns false to refuse the broker */
  finish(data: Uint8Array): boolean;
}

/** See `defaultOptions` for what most of these are. */
export interface SessionOptions {
  /** 1 to 65,535 bytes of UTF-8; empty: the broker assigns one (clean sessions only in 3.1.1). */
  readonly clientId: string;
  /** Start without an earlier session's state. */
  readonly cleanStart: boolean;
  /**
   * The sources may hold messages of a session from before this object was made: one that the
   * broker has kept is taken up. Without it, in 5.0, such a session ends the connection, and the
   * next one starts anew.
   */
  readonly hasSession: boolean;
  /** Seconds that the broker keeps the session after a connection; 5.0 only. 0xFFFFFFFF: for ever. */
  readonly sessionExpiryS: number;
  /** Seconds, 0 to 65,535; 0 = off. */
  readonly keepAliveS: number;
  readonly username?: string;
  readonly password?: Uint8Array;
  readonly will?: Will;
  /** Receive buffer in bytes: the largest packet that is accepted. At least 64. */
  readonly receiveBytes: number;
  /**
   * The largest packet that a 5.0 broker is told to send, where it is more than `receiveBytes`: what
   * is larger it keeps to itself, what is between is skipped and told as such. Without `aliasesIn`,
   * for an alias in what is skipped would be missed.
   */
  readonly packetBytesMax: number;
  /** Transmit buffer in bytes: 32 more than the largest packet that can be sent. At least 128. */
  readonly transmitBytes: number;
  /** Outgoing QoS 1 and 2 messages in flight at most, 1 to 32,764: requests need four more. */
  readonly windowMax: number;
  /** Incoming QoS 2 messages held at most; announced as receive maximum in 5.0. 1 to 65,535. */
  readonly receiveMax: number;
  /** Topic aliases accepted from the broker; 5.0. */
  readonly aliasesIn: number;
  /** Topic aliases used towards the broker at most; 5.0. */
  readonly aliasesOut: number;
  /** Milliseconds from CONNECT to CONNACK at most. */
  readonly connectTimeoutMs: number;
  /** Milliseconds from a packet to its acknowledgement at most; then the connection is closed. */
  readonly ackTimeoutMs: number;
  /** Milliseconds from PINGREQ to PINGRESP at most; never more than half the keep-alive. */
  readonly pingTimeoutMs: number;
  /** Ask for response information in CONNACK; 5.0. */
  readonly requestResponseInformation: boolean;
  /** Sent in CONNECT; 5.0. */
  readonly userProperties?: readonly (readonly [string, string])[];
  readonly authenticator?: Authenticator;
}

/** The defaults of a small board. */
export const defaultOptions: Omit<SessionOptions, 'clientId'> = Object.freeze({
  cleanStart: false,
  hasSession: false,
  sessionExpiryS: 86_400,
  keepAliveS: 60,
  receiveBytes: 1024,
  packetBytesMax: 0,
  transmitBytes: 1024,
  windowMax: 8,
  receiveMax: 16,
  aliasesIn: 0,
  aliasesOut: 4,
  connectTimeoutMs: 10_000,
  ackTimeoutMs: 20_000,
  pingTimeoutMs: 10_000,
  requestResponseInformation: false,
} as const);

/** @throws ConfigError that names an option that cannot work */
export function checkOptions(options: SessionOptions): void {
  const { username, password, will, authenticator } = options;
  checkWhole('keepAliveS', options.keepAliveS, 0, 0xffff);
  checkWhole('aliasesIn', options.aliasesIn, 0, options.packetBytesMax > 0 ? 0 : 0xffff);
  checkWhole('aliasesOut', options.aliasesOut, 0, 0xffff);
  checkWhole('sessionExpiryS', options.sessionExpiryS, 0, 0xffff_ffff);
  checkWhole('receiveBytes', options.receiveBytes, 64, 0x1000_0000);
  checkWhole('transmitBytes', options.transmitBytes, 128, 0x1000_0000);
  checkWhole('windowMax', options.windowMax, 1, 0x7ffc);
  checkWhole('receiveMax', options.receiveMax, 1, 0xffff);
  checkWhole('connectTimeoutMs', options.connectTimeoutMs, 1, 0xffff_ffff);
  checkWhole('ackTimeoutMs', options.ackTimeoutMs, 1, 0xffff_ffff);
  checkWhole('pingTimeoutMs', options.pingTimeoutMs, 1, 0xffff_ffff);
  checkText('clientId', options.clientId);
  if (username !== undefined) checkText('username', username);
  if (password) checkLength('password', password.length);
  if (will) {
    checkTopic('will', will.topic);
    checkLength('will', will.payload.length);
  }
  for (const pair of options.userProperties ?? []) {
    for (const text of pair) checkText('userProperties', text);
  }
  if (authenticator) checkText('authenticator', authenticator.method);
}
