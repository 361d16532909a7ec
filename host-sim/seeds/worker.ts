/** A thread that runs the seeds that it is sent, one after the other, and tells what came of each. */

import { parentPort, workerData } from 'node:worker_threads';
import type { SeedResult } from '../cli/sim-report.ts';
import { runSeed, settingOf, type Work } from './run.ts';

/** The part of the seed that is done, 0 to 1, or its result. */
export type Told = { readonly part: number } | { readonly result: SeedResult };

const setting = settingOf(workerData as Work);
const tell = (told: Told) => parentPort?.postMessage(told);
const goOn = (part: number) => {
  tell({ part });
  return true;
};

/** What a report says of an error; the error itself may be nothing that can be sent. */
function sendable(result: SeedResult): SeedResult {
  if (result.outcome === undefined) return { ...result, cause: undefined };
  return { ...result, outcome: { ...result.outcome, cause: undefined } };
}

parentPort?.on('message', async (seed: number) => {
  const result = await runSeed(seed, setting, goOn);
  if (result !== undefined) tell({ result: sendable(result) });
});
