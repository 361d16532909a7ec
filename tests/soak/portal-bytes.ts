/**
 * Hostile requests and datagrams for the set-up portal, seed after seed, for as long as wanted.
 *
 *   npx tsx tests/soak/portal-bytes.ts               10 rounds of 100,000 requests and as many queries
 *   npx tsx tests/soak/portal-bytes.ts 50 7          50 rounds, the first with seed 7
 *
 * It prints one line for each round; an error names its seed. It ends with 0 when all went well.
 */

import { hostileQueries, hostileRequests } from '../support/portal-hostile.ts';

const [rounds, first] = [process.argv[2] ?? '10', process.argv[3] ?? '1'].map(Number);
const COUNT = 100_000;

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

if (!(rounds >= 1 && rounds <= 10_000 && Number.isInteger(first))) {
  console.error('usage: npx tsx tests/soak/portal-bytes.ts [rounds, to 10000] [first seed]');
  process.exitCode = 2;
} else soak();
