/**
 * The outbox over two logs, one for alarms and one for readings, so that a flood of one kind never
 * drops the other. One sequence runs over both; ordinals, windows and losses are kept per log.
 *
 * It allocates nothing after construction, and holds no record: `record` views the log's buffer.
 */

import type { Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import {
  type Draft,
  emptyRecord,
  type Outbox,
  type OutboxRecord,
  RECORD_TIME_MAX,
  RecordKind,
  type RecordQuality,
} from './outbox.ts';
import { Outcome, type Window } from './window.ts';

/** Acknowledgements wait at most this long before they are stored, in milliseconds. */
const SAVE_AFTER_MS = 65_000;
/**
 * They are stored this much earlier together with a new one: at a reading a minute, one write
 * stores two.
 */
const SAVE_EARLY_MS = 10_000;
const SEQUENCE_MAX = 0xffff_ffff;
/** Bits of lanes. */
const ALARMS = 1;
const LIVE = 2;
const BACKLOG = 4;

export class LogOutbox implements Outbox {
  readonly record: OutboxRecord = emptyRecord();
  readonly payloadBytesMax: number;
  oversized = 0;
  private readonly alarms: Log;
  private readonly readings: Log;
  private nextSequence: number;
  /** The window that `next…` last took from. */
  private taken: Window | undefined;
  /**
   * Lanes whose records are all handed out: most looks are in vain, and these cost least. Only what
   * is appended, put back, rewound or put on the other side of a line is ever handed out again.
   */
  private drained = 0;
  /** The number of the reading set aside that is handed out; 0 for none. */
  private asideSequence = 0;
  private saveAt = Number.POSITIVE_INFINITY;
  /** What was unsaved at the last wake. */
  private unsavedBefore = 0;

  /** @param alarms its ledger has one lane. @param readings its ledger has both. */
  constructor(alarms: Log, readings: Log) {
    this.alarms = alarms;
    this.readings = readings;
    this.payloadBytesMax = Math.min(alarms.payloadBytesMax, readings.payloadBytesMax);
    // The numbers of unnamed records could be the highest of all, whichever log they are in.
    const named = Math.max(alarms.headSequence, readings.headSequence);
    this.nextSequence = named + alarms.unnamed + readings.unnamed;
    // The block that comes after them must tell of them, also when no record opens it.
    if (alarms.unnamed > 0) alarms.headSequence = this.nextSequence;
    if (readings.unnamed > 0) readings.headSequence = this.nextSequence;
  }

  draft(): Draft {
    return this.readings.draft();
  }

  append(
    kind: RecordKind,
    at: number,
    quality: RecordQuality,
    boot: number,
    selector: number,
    from: Uint8Array,
    start: number,
    end: number,
  ): number {
    if (end - start > this.payloadBytesMax || this.nextSequence > SEQUENCE_MAX) {
      this.oversized += 1;
      return 0;
    }
    const sequence = this.nextSequence;
    const isAlarm = kind === RecordKind.alarm;
    this.drained &= isAlarm ? ~ALARMS : ~LIVE;
    const log = isAlarm ? this.alarms : this.readings;
    log.append(sequence, kind, timeOf(at), quality, boot, selector, from, start, end);
    this.nextSequence += 1;
    return sequence;
  }

  startLive(): void {
    this.drained = 0;
    this.readings.ledger.startLive();
    this.readings.save();
  }

  next(): boolean {
    return this.nextAlarm() || this.nextBacklog() || this.nextReading();
  }

  nextLive(): boolean {
    return this.nextAlarm() || this.nextReading();
  }

  nextBacklog(): boolean {
    if ((this.drained & BACKLOG) !== 0) return false;
    return this.take(this.readings, this.readings.ledger.old, BACKLOG);
  }

  nextAside(): boolean {
    const log = this.readings;
    if (this.isAsideOut(this.asideSequence)) return false;
    for (;;) {
      const ordinal = log.ledger.takeAside();
      if (ordinal === 0) return false;
      if (this.readAside(ordinal)) break;
      log.ledger.closeAside(Outcome.dropped);
      log.settled();
    }
    this.asideSequence = this.record.sequence;
    this.taken = undefined;
    return true;
  }

  setAside(sequence: number): boolean {
    const alarms = this.alarms.ledger;
    if (alarms.live.find(sequence) === 0) {
      alarms.close(alarms.live, 0, Outcome.dropped);
      this.alarms.save();
      return true;
    }
    const { ledger } = this.readings;
    const window = ledger.old.find(sequence) === 0 ? ledger.old : ledger.live;
    if (window.find(sequence) !== 0 || !ledger.setAside(window)) return false;
    this.readings.settled();
    return true;
  }

  loadAside(index: number): boolean {
    const { ledger } = this.readings;
    return index < ledger.aside && this.readAside(ledger.asideAt(index));
  }

  putBack(): void {
    this.drained = 0;
    if (this.taken !== undefined) this.taken.putBack();
    this.taken = undefined;
  }

  load(sequence: number): boolean {
    if (this.isAsideOut(sequence)) return this.readAside(this.readings.ledger.asideTurn);
    return this.loadFrom(this.readings, sequence) || this.loadFrom(this.alarms, sequence);
  }

  loadOldest(): boolean {
    const alarm = this.readOldest(this.alarms);
    const alarmSequence = alarm ? this.record.sequence : SEQUENCE_MAX + 1;
    const reading = this.readOldest(this.readings);
    if (!alarm || (reading && this.record.sequence < alarmSequence)) return reading;
    return this.readOldest(this.alarms);
  }

  settle(sequence: number, accepted: boolean): boolean {
    const outcome = accepted ? Outcome.delivered : Outcome.refused;
    if (sequence === this.asideSequence && this.isAsideOut(sequence)) {
      this.asideSequence = 0;
      this.readings.ledger.closeAside(outcome);
      this.readings.settled();
      return true;
    }
    return (
      this.settleIn(this.readings, sequence, outcome) ||
      this.settleIn(this.alarms, sequence, outcome)
    );
  }

  rewind(): void {
    this.drained = 0;
    this.taken = undefined;
    this.asideSequence = 0;
    this.alarms.ledger.live.rewind();
    this.readings.ledger.old.rewind();
    this.readings.ledger.live.rewind();
  }

  discard(): void {
    this.taken = undefined;
    for (const log of [this.alarms, this.readings]) {
      log.ledger.evictBelow(log.ledger.head);
      log.settled();
    }
    this.flush();
  }

  flush(): void {
    this.saveAt = Number.POSITIVE_INFINITY;
    if (this.alarms.ledger.unsaved > 0) this.alarms.save();
    if (this.readings.ledger.unsaved > 0) this.readings.save();
  }

  wake(now: number): number {
    let unsaved = this.unsaved;
    const dueAt = unsaved > this.unsavedBefore ? this.saveAt - SAVE_EARLY_MS : this.saveAt;
    if (unsaved === 0) this.saveAt = Number.POSITIVE_INFINITY;
    else if (this.saveAt === Number.POSITIVE_INFINITY) this.saveAt = now + SAVE_AFTER_MS;
    else if (now >= dueAt) {
      this.flush();
      unsaved = this.unsaved;
      if (unsaved > 0) this.saveAt = now + SAVE_AFTER_MS;
    }
    this.unsavedBefore = unsaved;
    return this.saveAt;
  }

  get accepted(): number {
    return this.alarms.ledger.head + this.readings.ledger.head - 2;
  }

  get delivered(): number {
    return this.alarms.ledger.delivered + this.readings.ledger.delivered;
  }

  get refused(): number {
    return this.alarms.ledger.refused + this.readings.ledger.refused;
  }

  get dropped(): number {
    return this.alarms.ledger.dropped + this.readings.ledger.dropped;
  }

  get depth(): number {
    return this.alarms.ledger.depth + this.readings.ledger.depth;
  }

  get inFlight(): number {
    const inWindows = this.alarms.ledger.inFlight + this.readings.ledger.inFlight;
    if (this.asideSequence === 0) return inWindows;
    return this.isAsideOut(this.asideSequence) ? inWindows + 1 : inWindows;
  }

  get aside(): number {
    return this.readings.ledger.aside;
  }

  get repairs(): number {
    return this.alarms.repairs + this.readings.repairs;
  }

  get headSequence(): number {
    return this.nextSequence;
  }

  get bytesUsed(): number {
    return this.alarms.bytesUsed + this.readings.bytesUsed;
  }

  get bytesCapacity(): number {
    return this.alarms.bytesCapacity + this.readings.bytesCapacity;
  }

  private get unsaved(): number {
    return this.alarms.ledger.unsaved + this.readings.ledger.unsaved;
  }

  private nextAlarm(): boolean {
    if ((this.drained & ALARMS) !== 0) return false;
    return this.take(this.alarms, this.alarms.ledger.live, ALARMS);
  }

  private nextReading(): boolean {
    if ((this.drained & LIVE) !== 0) return false;
    return this.take(this.readings, this.readings.ledger.live, LIVE);
  }

  /** Hands out the next readable record of a lane; unreadable ones are dropped on the way. */
  private take(log: Log, window: Window, lane: number): boolean {
    const ledger = log.ledger;
    for (;;) {
      const ordinal = ledger.take(window);
      if (ordinal === 0) {
        if (!ledger.holdsBack(window)) this.drained |= lane;
        return false;
      }
      if (this.read(log, ordinal)) {
        this.record.backlog = lane === BACKLOG;
        window.name(this.record.sequence);
        this.taken = window;
        return true;
      }
      ledger.lose(window);
      log.settled();
    }
  }

  private read(log: Log, ordinal: number): boolean {
    if (!log.read(ordinal, this.record)) return false;
    this.record.maybeSent = log.ledger.maybeSent(ordinal);
    return true;
  }

  /** Whether a reading that was set aside is handed out under this number, and not dropped. */
  private isAsideOut(sequence: number): boolean {
    if (sequence === 0 || sequence !== this.asideSequence) return false;
    return this.readings.ledger.isAsideKept;
  }

  private readAside(ordinal: number): boolean {
    if (!this.read(this.readings, ordinal)) return false;
    this.record.backlog = true;
    return true;
  }

  private readOldest(log: Log): boolean {
    const ordinal = log.ledger.oldest();
    if (ordinal === 0 || !this.read(log, ordinal)) return false;
    this.record.backlog = log === this.readings && log.ledger.isBacklog(ordinal);
    return true;
  }

  private loadFrom(log: Log, sequence: number): boolean {
    const ledger: Ledger = log.ledger;
    const window = ledger.old.find(sequence) >= 0 ? ledger.old : ledger.live;
    const index = window.find(sequence);
    if (index < 0) return false;
    if (this.read(log, window.ordinal(index))) {
      this.record.backlog = window === this.readings.ledger.old;
      return true;
    }
    ledger.close(window, index, Outcome.dropped);
    log.settled();
    return false;
  }

  private settleIn(log: Log, sequence: number, outcome: Outcome): boolean {
    const ledger: Ledger = log.ledger;
    let window = ledger.live;
    let index = window.find(sequence);
    if (index < 0) {
      window = ledger.old;
      index = window.find(sequence);
      if (index < 0) return false;
    }
    ledger.close(window, index, outcome);
    // One that came again after a restart would undo on its topic what has been told since.
    if (log === this.alarms) log.save();
    else log.settled();
    return true;
  }
}

/** A time that a record can hold, whatever the clock said. */
function timeOf(at: number): number {
  if (!(at > 0)) return 0;
  return at < RECORD_TIME_MAX ? Math.floor(at) : RECORD_TIME_MAX;
}
