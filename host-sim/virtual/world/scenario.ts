/**
 * Scenarios: one JSON object each, with the fleet, the faults at their times, and what has to come
 * out beside the rules that always hold.
 *
 *   { "about": "…", "devices": 1, "duration": "4d", "interval": "1m", "flashBlocks": 64,
 *     "faults": [{ "at": "2h", "kind": "broker-kill", "for": "3d", "boards": [0] }],
 *     "expect": { "dropped": [0, 0], "reconnects": [1, 3] } }
 *
 * Only `about`, `duration`, `faults` and `expect` are needed. Everything is checked by name.
 */

import type { FaultKind } from './fault-kind.ts';
import { FAULT_KINDS } from './fault-planner.ts';
import type { World } from './world.ts';
import type { Outcome, ScriptStep } from './world-plan.ts';

/** What is wrong with a scenario, in one line. */
export class ScenarioProblem extends Error {}

export interface Scenario {
  readonly about: string;
  readonly devices: number | undefined;
  readonly durationMs: number;
  readonly intervalMs: number | undefined;
  readonly flashBlocks: number | undefined;
  readonly keepAliveS: number | undefined;
  readonly windowMax: number | undefined;
  readonly faults: readonly FaultKind[];
  readonly script: readonly ScriptStep[];
  /** Compares what came out with what was expected; a difference is a violation. */
  check(world: World): void;
}

const UNIT_MS: Readonly<Record<string, number>> = Object.freeze({
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
});
const FIELDS = Object.freeze([
  'about',
  'devices',
  'duration',
  'interval',
  'flashBlocks',
  'keepAliveS',
  'windowMax',
  'faults',
  'expect',
]);
const EXPECTED = Object.freeze([
  'accepted',
  'delivered',
  'dropped',
  'duplicates',
  'reconnects',
  'powerCuts',
] as const);
type Expected = (typeof EXPECTED)[number];
type Fields = Record<string, unknown>;

/** Reads a scenario. @throws ScenarioProblem that names the field. */
export function loadScenario(json: unknown, name: string): Scenario {
  const fields = objectOf(json, name, 'the scenario');
  const unknown = Object.keys(fields).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) {
    throw new ScenarioProblem(`${name}: '${unknown}' is no field; expected ${FIELDS.join(', ')}`);
  }
  const bounds = boundsOf(fields.expect, name);
  const { faults } = fields;
  if (!Array.isArray(faults)) throw new ScenarioProblem(`${name}: faults has to be a list`);
  const interval = fields.interval;
  return {
    about: String(fields.about ?? ''),
    devices: wholeOf(fields, 'devices', name, 1, 1000),
    durationMs: timeOf(fields.duration, 'duration', name),
    intervalMs: interval === undefined ? undefined : timeOf(interval, 'interval', name),
    flashBlocks: wholeOf(fields, 'flashBlocks', name, 6, 4096),
    keepAliveS: wholeOf(fields, 'keepAliveS', name, 5, 3600),
    windowMax: wholeOf(fields, 'windowMax', name, 1, 120),
    faults: [],
    script: faults.map((fault, i) => stepOf(fault, `${name}: fault ${i + 1}`)),
    check: (world) => checkBounds(world, bounds),
  };
}

function objectOf(json: unknown, name: string, what: string): Fields {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields;
  throw new ScenarioProblem(`${name}: ${what} has to be a JSON object`);
}

function stepOf(json: unknown, name: string): ScriptStep {
  const fields = objectOf(json, name, 'it');
  const kind = FAULT_KINDS.find((known) => known.name === fields.kind);
  if (kind === undefined) {
    const names = FAULT_KINDS.map((known) => known.name).join(', ');
    throw new ScenarioProblem(`${name}: kind '${String(fields.kind)}' is none of ${names}`);
  }
  const { boards } = fields;
  const isList = Array.isArray(boards) && boards.every((board) => Number.isInteger(board));
  if (boards !== undefined && !isList) {
    throw new ScenarioProblem(`${name}: boards has to be a list of numbers from 0`);
  }
  return {
    atMs: timeOf(fields.at, 'at', name),
    kind,
    boards: boards as number[] | undefined,
    lastsMs: fields.for === undefined ? kind.lastsMs[1] : timeOf(fields.for, 'for', name),
  };
}

function timeOf(text: unknown, field: string, name: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(String(text)) ?? [];
  if (number !== undefined) return Math.round(Number(number) * UNIT_MS[unit]);
  throw new ScenarioProblem(`${name}: ${field} '${String(text)}' is no time such as 90s or 3d`);
}

function wholeOf(
  fields: Fields,
  field: string,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = fields[field];
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) {
    return Number(value);
  }
  throw new ScenarioProblem(`${name}: ${field} has to be a whole number from ${least} to ${most}`);
}

type Bounds = readonly (readonly [Expected, number, number])[];

function boundsOf(json: unknown, name: string): Bounds {
  const fields = objectOf(json ?? {}, name, 'expect');
  return Object.entries(fields).map(([field, range]) => {
    const isKnown = EXPECTED.includes(field as Expected);
    const isRange = Array.isArray(range) && range.length === 2 && range.every(Number.isFinite);
    if (isKnown && isRange) return [field as Expected, range[0], range[1]] as const;
    const expected = `expect has two numbers for some of ${EXPECTED.join(', ')}`;
    throw new ScenarioProblem(`${name}: '${field}' is not as it should be; ${expected}`);
  });
}

function checkBounds(world: World, bounds: Bounds): void {
  if (world.violation !== undefined || !world.isOver) return;
  const outcome: Outcome = world.outcome;
  for (const [field, least, most] of bounds) {
    const value = outcome[field];
    if (value >= least && value <= most) continue;
    world.violate('expected', `${field} is ${value} and not ${least} to ${most}`);
  }
}
