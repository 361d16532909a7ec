/**
 * The command line of `npm run sim`, as a pure function: arguments in, options or one problem out.
 * A problem is one line that names the option, what was given and what is accepted.
 */

import { availableParallelism } from 'node:os';
import type { FaultKind } from '../virtual/world/fault-kind.ts';
import { FAULT_KINDS } from '../virtual/world/fault-planner.ts';
import { TRACE_KINDS, type TraceKind } from '../virtual/world/trace.ts';
import { readAlarms } from './alarm-rules.ts';
import { Refusal, readFlags, shown, timeOf } from './arguments.ts';

export interface SimOptions {
  /** The first and last seed; the same for one. */
  readonly seeds: readonly [number, number];
  /** Whether `--seeds` was given: then a seed that holds prints nothing. */
  readonly isSweep: boolean;
  readonly durationMs: number | undefined;
  readonly devices: number | undefined;
  readonly intervalMs: number | undefined;
  /** Undefined: the default ones, or the scenario's. */
  readonly faults: readonly FaultKind[] | undefined;
  readonly scenario: string | undefined;
  /** Undefined: each seed has its own, or the scenario none. */
  readonly alarms: string | undefined;
  /** Stops after this many events. */
  readonly until: number;
  /** What is printed of what happens; empty for nothing. */
  readonly trace: readonly TraceKind[];
  readonly json: boolean;
  /** Threads of a sweep at most. */
  readonly jobs: number;
  /** What was given that decides how a seed runs, for the line that reproduces it. */
  readonly given: string;
}

export type ParsedSim =
  | { readonly kind: 'run'; readonly options: SimOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'problem'; readonly line: string };

const FLAGS = Object.freeze({
  seed: { type: 'string' },
  seeds: { type: 'string' },
  days: { type: 'string' },
  hours: { type: 'string' },
  devices: { type: 'string' },
  interval: { type: 'string' },
  faults: { type: 'string' },
  scenario: { type: 'string' },
  alarms: { type: 'string' },
  until: { type: 'string' },
  trace: { type: 'optional' },
  json: { type: 'boolean' },
  jobs: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const);
type Name = keyof typeof FLAGS;
type Values = Partial<Record<Name, string>>;

const SEED_MAX = Number.MAX_SAFE_INTEGER;
const SEEDS_MAX = 1_000_000;
const JOBS_MAX = 256;
const DEVICES_MAX = 1000;
const HOUR_MS = 3_600_000;
const DAYS_MAX = 3650;
const INTERVAL_MS_MAX = 24 * HOUR_MS;

/** Reads the arguments after the program's name. Never throws for what a user can write. */
export function parseSim(argv: readonly string[]): ParsedSim {
  try {
    const values = readFlags<Name>(argv, FLAGS);
    if (values.help !== undefined) return { kind: 'help' };
    return { kind: 'run', options: readOptions(values) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'problem', line: error.message };
    throw error;
  }
}

function readOptions(values: Values): SimOptions {
  const { seed, seeds, days, hours, devices, interval, faults, scenario, until, jobs } = values;
  if (seed !== undefined && seeds !== undefined) {
    throw new Refusal('--seed and --seeds exclude each other');
  }
  if (days !== undefined && hours !== undefined) {
    throw new Refusal('--days and --hours exclude each other');
  }
  const one = seed === undefined ? 1 : readWhole('seed', seed, 0, SEED_MAX);
  return {
    seeds: seeds === undefined ? [one, one] : readSeeds(seeds),
    isSweep: seeds !== undefined,
    durationMs: readDuration(days, hours),
    devices: devices === undefined ? undefined : readWhole('devices', devices, 1, DEVICES_MAX),
    intervalMs: interval === undefined ? undefined : readInterval(interval),
    faults: faults === undefined ? undefined : readFaults(faults),
    scenario,
    alarms: values.alarms === undefined ? undefined : readAlarms(values.alarms),
    until: until === undefined ? Number.POSITIVE_INFINITY : readWhole('until', until, 1, SEED_MAX),
    trace: values.trace === undefined ? [] : readTrace(values.trace),
    json: values.json !== undefined,
    jobs: jobs === undefined ? availableParallelism() : readWhole('jobs', jobs, 1, JOBS_MAX),
    given: givenOf(values),
  };
}

function givenOf(values: Values): string {
  const decisive = [
    'scenario',
    'days',
    'hours',
    'devices',
    'interval',
    'faults',
    'alarms',
  ] as const;
  const given = decisive.filter((name) => values[name] !== undefined);
  return given.map((name) => ` --${name} ${quoted(values[name] as string)}`).join('');
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w.,/-]+$/.test(text) ? text : `'${text}'`;
}

function readWhole(name: Name, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && value >= least && value <= most) return value;
  const expected = `expected a whole number from ${least} to ${most}`;
  throw new Refusal(`--${name} ${shown(text)} is not possible; ${expected}`);
}

function readSeeds(text: string): [number, number] {
  const [, first, last] = /^(\d{1,16})\.\.(\d{1,16})$/.exec(text) ?? [];
  const range: [number, number] = [Number(first), Number(last)];
  const count = range[1] - range[0] + 1;
  if (count >= 1 && count <= SEEDS_MAX && range[1] <= SEED_MAX) return range;
  const expected = `expected A..B with A <= B, at most ${SEEDS_MAX} seeds, such as 1..1000`;
  throw new Refusal(`--seeds ${shown(text)} is not a range; ${expected}`);
}

function readDuration(days: string | undefined, hours: string | undefined): number | undefined {
  const name = days === undefined ? 'hours' : 'days';
  const text = days ?? hours;
  if (text === undefined) return undefined;
  const unitMs = name === 'days' ? 24 * HOUR_MS : HOUR_MS;
  const most = name === 'days' ? DAYS_MAX : DAYS_MAX * 24;
  const ms = /^\d{1,6}(\.\d{1,4})?$/.test(text) ? Math.round(Number(text) * unitMs) : 0;
  if (ms >= 60_000 && ms <= most * unitMs) return ms;
  throw new Refusal(
    `--${name} ${shown(text)} is not possible; expected a number from one minute up to ${most}`,
  );
}

function readInterval(text: string): number {
  const ms = timeOf(text);
  if (ms >= 100 && ms <= INTERVAL_MS_MAX) return ms;
  throw new Refusal(
    `--interval ${shown(text)} is not possible; expected 500ms, 10s, 1m, 100ms to 24h`,
  );
}

function readTrace(text: string): readonly TraceKind[] {
  if (text === '') return ['world'];
  return text.split(',').map((name) => {
    const kind = TRACE_KINDS.find((known) => known === name);
    if (kind !== undefined) return kind;
    throw new Refusal(`--trace ${shown(name)} is not known; expected ${TRACE_KINDS.join(', ')}`);
  });
}

function readFaults(text: string): readonly FaultKind[] | undefined {
  if (text === 'default') return undefined;
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const kind = FAULT_KINDS.find((known) => known.name === name);
    if (kind !== undefined) return kind;
    const names = FAULT_KINDS.map((known) => known.name).join(', ');
    throw new Refusal(
      `--faults ${shown(name)} is not a fault; expected none, default, or ${names}`,
    );
  });
}
