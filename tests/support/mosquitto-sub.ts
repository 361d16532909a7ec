/**
 * A subscriber that shares no code with Mote: the program mosquitto_sub, its lines parsed.
 *
 * It reconnects by itself, about a second after the broker is back, and subscribes again. A
 * persistent one keeps its session on the broker, so what is published while the broker or the
 * subscriber is away arrives later: with it a test can say that nothing was lost.
 */

import { requireTool } from './available.ts';
import { end, spawnOwned } from './owned-process.ts';

export interface SubscriptionOptions {
  /** Default 1. */
  readonly qos?: 0 | 1 | 2;
  /** A client id; with it the session outlives the connection (for an hour). */
  readonly persistentId?: string;
  /** Keeps the publisher's retain flag on live messages, as MQTT 5 allows. */
  readonly retainAsPublished?: boolean;
}

/** One delivery; a redelivered message is there twice. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** The payload as UTF-8. */
  readonly text: string;
  readonly qos: number;
  readonly retain: boolean;
  /** MQTT 5 properties, under mosquitto_sub's names ('message-expiry-interval', …). */
  readonly properties: Readonly<Record<string, unknown>>;
}

const mark = '\u001F';

/** A running mosquitto_sub; made by `Mosquitto.subscribe`. */
export class Subscription {
  /** Everything received so far, in order. */
  readonly messages: ReceivedMessage[] = [];
  readonly #filter: string;
  readonly #brokerLog: () => string;
  readonly #process: ReturnType<typeof spawnOwned>;
  readonly #waiting = new Set<() => void>();
  #subscribedCount = 0;
  #rest = '';
  #notes = '';

  constructor(
    clientArguments: readonly string[],
    filter: string,
    options: SubscriptionOptions,
    brokerLog: () => string,
  ) {
    this.#filter = filter;
    this.#brokerLog = brokerLog;
    const args = [...clientArguments, '-t', filter, '-q', String(options.qos ?? 1), '-d'];
    if (options.persistentId !== undefined)
      args.push('-c', '-x', '3600', '-i', options.persistentId);
    if (options.retainAsPublished === true) args.push('--retain-as-published');
    args.push('-F', `${mark}%x ${mark}%j`);
    // Into a pipe it would hold its notes back, and with them the news of the SUBACK.
    this.#process = spawnOwned('stdbuf', ['-oL', requireTool('mosquitto_sub'), ...args]);
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => this.#note(text));
    this.#process.once('error', (error) => this.#note(error.message));
    this.#process.once('exit', () => this.#note('mosquitto_sub ended'));
  }

  /** Waits until the broker has confirmed the subscription this many times: 2 after a restart. */
  subscribed(times = 1, timeoutMs = 10_000): Promise<void> {
    return this.#until(() => this.#subscribedCount >= times, timeoutMs, `SUBACK ${times}`);
  }

  /** The first message, past or to come, that satisfies the predicate. @throws Error when late. */
  async waitFor(
    predicate: (message: ReceivedMessage) => boolean,
    timeoutMs = 5000,
  ): Promise<ReceivedMessage> {
    await this.#until(() => this.messages.some(predicate), timeoutMs, 'the message waited for');
    return this.messages.find(predicate)!;
  }

  /** Waits until the messages together satisfy a condition. @throws Error when late. */
  waitUntil(
    condition: (messages: readonly ReceivedMessage[]) => boolean,
    timeoutMs = 5000,
  ): Promise<void> {
    return this.#until(() => condition(this.messages), timeoutMs, 'the messages waited for');
  }

  /** Ends mosquitto_sub with a clean DISCONNECT; a persistent session stays on the broker. */
  stop(): Promise<void> {
    return end(this.#process, 'SIGTERM');
  }

  #until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(guard);
        this.#waiting.delete(check);
        settle();
      };
      const check = () => {
        if (condition()) finish(resolve);
      };
      const late = () =>
        reject(new Error(`${what} did not come in ${timeoutMs} ms\n${this.#state()}`));
      const guard = setTimeout(() => finish(late), timeoutMs);
      this.#waiting.add(check);
      check();
    });
  }

  #state(): string {
    const last = this.messages.slice(-10).map(({ topic, text }) => `  ${topic} ${text}`);
    const log = this.#brokerLog().split('\n').slice(-30).join('\n');
    const count = `${this.messages.length} messages on ${this.#filter}`;
    const seen = `${count}, at last:\n${last.join('\n')}`;
    return `${seen}\nmosquitto_sub:\n${this.#notes}\nMosquitto:\n${log}`;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith(mark)) this.messages.push(parse(line));
      else if (line.startsWith('Subscribed ')) this.#subscribedCount += 1;
    }
    for (const check of [...this.#waiting]) check();
  }

  #note(text: string): void {
    this.#notes = (this.#notes + text).slice(-5000);
  }
}

/** The payload is read from its hexadecimal form: JSON cannot carry arbitrary bytes. */
function parse(line: string): ReceivedMessage {
  const [, hex = '', json = ''] = line.split(mark);
  const fields = JSON.parse(json) as {
    topic: string;
    qos: number;
    retain: number;
    properties?: Record<string, unknown>;
  };
  const payload = Buffer.from(hex.trim(), 'hex');
  return {
    topic: fields.topic,
    payload,
    text: payload.toString('utf8'),
    qos: fields.qos,
    retain: fields.retain === 1,
    properties: fields.properties ?? {},
  };
}
