/** Ctrl-C, and the signal that asks a process to end. */

/** 128 and SIGINT. */
export const INTERRUPTED = 130;
/** One Ctrl-C may arrive twice: from the terminal, and handed on by a parent process. */
const SAME_KEY_MS = 500;
const SIGNALS = Object.freeze(['SIGINT', 'SIGTERM'] as const);

/**
 * Calls `stop` at the first signal; a later one ends the process at once, with `INTERRUPTED`.
 * @returns what takes the listener back
 */
export function onInterrupt(stop: () => void): () => void {
  let firstAt: number | undefined;
  const onSignal = (): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      stop();
    } else if (now - firstAt > SAME_KEY_MS) {
      process.exit(INTERRUPTED);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
