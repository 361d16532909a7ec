/** The phases of a device's working life, and where its inputs lead. */

import type { After } from '../base/moves.ts';

/**
 * See base/moves.ts. A goodbye: `draining` sends what waits, `leaving` says `offline`, `closing`
 * ends the connection. `ring`: its alarm.
 */
export const DEVICE_MOVES = Object.freeze({
  stopped: { start: ['running'] },
  running: { stop: ['draining'] },
  draining: { ring: ['leaving'] },
  leaving: { ring: ['closing'] },
  closing: { ring: ['stopped'] },
} as const);

export type DevicePhase = keyof typeof DEVICE_MOVES;

/** The phases that may follow. */
export type AfterDevice<From extends DevicePhase> = After<typeof DEVICE_MOVES, From>;
