/**
 * Enhanced authentication (5.0 section 4.12): carries data between the broker and the method that
 * the owner plugged in, and holds the broker to the method and the order of AUTH.
 */

import { PeerError } from '../base/errors.ts';
import { AUTH, Property, Reason } from './constants.ts';
import { encodeReasoned } from './encode.ts';
import type { Authenticator } from './options.ts';
import type { Packet } from './packet.ts';
import { encodeProperties } from './property-values.ts';
import type { Transmit } from './transmit.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);

export class Authentication {
  private readonly method: Authenticator | undefined;
  private readonly transmit: Transmit;
  /** A re-authentication is under way. */
  private renewing = false;

  constructor(method: Authenticator | undefined, transmit: Transmit) {
    this.method = method;
    this.transmit = transmit;
  }

  /** A connection begins. */
  clear(): void {
    this.renewing = false;
  }

  /** Queues the first AUTH of a re-authentication. @returns false: not possible now */
  renew(): boolean {
    if (!this.method || this.renewing) return false;
    this.renewing = this.queue(this.method, Reason.reAuthenticate, this.method.start());
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
    if (!method || (online ? !this.renewing : finished)) {
      throw new PeerError(Reason.protocolError, 'AUTH was not asked for [5.0 MQTT-4.12.0-6]');
    }
    if (finished) {
      this.renewing = false;
      this.judge(packet);
      return true;
    }
    const answer = method.challenge(dataFor(method, packet));
    if (!this.queue(method, Reason.continueAuthentication, answer)) {
      throw new PeerError(Reason.packetTooLarge, 'the answer to an AUTH has no room');
    }
    return false;
  }

  /**
   * Lets the method judge the broker's last data, in CONNACK or AUTH of 5.0.
   * @throws PeerError when it refuses, or when the broker's method is another
   */
  judge(packet: Packet): void {
    const method = this.method;
    if (!method) {
      if (!packet.properties.has(Property.authenticationMethod)) return;
      throw new PeerError(Reason.protocolError, 'an authentication method that was not asked for');
    }
    if (!method.finish(dataFor(method, packet))) {
      throw new PeerError(Reason.badAuthenticationMethod, 'the broker failed to prove itself');
    }
  }

  private queue(method: Authenticator, reason: number, data: Uint8Array): boolean {
    const { transmit } = this;
    const properties = encodeProperties({
      authenticationMethod: method.method,
      authenticationData: data.length === 0 ? undefined : data,
    });
    const end = encodeReasoned(transmit.bytes, transmit.end, AUTH, reason, properties);
    if (end > transmit.bytes.length) return false;
    transmit.end = end;
    return true;
  }
}

function dataFor(method: Authenticator, packet: Packet): Uint8Array {
  const { properties } = packet;
  if (properties.text(Property.authenticationMethod) !== method.method) {
    throw new PeerError(Reason.protocolError, 'another authentication method [5.0 MQTT-4.12.0-5]');
  }
  return properties.data(Property.authenticationData) ?? NO_BYTES;
}
