/**
 * A long outage by hand: Mosquitto is killed under a running device, several times, and no reading
 * may be lost. Needs mosquitto and mosquitto-clients; listens on loopback only.
 *
 *   npx tsx tests/soak/outage.ts --help
 *
 * It prints one line for each outage, and ends with 0 when nothing was lost.
 */

import { commandLine, wholeNumber } from '../../host-sim/cli/arguments.ts';
import { runOutage } from '../interop/outage-run.ts';
import { requireTool } from '../support/available.ts';
import { startMosquitto } from '../support/mosquitto.ts';

const HELP = `Kills Mosquitto under a running device, several times; no reading may be lost.

npx tsx tests/soak/outage.ts [options]

  --seconds N        how long each outage takes, 1 to 3600; 20 otherwise
  --outages N        how many, in turn with MQTT 5.0 and 3.1.1, 1 to 1000; 3 otherwise
  -h, --help         print this

Exit code: 0 nothing was lost, 1 something was, or a tool is missing, 2 bad options.
`;
const FLAGS = { seconds: { type: 'string' }, outages: { type: 'string' } } as const;

const { downS, outages } = commandLine(HELP, FLAGS, ({ seconds = '20', outages = '3' }) => ({
  downS: wholeNumber('seconds', seconds, 1, 3600),
  outages: wholeNumber('outages', outages, 1, 1000),
}));

async function soak(): Promise<void> {
  for (const tool of ['mosquitto', 'mosquitto_sub', 'mosquitto_pub']) requireTool(tool);
  const mosquitto = await startMosquitto({ persistence: 'on every change', quiet: true });
  try {
    for (let turn = 1; turn <= outages; turn += 1) {
      const version = turn % 2 === 1 ? 5 : 4;
      const { accepted, twice, backMs } = await runOutage(mosquitto, {
        ...{ id: `soak-${turn}`, version, how: 'kill', intervalMs: 200 },
        ...{ beforeMs: 5000, downMs: downS * 1000, hurried: false },
      });
      const spoken = version === 5 ? '5.0' : '3.1.1';
      const back = `back ${(backMs / 1000).toFixed(1)} s after the broker`;
      console.log(
        `${turn}: ${spoken}, ${accepted} readings, 0 lost, ${twice.length} twice, ${back}`,
      );
    }
  } finally {
    await mosquitto.remove();
  }
}

soak().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
