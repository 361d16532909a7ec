/**
 * The end of a run: faults stop, every board comes back, everything that waits is delivered in
 * bounded time, and the boards say goodbye. What has not happened by then never would.
 */

import { RESET } from '../../esp32-tools/reset-codes.ts';
import type { Board } from './board.ts';
import type { World } from './world.ts';

/**
 * From the last fault to the last acknowledgement: two periods of the slowest backoff, joining the
 * radio and noticing a dead link; the backlog itself goes at a hundred readings a second.
 */
const DRAIN_MS_MAX = 20 * 60_000;
/** A reading that is set aside is tried once an hour, and there are three at most on a board. */
const ASIDE_MS_MAX = 4 * 3_600_000;
const LOOK_MS = 1000;
/** An answer that was lost before the faults stopped has been noticed by then. */
const CALM_MS = 30_000;
/** A goodbye takes five seconds at most. */
const GOODBYE_MS = 8000;
/** What the firmware keeps of a goodbye's time for the flash and the link. */
const SETTLE_MS = 2000;

export class Drain {
  isDone = false;
  readonly #world: World;
  #stoppedAt = 0;
  #giveUpAt = 0;
  #gone = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Faults stop now. */
  begin(): void {
    const { planner, broker, boards, queue } = this.#world;
    planner.stop();
    this.#world.stopOperator();
    broker.behave();
    broker.start();
    this.#world.note('faults stop', '');
    for (const board of boards) {
      board.flash.powerUp();
      if (!board.isPowered && !board.isBooting) board.bootAfter(0, RESET.powerOn);
    }
    this.#stoppedAt = queue.now;
    this.#giveUpAt = queue.now + DRAIN_MS_MAX;
    this.#look();
  }

  #look(): void {
    const { boards, queue } = this.#world;
    if (boards.every((board) => this.#isDrained(board))) {
      this.#leave();
      return;
    }
    const isLate = (board: Board): boolean => !this.#isDrained(board) && !this.#isPatient(board);
    if (
      queue.now >= this.#giveUpAt + ASIDE_MS_MAX ||
      (queue.now >= this.#giveUpAt && boards.some(isLate))
    ) {
      const late =
        boards.find(isLate) ?? (boards.find((board) => !this.#isDrained(board)) as Board);
      const depth = late.outbox?.depth ?? 'an unknown number of';
      const state = late.device?.state ?? 'without power';
      const wrong =
        this.#world.owner?.isSettled(late) === false
          ? `, ${this.#world.owner.problemOf(late)}`
          : '';
      const text = `${late.id} is ${state} with ${depth} readings to send${wrong}`;
      this.#world.violate('liveness', `${text}, ${DRAIN_MS_MAX / 60_000} minutes after all faults`);
      return;
    }
    queue.after(LOOK_MS, () => this.#look());
  }

  /** Knows the time, is online for a while, as the broker sees it too, and nothing but what is on its way waits. */
  #isDrained(board: Board): boolean {
    const { id, device, outbox, onlineSince, time } = board;
    if (device === undefined || outbox === undefined || !time.isKnown) return false;
    if (!this.#world.broker.isOnline(id)) return false;
    const since = Math.max(onlineSince, this.#stoppedAt);
    // Of a board that is offline, and that the broker takes for online, it is not known.
    if (!(this.#world.queue.now - since >= CALM_MS)) return false;
    if (outbox.depth !== outbox.inFlight) return false;
    return this.#world.owner?.isSettled(board) ?? true;
  }

  /** Nothing waits but what is set aside, which has its own time. */
  #isPatient({ outbox }: Board): boolean {
    return (
      outbox !== undefined && outbox.aside > 0 && outbox.depth <= outbox.inFlight + outbox.aside
    );
  }

  #leave(): void {
    const { boards, queue } = this.#world;
    this.#world.note('drained', '');
    for (const board of boards) {
      const { outbox } = board;
      board.sayGoodbye(() => {
        this.#gone += 1;
        this.#checkBooks(board, outbox?.depth ?? 0, outbox?.dropped ?? 0);
        board.finalLosses = (outbox?.dropped ?? 0) + (outbox?.refused ?? 0);
        if (this.#gone === boards.length) queue.after(SETTLE_MS, () => this.#finish());
      });
    }
    queue.after(GOODBYE_MS + SETTLE_MS, () => {
      if (this.isDone) return;
      this.#world.violate('goodbye', `${boards.length - this.#gone} boards did not leave in time`);
    });
  }

  #checkBooks({ id, book }: Board, depth: number, dropped: number): void {
    if (depth !== 0) this.#world.violate('kept', `${id} left with ${depth} readings to send`);
    if (book.missing <= dropped + book.refused) return;
    const text = `${book.missing} readings never arrived, ${dropped} are counted as dropped`;
    this.#world.violate('kept', `${id}: ${text}`);
  }

  #finish(): void {
    const { boards, broker, hash } = this.#world;
    for (const { id, flash, log, statusTopic } of boards) {
      log.checkWear();
      hash.bytes(flash.bytes, 0, flash.bytes.length);
      const status = broker.retained(statusTopic) ?? [];
      if (String.fromCharCode(...status) === 'offline') continue;
      const text = `${id} said goodbye, and its status is '${String.fromCharCode(...status)}'`;
      this.#world.violate('availability', text);
    }
    this.isDone = true;
  }
}
