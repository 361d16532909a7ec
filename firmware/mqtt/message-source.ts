/**
 * Where the session's outgoing messages come from.
 *
 * The session keeps no copy of what it sends: it asks a source for the next message, encodes it
 * straight into the transmit buffer, and remembers only (source, token, packet identifier). For a
 * redelivery it asks the same source to load the message again. The outbox on flash is one source,
 * the mailbox for status and responses another.
 */

import { NO_BYTES } from '../base/bytes.ts';

/** The message that a source has made current. One object per source, filled again each time. */
export interface OutgoingMessage {
  /** The source's own key for this message, 0 to 2^32 - 1; the outbox uses the sequence number. */
  token: number;
  /** The identifier to use (1 to 0x7FFF), or 0: the session allocates one from 0x8000 up. */
  packetId: number;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** Might have been sent before this boot: the first sending carries DUP if the session is present. */
  duplicate: boolean;
  /** UTF-8. The same array for the same topic each time, and another one for another. */
  topic: Uint8Array;
  /** The topic comes again and again, as the same array: worth an alias where there are any. */
  repeats: boolean;
  /**
   * MQTT 5 properties, encoded without their length (see `encodeProperties`); empty for none. Other
   * properties are another array.
   */
  properties: Uint8Array;
}

/** A bounded store of messages to publish. Calls never re-enter the session. */
export interface MessageSource {
  readonly message: OutgoingMessage;
  /**
   * Makes the next message that was not yet handed out since `rewind` current, and advances.
   * @returns false when there is nothing to send now.
   */
  next(now: number): boolean;
  /** Undoes the last `next`: the message did not fit and is asked for again later. */
  putBack(): void;
  /** Makes a message current that was handed out before. @returns false when it no longer exists. */
  reload(token: number): boolean;
  /**
   * Writes the current message's payload. Bytes behind it may be written to, too.
   * @param view on the memory of `into`
   * @returns the position after it; beyond `into.length` when there was no room for all of it.
   */
  writePayload(into: Uint8Array, at: number, view: DataView): number;
  /** The current message is in the transmit buffer; `again`: as a redelivery on this session. */
  published(again: boolean): void;
  /**
   * The message is settled: QoS 0 was written, or the broker acknowledged.
   * @param reason MQTT reason code; 0x80 and above: the broker refused it. 0x95 from the session
   * itself: larger than the broker or the transmit buffer allows.
   */
  settled(token: number, reason: number): void;
  /** The broker holds no session: whatever was handed out and not settled is to be sent anew. */
  rewind(): void;
}

/** An empty message for a source to own and fill. */
export function emptyMessage(): OutgoingMessage {
  return {
    token: 0,
    packetId: 0,
    qos: 0,
    retain: false,
    duplicate: false,
    topic: NO_BYTES,
    repeats: false,
    properties: NO_BYTES,
  };
}
