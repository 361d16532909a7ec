/**
 * Breaks a loop of restarts: a board that keeps crashing soon after its start comes up in safe mode,
 * where it can be set up and updated, and does no other work.
 *
 * Crashes are panics, watchdogs, brown-outs, and restarts by software that nobody asked for: an
 * exception that nobody caught ends in one. A power-on is none, for batteries are changed and plugs
 * are pulled, and neither is a restart that was asked for, however it ended: the work was over by
 * then, and what the platform does on its way down says nothing about it. A board that has run for a while has
 * proven itself: the owner tells so, and the count starts over. Sans-IO; the count is one byte for
 * the owner to keep.
 */

/** Crashes in a row, each before the board had proven itself, that lead to safe mode. */
const CRASHES_MAX = 4;
/** A board that ran this long has proven itself. */
export const PROVEN_MS = 120_000;

export interface BootVerdict {
  /** To be kept before anything else is started. */
  readonly crashes: number;
  readonly isSafeMode: boolean;
}

/**
 * @param kept the count as it was kept; undefined when there is none
 * @param resetReason why the board started
 * @param wasAsked somebody asked for the restart
 */
export function judgeBoot(
  kept: number | undefined,
  resetReason: string,
  wasAsked: boolean,
): BootVerdict {
  const before = kept ?? 0;
  const isReset =
    resetReason === 'panic' ||
    resetReason === 'watchdog' ||
    resetReason === 'brown-out' ||
    resetReason === 'software';
  const isCrash = isReset && !wasAsked;
  // After a restart on purpose, or an unknown one, the count stands: the loop may go on behind it.
  const crashes = isCrash ? Math.min(before + 1, 255) : isFresh(resetReason) ? 0 : before;
  return { crashes, isSafeMode: crashes >= CRASHES_MAX };
}

/** Somebody switched the board on, or it woke up in order. */
function isFresh(resetReason: string): boolean {
  return resetReason === 'power on' || resetReason === 'deep sleep';
}
