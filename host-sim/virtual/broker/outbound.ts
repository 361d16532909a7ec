/**
 * The broker as a sender towards one connected client: the window of QoS 1 and 2 messages, packet
 * identifiers, DUP on redelivery, topic aliases, expiry, the client's maximum packet size.
 */

import type { IPublishPacket } from 'mqtt-packet';
import type { Client } from './client.ts';
import type { Outgoing } from './session.ts';

export class Outbound {
  readonly #client: Client;
  readonly #aliases = new Map<string, number>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** After CONNACK: what is unacknowledged goes again, in order, before anything new (4.4). */
  resume(): void {
    const { session } = this.#client;
    for (const delivery of [...session.inFlight.values()]) {
      delivery.connection = this.#client.record.number;
      if (delivery.isReleased) this.#release(delivery.packetId, 0);
      else this.#send(delivery, true);
    }
    this.fill();
  }

  deliver(delivery: Outgoing): void {
    this.#client.session.waiting.push(delivery);
    this.fill();
  }

  /** Sends what waits, as far as the window allows. */
  fill(): void {
    const { session } = this.#client;
    const window = Math.min(this.#client.core.settings.outgoingWindow, this.#client.receiveMaximum);
    while (session.waiting.length > 0 && this.#client.isOnline) {
      const next = session.waiting[0];
      if (next.qos > 0 && session.inFlight.size >= window) return;
      session.waiting.shift();
      if (next.message.expiresAt <= this.#client.core.queue.now) {
        this.#client.core.books.dropped.expired += 1;
        continue;
      }
      if (next.qos > 0) {
        next.packetId = session.allocate();
        next.connection = this.#client.record.number;
        session.inFlight.set(next.packetId, next);
      }
      if (!this.#send(next, false)) session.inFlight.delete(next.packetId);
    }
  }

  /** PUBACK, PUBREC or PUBCOMP from the client. */
  acknowledge(kind: 'puback' | 'pubrec' | 'pubcomp', packetId: number, reason: number): void {
    const { session } = this.#client;
    const delivery = session.inFlight.get(packetId);
    if (delivery === undefined) {
      this.#unknown(kind, packetId);
      return;
    }
    const isExpected =
      delivery.qos === 1
        ? kind === 'puback'
        : kind === (delivery.isReleased ? 'pubcomp' : 'pubrec');
    if (!isExpected && !(kind === 'pubrec' && delivery.isReleased)) {
      const text = `${kind} ${packetId} answers a message with QoS ${delivery.qos}`;
      this.#client.violate({ rule: 'MQTT-4.3.3-4', text, reason: 0x82 });
      return;
    }
    if (kind === 'pubrec' && reason < 0x80) {
      delivery.isReleased = true;
      this.#release(packetId, 0);
      return;
    }
    session.inFlight.delete(packetId);
    this.fill();
  }

  #unknown(kind: 'puback' | 'pubrec' | 'pubcomp', packetId: number): void {
    const text = `${kind} for identifier ${packetId}, which is not in flight`;
    // Whatever raw bytes were in, they may have been a PUBLISH or a PUBREL.
    const isExcused = kind === 'pubrec' || this.#client.isGarbled;
    this.#client.note(isExcused ? 'info' : 'violation', 'MQTT-2.2.1-5', text);
    if (kind === 'pubrec') this.#release(packetId, 0x92);
  }

  #release(messageId: number, reasonCode: number): void {
    this.#client.answer('pubrel', messageId, '', () => {
      this.#client.send({ cmd: 'pubrel', messageId, reasonCode });
    });
  }

  /** @returns false when the client does not take a packet of that size [MQTT-3.1.2-25]. */
  #send(delivery: Outgoing, dup: boolean): boolean {
    const client = this.#client;
    const packet = this.#packetOf(delivery, dup);
    const isNewAlias = client.version === 5 && this.#useAlias(packet);
    const bytes = client.core.encoder.encode(packet, client.version);
    if (bytes.length > client.packetBytesMax) {
      if (isNewAlias) this.#aliases.delete(packet.topic);
      client.core.books.dropped.tooLarge += 1;
      return false;
    }
    client.sendBytes(bytes, 'publish');
    const { clientId, version } = client;
    const { message, qos, retain } = delivery;
    client.core.books.onSend?.({ clientId, version, message, qos, retain, dup });
    return true;
  }

  #packetOf(delivery: Outgoing, dup: boolean): IPublishPacket {
    const { message, qos, retain, packetId, identifiers } = delivery;
    const packet: IPublishPacket = {
      cmd: 'publish',
      topic: message.topic,
      payload: Buffer.from(message.payload),
      qos,
      retain,
      dup: dup && qos > 0,
    };
    if (qos > 0) packet.messageId = packetId;
    if (this.#client.version === 5) {
      packet.properties = { ...message.properties };
      if (identifiers.length > 0) packet.properties.subscriptionIdentifier = identifiers;
      if (message.expiresAt !== Number.POSITIVE_INFINITY) {
        const leftMs = Math.max(0, message.expiresAt - this.#client.core.queue.now);
        packet.properties.messageExpiryInterval = Math.ceil(leftMs / 1000);
      }
    }
    return packet;
  }

  /** @returns whether the packet introduces an alias. */
  #useAlias(packet: IPublishPacket): boolean {
    if (!this.#client.core.settings.usesTopicAliases) return false;
    const known = this.#aliases.get(packet.topic);
    const properties = packet.properties ?? {};
    packet.properties = properties;
    if (known !== undefined) {
      properties.topicAlias = known;
      packet.topic = '';
    } else if (this.#aliases.size < this.#client.topicAliasMaximum) {
      properties.topicAlias = this.#aliases.size + 1;
      this.#aliases.set(packet.topic, properties.topicAlias);
      return true;
    }
    return false;
  }
}
