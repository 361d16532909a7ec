/**
 * A long outage by hand: Mosquitto is killed under a running device, several times, and no reading
 * may be lost. Needs mosquitto and mosquitto-clients; listens on loopback only.
 *
 *   npx tsx tests/soak/outage.ts             three outages of 20 s, alternating 5.0 and 3.1.1
 *   npx tsx tests/soak/outage.ts 60 10       ten outages of 60 s
 *
 * It prints one line for each outage, and ends with 0 when nothing was lost.
 */

import { runOutage } from '../interop/outage-run.ts';
import { requireTool } from '../support/available.ts';
import { startMosquitto } from '../support/mosquitto.ts';

const [downS, outages] = [process.argv[2] ?? '20', process.argv[3] ?? '3'].map(Number);

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

if (!(downS > 0 && downS <= 3600 && outages >= 1 && outages <= 1000)) {
  console.error('usage: npx tsx tests/soak/outage.ts [seconds, to 3600] [outages, to 1000]');
  process.exitCode = 2;
} else {
  soak().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
