/** Where a portal stands, and where its inputs lead. */

import type { After } from '../../base/moves.ts';

/** See base/moves.ts. `scanned`: the first scan is over, or was given up. */
export const PORTAL_MOVES = Object.freeze({
  stopped: { start: ['scanning'] },
  scanning: { scanned: ['open'], wake: ['open'], stop: ['stopped'] },
  open: { wake: ['stopped'], stop: ['stopped'] },
} as const);

export type PortalState = keyof typeof PORTAL_MOVES;

/** The states that may follow. */
export type AfterPortal<From extends PortalState> = After<typeof PORTAL_MOVES, From>;
