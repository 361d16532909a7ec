/**
 * Notices that a quantity behaves as it never did: a spike, a new level, another course of its day,
 * a value that is stuck, growing noise. One instance for each quantity. It needs no settings, learns
 * for two days before it says anything, and never stops to learn.
 *
 * Three views each have a statistic, judged by its own records (records.ts): how rare the value is,
 * how rare its smoothed course is at this time of day, and how the steps of the last hour compare
 * with those of days. Their surprises are added. What has just been unusual is so only where it grows.
 *
 * It has no clock and no I/O. All that it knows lies in one buffer of fixed size.
 */

import { readUint32, writeUint32 } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';
import { type HistogramPlan, halve, narrow, RANGE_CELLS, rarity } from './histogram.ts';
import { fadeList, type ListPlan, surprise } from './records.ts';

/** Bytes of the state. */
export const STATE_BYTES = 768;
/** An answer of `sample` from which on it is an alarm. */
export const UNUSUAL_FROM = 0.5;

/** Of the state's layout and meaning. */
const VERSION = 2;
/** The check covers what is behind it. */
const CHECK_AT = 4;
const CHECKED_AT = 8;

const DAY_S = 86_400;
const PART_S = DAY_S / 6;
/** Samples that are closer are judged as their mean: a little under five minutes. */
const STEP_S = 270;
/** Time without samples counts as so much at the most; an alarm is followed by none for as long. */
const HOUR_S = 3600;
const LEARN_S = 2 * DAY_S;
const LEARN_STEPS = 20;
/** Steps are counted up to what 16 bits hold. */
const STEPS_MAX = 65_535;
/** Samples of one step, where the clock stands still. */
const SAMPLES_MAX = 10_000;
/** After so long the step from the last value says nothing. */
const GAP_S = 6 * HOUR_S;
/** Greater values count as this. */
const VALUE_MAX = 1e30;

/** The smoothed value, and the short and the long mean of the steps: half-lives in steps. */
const SMOOTH = shareOf(16);
const SHORT = shareOf(8);
const LONG = shareOf(800);
/** What the short mean has at least of the long one. */
const LEAST_STEP = 1e-3;
/** The steps are judged after so many, the smoothed value after so many in its part of the day. */
const STEPS_KNOWN = 100;
const PART_KNOWN = 48;

/** Each view's weight in the sum, and the most decades that it may have. */
const WEIGHTS = Object.freeze([0.7, 0.5, 0.3] as const);
const DECADES_MAX = 4.5;
/** The sum from which on it is an alarm. */
const ALARM_FROM = 1.9;
/** What is unusual is remembered for a while: what follows has to be greater by so much. */
const GREATER = 1.3;
const MEMORY_KEPT = keptOf(240);
/** The longer it has watched, the rarer is what it reports: the bar is raised by so much per doubling. */
const YOUNG_STEPS = 16_000;
const PER_DOUBLING = 0.6;
/** A value is stuck after so many equal steps beyond twice the longest run that it had. */
const STUCK_STEPS = 24;
/** Records fade, each list after so many steps, by half in 69,000. */
const FADE_STEPS = 256;
const RECORDS_KEPT = keptOf(69_000 / FADE_STEPS);
/** Alarms of late, beyond so many, raise the bar by so much each; by half in 8,000 steps, a month. */
const RECENT_FREE = 3;
const PER_ALARM = 0.1;
const RECENT = 1024;
const RECENT_MAX = 32 * RECENT;
const RECENT_KEPT = keptOf(8000 / FADE_STEPS);
/** Beside the turn: the histogram of all values has just been halved. */
const NARROW_DUE = 0x8000;

/** Cells of the doubles: what all values are stored relative to, the last time, the step's sum. */
const Double = Object.freeze({ base: 0, at: 1, sum: 2, cells: 3 } as const);
const DOUBLES_AT = CHECKED_AT;
const FLOATS_AT = DOUBLES_AT + 8 * Double.cells;

/** Cells of the floats. */
const Cell = Object.freeze({
  /** Seconds of the step under way. */
  seconds: 0,
  learnedS: 1,
  sinceAlarmS: 2,
  /** The last step's mean, and the smoothed one. */
  last: 3,
  smooth: 4,
  /** Means of the absolute difference of two steps. */
  short: 5,
  long: 6,
  /** The greatest sum of late, fading. */
  greatest: 7,
  ranges: 8,
} as const);

const PARTS = 6;
const LONG_BINS = 48;
const PART_BINS = 20;
const LISTS_AT = Cell.ranges + RANGE_CELLS * (1 + PARTS);
/** The records of the three views. */
const LISTS: readonly ListPlan[] = Object.freeze([
  Object.freeze({ at: LISTS_AT, kept: 20 }),
  Object.freeze({ at: LISTS_AT + 22, kept: 20 }),
  Object.freeze({ at: LISTS_AT + 44, kept: 20 }),
]);
const FLOAT_CELLS = LISTS_AT + 66;
const COUNTS_AT = FLOATS_AT + 4 * FLOAT_CELLS;

/** Cells of the counts. */
const Count = Object.freeze({
  /** Samples of the step under way. */
  samples: 0,
  /** Whether the last time was wall time. */
  isWall: 1,
  /** Steps taken; and a count that goes round, for the lists. */
  steps: 2,
  turn: 3,
  /** Equal steps in a row, and the longest such run that has ended, fading. */
  run: 4,
  longestRun: 5,
  histograms: 6,
} as const);
const PARTS_AT = Count.histograms + 1 + LONG_BINS;
/** Alarms of late, in units of RECENT, fading. */
const RECENT_AT = PARTS_AT + PARTS * (1 + PART_BINS);
const COUNT_CELLS = RECENT_AT + 1;

/** All values. */
const LONG_PLAN: HistogramPlan = Object.freeze({
  ...{ range: Cell.ranges, total: Count.histograms, bins: LONG_BINS },
  ...{ unit: 1, full: 16_000, lent: 0.25, first: 2, below: 0.47 },
});
/** Smoothed values in each part of the day. */
const PART_PLANS: readonly HistogramPlan[] = Object.freeze(
  [0, 1, 2, 3, 4, 5].map((part) =>
    Object.freeze({
      range: Cell.ranges + RANGE_CELLS * (1 + part),
      total: PARTS_AT + part * (1 + PART_BINS),
      ...{ bins: PART_BINS, unit: 16, full: 16 * 500, lent: 0.5, first: 3, below: 0.07 },
    }),
  ),
);

export class Unusual {
  private readonly bytes: Uint8Array;
  private readonly doubles: Float64Array;
  private readonly floats: Float32Array;
  private readonly counts: Uint16Array;

  /** @param state what `state` gave once; it starts afresh without, and where that is damaged */
  constructor(state?: Uint8Array) {
    const buffer = new ArrayBuffer(STATE_BYTES);
    this.bytes = new Uint8Array(buffer);
    this.doubles = new Float64Array(buffer, DOUBLES_AT, Double.cells);
    this.floats = new Float32Array(buffer, FLOATS_AT, FLOAT_CELLS);
    this.counts = new Uint16Array(buffer, COUNTS_AT, COUNT_CELLS);
    if (state !== undefined && isWhole(state)) this.bytes.set(state);
    else this.floats[Cell.sinceAlarmS] = HOUR_S;
  }

  /** Whether it does not know enough yet to say anything. */
  get isLearning(): boolean {
    const { floats, counts } = this;
    return !(floats[Cell.learnedS] >= LEARN_S && counts[Count.steps] >= LEARN_STEPS);
  }

  /** All that it knows, to be kept: a view, with its check made anew. It goes on from a copy. */
  get state(): Uint8Array {
    this.bytes[0] = VERSION;
    writeUint32(this.bytes, CHECK_AT, crc32(this.bytes, CHECKED_AT, STATE_BYTES));
    return this.bytes;
  }

  /**
   * Takes a value of the quantity, and judges what has come in the last five minutes when they end.
   * @param value what is not finite counts as absent
   * @param atS seconds of Unix time, or of any clock that goes on evenly
   * @param isWall whether it is Unix time. Without, parts of the day are not told apart: they are
   *   neither judged nor learned.
   * @returns how unusual, 0 to 1: an alarm from UNUSUAL_FROM on, and then no further one for an hour
   */
  sample(value: number, atS: number, isWall: boolean): number {
    if (!Number.isFinite(value) || !Number.isFinite(atS)) return 0;
    const { doubles, floats, counts } = this;
    let bounded = value > VALUE_MAX ? VALUE_MAX : value;
    if (value < -VALUE_MAX) bounded = -VALUE_MAX;
    const isFirst = counts[Count.steps] === 0 && counts[Count.samples] === 0;
    if (isFirst) doubles[Double.base] = bounded;
    const passedS = this.passTime(atS, isWall, isFirst);
    doubles[Double.sum] += bounded - doubles[Double.base];
    counts[Count.samples] += 1;
    if (floats[Cell.seconds] < STEP_S && counts[Count.samples] < SAMPLES_MAX) return 0;
    const mean = Math.fround(doubles[Double.sum] / counts[Count.samples]);
    doubles[Double.sum] = 0;
    counts[Count.samples] = 0;
    floats[Cell.seconds] = 0;
    if (counts[Count.steps] < STEPS_MAX) counts[Count.steps] += 1;
    if (counts[Count.steps] === 1 || passedS > GAP_S) {
      floats[Cell.last] = mean;
      floats[Cell.smooth] = mean;
    }
    return this.judged(this.sumOfViews(mean, isWall ? partOf(atS) : -1));
  }

  /** Seconds since the last sample: none where the clock was set back, or is another one. */
  private passTime(atS: number, isWall: boolean, isFirst: boolean): number {
    const { doubles, floats, counts } = this;
    const isSame = counts[Count.isWall] === (isWall ? 1 : 0);
    const passed = isSame && !isFirst ? atS - doubles[Double.at] : 0;
    doubles[Double.at] = atS;
    counts[Count.isWall] = isWall ? 1 : 0;
    const counted = passed > 0 ? (passed < HOUR_S ? passed : HOUR_S) : 0;
    floats[Cell.seconds] = isFirst ? STEP_S : floats[Cell.seconds] + counted;
    if (floats[Cell.learnedS] < LEARN_S) floats[Cell.learnedS] += counted;
    if (floats[Cell.sinceAlarmS] < HOUR_S) floats[Cell.sinceAlarmS] += counted;
    return passed;
  }

  /** Judges the mean of a step in each view, and learns it. @param part of the day, -1: unknown */
  private sumOfViews(mean: number, part: number): number {
    const { floats, counts } = this;
    const longWidth = floats[LONG_PLAN.range + 1];
    let isWider = false;
    let sum = this.surpriseOf(0, rarity(floats, counts, LONG_PLAN, mean));
    const steps = this.stepRatio(mean);
    if (part >= 0) {
      const plan = PART_PLANS[part];
      const isKnown = counts[plan.total] >= PART_KNOWN * plan.unit;
      const width = floats[plan.range + 1];
      const rare = rarity(floats, counts, plan, floats[Cell.smooth]);
      isWider = floats[plan.range + 1] !== width;
      if (isKnown) sum += this.surpriseOf(1, rare);
    }
    if (counts[Count.steps] >= STEPS_KNOWN) sum += this.surpriseOf(2, steps);
    // A step that widens a range costs enough.
    if (!isWider && floats[LONG_PLAN.range + 1] === longWidth) this.tidy(part);
    return sum;
  }

  /** How far the short mean of the steps is from the long one; it follows the smoothed value, too. */
  private stepRatio(mean: number): number {
    const { floats, counts } = this;
    const step = Math.abs(mean - floats[Cell.last]);
    this.countRun(step === 0);
    const share = 1 / counts[Count.steps];
    floats[Cell.last] = mean;
    floats[Cell.smooth] += SMOOTH * (mean - floats[Cell.smooth]);
    const long = floats[Cell.long] + (share > LONG ? share : LONG) * (step - floats[Cell.long]);
    const short =
      floats[Cell.short] + (share > SHORT ? share : SHORT) * (step - floats[Cell.short]);
    floats[Cell.long] = long;
    floats[Cell.short] = short;
    return long > 0 ? Math.abs(Math.log(short / long + LEAST_STEP)) : 0;
  }

  private countRun(isEqual: boolean): void {
    const { counts } = this;
    const run = counts[Count.run];
    if (isEqual) counts[Count.run] = Math.min(STEPS_MAX, run + 1);
    else {
      if (run > counts[Count.longestRun]) counts[Count.longestRun] = run;
      counts[Count.run] = 0;
    }
  }

  /** A view's weighted surprise by its statistic, which its list then learns. */
  private surpriseOf(view: number, statistic: number): number {
    const decades = surprise(this.floats, LISTS[view], statistic);
    return WEIGHTS[view] * (decades < DECADES_MAX ? decades : DECADES_MAX);
  }

  /** What has to be done now and then, one thing at a step. @param part as above */
  private tidy(part: number): void {
    const { floats, counts } = this;
    const turn = counts[Count.turn];
    if (turn >= NARROW_DUE) {
      counts[Count.turn] = turn - NARROW_DUE;
      narrow(floats, counts, LONG_PLAN);
    } else if (counts[LONG_PLAN.total] >= LONG_PLAN.full) {
      counts[Count.turn] = turn + NARROW_DUE;
      halve(counts, LONG_PLAN);
    } else if (part >= 0 && counts[PART_PLANS[part].total] >= PART_PLANS[part].full) {
      halve(counts, PART_PLANS[part]);
      narrow(floats, counts, PART_PLANS[part]);
    } else {
      counts[Count.turn] = turn + 1 < FADE_STEPS ? turn + 1 : 0;
      if (turn < LISTS.length) fadeList(floats, LISTS[turn], RECORDS_KEPT);
      // The limit of a run under way stays as it is.
      else if (turn === LISTS.length && counts[Count.run] === 0) {
        counts[Count.longestRun] -= counts[Count.longestRun] >> 6;
      } else if (turn === LISTS.length + 1) counts[RECENT_AT] *= RECENT_KEPT;
    }
  }

  /** What is announced of a sum, by what came before it, and by the age of the detector. */
  private judged(sum: number): number {
    const { floats, counts } = this;
    const greatest = floats[Cell.greatest] * MEMORY_KEPT;
    const isGreater = sum > greatest * GREATER;
    floats[Cell.greatest] = isGreater ? sum : greatest;
    const isStuck = counts[Count.run] === 2 * counts[Count.longestRun] + STUCK_STEPS;
    if ((!isGreater && !isStuck) || this.isLearning) return 0;
    const doublings = Math.max(0, Math.log2(counts[Count.steps] / YOUNG_STEPS));
    const recent = Math.max(0, counts[RECENT_AT] / RECENT - RECENT_FREE);
    const bar = ALARM_FROM * (1 + PER_DOUBLING * doublings + PER_ALARM * recent);
    const grade = isStuck ? 1 : sum / bar;
    if (grade >= 1) {
      if (floats[Cell.sinceAlarmS] < HOUR_S) return 0;
      floats[Cell.sinceAlarmS] = 0;
      counts[RECENT_AT] = Math.min(RECENT_MAX, counts[RECENT_AT] + RECENT);
    }
    return Math.min(1, UNUSUAL_FROM * grade);
  }
}

/** Whether the bytes are a state of this version, undamaged. */
function isWhole(state: Uint8Array): boolean {
  if (state.length !== STATE_BYTES || state[0] !== VERSION) return false;
  return readUint32(state, CHECK_AT) === crc32(state, CHECKED_AT, STATE_BYTES);
}

/** The part of the day, 0 to 5. */
function partOf(atS: number): number {
  return Math.floor((((atS % DAY_S) + DAY_S) % DAY_S) / PART_S);
}

/** What is left of a memory after one step, by its half-life in steps. */
function keptOf(halfLife: number): number {
  return 2 ** (-1 / halfLife);
}

/** The share of a new value in a mean. */
function shareOf(halfLife: number): number {
  return 1 - keptOf(halfLife);
}
