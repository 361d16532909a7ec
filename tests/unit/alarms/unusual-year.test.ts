/** How often the detector says something where nothing is unusual: rooms over a year. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNUSUAL_FROM, Unusual } from '../../../firmware/alarms/unusual/unusual.ts';
import { IndoorClimate } from '../../support/indoor-climate.ts';

const STEP_S = 300;
const YEAR_S = 365 * 86_400;

/** Alarms of a year, for temperature and humidity. */
function alarmsOfYear(seed: number): [temperature: number, humidity: number] {
  const climate = new IndoorClimate(seed);
  const detectors = [new Unusual(), new Unusual()];
  const alarms: [number, number] = [0, 0];
  for (let s = 0; s < YEAR_S; s += STEP_S) {
    const { temperature, humidity } = climate.sample(STEP_S);
    if (detectors[0].sample(temperature, s, true) >= UNUSUAL_FROM) alarms[0]++;
    if (detectors[1].sample(humidity, s, true) >= UNUSUAL_FROM) alarms[1]++;
  }
  return alarms;
}

test('a year of seasons, heating, people and open windows has at most one alarm a month, one more in the worst room', () => {
  const rooms = [1, 2, 3, 4].map(alarmsOfYear);
  for (const quantity of [0, 1] as const) {
    const mean = rooms.reduce((sum, alarms) => sum + alarms[quantity], 0) / rooms.length;
    assert.ok(mean <= 12, JSON.stringify(rooms));
    assert.ok(
      rooms.every((alarms) => alarms[quantity] <= 13),
      JSON.stringify(rooms),
    );
  }
});
