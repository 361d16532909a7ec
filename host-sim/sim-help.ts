/** What `npm run sim -- --help` prints. */

import { FAULT_KINDS } from './virtual/world/fault-planner.ts';

const kinds = FAULT_KINDS.map(({ name, about }) => `  ${name.padEnd(16)} ${about}\n`).join('');

export const SIM_HELP = `Mote: simulated boards in virtual time, with faults; one seed decides everything.

npm run sim -- [options]

  --seed N           the seed; 1 otherwise
  --seeds A..B       each of these seeds, one after the other
  --days N, --hours N  virtual time until the faults stop; 1 day otherwise
  --devices N        boards, 1 to 1000; 1 otherwise
  --interval TIME    time between two readings: 500ms, 10s, 1m; 1m otherwise
  --faults LIST      none, default, or kinds from the list below, separated by commas;
                     with default each seed switches whole kinds on or off
  --scenario NAME    a scenario by its name, or a JSON file
  --until EVENT      stop after this many events
  --trace            print what happens, one line each
  --json             print one JSON object at the end
  -h, --help         print this

Faults:
${kinds}
Two runs of one seed and the same options print the same trace and the same hash.
Exit code: 0 every rule held, 1 one was broken, 2 bad options.
`;
