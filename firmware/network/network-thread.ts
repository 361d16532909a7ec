/**
 * Work that the platform's network thread must not interrupt.
 *
 * A connection that was accepted gets its callbacks by being made anew from the socket that
 * `Listener.read` gave. Moddable's lwIP module (SDK 8.2.3) frees the native part of that socket
 * before lwIP knows of the new one: a segment that arrives in between is written into freed memory,
 * and the board restarts by a panic, once in some hundred requests.
 */

/** The thread that hands over what the network brings. */
export interface NetworkThread {
  /** Returns once the thread stands still. Nothing may wait for it until `release`. */
  hold(): void;
  release(): void;
}

/** @throws what the work throws; the thread goes on then too. */
export function whileHeld<T>(thread: NetworkThread, work: () => T): T {
  thread.hold();
  try {
    return work();
  } finally {
    thread.release();
  }
}
