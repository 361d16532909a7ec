/** Seeds: many short worlds under random faults, and the same seed twice. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultKind } from '../../host-sim/virtual/world/fault-kind.ts';
import { FAULT_KINDS } from '../../host-sim/virtual/world/fault-planner.ts';
import { World } from '../../host-sim/virtual/world/world.ts';
import { assertHeld, HOUR_MS, planOf, runWorld } from './run.ts';

test('a hundred seeds of two hours under random faults break no rule', () => {
  let powerCuts = 0;
  let reconnects = 0;
  let duplicates = 0;
  let answers = 0;
  for (let seed = 1; seed <= 100; seed += 1) {
    const outcome = runWorld(planOf(seed, { durationMs: 2 * HOUR_MS }));
    assertHeld(outcome);
    powerCuts += outcome.powerCuts;
    reconnects += outcome.reconnects;
    duplicates += outcome.duplicates;
    answers += outcome.answers;
  }
  // Faults that never strike would prove nothing.
  assert.ok(powerCuts > 50, `${powerCuts} power cuts`);
  assert.ok(reconnects > 300, `${reconnects} reconnects`);
  assert.ok(duplicates > 50, `${duplicates} duplicates`);
  assert.ok(answers > 500, `${answers} answers`);
});

test('among the seeds are brokers that take one message at a time, or two', () => {
  const limits = Array.from({ length: 100 }, (_, i) => {
    return new World(planOf(i + 1)).broker.settings.receiveMaximum;
  });
  for (const limit of [1, 2, 3, 8, 20, 65_535]) {
    assert.ok(limits.filter((one) => one === limit).length >= 5, `${limit} at once`);
  }
});

test('several boards under the same faults break no rule', () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    assertHeld(runWorld(planOf(seed, { devices: 5, durationMs: HOUR_MS })));
  }
});

test('readings every half second under random faults break no rule', () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    assertHeld(runWorld(planOf(seed, { intervalMs: 500, durationMs: HOUR_MS / 4 })));
  }
});

test('without faults every reading arrives once, over one connection', () => {
  const quiet = { faults: [], alarms: '', hasOperator: false, durationMs: 6 * HOUR_MS };
  const outcome = runWorld(planOf(7, quiet));
  assertHeld(outcome);
  assert.equal(outcome.delivered, outcome.accepted);
  assert.equal(outcome.accepted, 361);
  const { dropped, duplicates, reconnects, powerCuts } = outcome;
  assert.deepEqual(
    { dropped, duplicates, reconnects, powerCuts },
    {
      dropped: 0,
      duplicates: 0,
      reconnects: 0,
      powerCuts: 0,
    },
  );
});

test('a broker that takes three messages at once and is slow to acknowledge never gets four', () => {
  const kind = FAULT_KINDS.find(({ name }) => name === 'late-acks') as FaultKind;
  const script = [{ atMs: 60_000, kind, boards: undefined, lastsMs: 600_000 }];
  let worlds = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const differences = { intervalMs: 500, durationMs: HOUR_MS / 5, faults: [], script };
    const world = new World(planOf(seed, differences));
    if (world.broker.settings.receiveMaximum !== 3) continue;
    world.run();
    assertHeld(world.outcome);
    worlds += 1;
  }
  assert.ok(worlds > 5);
});

test('one seed twice gives the same trace and the same hash', () => {
  const traceOf = (seed: number) => {
    const lines: string[] = [];
    const outcome = runWorld(planOf(seed), (...line) => lines.push(line.join(' ')));
    return { lines, outcome };
  };
  const first = traceOf(11);
  const second = traceOf(11);
  assert.deepEqual(first.lines, second.lines);
  assert.deepEqual(first.outcome, second.outcome);
  assert.ok(first.lines.length > 100);
  assert.notEqual(traceOf(12).outcome.hash, first.outcome.hash);
});

test('a trace changes nothing', () => {
  const silent = runWorld(planOf(13));
  assert.equal(runWorld(planOf(13), () => {}).hash, silent.hash);
});

test('another interval, fleet or length of one seed gives another hash', () => {
  const hashes = new Set([
    runWorld(planOf(5)).hash,
    runWorld(planOf(5, { intervalMs: 30_000 })).hash,
    runWorld(planOf(5, { devices: 2 })).hash,
    runWorld(planOf(5, { durationMs: HOUR_MS })).hash,
  ]);
  assert.equal(hashes.size, 4);
});
