/** One process of `npm run soak`: runs the seed that it is sent, tells what came of it, and waits. */

import { planOf } from './sim-plan.ts';
import { World } from './virtual/world/world.ts';
import type { Outcome } from './virtual/world/world-plan.ts';

export interface SoakTask {
  readonly seed: number;
  readonly hours: number;
}

export interface SoakResult {
  readonly outcome: Outcome;
  readonly seconds: number;
}

const HOUR_MS = 3_600_000;

// Ctrl-C reaches the whole group: the parent decides when this process ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.on('message', ({ seed, hours }: SoakTask) => {
  const startedAt = performance.now();
  const world = new World(planOf(seed, { durationMs: hours * HOUR_MS }));
  world.run();
  const outcome = { ...world.outcome, cause: undefined };
  const result: SoakResult = { outcome, seconds: (performance.now() - startedAt) / 1000 };
  process.send?.(result);
});
