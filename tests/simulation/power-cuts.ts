/**
 * The short scenario with the power cut inside each flash operation, at each of its bytes: some
 * twenty thousand worlds, minutes to hours. An erase is cut at each 64th byte.
 *
 *   npx tsx tests/simulation/power-cuts.ts --help
 */

import { commandLine, Refusal } from '../../host-sim/cli/arguments.ts';
import { assertCutLosesNothing, operationLengths } from './power-cut-run.ts';

const ERASE_STEP = 64;
const HELP = `The power cut inside each flash operation of the short scenario, at each of its bytes.

npx tsx tests/simulation/power-cuts.ts [options]

  --operations A..B  these of the operations; all otherwise
  -h, --help         print this

Exit code: 0 nothing was lost, 1 something was, 2 bad options.
`;

const [first, last, lengths] = commandLine(HELP, { operations: { type: 'string' } }, (values) => {
  const lengths = operationLengths();
  const { operations = `1..${lengths.length}` } = values;
  const [first, last] = (/^(\d{1,9})\.\.(\d{1,9})$/.exec(operations) ?? []).slice(1).map(Number);
  if (first >= 1 && last >= first && last <= lengths.length) return [first, last, lengths] as const;
  throw new Refusal(`--operations '${operations}': expected A..B within 1..${lengths.length}`);
});
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
