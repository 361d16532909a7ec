/** What the broker allows, as its CONNACK said (5.0 section 3.2.2.3); 3.1.1 has the defaults. */

import { Property } from '../codec/constants.ts';
import type { Properties } from '../codec/properties.ts';

export class Limits {
  /** Outgoing QoS 1 and 2 messages that may wait for acknowledgement. */
  receiveMaximum = 0xffff;
  maximumQos = 2;
  retainAvailable = true;
  /** Bytes of the largest packet that the broker takes. */
  maximumPacketSize = 0xffff_ffff;
  topicAliasMaximum = 0;
  wildcardSubscriptions = true;
  subscriptionIds = true;
  sharedSubscriptions = true;
  /** Seconds that the broker keeps the session. */
  sessionExpiryS = 0;
  /** Seconds of keep-alive in force. */
  keepAliveS = 0;
  /** What the broker offers for building response topics, or ''. */
  responseInformation = '';

  /**
   * A CONNACK was accepted.
   * @param keepAliveS what CONNECT asked for; a Server Keep Alive replaces it [5.0 MQTT-3.2.2-21]
   * @param sessionExpiryS what CONNECT asked for
   */
  take(properties: Properties, keepAliveS: number, sessionExpiryS: number): void {
    this.receiveMaximum = properties.number(Property.receiveMaximum, 0xffff);
    this.maximumQos = properties.number(Property.maximumQos, 2);
    this.retainAvailable = properties.number(Property.retainAvailable, 1) === 1;
    this.maximumPacketSize = properties.number(Property.maximumPacketSize, 0xffff_ffff);
    this.topicAliasMaximum = properties.number(Property.topicAliasMaximum, 0);
    this.wildcardSubscriptions = properties.number(Property.wildcardSubscriptionAvailable, 1) === 1;
    this.subscriptionIds = properties.number(Property.subscriptionIdAvailable, 1) === 1;
    this.sharedSubscriptions = properties.number(Property.sharedSubscriptionAvailable, 1) === 1;
    this.sessionExpiryS = properties.number(Property.sessionExpiry, sessionExpiryS);
    this.keepAliveS = properties.number(Property.serverKeepAlive, keepAliveS);
    this.responseInformation = properties.text(Property.responseInformation) ?? '';
  }
}
