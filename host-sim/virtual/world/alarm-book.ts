/**
 * One board's alarms, as the world has seen them told to the outbox and come to the broker.
 *
 * The rules: an alarm begins as `normal`, and each of its messages tells of a state that may follow
 * the one before, over all boots: so none is forgotten, and none is raised a second time. No reading
 * is sent for the first time before an alarm that is older, unless as many alarms wait for their answers
 * as may be on their way: what is sent first comes first. That each comes once, in order, with what
 * was accepted, is in the book of readings, which has them too.
 */

import { ALARM_MOVES, type AlarmState } from '../../../firmware/alarms/alarm-state.ts';
import type { Violate } from './reading-book.ts';

const TOLD = /^"alarm":"([a-z0-9_]+)","state":"([a-z]+)"/;

/** The states that may follow one, whatever leads there; what was saved before a restart is no news. */
function followers(state: AlarmState): readonly string[] {
  const inputs = Object.entries(ALARM_MOVES[state]).filter(([input]) => input !== 'restore');
  const next = inputs.flatMap(([, states]) => states as readonly string[]);
  // A shelf may be made longer.
  return state === 'shelved' ? [...next, state] : next;
}

/** What a window of the outbox holds beside open records: runs of others between them, and its length. */
const RUNS = 4;
const SPAN_MAX = 128;

/** One that is on its way, or was answered before an older one. */
interface SentAlarm {
  readonly sequence: number;
  isOpen: boolean;
  /** Since the outbox was last rewound. */
  isOut: boolean;
}

export class AlarmBook {
  /** Alarms that the outbox took. */
  accepted = 0;
  /** Bits of the flash have flipped: what was told may be told again. */
  isRotten = false;
  readonly #violate: Violate;
  readonly #windowMax: number;
  readonly #states = new Map<string, AlarmState>();
  /** Times that the board was sent elsewhere, where its alarms are told anew; and by alarm, how often. */
  #moves = 0;
  readonly #retold = new Map<string, number>();
  /** Alarms that are accepted, and neither settled nor dropped. */
  readonly #open = new Set<number>();
  /** Alarms from the oldest on that is on its way, in this boot. */
  readonly #window: SentAlarm[] = [];
  /** By topic, the number of the youngest reading that was ever sent. */
  readonly #sent = new Map<string, number>();
  #doubtful: readonly [sequence: number, text: string] | undefined;

  /** @param windowMax alarms on their way at most */
  constructor(windowMax: number, violate: Violate) {
    this.#windowMax = windowMax;
    this.#violate = violate;
  }

  /** The outbox took an alarm. @param text its payload */
  accept(sequence: number, text: string): void {
    this.accepted += 1;
    const [, name, state] = TOLD.exec(text) ?? [];
    if (name === undefined || !(state in ALARM_MOVES)) {
      this.#violate('alarm', `an alarm that is none: ${text}`);
      return;
    }
    const before = this.#states.get(name);
    const may = before === undefined ? ['normal'] : followers(before);
    const isAgain = () => state === before && (this.isRotten || this.#isRetold(name));
    if (!may.includes(state) && !isAgain()) {
      this.#violate('alarm', `${name} was told to be ${state} after ${before ?? 'nothing'}`);
    }
    this.#states.set(name, state as AlarmState);
    this.#open.add(sequence);
  }

  /** Somebody wants the board at another broker: there, each alarm may be told as it stands. */
  move(): void {
    this.#moves += 1;
  }

  #isRetold(name: string): boolean {
    const times = (this.#retold.get(name) ?? 0) + 1;
    this.#retold.set(name, times);
    return times <= this.#moves;
  }

  /** A power cut came inside of it. */
  doubt(sequence: number, text: string): void {
    this.#doubtful = [sequence, text];
  }

  /** The log was mounted. @param isStored what was in doubt is there */
  remount(isStored: boolean): void {
    if (isStored && this.#doubtful !== undefined) this.accept(...this.#doubtful);
    this.#doubtful = undefined;
    this.#window.length = 0;
  }

  /** The board is done with it, or with a reading. */
  settle(sequence: number): void {
    this.#open.delete(sequence);
    const sent = this.#window.find((one) => one.sequence === sequence);
    if (sent !== undefined) sent.isOpen = false;
    while (this.#window[0]?.isOpen === false) this.#window.shift();
  }

  /** The log has dropped something, which may have been any of them. */
  excuse(): void {
    this.#open.clear();
  }

  /**
   * The device sends an alarm or a reading, perhaps again.
   * @param hasDropped the log has dropped something unreadable while it looked for this
   */
  send(topic: string, sequence: number, hasDropped = false): void {
    if (hasDropped) this.excuse();
    if (topic.includes('/alarm/')) this.#sendAlarm(sequence);
    else if (sequence > (this.#sent.get(topic) ?? 0)) this.#sendReading(topic, sequence);
  }

  #sendReading(topic: string, sequence: number): void {
    this.#sent.set(topic, sequence);
    const isFull = this.#isFull;
    for (const alarm of this.#open) {
      const sent = this.#window.find((one) => one.sequence === alarm);
      const mayWait = sent === undefined ? isFull : sent.isOut;
      if (alarm > sequence || mayWait) continue;
      this.#violate('alarm', `reading ${sequence} is sent before alarm ${alarm}`);
    }
  }

  #sendAlarm(sequence: number): void {
    const sent = this.#window.find((one) => one.sequence === sequence);
    if (sent === undefined) this.#window.push({ sequence, isOpen: true, isOut: true });
    else sent.isOut = true;
  }

  /**
   * Whether none may be added: as many are open as may be, or so many lie between them, which were
   * answered out of turn, that the outbox has no room to remember which.
   */
  get #isFull(): boolean {
    const window = this.#window;
    let open = 0;
    let entries = 0;
    window.forEach(({ isOpen }, i) => {
      if (isOpen) open += 1;
      if (isOpen || window[i - 1]?.isOpen !== false) entries += 1;
    });
    if (open >= this.#windowMax) return true;
    return entries >= this.#windowMax + RUNS || window.length >= SPAN_MAX;
  }

  /** Nothing is on its way any more. */
  rewind(): void {
    for (const sent of this.#window) sent.isOut = false;
  }
}
