/**
 * Where the session's outgoing messages come from.
 *
 * The session keeps no copy of what it sends: it asks a source for the next message, encodes it
 * straight into the transmit buffer, and remembers only (source, token, packet identifier). For a
 * redelivery it asks the same source to load the message again. The outbox on flash is one source,
 * the mailbox for status and responses another.
 */

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
  /** UTF-8. The same array for the same topic each time: topic aliases go by identity. */
  topic: Uint8Array;
  /** The payload is `payload[payloadStart..payloadEnd)`. */
  payload: Uint8Array;
  payloadStart: number;
  payloadEnd: number;
  /** MQTT 5 properties, encoded without their length (see `encodeProperties`); empty for none. */
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
   * The message is settled: QoS 0 was written, or the broker acknowledged.
   * @param reason MQTT reason code; 0x80 and above: the broker refused it. 0x95 from the session
   * itself: larger than the broker or the transmit buffer allows.
   */
  settled(token: number, reason: number): void;
  /** The broker holds no session: whatever was handed out and not settled is to be sent anew. */
  rewind(): void;
}
