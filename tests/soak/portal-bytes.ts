/**
 * Hostile requests and datagrams for the set-up portal, seed after seed, for as long as wanted.
 *
 *   npx tsx tests/soak/portal-bytes.ts --help
 *
 * It prints one line for each round; an error names its seed. It ends with 0 when all went well.
 */

import { commandLine, wholeNumber } from '../../host-sim/cli/arguments.ts';
import { hostileQueries, hostileRequests } from '../support/portal-hostile.ts';

const HELP = `Hostile requests and datagrams for the set-up portal, 100,000 of each in a round.

npx tsx tests/soak/portal-bytes.ts [options]

  --rounds N         rounds, each with the next seed, 1 to 10000; 10 otherwise
  --seed N           the first seed; 1 otherwise
  -h, --help         print this

Exit code: 0 all went well, 1 something did not, 2 bad options.
`;
const FLAGS = { rounds: { type: 'string' }, seed: { type: 'string' } } as const;
const COUNT = 100_000;

const { rounds, first } = commandLine(HELP, FLAGS, ({ rounds = '10', seed = '1' }) => ({
  rounds: wholeNumber('rounds', rounds, 1, 10_000),
  first: wholeNumber('seed', seed, 0, 0xffff_ffff),
}));

function soak(): void {
  for (let seed = first; seed < first + rounds; seed += 1) {
    try {
      const answers = hostileRequests(seed, COUNT);
      const queries = hostileQueries(seed, COUNT);
      const heap = (process.memoryUsage().heapUsed / 1e6).toFixed(0);
      const byStatus = [...answers].sort(([a], [b]) => a - b).map((pair) => pair.join(': '));
      console.log(`seed ${seed}: ${byStatus.join(', ')}; ${queries} queries answered; ${heap} MB`);
    } catch (error) {
      console.error(`seed ${seed}: ${(error as Error).stack}`);
      process.exitCode = 1;
      return;
    }
  }
}

soak();
