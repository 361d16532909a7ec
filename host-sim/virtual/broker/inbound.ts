/**
 * What an online client sends, apart from acknowledgements of what it was sent: PUBLISH and PUBREL
 * with the checks that depend on the session, subscriptions, pings, re-authentication, DISCONNECT.
 */

import type {
  IAuthPacket,
  IDisconnectPacket,
  IPublishPacket,
  ISubscribePacket,
  ISubscription,
  IUnsubscribePacket,
  Packet,
} from 'mqtt-packet';
import { type PublishRecord, publishRecord } from './books.ts';
import type { Client } from './client.ts';
import type { LedgerEntry } from './ledger.ts';
import { enforce } from './policy.ts';
import { outgoing, passedOn, type Subscription, subscriptionOf } from './session.ts';
import { hasWildcard } from './topics.ts';

export class Inbound {
  readonly #client: Client;
  readonly #aliases = new Map<number, string>();
  /** SUBSCRIBE and UNSUBSCRIBE identifiers without an answer yet. */
  readonly #pending = new Set<number>();
  #authRound = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** A well-formed packet of an online client. */
  handle(packet: Packet): void {
    const { outbound } = this.#client;
    const { cmd, messageId = 0 } = packet;
    if (cmd === 'publish') this.#publish(packet);
    else if (cmd === 'puback' || cmd === 'pubrec' || cmd === 'pubcomp') {
      outbound.acknowledge(cmd, messageId, packet.reasonCode ?? 0);
    } else if (cmd === 'pubrel') this.#release(messageId);
    else if (cmd === 'subscribe') this.#subscribe(packet, messageId);
    else if (cmd === 'unsubscribe') this.#unsubscribe(packet, messageId);
    else if (cmd === 'pingreq') {
      this.#client.answer('pingresp', 0, '', () => this.#client.send({ cmd: 'pingresp' }));
    } else if (cmd === 'disconnect') this.#disconnect(packet);
    else if (cmd === 'auth') this.#authenticate(packet);
    else this.#violate('MQTT-3.1.0-2', `a second ${cmd}`, 0x82);
  }

  #violate(rule: string, text: string, reason: number): void {
    this.#client.violate({ rule, text, reason });
  }

  #publish(packet: IPublishPacket): void {
    const { limits, record } = this.#client;
    const topic = this.#topicOf(packet);
    if (topic === undefined || enforce(this.#client, 'publish', topic)) return;
    if (packet.qos > limits.maximumQos) {
      this.#violate('MQTT-3.2.2-11', `QoS ${packet.qos} over the maximum`, 0x9b);
      return;
    }
    if (packet.retain && !limits.retainAvailable) {
      this.#violate('MQTT-3.2.2-14', 'RETAIN where it is not available', 0x9a);
      return;
    }
    const { core } = this.#client;
    const received = publishRecord(packet, topic, core.queue.now, record);
    const fate = core.faults.poison(topic, received.payload, received.clientId);
    if (fate === 'close') {
      this.#client.finish('close', 'broker: cannot take a message');
      return;
    }
    if (packet.qos === 0) this.#accept(received);
    else this.#acceptAndAcknowledge(received, fate === 'silence');
  }

  /** Resolves the topic alias; undefined after a violation. */
  #topicOf({ topic, properties }: IPublishPacket): string | undefined {
    const alias = properties?.topicAlias;
    if (alias === undefined) {
      if (topic !== '') return topic;
      this.#violate('MQTT-3.3.2.1', 'neither topic nor alias', 0x82);
      return undefined;
    }
    if (alias === 0 || alias > this.#client.limits.topicAliasMaximum) {
      this.#violate('MQTT-3.3.2-9', `topic alias ${alias} over the maximum`, 0x94);
      return undefined;
    }
    if (topic !== '') this.#aliases.set(alias, topic);
    const known = this.#aliases.get(alias);
    if (known === undefined) this.#violate('MQTT-3.3.4', `topic alias ${alias} is not set`, 0x82);
    return known;
  }

  #accept(received: PublishRecord): void {
    const { core } = this.#client;
    core.books.addPublish(received);
    if (!received.forwarded || !(received.retain || core.hasAudience)) return;
    core.route({
      topic: received.topic,
      payload: received.payload,
      qos: received.qos as 0 | 1 | 2,
      retain: received.retain,
      properties: passedOn(received.properties),
      clientId: received.clientId,
      expiresAt: core.expiryOf(received.properties?.messageExpiryInterval),
    });
  }

  #acceptAndAcknowledge(received: PublishRecord, isMute: boolean): void {
    const { core, limits, session, version } = this.#client;
    const { ledger } = session;
    this.#checkPending(received.packetId);
    const { entry, isRepeated, breach } = ledger.publish(received);
    if (breach !== undefined) this.#client.note(breach.level, breach.rule, breach.text);
    if (version === 5 && ledger.inFlight > limits.receiveMaximum) {
      const text = `${ledger.inFlight} messages in flight, receive maximum ${limits.receiveMaximum}`;
      this.#violate('MQTT-3.3.4-9', text, 0x93);
      return;
    }
    const reason = version === 5 ? core.faults.publishReason(received.topic, received.clientId) : 0;
    received.reason = reason;
    received.forwarded = !isRepeated && reason < 0x80;
    this.#accept(received);
    if (isMute) return;
    const kind = received.qos === 1 ? 'puback' : 'pubrec';
    this.#client.answer(kind, entry.id, received.topic, () => {
      received.acknowledgedAt = core.queue.now;
      if (kind === 'puback' || reason >= 0x80) ledger.settle(entry);
      else if (entry.state === 'owed') entry.state = 'received';
      const answer: Packet = { cmd: kind, messageId: entry.id, reasonCode: reason };
      if (reason >= 0x80) Object.assign(answer, this.#extras());
      this.#client.send(answer);
    });
  }

  /** Reason string and user properties of a negative acknowledgement. */
  #extras() {
    const { limits, version, wantsProblemInformation } = this.#client;
    const { reasonString, userProperties } = limits;
    if (version === 4 || !wantsProblemInformation) return {};
    if (reasonString === undefined && userProperties === undefined) return {};
    return { properties: { reasonString, userProperties } };
  }

  #release(messageId: number): void {
    const { ledger } = this.#client.session;
    const { entry, breach } = ledger.release(messageId);
    if (breach !== undefined) this.#client.note(breach.level, breach.rule, breach.text);
    if (entry === undefined) {
      this.#client.note('info', 'MQTT-4.3.3-11', `PUBREL for unknown identifier ${messageId}`);
    }
    this.#client.answer('pubcomp', messageId, entry?.record.topic ?? '', () => {
      if (entry !== undefined) this.#complete(entry);
      const reasonCode = entry === undefined ? 0x92 : 0;
      this.#client.send({ cmd: 'pubcomp', messageId, reasonCode });
    });
  }

  #complete(entry: LedgerEntry): void {
    entry.record.completedAt = this.#client.core.queue.now;
    this.#client.session.ledger.settle(entry);
  }

  /** One identifier serves one exchange at a time, whatever its kind (2.2.1). */
  #checkPending(messageId: number): void {
    if (!this.#pending.has(messageId)) return;
    const text = `identifier ${messageId} is in use by a SUBSCRIBE or UNSUBSCRIBE`;
    this.#client.note('violation', 'MQTT-2.2.1-3', text);
  }

  #take(messageId: number): void {
    this.#checkPending(messageId);
    const entry = this.#client.session.ledger.entry(messageId);
    if (entry !== undefined && entry.state !== 'done' && !entry.excused) {
      const text = `identifier ${messageId} is in use by a PUBLISH`;
      this.#client.note('violation', 'MQTT-2.2.1-3', text);
    }
    this.#pending.add(messageId);
  }

  #subscribe(packet: ISubscribePacket, messageId: number): void {
    const isForbidden = ({ topic }: ISubscription) => enforce(this.#client, 'subscribe', topic);
    if (packet.subscriptions.some(isForbidden)) return;
    const { limits, session, version } = this.#client;
    const identifier = packet.properties?.subscriptionIdentifier;
    if (identifier !== undefined && !limits.subscriptionIdentifiersAvailable) {
      this.#violate('MQTT-3.2.2.3.12', 'a subscription identifier', 0xa1);
      return;
    }
    this.#take(messageId);
    const granted: number[] = [];
    const added: { subscription: Subscription; isNew: boolean }[] = [];
    for (const asked of packet.subscriptions) {
      const code = this.#grant(asked);
      granted.push(code >= 0x80 && version === 4 ? 0x80 : code);
      if (code > 2) continue;
      const isNew = !session.subscriptions.has(asked.topic);
      const subscription = subscriptionOf(asked, code as 0 | 1 | 2, identifier);
      session.subscriptions.set(asked.topic, subscription);
      added.push({ subscription, isNew });
    }
    this.#client.answer('suback', messageId, '', () => {
      this.#pending.delete(messageId);
      this.#client.send({ cmd: 'suback', messageId, granted });
    });
    for (const { subscription, isNew } of added) this.#sendRetained(subscription, isNew);
  }

  #grant({ topic, qos }: ISubscription): number {
    const { clientId, limits } = this.#client;
    if (topic.startsWith('$share/')) return 0x9e;
    if (hasWildcard(topic) && !limits.wildcardsAvailable) return 0xa2;
    return limits.grant(topic, Math.min(qos, limits.maximumQos), clientId);
  }

  #sendRetained({ filter, qos, retainHandling, identifier }: Subscription, isNew: boolean): void {
    if (retainHandling === 2 || (retainHandling === 1 && !isNew)) return;
    const { core, session } = this.#client;
    for (const message of core.retainedFor(filter)) {
      const identifiers = identifier === undefined ? [] : [identifier];
      core.enqueue(session, outgoing(message, Math.min(qos, message.qos), true, identifiers));
    }
  }

  #unsubscribe(packet: IUnsubscribePacket, messageId: number): void {
    const { session } = this.#client;
    this.#take(messageId);
    const granted: number[] = [];
    for (const filter of packet.unsubscriptions) {
      granted.push(session.subscriptions.delete(filter) ? 0 : 0x11);
    }
    this.#client.answer('unsuback', messageId, '', () => {
      this.#pending.delete(messageId);
      this.#client.send({ cmd: 'unsuback', messageId, granted });
    });
  }

  #disconnect({ properties, reasonCode = 0 }: IDisconnectPacket): void {
    const { session } = this.#client;
    const expiryS = properties?.sessionExpiryInterval;
    if (expiryS !== undefined && expiryS > 0 && session.expiryS === 0) {
      this.#violate('MQTT-3.1.2-23', 'a session expiry after none at CONNECT', 0x82);
      return;
    }
    if (expiryS !== undefined) session.expiryS = expiryS;
    if (reasonCode === 0) session.will = undefined;
  }

  #authenticate({ properties, reasonCode }: IAuthPacket): void {
    const { clientId, limits } = this.#client;
    const method = properties?.authenticationMethod;
    if (limits.authMethod === undefined || limits.authMethod.method !== method) {
      this.#violate('MQTT-4.12.1-1', 'AUTH with a method that CONNECT did not name', 0x82);
      return;
    }
    if (reasonCode === 0x19) this.#authRound = 0;
    const step = limits.authMethod.step(this.#authRound, properties?.authenticationData, clientId);
    this.#authRound += 1;
    if (step.result === 'refuse') {
      this.#client.disconnect(step.reason, 'broker: re-authentication refused');
      return;
    }
    if (step.result === 'silence') return;
    const authenticationData = step.data && Buffer.from(step.data);
    this.#client.send({
      cmd: 'auth',
      reasonCode: step.result === 'success' ? 0 : 0x18,
      properties: { authenticationMethod: method, authenticationData },
    });
  }
}
