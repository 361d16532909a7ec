/**
 * What a run shows to somebody who looks at it. Nothing of it belongs to the run: with a trace or
 * without, and with whatever is chosen of it, a seed has the same hash.
 */

import type { Network } from '../../../firmware/ports.ts';
import { packetText } from '../../packets/packet-text.ts';
import { TappedNetwork } from '../../packets/tapped-network.ts';
import type { EventQueue } from '../event-queue.ts';
import type { VirtualFlash } from '../flash.ts';

/**
 * `world`: power, links, faults, what people do and what boards publish; `packets`: MQTT, both
 * ways; `flash`: each write and erase of a log; `timers`: each time that a board's timer rings.
 */
export const TRACE_KINDS = Object.freeze(['world', 'packets', 'flash', 'timers'] as const);
export type TraceKind = (typeof TRACE_KINDS)[number];

/** One line: world time, events so far, what, and its details. */
export type TraceLine = (timeMs: number, events: number, what: string, text: string) => void;

export class Trace {
  readonly #kinds: readonly TraceKind[];
  readonly #line: TraceLine;

  constructor(line: TraceLine, kinds: readonly TraceKind[] = ['world']) {
    this.#line = line;
    this.#kinds = kinds;
  }

  has(kind: TraceKind): boolean {
    return this.#kinds.includes(kind);
  }

  /** Something happened, at the queue's time. */
  tell({ now, executed }: EventQueue, what: string, text: string): void {
    this.#line(now, executed, what, text);
  }

  /** The same network, with a listener to a board's packets where they are wanted. */
  tap(queue: EventQueue, id: string, network: Network): Network {
    if (!this.has('packets')) return network;
    return new TappedNetwork(network, (direction, packet) => {
      this.tell(queue, 'packet', `${id} ${packetText(direction, packet)}`);
    });
  }

  /** A board's timer rings. */
  timer(queue: EventQueue, id: string): void {
    if (this.has('timers')) this.tell(queue, 'timer', id);
  }

  /** Looks at a board's flash from now on. */
  flash(queue: EventQueue, id: string, flash: VirtualFlash): void {
    if (!this.has('flash')) return;
    flash.onOperation = (operation, offset, bytes) => {
      const block = Math.floor(offset / flash.blockBytes);
      const place = operation === 'erase' ? '' : ` at ${offset % flash.blockBytes}, ${bytes} bytes`;
      this.tell(queue, 'flash', `${id} ${operation} block ${block}${place}`);
    };
  }
}
