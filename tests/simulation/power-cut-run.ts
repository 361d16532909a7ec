/** A short scenario to cut the power in: a reading a second, an outage, and a backlog after it. */

import assert from 'node:assert/strict';
import { World } from '../../host-sim/virtual/world/world.ts';
import { assertHeld, planOf } from './run.ts';

const MINUTE_MS = 60_000;
/** Few blocks, so that some are opened and erased on the way. */
const plan = planOf(21, {
  intervalMs: 1000,
  durationMs: 4 * MINUTE_MS,
  faults: [],
  isSwarm: false,
  hasOperator: false,
  hasOwner: false,
  flashBlocks: 12,
  keepAliveS: 60,
});

/** @param prepare called before the run begins. @param look called before its end. */
function run(prepare: (world: World) => void, look: (world: World) => void = () => {}): World {
  const world = new World(plan);
  prepare(world);
  world.queue.at(MINUTE_MS, () => world.broker.stop('vanish'));
  world.queue.at(2 * MINUTE_MS, () => world.broker.start());
  world.queue.at(plan.durationMs - 1, () => look(world));
  world.run();
  return world;
}

/** The flash operations of the scenario without a cut, in their order: the bytes of each. */
export function operationLengths(): number[] {
  const lengths: number[] = [];
  let count = 0;
  const note = ({ boards: [{ flash }] }: World) => {
    const write = flash.write.bind(flash);
    const erase = flash.erase.bind(flash);
    flash.write = (offset, from, start, end) => {
      lengths.push(end - start);
      write(offset, from, start, end);
    };
    flash.erase = (block) => {
      lengths.push(flash.blockBytes);
      erase(block);
    };
  };
  const world = run(note, () => {
    count = lengths.length;
  });
  assertHeld(world.outcome);
  // A cut that is planned later would come while the world is being drained, or never.
  return lengths.slice(0, count);
}

/** Runs with the power cut inside an operation, from 1, of which `byte` bytes are still done. */
export function assertCutLosesNothing(operation: number, byte: number): void {
  const { outcome } = run(({ boards: [{ flash }] }) => flash.cutAt(operation, byte));
  const where = `operation ${operation}, byte ${byte}`;
  assert.equal(outcome.violation, undefined, where);
  assertHeld(outcome);
  assert.equal(outcome.powerCuts, 1, `${where} was cut`);
  assert.equal(outcome.dropped, 0, where);
  assert.equal(outcome.delivered, outcome.accepted, where);
}
