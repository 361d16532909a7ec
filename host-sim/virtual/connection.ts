/**
 * One virtual TCP connection: two pipes of bytes and the two endpoints that hold them.
 *
 * Both endpoints are `Transport`s with the contract of `firmware/ports.ts`, read to the letter so
 * that code that leans on more than the contract fails here: `readable` is called for new bytes
 * only if no bytes were announced since a read returned 0, `writable` only after a short write.
 *
 * Invariants: handlers run from the event queue, never inside a call; nothing is called after
 * `close`, nor after `closed`; bytes arrive whole, once and in order, or not at all.
 */

import type { CloseReason, Transport, TransportHandler } from '../../firmware/ports.ts';
import { ByteRing } from './byte-ring.ts';
import type { EventQueue } from './event-queue.ts';
import type { LinkConditions } from './link.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualSockets } from './sockets.ts';

/** What a pipe needs to know of the network that it belongs to. */
export interface Medium {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly conditions: Readonly<LinkConditions>;
}

type Direction = 'losesUp' | 'losesDown';

/** One direction. The ring holds, oldest first: arrived bytes, bytes in transit, waiting bytes. */
class Pipe {
  readonly #medium: Medium;
  readonly #direction: Direction;
  readonly #ring = new ByteRing();
  #arrived = 0;
  #inTransit = 0;
  /**
   * Sizes of the segments in transit, which arrive in order: between the two places, which go back
   * to the start when nothing is in transit. An array that shrinks and grows is made anew.
   */
  readonly #segments: number[] = [];
  #firstSegment = 0;
  #segmentsEnd = 0;
  readonly #arrival = () => this.#arrive();
  #pumpIsDue = false;
  #lineFreeAt = 0;
  #lastArrival = 0;
  #finWritten = false;
  #finSent = false;
  /** Bytes of this direction vanish for ever. */
  dead = false;
  /** The ends; set once, as they are made. */
  from!: Endpoint;
  to!: Endpoint;

  constructor(medium: Medium, direction: Direction) {
    this.#medium = medium;
    this.#direction = direction;
  }

  get arrived(): number {
    return this.#arrived;
  }

  get undelivered(): number {
    return this.#ring.length - this.#arrived;
  }

  get room(): number {
    return Math.max(0, this.#medium.conditions.sendBufferBytes - this.undelivered);
  }

  /** Nothing arrives before `time`. */
  holdUntil(time: number): void {
    this.#lastArrival = Math.max(this.#lastArrival, time);
  }

  write(from: Uint8Array, start: number, end: number): void {
    this.#ring.push(from, start, end);
    const { coalesceMs } = this.#medium.conditions;
    if (coalesceMs === 0) this.pump();
    else if (!this.#pumpIsDue) {
      this.#pumpIsDue = true;
      this.#medium.queue.after(coalesceMs, () => {
        this.#pumpIsDue = false;
        this.pump();
      });
    }
  }

  finish(): void {
    this.#finWritten = true;
    if (!this.#pumpIsDue) this.pump();
  }

  read(into: Uint8Array, start: number, count: number): void {
    this.#ring.shift(into, start, count);
    this.#arrived -= count;
    this.pump();
  }

  discardArrived(): void {
    this.#ring.drop(this.#arrived);
    this.#arrived = 0;
    this.pump();
  }

  /** Puts on the wire what the conditions allow. */
  pump(): void {
    const { conditions, random } = this.#medium;
    if (this.dead || conditions.paused || this.#pumpIsDue) return;
    let waiting = this.undelivered - this.#inTransit;
    if ((waiting > 0 || this.#finWritten) && conditions[this.#direction]) {
      this.dead = true;
      return;
    }
    let window = conditions.receiveBufferBytes - this.#arrived - this.#inTransit;
    while (waiting > 0 && window > 0) {
      const drawn = random.between(conditions.fragmentBytesMin, conditions.fragmentBytesMax);
      const count = Math.min(waiting, window, drawn);
      waiting -= count;
      window -= count;
      this.#inTransit += count;
      this.#segments[this.#segmentsEnd] = count;
      this.#segmentsEnd += 1;
      this.#medium.queue.at(this.#arrivalOf(count), this.#arrival);
    }
    if (this.#finWritten && !this.#finSent && waiting === 0) {
      this.#finSent = true;
      this.#medium.queue.at(this.#arrivalOf(0), () => this.to.finReceived());
    }
  }

  #arrivalOf(count: number): number {
    const { conditions, queue, random } = this.#medium;
    this.#lineFreeAt = Math.max(this.#lineFreeAt, queue.now);
    this.#lineFreeAt += (count * 1000) / conditions.bytesPerSecond;
    const latency = random.between(conditions.latencyMsMin, conditions.latencyMsMax);
    this.#lastArrival = Math.max(this.#lastArrival, this.#lineFreeAt + latency);
    return this.#lastArrival;
  }

  #arrive(): void {
    const count = this.#segments[this.#firstSegment];
    this.#firstSegment += 1;
    if (this.#firstSegment === this.#segmentsEnd) this.#firstSegment = this.#segmentsEnd = 0;
    this.#inTransit -= count;
    this.#arrived += count;
    this.to.bytesArrived();
    this.from.roomFreed();
  }
}

type EndpointState = 'opening' | 'open' | 'closed';

/** One end of a connection. The server's end comes from `Internet.listen`. */
export class Endpoint implements Transport {
  /** Who is told; the server sets it when it accepts. */
  handler: TransportHandler;
  /** The other end; set once, as they are made. */
  peer!: Endpoint;
  /** Whose socket this is, where that is kept account of. */
  sockets: VirtualSockets | undefined;
  readonly #medium: Medium;
  readonly #in: Pipe;
  readonly #out: Pipe;
  #state: EndpointState = 'opening';
  #announces = true;
  #wantsRoom = false;
  #finArrived = false;

  constructor(medium: Medium, inbound: Pipe, outbound: Pipe, handler: TransportHandler) {
    this.#medium = medium;
    this.#in = inbound;
    this.#out = outbound;
    this.handler = handler;
    inbound.to = this;
    outbound.from = this;
  }

  get isOpening(): boolean {
    return this.#state === 'opening';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Whether the peer's bytes may be held up or lost: then its silence is not its fault. */
  get inboundIsFaulty(): boolean {
    return this.#in.dead || this.#medium.conditions.paused || this.#in.undelivered > 0;
  }

  read(into: Uint8Array, start: number, end: number): number {
    if (this.#state !== 'open') return 0;
    const count = Math.min(this.#in.arrived, end - start);
    if (count <= 0) {
      if (end > start) this.#announces = true;
      return 0;
    }
    this.#in.read(into, start, count);
    if (this.#finArrived && this.#in.arrived === 0) {
      this.#medium.queue.after(0, () => this.end('closed by peer'));
    }
    return count;
  }

  write(from: Uint8Array, start: number, end: number): number {
    if (this.#state !== 'open') return 0;
    const count = Math.min(this.#out.room, end - start);
    if (count < end - start) this.#wantsRoom = true;
    if (count > 0) this.#out.write(from, start, start + count);
    return count;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.sockets?.closing();
    this.#out.finish();
    this.#in.discardArrived();
  }

  /** Ends the connection with a reset: silent here, `closed('reset')` at the peer if it can hear. */
  abort(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const { conditions, queue, random } = this.#medium;
    if (this.#out.dead || conditions.paused) return;
    const latency = random.between(conditions.latencyMsMin, conditions.latencyMsMax);
    queue.after(latency, () => this.peer.end('reset'));
  }

  /** Nothing passes any more in either direction; both ends stay as they are. */
  isolate(): void {
    this.#in.dead = true;
    this.#out.dead = true;
  }

  /** This side is gone without a word: power cut, or a killed host. */
  vanish(): void {
    this.isolate();
    this.#state = 'closed';
  }

  /** Tells the handler that the connection is up. From the event loop only. */
  open(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.handler.opened();
  }

  /** Tells the handler that the connection has ended, once. From the event loop only. */
  end(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    // What the network took along is gone already.
    if (reason !== 'network lost') this.sockets?.closing();
    this.handler.closed(reason);
  }

  /** Lets both directions move on after the conditions changed. */
  pump(): void {
    this.#in.pump();
    this.#out.pump();
  }

  /** Nothing arrives here before `time`. */
  holdInboundUntil(time: number): void {
    this.#in.holdUntil(time);
  }

  /** Called by the pipe. */
  bytesArrived(): void {
    if (this.#state === 'closed') {
      this.#in.discardArrived();
    } else if (this.#announces && this.#state === 'open') {
      this.#announces = false;
      this.handler.readable();
    }
  }

  /** Called by the pipe: nothing more comes. */
  finReceived(): void {
    this.#finArrived = true;
    if (this.#in.arrived === 0) this.end('closed by peer');
  }

  /** Called by the pipe. */
  roomFreed(): void {
    if (!this.#wantsRoom || this.#state !== 'open' || this.#out.room === 0) return;
    this.#wantsRoom = false;
    this.handler.writable();
  }
}

/** The two ends of a new connection; the device's end comes first. */
export function connectionPair(medium: Medium, handler: TransportHandler): [Endpoint, Endpoint] {
  const up = new Pipe(medium, 'losesUp');
  const down = new Pipe(medium, 'losesDown');
  const device = new Endpoint(medium, down, up, handler);
  const server = new Endpoint(medium, up, down, IGNORE);
  device.peer = server;
  server.peer = device;
  return [device, server];
}

const IGNORE: TransportHandler = Object.freeze({
  opened() {},
  readable() {},
  writable() {},
  closed() {},
});
