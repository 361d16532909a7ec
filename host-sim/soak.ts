/**
 * `npm run soak`: fresh seeds over all cores, for as long as somebody wants to wait. It goes on
 * after a failure, and whatever ends it, it ends with a summary.
 *
 * Exit codes: 0 every rule held, 1 one was broken, 2 bad options.
 */

import { commandLine } from './cli/arguments.ts';
import { readSoak, SOAK_FLAGS, SOAK_HELP } from './cli/soak-options.ts';
import { Soak } from './seeds/soak-run.ts';

const options = commandLine(SOAK_HELP, SOAK_FLAGS, readSoak);
process.exitCode = await new Soak(options).run();
