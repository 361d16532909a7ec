/**
 * The deterministic world: one seed, one event queue, a broker, and boards that run the whole
 * firmware, with faults for a while and then none until everything has drained.
 *
 * After every step the books of the boards that moved are compared with the world's own. The first
 * broken rule ends the run. What happened, to the last event, is in one hash.
 */

import { RESET } from '../../esp32-tools/reset-codes.ts';
import type { PublishRecord } from '../broker/books.ts';
import { VirtualBroker } from '../broker/broker.ts';
import { VirtualClock } from '../clock.ts';
import { Air } from '../datagrams.ts';
import { EventQueue } from '../event-queue.ts';
import { VirtualFlash } from '../flash.ts';
import { watchMachines } from '../machines.ts';
import { Internet } from '../network.ts';
import { SeededRandom } from '../random.ts';
import { VirtualTimeServer } from '../time-server.ts';
import { TlsServer } from '../tls.ts';
import { identitiesFor } from '../tls-identities.ts';
import { webSocketDoor } from '../websocket-server.ts';
import { Board } from './board.ts';
import { EPOCH_MS, TIME_HOST } from './board-time.ts';
import { Drain } from './drain.ts';
import type { Site } from './fault-kind.ts';
import { FaultPlanner } from './fault-planner.ts';
import { Operator } from './operator.ts';
import { SettingsOwner } from './settings-owner.ts';
import { StateHash } from './state-hash.ts';
import { StatusWatch } from './status-watch.ts';
import type { Surroundings } from './surroundings.ts';
import type { Trace } from './trace.ts';
import {
  ADDRESS,
  brokerSettings,
  HOST,
  hasTls,
  makeOf,
  OTHER_HOST,
  PORT,
  TLS_PORT,
  WEB_SOCKET_PATH,
  WEB_SOCKET_PORT,
} from './world-make.ts';
import type { Outcome, WorldPlan } from './world-plan.ts';

const TIME_ADDRESS = '10.0.0.123';
/** What the worst link takes. */
const UNEVEN_MS = 3000;
const INSPECTION_MS = 60_000;
const HOUR_MS = 3_600_000;
/** One and a half of the shortest keep-alive that is configured. */
const KEPT_MS_MIN = 45_000;
/** More events than this at one time: somebody spins. */
const EVENTS_AT_ONCE_MAX = 100_000;

export class World implements Surroundings {
  readonly queue = new EventQueue();
  readonly random: SeededRandom;
  readonly internet: Internet;
  readonly air: Air;
  readonly timeServer: VirtualTimeServer;
  readonly broker: VirtualBroker;
  readonly hash = new StateHash();
  readonly tls: TlsServer | undefined;
  readonly boards: Board[] = [];
  readonly planner: FaultPlanner;
  readonly plan: WorldPlan;
  violation: string | undefined;
  #cause: unknown;
  /** Boards whose counts are compared after this step; an array that shrinks is made anew. */
  readonly #touched: Board[] = [];
  #touchedCount = 0;
  #movedAt = 0;
  #movedSince = 0;
  readonly trace: Trace | undefined;
  readonly #status: StatusWatch;
  readonly #byId = new Map<string, Board>();
  readonly #copies = new Map<string, VirtualFlash>();
  readonly #drain: Drain;
  readonly #operator: Operator | undefined;
  /** Who changes settings from afar; undefined for nobody. */
  readonly owner: SettingsOwner | undefined;

  constructor(plan: WorldPlan, trace?: Trace) {
    watchMachines();
    this.plan = plan;
    this.trace = trace;
    this.random = new SeededRandom(plan.seed);
    this.internet = new Internet(this.queue);
    this.internet.name(HOST, ADDRESS);
    this.internet.name(OTHER_HOST, ADDRESS);
    this.internet.name(TIME_HOST, TIME_ADDRESS);
    this.air = new Air(this.queue, this.random.fork('air'));
    const clock = new VirtualClock(this.queue, { epochMs: EPOCH_MS });
    this.timeServer = new VirtualTimeServer(this.queue, this.air, TIME_ADDRESS, () => {
      return clock.trueWall();
    });
    this.timeServer.unevenMs = UNEVEN_MS;
    this.timeServer.onOffence = (client, text) => this.violate('time', `${client} ${text}`);
    const settings = brokerSettings(this.random);
    this.broker = new VirtualBroker(this.queue, this.random.fork('broker'), settings);
    this.broker.listen(this.internet, ADDRESS, PORT);
    this.tls = this.#openTls();
    const door = webSocketDoor({
      queue: this.queue,
      random: this.random.fork('websocket'),
      authorities: [HOST, OTHER_HOST].map((host) => `${host}:${WEB_SOCKET_PORT}`),
      path: WEB_SOCKET_PATH,
      offence: (text) => this.violate('standard', `WebSocket: ${text}`),
    });
    this.broker.listen(this.internet, ADDRESS, WEB_SOCKET_PORT, door);
    this.queue.trace = (time, ordinal) => {
      this.hash.time(time);
      this.hash.word(ordinal | 0);
    };
    const note = (what: string, text: string) => this.note(what, text);
    this.planner = new FaultPlanner(this.queue, (index, own) => this.#site(index, own), note);
    this.#status = new StatusWatch(this.broker, plan.devices, (rule, text) => {
      this.violate(rule, text);
    });
    this.#drain = new Drain(this);
    this.#keepBooks();
    this.#makeBoards();
    this.#planFaults();
    if (plan.hasOperator) {
      this.#operator = this.#makeOperator();
      if (plan.hasOwner) this.owner = new SettingsOwner(this, this.random.fork('owner'));
    }
    this.queue.after(INSPECTION_MS, () => this.#inspect());
  }

  /** Runs until the world is done, a rule is broken, or `events` have been run in all. */
  run(events = Number.POSITIVE_INFINITY): void {
    const { queue } = this;
    while (!this.isOver && queue.executed < events) {
      if (!queue.step()) return;
      if (queue.now !== this.#movedAt) {
        this.#movedAt = queue.now;
        this.#movedSince = queue.executed;
      } else if (queue.executed - this.#movedSince > EVENTS_AT_ONCE_MAX) {
        this.violate('progress', `${EVENTS_AT_ONCE_MAX} events, and the time stands still`);
      }
      if (this.#touchedCount > 0) this.#compare();
    }
  }

  get isOver(): boolean {
    return this.violation !== undefined || this.#drain.isDone;
  }

  get outcome(): Outcome {
    const { boards } = this;
    const sum = (of: (board: Board) => number) => boards.reduce((all, board) => all + of(board), 0);
    const elapsedMs = this.queue.now;
    return {
      seed: this.plan.seed,
      verdict: this.violation === undefined ? 'OK' : 'VIOLATION',
      hash: this.hash.hex,
      events: this.queue.executed,
      accepted: sum(({ book }) => book.accepted),
      delivered: sum(({ book }) => book.delivered),
      dropped: sum(({ outbox, finalLosses }) => {
        return outbox === undefined ? finalLosses : outbox.dropped + outbox.refused;
      }),
      duplicates: sum(({ book }) => book.duplicates),
      reconnects: sum(({ connects }) => Math.max(0, connects - 1)),
      commands: this.#operator?.commands ?? 0,
      answers: this.#operator?.answers ?? 0,
      powerCuts: sum(({ powerCuts }) => powerCuts),
      flashErases: sum(({ flash }) => flash.erases),
      yearsOfLife: Math.min(...boards.map(({ log }) => log.yearsOfLife(elapsedMs))),
      deviceHours: (elapsedMs / HOUR_MS) * boards.length,
      violation: this.violation,
      cause: this.#cause,
    };
  }

  violate(rule: string, text: string, cause?: unknown): void {
    if (this.violation !== undefined) return;
    this.violation = `${rule}: ${text}`;
    this.#cause = cause;
    this.note('violation', this.violation);
  }

  note(what: string, text: string): void {
    this.hash.text(what);
    this.hash.text(text);
    if (this.trace?.has('world')) this.trace.tell(this.queue, what, text);
  }

  touch(board: Board): void {
    this.#touched[this.#touchedCount] = board;
    this.#touchedCount += 1;
  }

  copyOf({ blocks, blockBytes, writeAlignment }: VirtualFlash): VirtualFlash {
    const shape = `${blocks} ${blockBytes} ${writeAlignment}`;
    let copy = this.#copies.get(shape);
    if (copy === undefined) {
      const random = this.random.fork('copies');
      copy = new VirtualFlash({ blocks, blockBytes, writeAlignment, random });
      this.#copies.set(shape, copy);
    }
    return copy;
  }

  #openTls(): TlsServer | undefined {
    if (!hasTls(this.plan, this.random)) return undefined;
    const tls = new TlsServer(this.queue, this.random.fork('tls'), identitiesFor(HOST));
    this.broker.listen(this.internet, ADDRESS, TLS_PORT, (end, accept) => tls.accept(end, accept));
    return tls;
  }

  #site(index: number, random: SeededRandom): Site {
    const { queue, broker, boards, tls } = this;
    return { queue, broker, boards, tls, board: boards[index], random };
  }

  #keepBooks(): void {
    const { books } = this.broker;
    // A boot that comes for the first time cannot know what an earlier one had in flight.
    this.broker.configure({
      authenticate: ({ clientId }) => {
        if (this.#byId.get(clientId)?.isNew) this.broker.excuse(clientId);
        return 0;
      },
    });
    books.keepsPublished = false;
    books.onPublish = (record) => this.#published(record);
    books.onFinding = ({ level, rule, text, clientId }) => {
      const board = this.#byId.get(clientId);
      // The broker cannot know that the silent connection was given up: its end is on the way.
      const onlineMs = this.queue.now - (board?.onlineSince ?? 0);
      const isGivenUp = rule === 'keep-alive' && !(onlineMs > KEPT_MS_MIN);
      if (level === 'violation' && !isGivenUp)
        this.violate('standard', `${clientId}: ${rule}: ${text}`);
      else this.note('broker notes', `${clientId} ${rule}: ${text}`);
    };
  }

  #published(record: PublishRecord): void {
    const { topic, payload, clientId, dup, connection } = record;
    this.hash.bytes(payload, 0, payload.length);
    this.hash.word(connection);
    const name = topic.slice(topic.lastIndexOf('/') + 1);
    if (this.trace?.has('world')) {
      const text = `${clientId} ${name}${dup ? ' DUP' : ''} ${Buffer.from(payload)}`;
      this.trace.tell(this.queue, 'publish', text);
    }
    const board = this.#byId.get(clientId);
    const isAlarm = topic.startsWith(`mote/${clientId}/alarm/`);
    // A board that moves takes back what it has told of its alarms.
    if (isAlarm && payload.length === 0 && board?.mote?.state === 'parting') return;
    if (isAlarm && !record.retain) this.violate('alarm', `${clientId}: ${topic} is not retained`);
    if (!isAlarm && name !== 'telemetry' && name !== 'history') {
      if (topic === board?.statusTopic && record.reason >= 0x80) {
        this.#status.refused(board, this.queue.now);
      }
      this.#operator?.arrived(record);
      return;
    }
    const hasDropped = board?.book.arrive(record, topicOf(name), this.broker.session(clientId));
    if (hasDropped === true) this.broker.excuseMessage(clientId, record.packetId);
  }

  #makeOperator(): Operator {
    const { queue, broker, planner, boards, plan } = this;
    const operator = new Operator(
      {
        queue,
        broker,
        planner,
        boards,
        intervalS: Math.max(1, plan.intervalMs / 1000),
        note: (what, text) => this.note(what, text),
        violate: (rule, text) => this.violate(rule, text),
      },
      this.random.fork('operator'),
    );
    broker.books.onSend = (record) => operator.sent(record);
    planner.onBegin = () => operator.faultBegan();
    return operator;
  }

  /** The faults stop, and so do the commands. */
  stopOperator(): void {
    this.#operator?.stop();
    this.owner?.stop();
  }

  #makeBoards(): void {
    const { plan } = this;
    for (let index = 0; index < plan.devices; index += 1) {
      const make = makeOf(plan, index, this.random);
      const board = new Board(this, make);
      this.boards.push(board);
      this.#byId.set(board.id, board);
      board.bootAfter(board.random.below(Math.min(plan.intervalMs, 60_000)), RESET.powerOn);
    }
  }

  #planFaults(): void {
    const { plan, planner, queue } = this;
    planner.plan(plan.faults, plan.isSwarm, plan.devices, this.random.fork('faults'));
    for (const [number, { atMs, kind, boards, lastsMs }] of plan.script.entries()) {
      const random = this.random.fork(`script ${number}`);
      const targets = kind.scope === 'broker' ? [0] : (boards ?? this.boards.map((b) => b.index));
      queue.at(atMs, () => {
        for (const index of targets) planner.strike(kind, index, lastsMs, random);
      });
    }
    queue.at(plan.durationMs, () => this.#drain.begin());
  }

  /** What takes longer than a comparison, once a minute. */
  #inspect(): void {
    const { queue, planner, boards } = this;
    const calmSince = planner.isBusy ? Number.POSITIVE_INFINITY : planner.changedAt;
    this.#status.check(boards, queue.now, calmSince);
    for (const board of boards) {
      board.log.checkWear();
      board.link.checkSilence();
      board.time.check();
    }
    this.#operator?.inspect();
    this.broker.books.connections.length = 0;
    this.broker.books.findings.length = 0;
    queue.after(INSPECTION_MS, () => this.#inspect());
  }

  #compare(): void {
    for (let i = 0; i < this.#touchedCount; i += 1) {
      const board = this.#touched[i];
      board.isTouched = false;
      if (board.outbox === undefined) continue;
      board.book.compare(board.outbox.inner);
      const { dropped, inner } = board.outbox;
      if (dropped === board.droppedBefore) continue;
      board.droppedBefore = dropped;
      // What was in flight and had to give way to newer readings cannot be sent again.
      this.broker.excuse(board.id);
      if (inner.loadOldest()) board.book.drop(inner.record.sequence);
    }
    this.#touchedCount = 0;
  }
}

/** What is no reading by its topic's last level is an alarm. */
function topicOf(name: string): 'telemetry' | 'history' | 'alarm' {
  return name === 'telemetry' || name === 'history' ? name : 'alarm';
}
