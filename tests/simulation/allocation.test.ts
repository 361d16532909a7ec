/**
 * No buffer is made after start: typed arrays and views that the firmware constructs are counted,
 * by who called, while a board samples, sends, reconnects and catches up.
 *
 * Only construction by the firmware's own code counts. The ports copy as they like.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from '../../host-sim/virtual/world/world.ts';
import { planOf } from './run.ts';

const KINDS = [
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Float64Array',
  'DataView',
  'ArrayBuffer',
];
const VIEWS = ['subarray', 'slice', 'map', 'filter'] as const;
const MINUTE_MS = 60_000;

type Globals = Record<string, new (...args: never[]) => object>;

/** The first caller that is not this file. */
function caller(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  return lines.find((line) => !line.includes('allocation.test')) ?? '';
}

/** Counts what `run` makes from firmware code. @returns the callers */
function watching(run: () => void): string[] {
  const found: string[] = [];
  const note = () => {
    const line = caller();
    if (line.includes('/firmware/')) found.push(line.trim());
  };
  const globals = globalThis as unknown as Globals;
  const kept = KINDS.map((name) => globals[name]);
  const prototype = Object.getPrototypeOf(Uint8Array.prototype);
  const views = VIEWS.map((name) => prototype[name]);
  for (const name of KINDS) {
    globals[name] = new Proxy(globals[name], {
      construct(target, args, newTarget) {
        note();
        return Reflect.construct(target, args, newTarget);
      },
    });
  }
  for (const [i, name] of VIEWS.entries()) {
    prototype[name] = function (this: unknown, ...args: unknown[]) {
      note();
      return views[i].apply(this, args);
    };
  }
  try {
    run();
  } finally {
    for (const [i, name] of KINDS.entries()) globals[name] = kept[i];
    for (const [i, name] of VIEWS.entries()) prototype[name] = views[i];
  }
  return found;
}

function worldWith(outage: boolean): World {
  const quiet = { faults: [], isSwarm: false, hasOperator: false };
  const plan = planOf(4, { ...quiet, intervalMs: 1000, durationMs: 20 * MINUTE_MS });
  const world = new World(plan);
  if (outage) {
    world.queue.at(6 * MINUTE_MS, () => world.broker.stop('reset'));
    world.queue.at(8 * MINUTE_MS, () => world.broker.start());
  }
  return world;
}

function runTo(world: World, ms: number): void {
  while (world.queue.nextTime <= ms) world.run(world.queue.executed + 1);
}

test('the count sees a buffer that the firmware makes', () => {
  const world = worldWith(false);
  const made = watching(() => runTo(world, 5000));
  assert.ok(made.length > 20, 'booting makes buffers');
});

test('in the steady state the firmware makes no buffer and no view of one', () => {
  const world = worldWith(false);
  runTo(world, 5 * MINUTE_MS);
  const before = world.outcome.delivered;
  assert.deepEqual(
    watching(() => runTo(world, 10 * MINUTE_MS)),
    [],
  );
  assert.ok(world.outcome.delivered >= before + 299, 'readings were delivered meanwhile');
});

test('an outage and the backlog after it make no buffer, but for one CONNECT', () => {
  const world = worldWith(true);
  runTo(world, 5 * MINUTE_MS);
  const made = watching(() => runTo(world, 15 * MINUTE_MS));
  assert.deepEqual(
    made.filter((line) => !line.includes('encodeProperties')),
    [],
  );
  assert.ok(made.length <= 2, 'the properties of CONNECT are encoded once per connection');
  const { accepted, delivered, reconnects } = world.outcome;
  assert.equal(reconnects, 1);
  assert.ok(accepted - delivered <= 2);
});
