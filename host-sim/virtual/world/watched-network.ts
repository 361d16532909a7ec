/**
 * The network port as a device gets it in the world: everything passes through, calls
 * into the device run under its guard (a power cut may end any of them), and the link watch is told.
 */

import type {
  Cancel,
  CloseReason,
  Network,
  Target,
  Transport,
  TransportHandler,
} from '../../../firmware/ports.ts';
import type { LinkWatch } from './link-watch.ts';

/** Runs calls into the device; catches what ends it. */
export type Guard = (call: () => void) => void;

/** One connection on its way through. */
class WatchedTransport implements Transport, TransportHandler {
  inner!: Transport;
  readonly #handler: TransportHandler;
  readonly #guard: Guard;
  readonly #watch: LinkWatch;
  readonly #opened: () => void;
  readonly #readable: () => void;
  readonly #writable: () => void;
  #isOver = false;

  constructor(handler: TransportHandler, guard: Guard, watch: LinkWatch) {
    this.#handler = handler;
    this.#guard = guard;
    this.#watch = watch;
    this.#opened = () => handler.opened();
    this.#readable = () => handler.readable();
    this.#writable = () => handler.writable();
  }

  opened(): void {
    this.#watch.opened();
    this.#guard(this.#opened);
  }

  readable(): void {
    this.#guard(this.#readable);
  }

  writable(): void {
    this.#guard(this.#writable);
  }

  closed(reason: CloseReason): void {
    this.#end();
    this.#guard(() => this.#handler.closed(reason));
  }

  read(into: Uint8Array, start: number, end: number): number {
    const count = this.inner.read(into, start, end);
    if (count > 0) this.#watch.heard();
    return count;
  }

  write(from: Uint8Array, start: number, end: number): number {
    return this.inner.write(from, start, end);
  }

  close(): void {
    this.#end();
    this.inner.close();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watch.ended();
  }
}

export class WatchedNetwork implements Network {
  readonly #inner: Network;
  readonly #guard: Guard;
  readonly #watch: LinkWatch;

  constructor(inner: Network, guard: Guard, watch: LinkWatch) {
    this.#inner = inner;
    this.#guard = guard;
    this.#watch = watch;
  }

  resolve(host: string, done: (address: string) => void): Cancel {
    this.#watch.attempt();
    let isPending = true;
    const lookup = this.#inner.resolve(host, (address) => {
      isPending = false;
      if (address === '') this.#watch.ended();
      this.#guard(() => done(address));
    });
    return {
      cancel: () => {
        if (isPending) this.#watch.ended();
        isPending = false;
        lookup.cancel();
      },
    };
  }

  connect(target: Target, handler: TransportHandler): Transport {
    const transport = new WatchedTransport(handler, this.#guard, this.#watch);
    transport.inner = this.#inner.connect(target, transport);
    return transport;
  }
}
