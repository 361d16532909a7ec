/**
 * Finds the record that a broker never acknowledges, or at which it ends connections: one that it
 * cannot store, or whose payload breaks something behind it. Without this trial that record would
 * end every connection, and go first again on the next.
 *
 * A record is charged where a connection ended by
 * - the time-out of acknowledgements, it had waited longest, and the broker answered younger ones: a
 *   broker that answers nothing for a while says nothing about one record;
 * - the broker's own closing soon after it was sent, with no kind of other message under suspicion
 *   (`kind-trial.ts` goes first). The next connection is then a careful one: nothing is sent for a
 *   while, then one message at a time, so that a take-over, or a broker that closes whatever comes,
 *   clears the record, and the charge meets the one message that is open.
 *
 * Where so few messages may be in flight that nothing younger can be answered, nor the status, the
 * second connection in a row that ends so is followed by new sessions: in those the status goes
 * first, and its answer is the witness.
 *
 * Charged by three connections in a row, it is set aside by its source (a batch is first taken
 * apart), and the next connection starts a new session: in a session that is present it would have
 * to be sent again [5.0 MQTT-4.4.0-1].
 *
 * It opens and sends nothing, and allocates nothing after the constructor.
 */

import type { MessageSource } from '../mqtt/message-source.ts';
import type { InFlight } from '../mqtt/session/in-flight.ts';

/** What the trial looks at in a session, `Session` for one. */
export interface RecordFlight {
  readonly inFlight: InFlight;
  /** As many messages wait for their answers as may, so that no other one can go out. */
  readonly isFull: boolean;
}

/** What the trial asks of a source of records. */
export interface RecordSource {
  /** Connections in a row that may leave a message unanswered, 1 or more. */
  readonly patience: number;
  /** What is in flight was set aside before: it needs no further proof. */
  readonly isRetry: boolean;
  /**
   * Sets a message's record aside, or takes its batch apart.
   * @returns the record's number, 0 where it is not known yet, -1 where nothing could be done
   */
  setAside(token: number): number;
}

/** What the end of a connection says about the records. */
export type RecordVerdict = 'nothing' | 'suspect' | 'set aside';

/** Connections in a row that leave a message unanswered before it is set aside. */
export const PATIENCE = 3;
/** Connections in a row that may end with all places taken before new sessions are begun. */
const FULL_ENDS_MAX = 2;
/** A broker ends the connection sooner than this after what it cannot take. */
const PROOF_MS = 2_000;
/** A careful connection is quiet for so long first. */
const QUIET_MS = 2_000;
/** What is sent this soon after CONNACK is as young as the status, which goes then. */
const BURST_MS = 5_000;
const NO_SOURCES: readonly MessageSource[] = Object.freeze([]);

export class RecordTrial {
  /** Whether the next connection must start anew: what was set aside is in flight in the session. */
  needsCleanStart = false;
  /** Whether the broker is to be met with care on the next connection, or is on this one. */
  isCareful = false;
  /** What the broker allows on a careful connection, once that is over: messages without an answer. */
  receiveMaximum = 0;
  /** The number of a record that was set aside and is not told yet; 0 for none. */
  untold = 0;
  /** Whether what was set aside last had been set aside before. */
  isKnown = false;
  private flight: RecordFlight | undefined;
  private sources: readonly (MessageSource & Partial<RecordSource>)[] = NO_SOURCES;
  /** The token of the message under suspicion; 0 for none. */
  private suspect = 0;
  private strikes = 0;
  /** The status was acknowledged on this connection. */
  private isAnswered = false;
  /** Connections in a row that ended by the time-out with all places taken. */
  private fullEnds = 0;

  /** Looks at a session's messages; those of a `RecordSource` are records. */
  attach(flight: RecordFlight, sources: readonly MessageSource[]): void {
    this.flight = flight;
    this.sources = sources;
  }

  /** A connection is up. */
  connected(): void {
    this.needsCleanStart = false;
    this.isAnswered = false;
  }

  /** When messages go out on a careful connection that is up `now`; Infinity on others. */
  quietUntil(now: number): number {
    return this.isCareful ? now + QUIET_MS : Number.POSITIVE_INFINITY;
  }

  /** The broker has acknowledged the status. */
  answered(): void {
    this.isAnswered = true;
  }

  /** The broker has answered a record. @returns whether care is over on this connection */
  settled(sequence: number): boolean {
    if (sequence !== this.suspect && !this.isCareful) return false;
    if (this.suspect === 0 ? this.isSearching : sequence !== this.suspect) return false;
    const { isCareful } = this;
    this.clear();
    return isCareful;
  }

  /**
   * The connection is over; the session has not begun another one.
   * @param isTimeout an acknowledgement did not come in time
   * @param isClose the broker ended it, as it does at what it cannot take
   */
  ended(isTimeout: boolean, isClose: boolean, connectedAt: number, now: number): RecordVerdict {
    if (this.flight === undefined) return 'nothing';
    this.fullEnds = isTimeout && this.flight.isFull ? this.fullEnds + 1 : 0;
    if (this.fullEnds >= FULL_ENDS_MAX) this.needsCleanStart = true;
    if (!(isTimeout || isClose)) return 'nothing';
    const flight = this.flight.inFlight;
    const at = flight.oldestSent;
    if (isClose && (at < 0 || now > flight.sentAtOf(at) + PROOF_MS)) this.clear();
    else if (at >= 0) return this.judge(flight, at, isClose, connectedAt);
    return 'nothing';
  }

  private judge(
    flight: InFlight,
    at: number,
    isClose: boolean,
    connectedAt: number,
  ): RecordVerdict {
    const source = this.sources[flight.sourceOf(at)];
    if (!isRecords(source)) return 'nothing';
    const wasYoung = this.isAnswered && flight.sentAtOf(at) <= connectedAt + BURST_MS;
    if (!isClose && !wasYoung && !flight.isOvertaken(at) && !source.isRetry) return 'nothing';
    return this.charge(source, flight.tokenOf(at), isClose);
  }

  private charge(source: RecordSource, token: number, isClose: boolean): RecordVerdict {
    this.strikes = token === this.suspect ? this.strikes + 1 : 1;
    this.suspect = token;
    this.isCareful = isClose;
    if (this.strikes < source.patience) return 'suspect';
    this.strikes = 0;
    this.suspect = 0;
    this.isKnown = source.isRetry;
    const found = source.setAside(token);
    if (found < 0) return 'suspect';
    this.needsCleanStart = true;
    // A batch that was taken apart is gone through with the same care.
    if (found > 0) this.isCareful = false;
    this.untold = found;
    return 'set aside';
  }

  /** Whether a batch was taken apart and is gone through. */
  private get isSearching(): boolean {
    for (const source of this.sources) if (source.patience === 1) return true;
    return false;
  }

  private clear(): void {
    this.strikes = 0;
    this.suspect = 0;
    this.isCareful = false;
  }
}

function isRecords(source: Partial<RecordSource>): source is RecordSource {
  return source.setAside !== undefined;
}
