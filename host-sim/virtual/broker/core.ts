/**
 * What all connections of one virtual broker share: sessions, retained messages, wills, observers,
 * settings, faults and books. It routes messages; it knows nothing of bytes and links.
 */

import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../random.ts';
import { Books, type Finding } from './books.ts';
import { Decoder, Encoder, type Version } from './codec.ts';
import { type Message, NEVER_EXPIRES_S, type Outgoing, Session, type Will } from './session.ts';
import { type BrokerFaults, type BrokerSettings, DEFAULT_SETTINGS, NO_FAULTS } from './settings.ts';
import { matches } from './topics.ts';

/** A message as an observer sees it. */
export interface Observed {
  time: number;
  topic: string;
  payload: Uint8Array;
  qos: number;
  /** As the publisher set it; true for a stored message. */
  retain: boolean;
  /** It was stored before the observer subscribed. */
  isStored: boolean;
  /** Who published it, a will's owner included; '' for the world outside. */
  clientId: string;
  properties: Message['properties'];
}

/** What the core asks of a connection that is online. */
export interface OnlineClient {
  deliver(delivery: Outgoing): void;
  /** Another connection uses this client's identifier: goes away, telling why (0x8E). */
  takeOver(): void;
}

const CHUNK_BYTES = 4096;

interface Observer {
  filter: string;
  see: (message: Observed) => void;
}

export class Core {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly books = new Books();
  readonly sessions = new Map<string, Session>();
  readonly retained = new Map<string, Message>();
  readonly online = new Map<string, OnlineClient>();
  /** Wills of clients that were online when the broker went down. */
  readonly orphanWills = new Map<string, Will>();
  /** Where connections put what they read or write at once; nothing stays in it. */
  readonly chunk = new Uint8Array(CHUNK_BYTES);
  readonly encoder = new Encoder();
  readonly #decoders = { 4: new Decoder(4), 5: new Decoder(5) };
  settings: BrokerSettings;
  faults: BrokerFaults = { ...NO_FAULTS };
  readonly #observers = new Set<Observer>();

  constructor(queue: EventQueue, random: SeededRandom, settings?: Partial<BrokerSettings>) {
    this.queue = queue;
    this.random = random;
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
  }

  decoderOf(version: Version): Decoder {
    return this.#decoders[version];
  }

  find(finding: Omit<Finding, 'time'>): void {
    this.books.addFinding({ time: this.queue.now, ...finding });
  }

  /** Adds an observer; stored messages reach it through the queue. @returns how to end it. */
  observe(filter: string, see: (message: Observed) => void): () => void {
    const observer = { filter, see };
    this.#observers.add(observer);
    const stored = [...this.retained.values()].filter(({ topic }) => matches(filter, topic));
    this.queue.after(0, () => {
      for (const message of stored) {
        if (this.#observers.has(observer)) see(this.#observed(message, true));
      }
    });
    return () => this.#observers.delete(observer);
  }

  /** Whether a message that is not retained can reach anybody. */
  get hasAudience(): boolean {
    if (this.#observers.size > 0) return true;
    for (const { subscriptions } of this.sessions.values()) if (subscriptions.size > 0) return true;
    return false;
  }

  /** Stores if retained, then hands to observers and to every session that subscribed. */
  route(message: Message): void {
    if (message.retain) {
      if (message.payload.length === 0) this.retained.delete(message.topic);
      else this.retained.set(message.topic, message);
    }
    for (const { filter, see } of [...this.#observers]) {
      if (matches(filter, message.topic)) see(this.#observed(message, false));
    }
    for (const session of this.sessions.values()) {
      const delivery = session.deliveryOf(message);
      if (delivery !== undefined) this.enqueue(session, delivery);
    }
  }

  /** Hands a delivery to the client, or keeps it while the client is away. */
  enqueue(session: Session, delivery: Outgoing): void {
    const client = this.online.get(session.clientId);
    if (client === undefined && delivery.qos === 0) return;
    if (session.waiting.length >= this.settings.queueMax) {
      this.books.dropped.queueFull += 1;
      return;
    }
    if (client !== undefined) client.deliver(delivery);
    else session.waiting.push(delivery);
  }

  /** The retained messages that a filter takes in and that have not expired. */
  retainedFor(filter: string): Message[] {
    const hits: Message[] = [];
    for (const [topic, message] of this.retained) {
      if (message.expiresAt <= this.queue.now) this.retained.delete(topic);
      else if (matches(filter, topic)) hits.push(message);
    }
    return hits;
  }

  /** The session of `clientId` to go on with, or a new one after a clean start. */
  openSession(clientId: string, cleanStart: boolean): { session: Session; present: boolean } {
    const found = this.sessions.get(clientId);
    this.orphanWills.delete(clientId);
    if (found !== undefined && !cleanStart) {
      found.cancelTimers();
      found.will = undefined;
      return { session: found, present: true };
    }
    if (found !== undefined) this.endSession(found);
    const session = new Session(clientId);
    this.sessions.set(clientId, session);
    return { session, present: false };
  }

  /** Ends a session: a will that still waits is published now (3.1.2.5). */
  endSession(session: Session): void {
    if (this.sessions.get(session.clientId) === session) this.sessions.delete(session.clientId);
    this.publishWill(session);
    session.cancelTimers();
  }

  /** The connection of `session` is gone: starts the will's delay and the session's expiry. */
  connectionLost(session: Session): void {
    const { will, expiryS } = session;
    if (expiryS === 0) {
      this.endSession(session);
      return;
    }
    if (will !== undefined && will.delayS === 0) this.publishWill(session);
    else if (will !== undefined) {
      const delayMs = will.delayS * 1000;
      session.willEvent = this.queue.after(delayMs, () => this.publishWill(session));
    }
    if (expiryS !== NEVER_EXPIRES_S) {
      session.expiryEvent = this.queue.after(expiryS * 1000, () => this.endSession(session));
    }
  }

  publishWill(session: Session): void {
    const { will } = session;
    session.will = undefined;
    if (will !== undefined) this.routeWill(will);
  }

  routeWill({ message, expiryS }: Will): void {
    this.route({ ...message, expiresAt: this.expiryOf(expiryS) });
  }

  /** Forgets every session, without their wills. */
  forgetSessions(): void {
    for (const session of this.sessions.values()) {
      if (this.online.has(session.clientId)) continue;
      session.will = undefined;
      session.cancelTimers();
      this.sessions.delete(session.clientId);
    }
  }

  /** World time at which a message published now expires. */
  expiryOf(expiryS: number | undefined): number {
    return expiryS === undefined ? Number.POSITIVE_INFINITY : this.queue.now + expiryS * 1000;
  }

  #observed(message: Message, isStored: boolean): Observed {
    const { topic, payload, qos, retain, clientId, properties } = message;
    const time = this.queue.now;
    return { time, topic, payload, qos, retain, isStored, clientId, properties };
  }
}
