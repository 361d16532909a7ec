/**
 * Enhanced authentication (5.0 section 4.12): carries data between the broker and the method that
 * the owner plugged in, and holds the broker to the method and the order of AUTH.
 */

import { NO_BYTES } from '../../base/bytes.ts';
import { PeerError } from '../../base/errors.ts';
import { AUTH, Property, Reason } from '../codec/constants.ts';
import { encodeReasoned } from '../codec/encode.ts';
import type { Packet } from '../codec/packet.ts';
import { encodeProperties } from '../codec/property-values.ts';
import { illegal } from '../codec/protocol-error.ts';
import type { Limits } from './limits.ts';
import type { Authenticator } from './options.ts';
import type { TransmitBuffer } from './transmit-buffer.ts';

export class Authentication {
  private readonly method: Authenticator;
  private readonly transmitBuffer: TransmitBuffer;
  private readonly limits: Limits;
  /** A re-authentication is under way. */
  private renewing = false;
  /** The method is still working on its answer: the packet just taken is to be taken again soon. */
  isBusy = false;
  handshakeBy = Number.POSITIVE_INFINITY;

  constructor(method: Authenticator, transmitBuffer: TransmitBuffer, limits: Limits) {
    this.method = method;
    this.transmitBuffer = transmitBuffer;
    this.limits = limits;
  }

  /** A connection begins. @param handshakeBy the deadline for CONNACK */
  clear(handshakeBy: number): void {
    this.handshakeBy = handshakeBy;
    this.renewing = false;
    this.isBusy = false;
  }

  /** Queues the first AUTH of a re-authentication. @returns false: not possible now */
  renew(): boolean {
    if (this.renewing) return false;
    try {
      const first = this.method.start();
      const limit = this.limits.maximumPacketSize;
      this.renewing = this.queue(this.method, Reason.reAuthenticate, first, limit);
    } catch {
      return false;
    }
    return this.renewing;
  }

  /**
   * An AUTH came: answers a challenge, or judges the end of a re-authentication.
   * @returns whether a re-authentication succeeded
   * @throws PeerError when it was not asked for, or the method refuses the broker
   */
  take(packet: Packet, online: boolean): boolean {
    const method = this.method;
    const finished = packet.reason === Reason.success;
    if (online ? !this.renewing : finished) asked(undefined);
    if (finished) {
      this.renewing = false;
      this.judge(packet);
      return true;
    }
    const data = dataFor(method, packet);
    let answer: Uint8Array | undefined;
    // What a re-authentication needs is known from the first sign-in, as a rule: it may take its time.
    do answer = guarded(() => method.challenge(data));
    while (online && answer === undefined);
    this.isBusy = answer === undefined;
    if (answer === undefined) return false;
    // Before CONNACK the broker has not said what it takes.
    const limit = online ? this.limits.maximumPacketSize : Number.POSITIVE_INFINITY;
    if (!this.queue(method, Reason.continueAuthentication, answer, limit)) {
      throw new PeerError(Reason.packetTooLarge, 'no room for AUTH');
    }
    return false;
  }

  /**
   * Lets the method judge the broker's last data, in CONNACK or AUTH of 5.0.
   * @throws PeerError when it refuses, or when the broker's method is another
   */
  judge(packet: Packet): void {
    const method = this.method;
    const data = dataFor(method, packet);
    if (!guarded(() => method.finish(data))) {
      throw new PeerError(Reason.notAuthorized, 'its proof is missing or wrong');
    }
  }

  private queue(
    method: Authenticator,
    reason: number,
    data: Uint8Array,
    limitBytes: number,
  ): boolean {
    const transmitBuffer = this.transmitBuffer;
    const properties = encodeProperties({
      authenticationMethod: method.method,
      authenticationData: data.length === 0 ? undefined : data,
    });
    const end = encodeReasoned(transmitBuffer.bytes, transmitBuffer.end, AUTH, reason, properties);
    if (end > transmitBuffer.bytes.length || end - transmitBuffer.end > limitBytes) return false;
    transmitBuffer.end = end;
    return true;
  }
}

/**
 * The authentication that a broker speaks of.
 * @throws PeerError when there is none [5.0 MQTT-4.12.0-6]
 */
export function asked(authentication: Authentication | undefined): Authentication {
  if (!authentication) throw illegal('authentication was not asked for');
  return authentication;
}

function dataFor(method: Authenticator, packet: Packet): Uint8Array {
  const properties = packet.properties;
  if (properties.text(Property.authenticationMethod) !== method.method) {
    // [5.0 MQTT-4.12.0-5]
    throw illegal('another authentication method');
  }
  return properties.data(Property.authenticationData) ?? NO_BYTES;
}

/** The data of a method for CONNECT. @throws PeerError when the method fails */
export function firstData(method: Authenticator): Uint8Array {
  return guarded(() => method.start());
}

/** Calls the owner's method, whose errors end the connection and nothing more. */
function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof PeerError) throw error;
    throw new PeerError(Reason.notAuthorized, 'authentication failed');
  }
}
