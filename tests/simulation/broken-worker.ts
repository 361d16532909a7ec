/** A thread that fails, for tests: each third seed breaks a rule, each fifth kills the thread. */

import { parentPort } from 'node:worker_threads';
import { planOf, runWorld } from './run.ts';

parentPort?.on('message', (seed: number) => {
  if (seed % 5 === 0) process.exit(7);
  const outcome = runWorld(planOf(seed, { durationMs: 60_000, faults: [] }));
  const broken = { ...outcome, verdict: 'VIOLATION', violation: 'order: as the test wants it' };
  const result = { seed, outcome: seed % 3 === 0 ? broken : outcome, seconds: 0.1 };
  parentPort?.postMessage({ result });
});
