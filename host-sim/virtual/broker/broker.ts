/**
 * A virtual MQTT broker, 3.1.1 and 5.0, on the event queue.
 *
 *   const queue = new EventQueue();
 *   const random = new SeededRandom(7);
 *   const internet = new Internet(queue);
 *   internet.name('broker.test', '10.0.0.1');
 *   const broker = new VirtualBroker(queue, random.fork('broker'), { receiveMaximum: 8 });
 *   broker.listen(internet, '10.0.0.1', 1883);
 *   const network = new VirtualNetwork(internet, random.fork('link'), { latencyMsMax: 40 });
 *   // ... give `network` to a device, then:
 *   broker.subscriber('mote/#', ({ topic, payload, retain }) => seen.push(topic));
 *   queue.runUntil(() => broker.isOnline('mote-1'), 5_000);
 *   broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
 *   queue.runFor(60_000);
 *   broker.behave();
 *   broker.restart({ how: 'vanish', downMs: 10_000, keepsState: false });
 *   assert.deepEqual(broker.violations, []);
 *   assert.equal(broker.books.published.length, 3);
 *
 * It is strict: whatever a client does against the standard is answered as the standard says and
 * recorded in `violations`. TLS and WebSocket are doors before it; it has no shared subscriptions.
 */

import type { Cancel } from '../../../firmware/ports.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Acceptor, Internet, ServerEnd } from '../network.ts';
import type { SeededRandom } from '../random.ts';
import type { Books, Finding } from './books.ts';
import { Client } from './client.ts';
import { Core, type Observed } from './core.ts';
import type { Message, MessageProperties, Session } from './session.ts';
import { type BrokerFaults, type BrokerSettings, type EndHow, NO_FAULTS } from './settings.ts';

/** A message from the world outside; text payloads are sent as UTF-8. */
export interface Publication {
  topic: string;
  payload: Uint8Array | string;
  qos?: 0 | 1 | 2;
  retain?: boolean;
  properties?: MessageProperties;
  expiryS?: number;
}

/** How a broker goes down and comes back. */
export interface Restart {
  /** 'close': an orderly shutdown; 'reset' and 'vanish': a crash. */
  how?: EndHow;
  downMs?: number;
  /** Whether sessions and retained messages survive. */
  keepsState?: boolean;
}

/** Clients have this long to come back after a restart before their wills are published. */
const WILL_AFTER_RESTART_MS = 10_000;

interface Listener {
  internet: Internet;
  address: string;
  port: number;
  door: Door;
  handle: Cancel | undefined;
}

/** Lets connections in, as they are or otherwise. */
export type Door = (end: ServerEnd, accept: Acceptor) => void;

const OPEN: Door = (end, accept) => accept(end);

export class VirtualBroker {
  readonly #core: Core;
  readonly #clients = new Set<Client>();
  readonly #listeners: Listener[] = [];
  #isUp = true;

  /** @param settings differences from `DEFAULT_SETTINGS`. */
  constructor(queue: EventQueue, random: SeededRandom, settings?: Partial<BrokerSettings>) {
    this.#core = new Core(queue, random, settings);
  }

  /** What was received, who connected, what went wrong. */
  get books(): Books {
    return this.#core.books;
  }

  /** Everything that clients did against the standard, oldest first. */
  get violations(): Finding[] {
    return this.#core.books.violations;
  }

  get settings(): Readonly<BrokerSettings> {
    return this.#core.settings;
  }

  get faults(): Readonly<BrokerFaults> {
    return this.#core.faults;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /**
   * Accepts connections at an address while the broker is up.
   * @param door what a connection passes before it is the broker's, as TLS
   */
  listen(internet: Internet, address: string, port = 1883, door: Door = OPEN): void {
    const listener: Listener = { internet, address, port, door, handle: undefined };
    this.#listeners.push(listener);
    if (this.#isUp) this.#open(listener);
  }

  /** Changes settings; what CONNACK told stays in force until the next connection. */
  configure(settings: Partial<BrokerSettings>): void {
    this.#core.settings = { ...this.#core.settings, ...settings };
  }

  /** Switches some faults on, or off; the others stay as they are. */
  misbehave(faults: Partial<BrokerFaults>): void {
    const wasStalled = this.#core.faults.readsNothing;
    this.#core.faults = { ...this.#core.faults, ...faults };
    if (wasStalled && !this.#core.faults.readsNothing) {
      this.#core.queue.after(0, () => {
        for (const client of [...this.#clients]) client.readable();
      });
    }
  }

  /** Switches all faults off. */
  behave(): void {
    this.misbehave(NO_FAULTS);
  }

  /** Calls `see` for each message published from now on, and for stored ones first. */
  subscriber(filter: string, see: (message: Observed) => void): Cancel {
    return { cancel: this.#core.observe(filter, see) };
  }

  /** Publishes from the world outside, now. */
  publish(publication: Publication): void {
    this.route(this.message(publication));
  }

  /** A message from the world outside, for `route`; `books.onSend` tells by it what it sends. */
  message({ topic, payload, qos = 0, retain, properties, expiryS }: Publication): Message {
    return {
      topic,
      payload: typeof payload === 'string' ? Buffer.from(payload) : Uint8Array.from(payload),
      qos,
      retain: retain === true,
      properties: properties ?? {},
      clientId: '',
      expiresAt: this.#core.expiryOf(expiryS),
    };
  }

  /** Hands a message to whoever subscribed, and stores it where it is to be retained. */
  route(message: Message): void {
    this.#core.route(message);
  }

  isOnline(clientId: string): boolean {
    return this.#core.online.has(clientId);
  }

  /** The number of a client's connection, and when its last packet came; undefined without one. */
  heard(clientId: string): { readonly connection: number; readonly at: number } | undefined {
    const client = this.#client(clientId);
    return client && { connection: client.record.number, at: client.heardAt };
  }

  session(clientId: string): Session | undefined {
    return this.#core.sessions.get(clientId);
  }

  /** The payload of the retained message on `topic`. */
  retained(topic: string): Uint8Array | undefined {
    return this.#core.retained.get(topic)?.payload;
  }

  /** Goes down: refuses connections, ends all; an orderly shutdown tells 5.0 clients (0x8B). */
  stop(how: EndHow = 'close'): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    for (const listener of this.#listeners) {
      listener.handle?.cancel();
      listener.handle = undefined;
    }
    for (const client of [...this.#clients]) {
      if (client.isOnline && client.session.will !== undefined) {
        this.#core.orphanWills.set(client.clientId, client.session.will);
        client.session.will = undefined;
      }
      if (how === 'close') client.disconnect(0x8b, 'broker: shutting down');
      else client.finish(how, 'broker: crashed');
    }
  }

  /** Comes up again; wills of clients that stay away are published after a grace period. */
  start(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    for (const listener of this.#listeners) this.#open(listener);
    for (const [clientId, will] of this.#core.orphanWills) {
      const delayMs = Math.max(will.delayS * 1000, WILL_AFTER_RESTART_MS);
      this.#core.queue.after(delayMs, () => {
        if (this.#core.orphanWills.get(clientId) !== will) return;
        this.#core.orphanWills.delete(clientId);
        this.#core.routeWill(will);
      });
    }
  }

  /** `stop`, and `start` after `downMs`; without its state if so asked. */
  restart({ how = 'close', downMs = 0, keepsState = true }: Restart = {}): void {
    this.stop(how);
    if (!keepsState) {
      this.#core.forgetSessions();
      this.#core.retained.clear();
      this.#core.orphanWills.clear();
    }
    this.#core.queue.after(downMs, () => this.start());
  }

  /** Drops the sessions of all clients that are not connected. */
  forgetSessions(): void {
    this.#core.forgetSessions();
  }

  /** Ends a client's connection with DISCONNECT (5.0), such as 0x9C with a server reference. */
  disconnect(clientId: string, reason: number, serverReference?: string): void {
    const why = `broker: DISCONNECT 0x${reason.toString(16)}`;
    this.#client(clientId)?.disconnect(reason, why, serverReference);
  }

  /** Ends a client's connection without a packet. */
  drop(clientId: string, how: EndHow = 'close'): void {
    this.#client(clientId)?.finish(how, 'broker: dropped on demand');
  }

  /** What a second device with the same client identifier does to the first (0x8E in 5.0). */
  takeOver(clientId: string): void {
    this.#client(clientId)?.takeOver();
  }

  /** Sends raw bytes to a client. */
  send(clientId: string, bytes: Uint8Array): void {
    this.#client(clientId)?.sendRaw(bytes);
  }

  /** The device lost its memory: it need not know what it had in flight. */
  excuse(clientId: string): void {
    this.#core.sessions.get(clientId)?.ledger.excuse();
  }

  /** The device gave up what this message carried, when it was on its way. */
  excuseMessage(clientId: string, packetId: number): void {
    this.#core.sessions.get(clientId)?.ledger.excuseOne(packetId);
  }

  #client(clientId: string): Client | undefined {
    for (const client of this.#clients) {
      if (client.isOnline && client.clientId === clientId) return client;
    }
    return undefined;
  }

  #open(listener: Listener): void {
    const { internet, address, port, door } = listener;
    const accept = (end: ServerEnd) => {
      // What was under way at the door when the broker went down is closed.
      if (listener.handle === undefined) end.close();
      else this.#accept(end);
    };
    listener.handle = internet.listen(address, port, (end) => door(end, accept));
  }

  #accept(end: ServerEnd): void {
    this.#clients.add(new Client(this.#core, end, (client) => this.#clients.delete(client)));
  }
}
