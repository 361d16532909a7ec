/**
 * `npm run bench`: the footprint in the XS engine, then the throughput against Mosquitto.
 *
 * Exit codes: 0 done, 1 a figure has grown, a target was missed with --check, or it could not be
 * measured; 2 bad options.
 */

import { commandLine, Refusal } from '../../host-sim/cli/arguments.ts';
import { footprint } from './footprint/run.ts';
import { throughput } from './run.ts';

const HELP = `Mote: footprint in the XS engine, and QoS 1 throughput against Mosquitto.

npm run bench -- [options]

  --only PART        footprint or throughput; both otherwise
  --update           writes the footprint down as the new budgets, unless one is over its target
  --over-target WHY  writes it all the same; the reason goes into ARCHITECTURE.md, too
  --quick            throughput in fewer and shorter slices, 3.1.1 only: a glance, not a result
  --check            exit code 1 when Mote misses a target on the median over the 3.1.1 cells
  --json             one JSON object on standard output in place of the tables
  -h, --help         print this

Exit code: 0 done, 1 grown, missed or not possible, 2 bad options.
`;

const PARTS = ['footprint', 'throughput'];

function options() {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const flags = {
    ...{ only: text, 'over-target': text, update: flag },
    ...{ quick: flag, check: flag, json: flag },
  };
  return commandLine(
    HELP,
    flags as Record<keyof typeof flags, { type: 'string' | 'boolean' }>,
    read,
  );
}

type Option = 'only' | 'over-target' | 'update' | 'quick' | 'check' | 'json';

function read(values: Partial<Record<Option, string>>) {
  const { only, update, quick, check, json, 'over-target': reason = '' } = values;
  if (only !== undefined && !PARTS.includes(only)) {
    throw new Refusal(`--only '${only}' is no part; expected ${PARTS.join(' or ')}`);
  }
  return {
    parts: only === undefined ? PARTS : [only],
    reason,
    ...{ update: update !== undefined, quick: quick !== undefined },
    ...{ check: check !== undefined, json: json !== undefined },
  };
}

async function bench({ parts, reason, update, quick, check, json }: ReturnType<typeof read>) {
  const print = json ? () => {} : console.log;
  const result: Record<string, unknown> = {};
  if (parts.includes('footprint')) {
    const { figures, grown } = await footprint(update, reason, print);
    result.footprint = figures;
    for (const line of grown) console.error(line);
    if (grown.length > 0) process.exitCode = 1;
  }
  if (parts.includes('throughput')) {
    const { cells, verdict } = await throughput(quick, print);
    Object.assign(result, { cells, verdict });
    if (check && !verdict.reached) process.exitCode = 1;
  }
  if (json) console.log(JSON.stringify(result));
}

await bench(options()).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
