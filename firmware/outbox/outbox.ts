/**
 * The outbox: every reading that the device accepted and the broker has not acknowledged yet.
 *
 * It stores and orders records; it knows nothing of MQTT, topics or JSON. A record's payload is
 * whatever bytes `append` was given. Time is a field of a record here, never a reason to resend.
 *
 * Invariants, for any moment and across power cuts:
 * - a record is accepted once `append` returned its sequence number (1 to 2^32 - 1, ascending over
 *   all kinds, never given to another record);
 * - accepted = delivered + refused + dropped + depth;
 * - per kind and lane, records are handed out oldest first;
 * - delivery is at least once: after a reboot a few records may be handed out again, with the same
 *   sequence number, because acknowledgements are stored lazily.
 *
 * The lanes. `startLive` draws a line under what is stored: older readings are the backlog, newer
 * ones are live, and each lane has a window of its own. Alarms have one lane, ahead of both. After
 * a reboot every unsettled reading is backlog (but for the newest where three are set aside, see
 * FORMAT.md). Without `startLive` the lanes act as one queue.
 */

import { NO_BYTES } from '../base/bytes.ts';

/** What a record is; the number is stored. Each kind has its own space and drops its own oldest. */
export const RecordKind = Object.freeze({ reading: 0, alarm: 1 } as const);
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** How far `at` can be trusted; the number is stored. */
export const RecordQuality = Object.freeze({ none: 0, estimated: 1, sync: 2 } as const);
export type RecordQuality = (typeof RecordQuality)[keyof typeof RecordQuality];

/** The latest time that a record can hold: 48 bits of milliseconds. */
export const RECORD_TIME_MAX = 0xffff_ffff_ffff;

/** The most records of a lane that may be in flight. */
export const WINDOW_MAX = 128;

/** A record as it is read. One object per outbox, filled again by each call that loads a record. */
export interface OutboxRecord {
  /** 1 to 2^32 - 1; the consumer's key for removing duplicates. */
  sequence: number;
  kind: RecordKind;
  quality: RecordQuality;
  /** Unix milliseconds; milliseconds since boot where `quality` is none. */
  at: number;
  /** The boot during which it was appended. */
  boot: number;
  /** 0 to 255, as given to `append`. */
  selector: number;
  /** Older than the last `startLive`, or than this boot. */
  backlog: boolean;
  /** An earlier boot may have sent it already: MQTT's DUP if the broker kept the session. */
  maybeSent: boolean;
  /** The payload is `bytes[start..end)`, valid until the next call of the outbox. */
  bytes: Uint8Array;
  /** On the memory of `bytes`. */
  view: DataView;
  start: number;
  end: number;
}

/** Memory for the payload of a record that is to be appended. */
export interface Draft {
  readonly bytes: Uint8Array;
  /** Where the payload is to begin. */
  readonly start: number;
}

export interface Outbox {
  readonly record: OutboxRecord;

  /**
   * Where the payload of the next record may be written, `payloadBytesMax` bytes at most: given to
   * `append` from there, it is not copied. It lies there until the call of the outbox after that;
   * `record` is no longer valid.
   */
  draft(): Draft;

  /**
   * Stores one record, dropping and counting the oldest of its kind where there is no room. The
   * payload is `from[start..end)`.
   * @param at milliseconds, 0 to 2^48 - 1: Unix time, or since boot where `quality` is none.
   *   Outside of that it is clamped: a wild clock must not cost the reading.
   * @param boot number of this boot, 0 to 2^32 - 1.
   * @param selector 0 to 255, free for the caller (which topic).
   * @returns its sequence number, or 0 when it is larger than `payloadBytesMax` (counted in
   *   `oversized`) or the sequence numbers are used up.
   */
  append(
    kind: RecordKind,
    at: number,
    quality: RecordQuality,
    boot: number,
    selector: number,
    from: Uint8Array,
    start: number,
    end: number,
  ): number;

  /**
   * From now on what is stored is backlog and what comes is live. Live readings that are in flight
   * come first: until they are settled `nextLive` hands out none that is newer. After several
   * outages within one backlog the line stays where it is, and the live lane goes on oldest first.
   */
  startLive(): void;
  /** Loads the next alarm, else backlog reading, else live reading; false when none may go. */
  next(): boolean;
  /** Loads the next alarm, or else the next live reading; false when none may go. */
  nextLive(): boolean;
  /** Loads the next reading of the backlog; false when none may go. */
  nextBacklog(): boolean;
  /**
   * Loads the next of the readings that were set aside, and hands it out; false for none. They take
   * turns, one at a time.
   */
  nextAside(): boolean;
  /**
   * Sets a reading aside, the oldest of its lane that is handed out: the `next…` of both lanes pass
   * it over from now on. It stays in the log and counts in `depth`. A reboot forgets that: it is
   * then the oldest of the backlog. An alarm is given up instead, and counted as dropped: all that
   * is behind it would wait for it.
   * @returns false when it is none such, or no further one can be set aside: nothing changes
   */
  setAside(sequence: number): boolean;
  /** Loads a reading that was set aside. @param index 0 to `aside` - 1, oldest first */
  loadAside(index: number): boolean;
  /** Undoes the last successful `next…`: that record is handed out again by the next such call. */
  putBack(): void;
  /** Loads a record that was handed out and is not settled; false when it no longer exists. */
  load(sequence: number): boolean;
  /** Loads the oldest unsettled record without handing it out; false when the outbox is empty. */
  loadOldest(): boolean;
  /**
   * The broker took it, or refused it (`accepted` false: it is not sent again, and counted).
   * @returns false when the record was not handed out, is settled or was dropped: nothing changes.
   */
  settle(sequence: number, accepted: boolean): boolean;
  /** Whatever was handed out and is not settled will be handed out anew, in order. */
  rewind(): void;
  /** Gives up all that is stored, counted as dropped, and stores that. */
  discard(): void;

  /** Stores acknowledgements that are not stored yet. Before a sleep or a restart. */
  flush(): void;
  /**
   * Stores acknowledgements that have waited long enough; to be called whenever some came.
   * @param now monotonic milliseconds
   * @returns when it is next to be called at the latest; Infinity for never
   */
  wake(now: number): number;

  /** The longest payload that `append` takes, in bytes. */
  readonly payloadBytesMax: number;
  /** Records ever accepted, over all boots of this log. */
  readonly accepted: number;
  /** Records that the broker acknowledged. */
  readonly delivered: number;
  /** Records that the broker refused. */
  readonly refused: number;
  /** Records lost: the oldest for lack of room, or unreadable. */
  readonly dropped: number;
  /** Records accepted and neither settled nor dropped. */
  readonly depth: number;
  /** Records of `depth` that are handed out and wait for `settle`. */
  readonly inFlight: number;
  /** Readings of `depth` that are set aside, 0 to 3. */
  readonly aside: number;
  /** Appends refused as too large since start; these were never accepted. */
  readonly oversized: number;
  /** Faults found in the storage since mount and repaired (torn, rotten or foreign blocks). */
  readonly repairs: number;
  /** The sequence number that the next record will get. */
  readonly headSequence: number;
  readonly bytesUsed: number;
  readonly bytesCapacity: number;
}

/** An empty record object, for an outbox to fill. */
export function emptyRecord(): OutboxRecord {
  return {
    sequence: 0,
    kind: RecordKind.reading,
    quality: RecordQuality.none,
    at: 0,
    boot: 0,
    selector: 0,
    backlog: false,
    maybeSent: false,
    bytes: NO_BYTES,
    view: new DataView(NO_BYTES.buffer),
    start: 0,
    end: 0,
  };
}
