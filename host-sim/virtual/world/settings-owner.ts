/**
 * Somebody who changes the settings of boards from afar, retained, by documents and single values:
 * right ones, wrong ones, and such as would cut a board off.
 *
 * The rule: soon after faults have stopped nothing is under way on a board, and what it reports is
 * what its flash holds. That it is signed in is what the drain looks at.
 */

import type { VirtualBroker } from '../broker/broker.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../random.ts';
import type { Board } from './board.ts';
import { CRASH_PIN } from './board-ports.ts';
import type { Violate } from './reading-book.ts';
import { HOST, OTHER_HOST } from './world-make.ts';

const HOUR_MS = 3_600_000;
/** Mean times between two wishes for a board; each seed has one of these, or no owner. */
const MOODS_MS = Object.freeze([undefined, undefined, 8 * HOUR_MS, 3 * HOUR_MS, HOUR_MS]);
/** What stands for no light at all. */
const NO_PIN = -1;
const LABELS = Object.freeze(['Kitchen', 'Hall', 'Küche <1>', 'Room & board']);

/** What the owner needs of the world. */
interface Site {
  readonly queue: EventQueue;
  readonly broker: VirtualBroker;
  readonly boards: readonly Board[];
  note(what: string, text: string): void;
  violate: Violate;
}

export class SettingsOwner {
  readonly #site: Site;
  readonly #meanMs: number | undefined;
  /** By board: the version of its last document. */
  readonly #versions = new Map<string, number>();
  #isStopped = false;

  constructor(site: Site, random: SeededRandom) {
    this.#site = site;
    this.#meanMs = random.fork('mood').pick(MOODS_MS);
    for (const board of site.boards) if (!board.isPreset) this.#wait(board, random.fork(board.id));
  }

  /** Wants nothing any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Whether nothing is under way on a board, and what it reports is true. */
  isSettled(board: Board): boolean {
    return this.#meanMs === undefined || board.isPreset || this.problemOf(board) === '';
  }

  /** What is wrong with what a board reports, in words; empty for nothing. */
  problemOf({ id, saved }: Board): string {
    const payload = this.#site.broker.retained(`mote/${id}/reported`);
    if (payload === undefined) return 'nothing is reported';
    const text = Buffer.from(payload).toString();
    const { state, settings } = JSON.parse(text) as {
      state: string;
      settings: Record<string, unknown>;
    };
    if (state === 'trying') return 'settings are being tried for ever';
    for (const name of ['label', 'host', 'user', 'timeServer'] as const) {
      if (settings[name] !== saved?.[name]) {
        return `${name} is reported as '${settings[name]}', and is '${saved?.[name]}'`;
      }
    }
    const { ledPin = NO_PIN } = settings;
    if (ledPin !== saved?.ledPin) return `pin ${ledPin} is reported, and it is ${saved?.ledPin}`;
    return '';
  }

  #wait(board: Board, random: SeededRandom): void {
    if (this.#meanMs === undefined) return;
    this.#site.queue.after(random.between(1000, 2 * this.#meanMs), () => {
      if (this.#isStopped) return;
      if (this.#site.broker.isUp) this.#want(board, random);
      this.#wait(board, random);
    });
  }

  #want(board: Board, random: SeededRandom): void {
    const label = random.pick(LABELS);
    switch (random.below(11)) {
      case 0:
        this.#publish(board, '/label', label);
        break;
      case 1:
        this.#document(board, { label });
        break;
      case 2:
        this.#document(board, { intervalS: 0, colour: 'red', label });
        break;
      case 3:
        this.#document(board, { wifiPassword: 'not the password' });
        break;
      case 4:
        this.#document(board, { host: 'nowhere.test', label });
        break;
      case 5:
        this.#document(board, { user: random.pick(['anna', 'ben']) });
        break;
      case 6:
        this.#publish(board, '/user', random.pick(['anna', 'ben']));
        break;
      case 7:
        this.#document(board, { ledPin: CRASH_PIN, label });
        break;
      case 8:
        this.#document(board, { ledPin: random.pick([5, 18, -1]) });
        break;
      case 9:
        board.book.alarms.move();
        this.#document(board, { host: random.pick([HOST, OTHER_HOST]) });
        break;
      default:
        this.#publish(board, random.pick(['', '/label/2/3', '/nothing']), '{"v":');
    }
  }

  #document(board: Board, wish: object): void {
    const v = (this.#versions.get(board.id) ?? 0) + 1;
    this.#versions.set(board.id, v);
    this.#publish(board, '', JSON.stringify({ v, ...wish }));
  }

  #publish({ id }: Board, path: string, text: string): void {
    const payload = new Uint8Array(Buffer.from(text));
    this.#site.note('wish', `${id} ${path} ${text}`);
    this.#site.broker.publish({
      topic: `mote/${id}/desired${path}`,
      payload,
      qos: 1,
      retain: true,
    });
  }
}
