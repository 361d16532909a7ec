/** Runs a sweep of ten seeds, side by side, whose threads fail in some. */

import { fileURLToPath } from 'node:url';
import { Sweep } from '../../host-sim/seeds/sweep.ts';

const worker = fileURLToPath(new URL('./broken-worker.ts', import.meta.url));
const argv = ['--seeds', '1..10', '--hours', '2', '--jobs', '2', ...process.argv.slice(2)];
process.exitCode = await new Sweep({ argv, scenario: undefined }, worker).run();
