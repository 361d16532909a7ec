/** A device goes on through an outage of Mosquitto; the same for longer is `tests/soak/outage.ts`. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../support/available.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { runOutage } from './outage-run.ts';

const skip = missing('mosquitto', 'mosquitto_sub', 'mosquitto_pub');

describe('an outage of Mosquitto', { skip, concurrency: true }, () => {
  for (const [how, version] of [
    ['kill', 5],
    ['kill', 4],
    ['stop', 5],
  ] as const) {
    const spoken = version === 5 ? '5.0' : '3.1.1';
    test(`by SIG${how === 'kill' ? 'KILL' : 'TERM'} loses no reading in ${spoken}`, async (t) => {
      const mosquitto = await startMosquitto({ persistence: 'on every change' });
      t.after(() => mosquitto.remove());
      const result = await runOutage(mosquitto, {
        ...{ id: `${how}-${version}`, version, how, intervalMs: 50 },
        ...{ beforeMs: 800, downMs: 1500, hurried: true },
      });
      assert.ok(result.accepted >= 40, `${result.accepted} readings`);
    });
  }
});
