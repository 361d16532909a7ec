/**
 * The detector of what is unusual: what a sample costs that ends a step, on average and at the most,
 * over two months with weather in them, spikes, new levels and stuck values; and what an instance holds.
 */

import { STATE_BYTES, Unusual } from '../../../firmware/alarms/unusual/unusual.ts';
import { costOf, retainedBytes } from './meter.ts';

const STEP_S = 300;
const DAY_S = 86_400;
const STEPS = (60 * DAY_S) / STEP_S;

let state = 7;

function random(): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return state / 0x1_0000_0000;
}

/** Every third day has something in it that widens ranges, enters records, or is an alarm. */
function valueAt(step: number): number {
  const day = Math.floor((step * STEP_S) / DAY_S);
  const steady = 21 + Math.sin((2 * Math.PI * step * STEP_S) / DAY_S) + 0.2 * random();
  if (day % 12 === 3) return steady + (step % 97 === 0 ? 2 ** (step % 50) : 0);
  if (day % 12 === 6) return steady - day;
  return day % 12 === 9 ? 20 : steady;
}

const empty = retainedBytes();
const unusual = new Unusual();
const ramBytes = retainedBytes() - empty;
let step = 0;
let meterMax = 0;

function next(): number {
  const value = valueAt(step);
  const atS = step * STEP_S;
  step += 1;
  const before = engine.meter();
  unusual.sample(value, atS, true);
  return engine.meter() - before;
}

while (step < STEPS) meterMax = Math.max(meterMax, next());
const sample = costOf(() => unusual.sample(21 + (step++ % 7) / 10, step * STEP_S, true));
const bytecodeBytes = engine.codeBytes('firmware/alarms/unusual/');
print(JSON.stringify({ sample, meterMax, ramBytes, stateBytes: STATE_BYTES, bytecodeBytes }));
