/**
 * What an outbox asks of the store of one kind of record: append, read by ordinal, and carry the
 * ledger's state along. It refuses to know sequences' meaning, lanes or delivery.
 */

import type { Ledger } from './ledger.ts';
import type { Draft, OutboxRecord, RecordKind, RecordQuality } from './outbox.ts';

export interface Log {
  readonly ledger: Ledger;
  /** The longest payload that `append` takes, in bytes. */
  readonly payloadBytesMax: number;
  /** Above every sequence number that this log has seen or was told of: it is stored with the state. */
  headSequence: number;
  /** Records whose sequence numbers cannot be read: each may be one above `headSequence`. */
  readonly unnamed: number;
  readonly bytesUsed: number;
  readonly bytesCapacity: number;
  /** Faults found in the storage since mount. */
  readonly repairs: number;

  /** As `Outbox.draft`. */
  draft(): Draft;
  /**
   * Stores a record at ordinal `ledger.head` and advances it. Where there is no room, the oldest
   * records lose theirs, `ledger.evictBelow` first. The payload is at most `payloadBytesMax`.
   */
  append(
    sequence: number,
    kind: RecordKind,
    at: number,
    quality: RecordQuality,
    boot: number,
    selector: number,
    from: Uint8Array,
    start: number,
    end: number,
  ): void;
  /** Loads the record; `backlog` and `maybeSent` are not its to set. False when it is lost. */
  read(ordinal: number, into: OutboxRecord): boolean;
  /** The ledger has changed: storage may be freed, or the state stored if enough has come. */
  settled(): void;
  /** Stores the ledger's state now, unless that would cost a record its storage. */
  save(): void;
}
