/** A rule for alarms, as the setting `alarms` says it in words. Data only. */

/** What a rule looks for. Its alarm has the quantity's name with this behind it. */
export type RuleKind = 'high' | 'low' | 'rate' | 'silent' | 'stuck' | 'unusual';

export interface Rule {
  /** Its alarm's: `temperature_high`; the second of one name ends with `_2`. */
  readonly name: string;
  /** As it is published. */
  readonly quantity: string;
  readonly kind: RuleKind;
  /** `high`, `low`: a value; `rate`: per minute; `silent`: seconds; `stuck`: samples; else 0. */
  readonly limit: number;
  /** How far on this side of the limit it is over; NaN where nothing was said. */
  readonly hysteresis: number;
  /** So long it has to be before the alarm is raised, and over before it is told to be over. */
  readonly forMs: number;
  readonly clearMs: number;
  /** The alarm stays until somebody has acknowledged it. */
  readonly isLatched: boolean;
}

/** Rules of a board at most. */
export const RULES_MAX = 8;
