/** The command line of `npm run soak`, as a pure function: arguments in, options or a Refusal out. */

import { availableParallelism } from 'node:os';
import { Refusal, wholeNumber } from './arguments.ts';

export const SOAK_HELP = `Mote: seeds that nobody has tried, one after the other, over all cores.

npm run soak -- [options]

  --minutes N        stop after this long, 1 to 100000; 10 unless --seeds is given
  --seeds N          stop after this many seeds, 1 to 10000000
  --hours N          virtual hours of each seed until its faults stop, 1 to 8760; 24 otherwise
  --first SEED       begin with this seed; a fresh one is drawn otherwise
  --jobs N           seeds side by side, 1 to 256; as many as there are cores otherwise
  -h, --help         print this

Seeds count up from the first one, which is printed. A rule that is broken is told with the line
that reproduces it, and the run goes on. Ctrl-C ends it with its summary.
Exit code: 0 every rule held, 1 one was broken, 2 bad options.
`;

export const SOAK_FLAGS = Object.freeze({
  minutes: { type: 'string' },
  seeds: { type: 'string' },
  hours: { type: 'string' },
  first: { type: 'string' },
  jobs: { type: 'string' },
} as const);

export interface SoakOptions {
  /** Infinity: no limit. */
  readonly minutes: number;
  readonly seeds: number;
  readonly hours: number;
  /** Undefined: to be drawn. */
  readonly first: number | undefined;
  readonly jobs: number;
}

const SEEDS_MAX = 10_000_000;
/** Leaves room for the seeds that follow. */
const FIRST_MAX = Number.MAX_SAFE_INTEGER - SEEDS_MAX;
const MINUTES = 10;
const HOURS = 24;

/** @throws Refusal that names the option, what was given and what is accepted */
export function readSoak(values: Partial<Record<keyof typeof SOAK_FLAGS, string>>): SoakOptions {
  const { minutes, seeds, hours, first, jobs } = values;
  const unlimited = seeds === undefined ? MINUTES : Number.POSITIVE_INFINITY;
  if (first !== undefined && !(/^\d{1,16}$/.test(first) && Number(first) <= FIRST_MAX)) {
    throw new Refusal(`--first '${first}' is not possible; expected 0 to ${FIRST_MAX}`);
  }
  return {
    minutes: minutes === undefined ? unlimited : wholeNumber('minutes', minutes, 1, 100_000),
    seeds: seeds === undefined ? SEEDS_MAX : wholeNumber('seeds', seeds, 1, SEEDS_MAX),
    hours: hours === undefined ? HOURS : wholeNumber('hours', hours, 1, 8760),
    first: first === undefined ? undefined : Number(first),
    jobs: jobs === undefined ? availableParallelism() : wholeNumber('jobs', jobs, 1, 256),
  };
}
