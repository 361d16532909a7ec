/**
 * The button of a simulated board: held for a while from some moment on. Boards look at it when
 * power comes on.
 */

import type { Button } from '../../firmware/ports.ts';

export class LiveButton implements Button {
  readonly #now: () => number;
  #until = Number.NEGATIVE_INFINITY;

  /** @param now monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get isHeld(): boolean {
    return this.#now() < this.#until;
  }

  /** Holds it for `ms` milliseconds from now on; 0 lets go of it. */
  hold(ms: number): void {
    this.#until = this.#now() + ms;
  }
}
