/**
 * Somebody at the broker who sends commands to the boards, and a Home Assistant that starts: at
 * seeded times, in seeded moods, one by one and in bursts, with each QoS, retained, with and without
 * a response topic. What comes of it is checked against the books.
 *
 * Promises are held to only where nothing was disturbed in between: no fault, no reconnect, no
 * other command. The rules of the books hold always.
 */

import type { PublishRecord, SentRecord } from '../broker/books.ts';
import type { VirtualBroker } from '../broker/broker.ts';
import type { MessageProperties } from '../broker/session.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../random.ts';
import type { Board } from './board.ts';
import { CommandBook, type Entry } from './command-book.ts';
import { type Command, drawAlarmCommand, drawCommand, drawHarmless } from './commands.ts';
import type { FaultPlanner } from './fault-planner.ts';
import type { Violate } from './reading-book.ts';

const MINUTE_MS = 60_000;
/** Mean times between two acts on a board; each seed has one of these. */
const MOODS_MS = Object.freeze([
  4 * 60 * MINUTE_MS,
  90 * MINUTE_MS,
  90 * MINUTE_MS,
  15 * MINUTE_MS,
]);
/** How many faults are noticed at once, as a part of all. */
const NOTICED = 0.2;
/** How much of what is asked of a board with rules is about its alarms. */
const ALARMS_SHARE = 0.4;
const HOME_ASSISTANT = 'homeassistant/status';
const ANNOUNCEMENTS = 'homeassistant/device/';
/** Undisturbed for so long, a board is held to what it promises. */
const CALM_MS = MINUTE_MS;
const ONLINE_MS = 20_000;
/** Commands come at a second each, eight at once: after this all of those before are paid for. */
const SPACE_MS = 15_000;
/** What an answer takes, Home Assistant's spread included. */
const ANSWER_MS = 15_000;
/** How long the slowest sensors take for a reading, and a second of grace. */
const READING_MS_MAX = 6_000;
/** A goodbye of five seconds, and a boot. */
const RESTART_MS = 15_000;
/** Without a visitor the set-up network is open for ten minutes. */
const SET_UP_MS = 12 * MINUTE_MS;

/** What the operator needs of the world. */
export interface Site {
  readonly queue: EventQueue;
  readonly broker: VirtualBroker;
  readonly planner: FaultPlanner;
  readonly boards: readonly Board[];
  readonly intervalS: number;
  note(what: string, text: string): void;
  violate: Violate;
}

/** What the operator knows of one board. */
interface Desk {
  readonly board: Board;
  readonly book: CommandBook;
  readonly random: SeededRandom;
  /** When something was last sent to it. */
  actedAt: number;
  /** When it was last announced to Home Assistant. */
  announcedAt: number;
  /** Since when its set-up network has been seen open; NaN while it is not. */
  setUpSince: number;
  /** The boot and the session that messages meet now. */
  memory: { readonly boot: number; readonly session: object | undefined };
}

export class Operator {
  /** Commands that were sent. */
  commands = 0;
  readonly #site: Site;
  readonly #desks: Desk[] = [];
  readonly #byId = new Map<string, Desk>();
  readonly #meanMs: number;
  #number = 0;
  #isStopped = false;

  constructor(site: Site, random: SeededRandom) {
    this.#site = site;
    this.#meanMs = random.fork('mood').pick(MOODS_MS);
    for (const board of site.boards) {
      const { id, hasDiscovery, isPreset } = board;
      const violate: Violate = (rule, text) => site.violate(rule, `${id}: ${text}`);
      const desk: Desk = {
        board,
        book: new CommandBook(`mote/${id}`, { hasDiscovery, isPreset }, violate),
        random: random.fork(id),
        actedAt: Number.NEGATIVE_INFINITY,
        announcedAt: Number.NEGATIVE_INFINITY,
        setUpSince: Number.NaN,
        memory: { boot: 0, session: undefined },
      };
      this.#desks.push(desk);
      this.#byId.set(id, desk);
      this.#wait(desk);
    }
  }

  /** Answers that came, redeliveries included. */
  get answers(): number {
    return this.#desks.reduce((sum, { book }) => sum + book.answers, 0);
  }

  /** A fault begins: now and then somebody notices, and asks all at once what is wrong. */
  faultBegan(): void {
    for (const desk of this.#desks) {
      if (!desk.random.chance(NOTICED)) continue;
      this.#site.queue.after(desk.random.between(1000, MINUTE_MS), () => {
        if (this.#isStopped || !this.#site.broker.isUp) return;
        this.#flood(desk);
        desk.actedAt = this.#site.queue.now;
      });
    }
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The broker sent a PUBLISH to a board. */
  sent(record: SentRecord): void {
    const desk = this.#byId.get(record.clientId);
    if (desk === undefined) return;
    const { board } = desk;
    const session = this.#site.broker.session(board.id);
    const { memory } = desk;
    if (memory.boot !== board.boots || memory.session !== session) {
      desk.memory = { boot: board.boots, session };
    }
    desk.book.sent(record, desk.memory, this.#site.queue.now);
  }

  /** A PUBLISH that is no reading came from a board. */
  arrived(record: PublishRecord): void {
    const desk = this.#byId.get(record.clientId);
    if (desk === undefined) return;
    if (record.topic.startsWith(ANNOUNCEMENTS)) desk.announcedAt = this.#site.queue.now;
    const entry = desk.book.arrived(record, this.#site.broker.session(desk.board.id) ?? desk);
    if (entry !== undefined) this.#answered(desk, entry);
  }

  /** Once a minute: whether a set-up network that nobody uses is closed again. */
  inspect(): void {
    const { queue, violate } = this.#site;
    for (const desk of this.#desks) {
      const { board } = desk;
      if (!board.isBeingSetUp) desk.setUpSince = Number.NaN;
      else if (!(board.bootedAt <= desk.setUpSince)) desk.setUpSince = queue.now;
      if (!(queue.now - desk.setUpSince > SET_UP_MS)) continue;
      violate(
        'set-up',
        `${board.id} has been waiting for somebody for ${SET_UP_MS / 60_000} minutes`,
      );
    }
  }

  #wait(desk: Desk): void {
    const delayMs = desk.random.between(1000, 2 * this.#meanMs);
    this.#site.queue.after(delayMs, () => {
      if (this.#isStopped) return;
      if (this.#site.broker.isUp) this.#act(desk);
      this.#wait(desk);
    });
  }

  #act(desk: Desk): void {
    const { random, board } = desk;
    const drawn = random.below(10);
    if (board.hasAlarms && random.chance(ALARMS_SHARE)) {
      this.#command(desk, drawAlarmCommand(random, this.#next()), true);
    } else if (drawn === 0) this.#startHomeAssistant(desk);
    else if (drawn === 1) this.#flood(desk);
    else this.#command(desk, drawCommand(desk.random, this.#next(), this.#site.intervalS), true);
    desk.actedAt = this.#site.queue.now;
  }

  #next(): number {
    this.#number += 1;
    return this.#number;
  }

  /** As many as a person in a hurry sends, up to what a script that runs wild does. */
  #flood(desk: Desk): void {
    const { random } = desk;
    const count = random.pick([4, 4, 6, 12, 40]);
    for (let i = 0; i < count; i += 1) {
      this.#command(desk, drawHarmless(random, this.#next()), false);
    }
  }

  #command(desk: Desk, command: Command, isAlone: boolean): void {
    const { broker, note } = this.#site;
    const { random, board, book } = desk;
    const qos = random.pick([0, 1, 1, 2] as const);
    const retain = isAlone && random.chance(0.05);
    const properties = propertiesOf(random);
    const topic = `mote/${board.id}/command/${command.name}`;
    const { payload } = command;
    const isCalm = isAlone && !retain && this.#isCalm(desk);
    this.commands += 1;
    note('command', `${board.id} ${command.name} ${qos}${retain ? ' retained' : ''}`);
    // It may be sent before `publish` returns.
    const message = broker.message({ topic, payload, qos, retain, properties });
    const entry = book.add(command, message);
    broker.route(message);
    if (isCalm && command.id !== undefined) this.#expectAnswer(desk, entry);
  }

  #startHomeAssistant(desk: Desk): void {
    const { broker, queue, note, violate } = this.#site;
    const { random, board } = desk;
    const retain = random.chance(0.3);
    const isCalm = this.#isCalm(desk);
    const { now } = queue;
    note('home assistant', board.id);
    broker.publish({ topic: HOME_ASSISTANT, payload: 'online', qos: random.pick([0, 1]), retain });
    // A kind of message at which connections ended is left out for up to an hour.
    const isLeftOut = board.device?.discovery?.mayGo() !== true;
    // It may be larger than what the broker takes.
    const isNarrow = Number.isFinite(broker.settings.maximumPacketSize);
    if (!isCalm || retain || !board.hasDiscovery || isLeftOut || isNarrow) return;
    queue.after(ANSWER_MS, () => {
      if (desk.announcedAt >= now || this.#isDisturbed(desk, now)) return;
      violate('discovery', `${board.id} did not announce itself after Home Assistant's start`);
    });
  }

  #expectAnswer(desk: Desk, entry: Entry): void {
    const { queue, violate } = this.#site;
    const { now } = queue;
    queue.after(ANSWER_MS, () => {
      const isLeaving = entry.command.effect === 'restart';
      if (entry.isAnswered || this.#isDisturbed(desk, now, isLeaving)) return;
      const { name, id } = entry.command;
      violate('command', `${desk.board.id}: ${name} ${id} was not answered in ${ANSWER_MS} ms`);
    });
  }

  /** The first answer to a command came: what it says has to happen. */
  #answered(desk: Desk, entry: Entry): void {
    const { board } = desk;
    const { command, sentAt } = entry;
    const { effect, name } = command;
    if (effect === 'restart' && command.isRight(board.hasDiscovery)) {
      if (name === 'setup' && board.isPreset) return;
      this.#expectRestart(board, name, sentAt);
    } else if (effect === 'interval') this.#expectInterval(desk, entry);
  }

  #expectRestart(board: Board, name: string, sentAt: number): void {
    const { queue, violate } = this.#site;
    const { boots } = board;
    if (board.bootedAt >= sentAt) return;
    queue.after(RESTART_MS, () => {
      if (board.boots > boots || !board.isPowered) return;
      violate('command', `${board.id}: ${name} was answered, and the board did not restart`);
    });
  }

  /** Two readings further on, as many have come as the interval says. */
  #expectInterval(desk: Desk, entry: Entry): void {
    const { queue } = this.#site;
    const { samples } = desk.book;
    const { boots } = desk.board;
    const { now } = queue;
    // A reading that was asked for right before the answer is still to come.
    queue.after(READING_MS_MAX, () => {
      if (desk.board.boots === boots) this.#countReadings(desk, entry, samples, now);
    });
  }

  /** @param samplesBefore times that a reading had been asked for at the answer, at `answeredAt` */
  #countReadings(desk: Desk, entry: Entry, samplesBefore: number, answeredAt: number): void {
    const { queue, violate } = this.#site;
    const { board, book } = desk;
    const { seconds } = entry.command;
    const { boots } = board;
    const { readings } = board.book;
    const waitMs = 2500 * seconds;
    queue.after(waitMs, () => {
      const isOther = board.boots !== boots || book.lastInterval !== entry;
      if (isOther || this.#isDisturbed(desk, answeredAt) || board.device?.state !== 'online')
        return;
      // Told to look for its sensors while they were dead, a board has none until it starts again.
      if (board.device.sampler.quantities.length === 0) return;
      const taken = board.book.readings - readings;
      const asked = book.samples - samplesBefore;
      if (taken >= 2 && taken <= 3 + asked) return;
      const text = `${taken} readings in ${waitMs} ms at an interval of ${seconds} s`;
      violate('interval', `${board.id}: ${text}, ${asked} asked for`);
    });
  }

  /** Nothing is wrong, has been for a while, and the board has nothing to do. */
  #isCalm({ board, actedAt }: Desk): boolean {
    const { queue, broker, planner } = this.#site;
    const { now } = queue;
    if (planner.isBusy || now - planner.changedAt < CALM_MS || now - actedAt < SPACE_MS)
      return false;
    // Where connections ended at SUBSCRIBE, it is left out for up to an hour as well.
    const subscriptions = broker.session(board.id)?.subscriptions.size ?? 0;
    return subscriptions > 0 && broker.isOnline(board.id) && now - board.onlineSince > ONLINE_MS;
  }

  /** Something came between. @param isLeaving the board was to leave, and may be away */
  #isDisturbed({ board }: Desk, since: number, isLeaving = false): boolean {
    const { planner } = this.#site;
    if (planner.isBusy || planner.changedAt >= since || this.#isStopped) return true;
    return !isLeaving && (!board.isPowered || board.linkChangedAt >= since);
  }
}

function propertiesOf(random: SeededRandom): MessageProperties {
  const properties: MessageProperties = {};
  if (random.chance(0.4))
    properties.responseTopic = `operator/${random.pick(['desk', 'ä/b', 'x'])}`;
  if (random.chance(0.4)) {
    const correlationData = Buffer.alloc(random.between(1, 40));
    random.fill(correlationData);
    properties.correlationData = correlationData;
  }
  return properties;
}
