/** Where a session stands, and where its inputs lead. */

import type { After } from '../../base/moves.ts';

/**
 * See base/moves.ts. `nextEvent` decodes what was received. `closing`: a DISCONNECT is still to be
 * written. `closed`: nothing is sent or read any more until the next `open`.
 */
export const SESSION_MOVES = Object.freeze({
  idle: { open: ['connecting', 'closed'], closed: ['closed'] },
  connecting: {
    nextEvent: ['online', 'closed'],
    wake: ['closed'],
    disconnect: ['closing'],
    closed: ['closed'],
  },
  online: {
    nextEvent: ['closing', 'closed'],
    wake: ['closing', 'closed'],
    disconnect: ['closing'],
    closed: ['closed'],
  },
  closing: { wake: ['closed'], closed: ['closed'] },
  closed: { open: ['connecting'] },
} as const);

export type SessionState = keyof typeof SESSION_MOVES;

/** The states that may follow. */
export type AfterSession<From extends SessionState> = After<typeof SESSION_MOVES, From>;
