/** Runs a soak of ten seeds whose threads fail in some. */

import { fileURLToPath } from 'node:url';
import { Soak } from '../../host-sim/seeds/soak-run.ts';

const worker = fileURLToPath(new URL('./broken-worker.ts', import.meta.url));
const options = { minutes: 5, seeds: 10, hours: 2, first: 1, jobs: 2 };
process.exitCode = await new Soak(options, worker).run();
