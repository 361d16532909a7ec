/**
 * Counts the closed sockets that the platform still holds, and keeps the work that waits for their
 * release.
 *
 * A socket that was closed is not gone: the platform sends what was written, and frees the socket
 * from an event loop of its own. A network that is taken away before that frees it too, and a board
 * that frees something twice restarts. So whoever takes a network away, or restarts, waits here; not
 * for ever: a platform that forgets a socket must not hold the board.
 *
 * Sans-IO. What waits is done in the order in which it was asked for, and nothing overtakes it.
 */

/** The longest that anything waits, in milliseconds. */
export const RELEASE_MS_MAX = 2_000;
const NEVER = Number.POSITIVE_INFINITY;

export class Releases {
  private held = 0;
  private readonly waiting: (() => void)[] = [];
  /** When what waits is done in any case; of no account while nothing waits. */
  private until = 0;

  /** A socket was closed; `released` follows for it. */
  closing(): void {
    this.held += 1;
  }

  /** The platform has let sockets go. `wake` is due then, where something waits. */
  released(count: number): void {
    this.held = Math.max(0, this.held - count);
  }

  /** Does this once no closed socket is held: at once, or from `wake`. */
  whenReleased(work: () => void, now: number): void {
    if (this.held === 0 && this.waiting.length === 0) {
      work();
      return;
    }
    if (this.waiting.length === 0) this.until = now + RELEASE_MS_MAX;
    this.waiting.push(work);
  }

  /** When `wake` is next due; Infinity for never, 0 for at once. */
  deadline(): number {
    if (this.waiting.length === 0) return NEVER;
    return this.held === 0 ? 0 : this.until;
  }

  /** Does what has waited long enough. */
  wake(now: number): void {
    while (now >= this.deadline()) this.waiting.shift()?.();
  }
}
