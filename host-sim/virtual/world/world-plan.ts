/** What a run is told: the seed and its length, the fleet, the faults, and a script. */

import type { FaultKind } from './fault-kind.ts';

/** One fault at a set time, in place of a rate. */
export interface ScriptStep {
  readonly atMs: number;
  readonly kind: FaultKind;
  /** Which boards; undefined for all. */
  readonly boards: readonly number[] | undefined;
  /** Infinity: until faults stop. */
  readonly lastsMs: number;
}

export interface WorldPlan {
  readonly seed: number;
  readonly devices: number;
  readonly intervalMs: number;
  /** Until the faults stop; draining comes after it. */
  readonly durationMs: number;
  readonly faults: readonly FaultKind[];
  /** Each seed switches kinds of `faults` off, and has an intensity of its own. */
  readonly isSwarm: boolean;
  readonly script: readonly ScriptStep[];
  /** Somebody sends commands to the boards. */
  readonly hasOperator: boolean;
  /** Rules for the alarms of all boards, empty for none; undefined: each board's seed has its own. */
  readonly alarms: string | undefined;
  /** Beside the operator somebody changes the boards' settings, in most worlds. */
  readonly hasOwner: boolean;
  /** Erase blocks of 4096 bytes; undefined: 64, or 6 where the flash is to get full. */
  readonly flashBlocks: number | undefined;
  /** Undefined: each seed has one. */
  readonly keepAliveS: number | undefined;
  /** Readings in flight at most; undefined: 8. */
  readonly windowMax: number | undefined;
}

/** What is known at the end of a run, or as it goes on. */
export interface Outcome {
  readonly seed: number;
  readonly verdict: 'OK' | 'VIOLATION';
  readonly hash: string;
  /** Events that were run. */
  readonly events: number;
  readonly accepted: number;
  readonly delivered: number;
  /** Dropped for lack of room, or refused by the broker. */
  readonly dropped: number;
  readonly duplicates: number;
  readonly reconnects: number;
  /** Commands that were sent, and answers that came, redeliveries included. */
  readonly commands: number;
  readonly answers: number;
  readonly powerCuts: number;
  readonly flashErases: number;
  /** Of the most worn partition; Infinity before the first erase. */
  readonly yearsOfLife: number;
  /** Virtual time of all devices together. */
  readonly deviceHours: number;
  readonly violation: string | undefined;
  /** What was thrown where the violation is a crash. */
  readonly cause: unknown;
}
