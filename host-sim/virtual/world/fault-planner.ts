/**
 * Decides when faults begin and end. Each kind on each target has a stream of random numbers of its
 * own, so that switching one kind on or off does not shift another.
 *
 * Invariants: per target, one episode of a kind at a time; after `stop` every fault that had begun
 * has ended, and none begins.
 */

import type { EventQueue, Scheduled } from '../event-queue.ts';
import type { SeededRandom } from '../random.ts';
import type { FaultKind, Site } from './fault-kind.ts';
import { BOARD_FAULTS } from './faults-board.ts';
import { BROKER_FAULTS } from './faults-broker.ts';
import { LINK_FAULTS } from './faults-link.ts';
import { TLS_FAULTS } from './faults-tls.ts';

export const FAULT_KINDS: readonly FaultKind[] = Object.freeze([
  ...LINK_FAULTS,
  ...BROKER_FAULTS,
  ...BOARD_FAULTS,
  ...TLS_FAULTS,
]);

const DAY_MS = 86_400_000;
/** How often faults strike, as a multiple of their rates; each seed has one of these. */
const INTENSITIES = Object.freeze([0.5, 1, 1, 4]);

/** Makes the site of a fault; `board` is the one struck, or the first. */
export type SiteOf = (index: number, random: SeededRandom) => Site;

export class FaultPlanner {
  readonly #queue: EventQueue;
  readonly #siteOf: SiteOf;
  readonly #note: (what: string, text: string) => void;
  readonly #ends = new Map<string, () => void>();
  readonly #planned = new Set<Scheduled>();
  /** When a fault last began or ended, in world time. */
  changedAt = 0;
  /** Called when a fault begins. */
  onBegin: (() => void) | undefined;
  #isStopped = false;

  constructor(queue: EventQueue, siteOf: SiteOf, note: (what: string, text: string) => void) {
    this.#queue = queue;
    this.#siteOf = siteOf;
    this.#note = note;
  }

  /** Whether some fault is under way. */
  get isBusy(): boolean {
    return this.#ends.size > 0;
  }

  /**
   * Plans faults of these kinds at their rates.
   * @param isSwarm the seed switches whole kinds off, and chooses how often the others strike.
   */
  plan(kinds: readonly FaultKind[], isSwarm: boolean, boards: number, random: SeededRandom): void {
    const intensity = isSwarm ? random.fork('intensity').pick(INTENSITIES) : 1;
    for (const kind of kinds) {
      const own = random.fork(kind.name);
      if (isSwarm && !own.chance(0.5)) continue;
      const targets = kind.scope === 'broker' ? 1 : boards;
      for (let index = 0; index < targets; index += 1) {
        this.#wait(kind, index, DAY_MS / (kind.perDay * intensity), own.fork(String(index)));
      }
    }
  }

  /** Begins a fault now. @param lastsMs Infinity: until `stop` */
  strike(kind: FaultKind, index: number, lastsMs: number, random: SeededRandom): void {
    if (this.#isStopped) return;
    const key = `${kind.name} ${index}`;
    this.#end(key);
    const site = this.#siteOf(index, random);
    this.#note('fault', kind.scope === 'broker' ? kind.name : `${kind.name} ${site.board.id}`);
    this.changedAt = this.#queue.now;
    const end = kind.begin(site);
    this.onBegin?.();
    if (end === undefined) return;
    this.#ends.set(key, end);
    if (Number.isFinite(lastsMs)) this.#after(lastsMs, () => this.#end(key, end));
  }

  /** All faults end, and none begins any more. */
  stop(): void {
    this.#isStopped = true;
    for (const planned of this.#planned) planned.cancel();
    this.#planned.clear();
    for (const key of [...this.#ends.keys()]) this.#end(key);
  }

  #wait(kind: FaultKind, index: number, meanMs: number, random: SeededRandom): void {
    this.#after(random.between(0, Math.floor(2 * meanMs)), () => {
      const lastsMs = random.between(kind.lastsMs[0], kind.lastsMs[1]);
      this.strike(kind, index, lastsMs, random);
      this.#after(lastsMs, () => this.#wait(kind, index, meanMs, random));
    });
  }

  #after(delayMs: number, run: () => void): void {
    const planned = this.#queue.after(delayMs, () => {
      this.#planned.delete(planned);
      run();
    });
    this.#planned.add(planned);
  }

  /** @param only ends this very episode: a later one under the same key goes on */
  #end(key: string, only?: () => void): void {
    const end = this.#ends.get(key);
    if (end === undefined || (only !== undefined && only !== end)) return;
    this.#ends.delete(key);
    this.changedAt = this.#queue.now;
    this.#note('fault over', key);
    end();
  }
}
