/** The states of an alarm, and where its inputs lead. */

import type { After } from '../base/moves.ts';

/**
 * See base/moves.ts. After ISA-18.2: `active` is an alarm that nobody has seen, `acknowledged` one
 * that somebody has, `cleared` one that is latched and over and that nobody has seen, `shelved` one
 * that somebody has silenced for a time. `restore` is what was saved before a restart.
 */
export const ALARM_MOVES = Object.freeze({
  normal: {
    judge: ['active'],
    shelve: ['shelved'],
    restore: ['active', 'acknowledged', 'cleared', 'shelved'],
  },
  active: {
    judge: ['normal', 'cleared'],
    acknowledge: ['acknowledged'],
    shelve: ['shelved'],
  },
  acknowledged: { judge: ['normal'], shelve: ['shelved'] },
  cleared: { judge: ['active'], acknowledge: ['normal'], shelve: ['shelved'] },
  shelved: { judge: ['normal', 'active'] },
} as const);

export type AlarmState = keyof typeof ALARM_MOVES;

/** The states that may follow. */
export type AfterAlarm<From extends AlarmState> = After<typeof ALARM_MOVES, From>;
