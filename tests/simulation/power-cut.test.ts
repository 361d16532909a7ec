/** A short scenario, again and again, with the power cut inside each of its flash operations. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Board } from '../../host-sim/virtual/world/board.ts';
import { World } from '../../host-sim/virtual/world/world.ts';
import { assertHeld, planOf } from './run.ts';

const MINUTE_MS = 60_000;
/** A read each second, an outage, a backlog, and blocks that are opened on the way. */
const plan = planOf(21, {
  intervalMs: 1000,
  durationMs: 4 * MINUTE_MS,
  faults: [],
  isSwarm: false,
  flashBlocks: 12,
  keepAliveS: 60,
});

/**
 * Runs with an outage of the broker.
 * @param operation 0 for no cut
 * @param byte of it that is still done
 * @param look called before the end, when no more cut would come
 */
function run(operation: number, byte: number, look: (board: Board) => void = () => {}): World {
  const world = new World(plan);
  if (operation > 0) world.boards[0].flash.cutAt(operation, byte);
  world.queue.at(MINUTE_MS, () => world.broker.stop('vanish'));
  world.queue.at(2 * MINUTE_MS, () => world.broker.start());
  world.queue.at(plan.durationMs - 1, () => look(world.boards[0]));
  world.run();
  return world;
}

test('a power cut inside any flash operation of a short scenario loses nothing', () => {
  let operations = 0;
  const whole = run(0, 0, ({ flash }) => {
    operations = flash.operations;
  });
  assertHeld(whole.outcome);
  assert.ok(operations >= 200, `${operations} operations`);
  for (let operation = 1; operation <= operations; operation += 1) {
    const { outcome } = run(operation, (operation * 37) % 200);
    assertHeld(outcome);
    assert.equal(outcome.powerCuts, 1, `operation ${operation} was cut`);
    assert.equal(outcome.dropped, 0, `operation ${operation}`);
    assert.equal(outcome.delivered, outcome.accepted, `operation ${operation}`);
  }
});
