/** A worker of the soak for its tests: each third seed breaks a rule, each fifth kills its process. */

import { planOf, runWorld } from './run.ts';

process.on('disconnect', () => process.exit());
process.on('message', ({ seed }: { seed: number }) => {
  if (seed % 5 === 0) process.exit(7);
  const outcome = runWorld(planOf(seed, { durationMs: 60_000, faults: [] }));
  const broken = { ...outcome, verdict: 'VIOLATION', violation: 'order: as the test wants it' };
  process.send?.({ outcome: seed % 3 === 0 ? broken : outcome, seconds: 0.1 });
});
