/**
 * The outgoing messages that wait for the broker: a ring in the order of their first sending, so
 * that a redelivery after a reconnect keeps that order [MQTT-4.6.0-1].
 *
 * It holds no message: only which source has it, under which token and packet identifier.
 * Everything is allocated in the constructor. Entries that settle out of order leave holes, which
 * `compact` closes when their places are wanted: one message that is never answered keeps its own
 * place only. Nobody holds an index across that.
 *
 * The entries lie in one array of numbers, three cells each: on XS an array of its own for every
 * field would take more memory than its content. An entry is named by the index of its first cell.
 * Counters run on for ever; the ring's place is what their lowest bits say.
 */

/** What is awaited: PUBACK, PUBREC, or PUBCOMP. The first two are the QoS of the message. */
export const AWAIT_PUBACK = 1;
export const AWAIT_PUBREC = 2;
export const AWAIT_PUBCOMP = 3;

/** The first cell: packet identifier, source × 2^16, what is awaited × 2^24, or 0 for a hole. */
export const HOLE = 0;
/** In the first cell: the packet went out on the connection that is open. */
const SENT = 0x800_0000;
/** In the first cell: a younger message was answered on this connection while this one waited. */
const OVERTAKEN = 0x1000_0000;
/** The bits of the first cell that name the message. */
const NAME = 0xff_ffff;
/** The first cell of a message that went out on this connection and awaits its PUBACK. */
export const OUT = SENT | (AWAIT_PUBACK << 24);

export class InFlight {
  /**
   * By entry: the first cell, as above; the source's token; when it was sent last, in milliseconds.
   */
  readonly cells: Float64Array;
  readonly capacity: number;
  /** The count of the oldest entry, and of the next one. */
  first = 0;
  next = 0;
  /** Entries that await nothing: holes, and those that are to be sent again. */
  private idle = 0;
  /** An entry's index is its count's bits under this mask, times three. */
  readonly mask: number;

  /** @param windowMax the most messages in flight, 1 to 32,768 */
  constructor(windowMax: number) {
    let size = 1;
    while (size < windowMax) size *= 2;
    this.capacity = windowMax;
    this.mask = size - 1;
    this.cells = new Float64Array(3 * size);
  }

  /** From the oldest entry to the youngest, holes included. */
  get span(): number {
    return this.next - this.first;
  }

  /** Whether `compact` makes room, once all has been sent again. */
  get hasHoles(): boolean {
    return this.idle > 0;
  }

  /** Entries that were sent on this connection and are not settled. */
  get outstanding(): number {
    return this.next - this.first - this.idle;
  }

  /** The entry `offset` places after the oldest. */
  at(offset: number): number {
    return ((this.first + offset) & this.mask) * 3;
  }

  packetIdOf(index: number): number {
    return this.cells[index] & 0xffff;
  }

  sourceOf(index: number): number {
    return (this.cells[index] >> 16) & 0xff;
  }

  /** What an entry awaits; 0 for a hole. */
  stateOf(index: number): number {
    return (this.cells[index] >> 24) & 3;
  }

  tokenOf(index: number): number {
    return this.cells[index + 1];
  }

  /** When it was sent last, in milliseconds. */
  sentAtOf(index: number): number {
    return this.cells[index + 2];
  }

  /** Whether an entry's packet, or PUBREL, is still to be sent on this connection. */
  isDue(index: number): boolean {
    const cell = this.cells[index];
    return cell !== HOLE && (cell & SENT) === 0;
  }

  /** When the message that has waited longest was sent; Infinity when none waits. */
  get oldest(): number {
    let oldest = Number.POSITIVE_INFINITY;
    const cells = this.cells;
    let count = this.first;
    while (count < this.next) {
      const index = (count & this.mask) * 3;
      // A PUBREL is younger than messages behind it whose PUBLISH was sent before.
      if ((cells[index] & SENT) !== 0 && cells[index + 2] < oldest) oldest = cells[index + 2];
      count++;
    }
    return oldest;
  }

  /** The oldest entry that was sent on this connection and is not settled; -1 for none. */
  get oldestSent(): number {
    for (let count = this.first; count < this.next; count++) {
      const index = (count & this.mask) * 3;
      if ((this.cells[index] & SENT) !== 0) return index;
    }
    return -1;
  }

  /** Whether a younger one was answered on this connection, and this one was not. */
  isOvertaken(index: number): boolean {
    return (this.cells[index] & OVERTAKEN) !== 0;
  }

  /** An entry behind the oldest one was answered. */
  overtake(): void {
    const index = (this.first & this.mask) * 3;
    if ((this.cells[index] & SENT) !== 0) this.cells[index] |= OVERTAKEN;
  }

  /**
   * Appends a message that was sent; the caller has seen that the ring is not full.
   * @param name its packet identifier, the index of its source (0 to 255) × 2^16, its QoS × 2^24
   */
  add(name: number, token: number, now: number): void {
    const cells = this.cells;
    const index = (this.next++ & this.mask) * 3;
    cells[index] = name | SENT;
    cells[index + 1] = token;
    cells[index + 2] = now;
  }

  /** The entry with this packet identifier, or -1. */
  find(packetId: number): number {
    const cells = this.cells;
    let count = this.first;
    while (count < this.next) {
      const index = (count & this.mask) * 3;
      if ((cells[index] & 0xffff) === packetId) return index;
      count++;
    }
    return -1;
  }

  /** An entry's packet goes out on this connection, after which it awaits `state`. */
  send(index: number, state: number, now: number): void {
    const cells = this.cells;
    const cell = cells[index];
    if ((cell & SENT) === 0) this.idle--;
    cells[index] = (cell & NAME) | (state << 24) | SENT;
    cells[index + 2] = now;
  }

  /** Settles an entry. */
  remove(index: number): void {
    const cells = this.cells;
    if ((cells[index] & SENT) !== 0) this.idle++;
    cells[index] = HOLE;
    let count = this.first;
    if (index !== (count & this.mask) * 3) return;
    do {
      count++;
      this.idle--;
    } while (count < this.next && cells[(count & this.mask) * 3] === HOLE);
    this.first = count;
  }

  /** A connection begins in a session that is present: nothing was sent on it so far. */
  unsend(): void {
    const cells = this.cells;
    for (let index = 0; index < cells.length; index += 3) cells[index] &= ~(SENT | OVERTAKEN);
    this.idle = this.next - this.first;
  }

  /** Closes the holes; what is in flight keeps its order. @returns how many entries are left */
  compact(): number {
    const cells = this.cells;
    const mask = this.mask;
    let to = this.first;
    for (let count = this.first; count < this.next; count++) {
      const index = (count & mask) * 3;
      if (cells[index] === HOLE) continue;
      if (count !== to) {
        const free = (to & mask) * 3;
        cells[free] = cells[index];
        cells[free + 1] = cells[index + 1];
        cells[free + 2] = cells[index + 2];
        cells[index] = HOLE;
      }
      to++;
    }
    this.idle -= this.next - to;
    this.next = to;
    return to - this.first;
  }

  /** Forgets everything: the broker holds no session. */
  clear(): void {
    this.cells.fill(HOLE);
    this.first = this.next = this.idle = 0;
  }
}
