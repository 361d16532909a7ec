/** Every named scenario holds its expectations, and bad scenario files are refused by name. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseSim } from '../../host-sim/cli/sim-options.ts';
import { readScenario, scenarioNames } from '../../host-sim/cli/sim-scenarios.ts';
import { FAULT_KINDS } from '../../host-sim/virtual/world/fault-planner.ts';
import {
  loadScenario,
  type Scenario,
  ScenarioProblem,
} from '../../host-sim/virtual/world/scenario.ts';
import { Trace } from '../../host-sim/virtual/world/trace.ts';
import { World } from '../../host-sim/virtual/world/world.ts';
import { assertHeld, planOf } from './run.ts';

/** As `npm run sim` runs a scenario: nothing happens that it does not say. */
const SCRIPTED = Object.freeze({ isSwarm: false, hasOperator: false });

function worldOf(scenario: Scenario, seed: number, seen?: (text: string) => void): World {
  const { devices = 1, intervalMs = 60_000 } = scenario;
  const plan = planOf(seed, { ...scenario, devices, intervalMs, ...SCRIPTED });
  return new World(plan, new Trace((_time, _events, what, text) => seen?.(`${what} ${text}`)));
}

for (const name of scenarioNames()) {
  const scenario = loadScenario(readScenario(name), name);
  test(`scenario ${name}: ${scenario.about}`, () => {
    const world = worldOf(scenario, 1);
    world.run();
    scenario.check(world);
    assertHeld(world.outcome);
  });
}

test('the scenario that docs/debug-a-seed.md works through holds, and its commands are understood', () => {
  const text = readFileSync(new URL('../../docs/debug-a-seed.md', import.meta.url), 'utf8');
  const json = /^```json\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? '';
  const scenario = loadScenario(JSON.parse(json), 'the document');
  const world = worldOf(scenario, 1);
  world.run();
  scenario.check(world);
  assertHeld(world.outcome);
  const commands = [...text.matchAll(/npm run (?:-s )?sim -- ([^>|`)\n]+)/g)];
  assert.ok(commands.length > 5);
  for (const [line, rest] of commands) {
    const { kind } = parseSim(rest.trim().split(' '));
    assert.ok(kind === 'run', line);
  }
});

test('the scenarios that the product names are there', () => {
  assert.deepEqual(scenarioNames(), [
    'broker-restart-storm',
    'brown-out-loop',
    'clock-arrives-late',
    'disk-full-during-outage',
    'half-open-link',
    'router-dead-three-days',
    'session-lost-in-flight',
  ]);
});

test('the session is lost while at least 20 readings are in flight', () => {
  const world = worldOf(loadScenario(readScenario('session-lost-in-flight'), 'it'), 2);
  let most = 0;
  while (!world.isOver && world.queue.now < 618_000) {
    world.run(world.queue.executed + 1);
    most = Math.max(most, world.boards[0].outbox?.inFlight ?? 0);
  }
  assert.ok(most >= 20, `${most} in flight`);
});

test('readings without a time are stamped once the time is known', () => {
  const payloads: string[] = [];
  const scenario = loadScenario(readScenario('clock-arrives-late'), 'it');
  worldOf(scenario, 1, (text) => payloads.push(text)).run();
  const readings = payloads.filter((text) => text.includes('"seq"'));
  assert.ok(
    readings.some((text) => text.includes('"tq":"none"')),
    'some came without a time',
  );
  assert.match(readings.at(-1) ?? '', /"tq":"sync"/);
});

test('an expectation that is not met is a violation', () => {
  const json = { about: '', duration: '10m', faults: [], expect: { reconnects: [5, 6] } };
  const scenario = loadScenario(json, 'it');
  const world = worldOf(scenario, 1);
  world.run();
  scenario.check(world);
  assert.equal(world.violation, 'expected: reconnects is 0 and not 5 to 6');
});

test('a scenario that cannot be is refused by the name of its field', () => {
  const good = { about: '', duration: '1h', faults: [], expect: {} };
  const refusalOf = (json: unknown) => {
    try {
      loadScenario(json, 'x');
      return 'nothing';
    } catch (error) {
      assert.ok(error instanceof ScenarioProblem);
      return error.message;
    }
  };
  assert.equal(refusalOf(good), 'nothing');
  assert.match(refusalOf([]), /^x: the scenario has to be a JSON object/);
  assert.match(refusalOf({ ...good, durration: '1h' }), /'durration' is no field; expected about/);
  assert.match(refusalOf({ ...good, duration: 'long' }), /duration 'long' is no time/);
  assert.match(refusalOf({ ...good, faults: {} }), /faults has to be a list/);
  assert.match(refusalOf({ ...good, devices: 0 }), /devices has to be a whole number from 1/);
  assert.match(
    refusalOf({ ...good, faults: [{ at: '1h', kind: 'flood' }] }),
    /kind 'flood' is none/,
  );
  assert.match(refusalOf({ ...good, faults: [{ kind: 'refuse' }] }), /at 'undefined' is no time/);
  const boards = [{ at: '1h', kind: 'power-cut', boards: 'all' }];
  assert.match(refusalOf({ ...good, faults: boards }), /boards has to be a list/);
  assert.match(refusalOf({ ...good, expect: { lost: [0, 0] } }), /'lost' is not as it should be/);
});

test('each kind of fault alone breaks no rule', () => {
  for (const kind of FAULT_KINDS) {
    // Many times its rate, so that it strikes within the hours.
    const busy = { ...kind, perDay: Math.max(kind.perDay * 8, 24) };
    const world = new World(planOf(3, { faults: [busy], isSwarm: false }));
    world.run();
    assertHeld(world.outcome);
  }
});
