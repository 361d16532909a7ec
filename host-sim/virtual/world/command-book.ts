/**
 * One board's commands and answers, as the broker has seen them.
 *
 * The rules: an answer is JSON as the product says, and answers a command that was sent; it goes
 * where that one asked for, with its correlation data, and says what had to come of it; a command is
 * answered at most as often as it was sent; what was retained is not answered in 5.0; while nothing
 * is disturbed, a command is answered soon; what was answered is done.
 */

import type { PublishRecord, SentRecord } from '../broker/books.ts';
import type { Message } from '../broker/session.ts';
import { type Answer, readAnswer } from './answers.ts';
import type { Command } from './commands.ts';
import type { Violate } from './reading-book.ts';

/** Commands that are sent without an id and can be done. */
const MAY_BE_BARE: readonly string[] = Object.freeze(['sample', 'reboot']);
const NAME_LETTERS_MAX = 32;
const REQUEST_QOS_2 = 2;

/** A command on its way. */
export interface Entry {
  readonly command: Command;
  readonly message: Message;
  /** The versions in which it was sent: what is answered in one may be redelivered in the other. */
  readonly versions: Set<4 | 5>;
  /** Times that it went out where an answer may follow, and when it last did. */
  sends: number;
  sentAt: number;
  /** The boot and session to which it was last sent: QoS 2 comes once to each. */
  sentTo: object | undefined;
  /** Answers that are no redeliveries, in the present session. */
  answers: number;
  answeredIn: object | undefined;
  isAnswered: boolean;
}

/** In 3.1.1 a request says nothing of its answer. */
const NO_WISHES: Message['properties'] = Object.freeze({});

export class CommandBook {
  /** Answers that came, redeliveries included. */
  answers = 0;
  /** Times that `sample` was sent. */
  samples = 0;
  /** The interval that was sent last. */
  lastInterval: Entry | undefined;
  readonly #base: string;
  readonly #hasDiscovery: boolean;
  /** Settings from elsewhere: there is nothing to set up. */
  readonly #isPreset: boolean;
  readonly #violate: Violate;
  readonly #byMessage = new Map<Message, Entry>();
  readonly #byId = new Map<string, Entry>();
  /** Something went out that may be answered. */
  #isAsked = false;

  constructor(
    base: string,
    make: { readonly hasDiscovery: boolean; readonly isPreset: boolean },
    violate: Violate,
  ) {
    this.#base = base;
    this.#hasDiscovery = make.hasDiscovery;
    this.#isPreset = make.isPreset;
    this.#violate = violate;
  }

  /** The operator is about to send it. */
  add(command: Command, message: Message): Entry {
    const entry: Entry = {
      command,
      message,
      versions: new Set(),
      sends: 0,
      sentAt: Number.NEGATIVE_INFINITY,
      sentTo: undefined,
      answers: 0,
      answeredIn: undefined,
      isAnswered: false,
    };
    this.#byMessage.set(message, entry);
    if (command.id !== undefined) this.#byId.set(String(command.id), entry);
    return entry;
  }

  /** A PUBLISH went out to the board. @param memory stands for the boot and session that it met */
  sent({ message, version, qos, retain }: SentRecord, memory: object, now: number): void {
    const entry = this.#byMessage.get(message);
    if (entry === undefined || retain) return;
    entry.versions.add(version);
    entry.sentAt = now;
    if (entry.command.effect === 'sample') this.samples += 1;
    if (entry.command.effect === 'interval') this.lastInterval = entry;
    const isKnown = qos === REQUEST_QOS_2 && entry.sentTo === memory;
    entry.sentTo = memory;
    if (isKnown) return;
    entry.sends += 1;
    this.#isAsked = true;
  }

  /**
   * A PUBLISH came from the board that is no reading, and may be an answer.
   * @param session stands for the broker's session
   * @returns the command that it is the first answer to
   */
  arrived(record: PublishRecord, session: object): Entry | undefined {
    const isPlain = record.topic === `${this.#base}/response`;
    if (!isPlain && !record.topic.startsWith('operator/')) return undefined;
    this.answers += 1;
    const answer = readAnswer(record.payload);
    if (typeof answer === 'string') {
      this.#violate('command', `an answer that is not as it should be: ${answer}`);
      return undefined;
    }
    if (record.qos !== 1 || record.retain) {
      this.#violate('command', `an answer with QoS ${record.qos}, retained: ${record.retain}`);
    }
    if (answer.id === undefined) {
      this.#checkNameless(answer);
      return undefined;
    }
    const entry = this.#byId.get(String(answer.id));
    if (entry === undefined || entry.command.id !== answer.id) {
      this.#violate('command', `an answer to ${answer.id}, which nobody sent`);
      return undefined;
    }
    this.#checkPlace(entry, record);
    this.#checkWords(entry, answer);
    this.#count(entry, record, session);
    if (entry.isAnswered) return undefined;
    entry.isAnswered = true;
    return entry;
  }

  #checkPlace({ command, message, versions }: Entry, record: PublishRecord): void {
    const { topic, properties } = record;
    const given = Buffer.from(properties?.correlationData ?? []).toString('hex');
    let wanted = '';
    // What was retained may be answered, and is not counted as sent.
    for (const version of versions.size === 0 ? ([4] as const) : versions) {
      const { responseTopic, correlationData } = version === 5 ? message.properties : NO_WISHES;
      const place = responseTopic ?? `${this.#base}/response`;
      const data = Buffer.from(correlationData ?? []).toString('hex');
      // What was asked for in 5.0 may be answered in 3.1.1, which says nothing of the request.
      if (topic === place && (given === data || record.version === 4)) return;
      wanted += `${wanted === '' ? '' : ', or '}${place} with '${data}'`;
    }
    const text = `${command.name} was answered on ${topic} with '${given}'`;
    this.#violate('command', `${text}, wanted was ${wanted}`);
  }

  #checkWords({ command }: Entry, { name, ok, error }: Answer): void {
    const isRight = command.isRight(this.#hasDiscovery);
    const isPossible = command.name !== 'setup' || !this.#isPreset;
    const isNamed = name === command.name.slice(0, NAME_LETTERS_MAX);
    if (isNamed && ok === (isRight && isPossible)) return;
    const text = `${command.name} ${command.payload} was answered as ${name}`;
    this.#violate('command', `${text}, ${ok ? 'ok' : error}`);
  }

  #count(entry: Entry, { dup }: PublishRecord, session: object): void {
    if (dup) return;
    if (entry.answeredIn !== session) entry.answers = 0;
    entry.answeredIn = session;
    entry.answers += 1;
    if (entry.answers <= entry.sends) return;
    const { name, id } = entry.command;
    const text = `${name} ${id} was sent ${entry.sends} times and answered ${entry.answers} times`;
    this.#violate('command', text);
  }

  /** What has no id was malformed, or one of too many, or had none. */
  #checkNameless({ name, ok, error }: Answer): void {
    if (this.#isAsked && (ok ? MAY_BE_BARE.includes(name) : error !== '')) return;
    this.#violate('command', `${name} was answered without an id: ${ok ? 'ok' : error}`);
  }
}
