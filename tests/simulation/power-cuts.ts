/**
 * The short scenario with the power cut inside each flash operation, at each of its bytes: some
 * twenty thousand worlds, minutes to hours. An erase is cut at each 64th byte.
 *
 *   npx tsx tests/simulation/power-cuts.ts [FIRST..LAST]   operations, all by default
 */

import { assertCutLosesNothing, operationLengths } from './power-cut-run.ts';

const ERASE_STEP = 64;

const lengths = operationLengths();
const [first, last] = (process.argv[2] ?? `1..${lengths.length}`).split('..').map(Number);
if (!(first >= 1 && last >= first && last <= lengths.length)) {
  process.stderr.write(`expected FIRST..LAST within 1..${lengths.length}\n`);
  process.exit(2);
}
let cuts = 0;
for (let operation = first; operation <= last; operation += 1) {
  const length = lengths[operation - 1];
  const step = length === 4096 ? ERASE_STEP : 1;
  for (let byte = 0; byte < length; byte += step) {
    assertCutLosesNothing(operation, byte);
    cuts += 1;
  }
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Koperation ${operation} of ${last}`);
}
process.stdout.write(`OK  ${last - first + 1} operations, ${cuts} cuts, nothing lost\n`);
