/**
 * The outgoing messages that wait for the broker: a ring in the order of their first sending, so
 * that a redelivery after a reconnect keeps that order [MQTT-4.6.0-1].
 *
 * It holds no message: only which source has it, under which token and packet identifier.
 * Everything is allocated in the constructor. Entries that settle out of order leave holes; a hole
 * is free again when everything before it has settled, so the ring is a window in the strict sense.
 */

/** The entry is free. */
export const FREE = 0;
/** PUBLISH with QoS 1 was sent: PUBACK is awaited. */
export const AWAIT_PUBACK = 1;
/** PUBLISH with QoS 2 was sent: PUBREC is awaited. */
export const AWAIT_PUBREC = 2;
/** PUBREL was sent, or is to be: PUBCOMP is awaited. */
export const AWAIT_PUBCOMP = 3;

export class InFlight {
  readonly capacity: number;
  readonly packetIds: Uint16Array;
  readonly tokens: Uint32Array;
  readonly sources: Uint8Array;
  readonly states: Uint8Array;
  /** 1 where the packet went out on the connection that is open. */
  readonly sent: Uint8Array;
  /** When each was sent last, in milliseconds; Infinity: not yet on this connection. */
  readonly times: Float64Array;
  /** Index of the oldest entry. */
  head = 0;
  /** From the oldest entry to the youngest, holes included. */
  span = 0;
  /** Entries that are not settled. */
  live = 0;
  private readonly mask: number;

  /** @param windowMax the most messages in flight, 1 to 32,768 */
  constructor(windowMax: number) {
    let size = 1;
    while (size < windowMax) size *= 2;
    this.capacity = windowMax;
    this.mask = size - 1;
    this.packetIds = new Uint16Array(size);
    this.tokens = new Uint32Array(size);
    this.sources = new Uint8Array(size);
    this.states = new Uint8Array(size);
    this.sent = new Uint8Array(size);
    this.times = new Float64Array(size);
  }

  get full(): boolean {
    return this.span >= this.capacity;
  }

  /** The index of the entry `offset` places after the oldest. */
  at(offset: number): number {
    return (this.head + offset) & this.mask;
  }

  /** How many places after the oldest the entry at `index` is. */
  offset(index: number): number {
    return (index - this.head) & this.mask;
  }

  /** When the sending was that has waited longest; Infinity when none waits. */
  get oldest(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (let offset = 0; offset < this.span; offset++) {
      const index = this.at(offset);
      // A PUBREL is younger than messages behind it whose PUBLISH was sent before.
      if (this.states[index] !== FREE) oldest = Math.min(oldest, this.times[index]);
    }
    return oldest;
  }

  /** Appends an entry; the caller has seen that the ring is not full. */
  add(packetId: number, token: number, source: number, state: number, now: number): void {
    const index = (this.head + this.span) & this.mask;
    this.packetIds[index] = packetId;
    this.tokens[index] = token;
    this.sources[index] = source;
    this.states[index] = state;
    this.sent[index] = 1;
    this.times[index] = now;
    this.span++;
    this.live++;
  }

  /** The index of the entry with this packet identifier, or -1. */
  find(packetId: number): number {
    const span = this.span;
    for (let offset = 0, index = this.head; offset < span; offset++) {
      if (this.packetIds[index] === packetId && this.states[index] !== FREE) return index;
      index = (index + 1) & this.mask;
    }
    return -1;
  }

  /** Settles the entry at `index`. */
  remove(index: number): void {
    this.states[index] = FREE;
    this.live--;
    while (this.span > 0 && this.states[this.head] === FREE) {
      this.head = (this.head + 1) & this.mask;
      this.span--;
    }
  }

  /** A connection begins in a session that is present: nothing was sent on it so far. */
  unsend(): void {
    this.sent.fill(0);
    this.times.fill(Number.POSITIVE_INFINITY);
  }

  /** Forgets everything: the broker holds no session. */
  clear(): void {
    this.states.fill(FREE);
    this.span = 0;
    this.live = 0;
  }
}
