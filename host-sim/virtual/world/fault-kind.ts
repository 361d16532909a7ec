/** What a kind of fault is: a switch, a rate, and how it begins and ends. */

import type { VirtualBroker } from '../broker/broker.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../random.ts';
import type { TlsServer } from '../tls.ts';
import type { Board } from './board.ts';

/** Where a fault strikes. Kinds of the scope `broker` see every board; the others one. */
export interface Site {
  readonly queue: EventQueue;
  readonly broker: VirtualBroker;
  /** Undefined in a world without TLS. */
  readonly tls: TlsServer | undefined;
  readonly board: Board;
  readonly boards: readonly Board[];
  readonly random: SeededRandom;
}

export interface FaultKind {
  /** As in `--faults`. */
  readonly name: string;
  readonly about: string;
  readonly scope: 'board' | 'broker';
  /** Times a day on average, per board or per broker. */
  readonly perDay: number;
  /** From its beginning to its end in milliseconds, evenly drawn; 0 for what happens at once. */
  readonly lastsMs: readonly [number, number];
  /** Begins. @returns how it ends; undefined for what is over at once */
  begin(site: Site): (() => void) | undefined;
}
