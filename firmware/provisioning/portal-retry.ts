/**
 * Rejoining the saved Wi-Fi while the portal is open: when to try, and when to give up a try. A
 * router slower than the board after a power cut must not strand it.
 *
 * Sans-IO; tries are spaced like those of a device, and wait while a phone needs the radio.
 */

/** A whole number, evenly from 0 to `below` - 1. */
export interface Dice {
  below(below: number): number;
}

const FIRST_MS = 5_000;
const SPACE_MS_MAX = 60_000;
const JOIN_MS = 30_000;

export class PortalRetry {
  isJoining = false;
  /** When a try begins, or the one under way is given up; Infinity: there is nothing to join. */
  dueAt = Number.POSITIVE_INFINITY;
  private readonly dice: Dice;
  private spaceMs = FIRST_MS;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  /** Tries from `now` on. */
  start(now: number): void {
    this.dueAt = now;
  }

  /** A try begins at `now`. */
  begin(now: number): void {
    this.isJoining = true;
    this.dueAt = now + JOIN_MS;
  }

  /** The try has failed, or takes too long. */
  failed(now: number): void {
    this.isJoining = false;
    const half = this.spaceMs >> 1;
    this.dueAt = now + half + this.dice.below(half + 1);
    this.spaceMs = Math.min(SPACE_MS_MAX, this.spaceMs * 2);
  }

  /** Nothing is tried before `until`: the radio is needed. */
  hold(until: number): void {
    this.isJoining = false;
    if (this.dueAt < Number.POSITIVE_INFINITY) this.dueAt = until;
  }
}
