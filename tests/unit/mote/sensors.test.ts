/** How many sensors one reading has room for, and what becomes of those beyond. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../../firmware/config/fields.ts';
import { boardProblems } from '../../../firmware/mote/pin-check.ts';
import { findRoom, fitting, READING_BYTES_MAX } from '../../../firmware/mote/sensors.ts';
import { mountFlashOutbox } from '../../../firmware/outbox/flash-outbox.ts';
import { RecordKind } from '../../../firmware/outbox/outbox.ts';
import type { NamedSensor } from '../../../firmware/sensors/probe.ts';
import { VirtualFlash } from '../../../host-sim/virtual/flash.ts';
import { LoneSampler } from '../../support/lone.ts';

/** A sensor that shows the value whose text is longest. */
function wordy(name: string, quantities: readonly string[]): NamedSensor {
  return {
    name,
    sensor: {
      quantities: quantities.map((quantity) => ({ name: quantity, unit: '°C', decimals: 2 })),
      trigger: () => 0,
      collect(into) {
        into.fill(-(2 ** 45) - 0.25);
        return true;
      },
      close() {},
    },
  };
}

const THERMOMETERS = Array.from({ length: 16 }, (_, i) => wordy(`ds18b20-${i}`, ['temperature']));
const CHIPS = [
  wordy('bme280', ['temperature', 'humidity', 'pressure']),
  wordy('scd4x', ['co2', 'temperature', 'humidity']),
];

test('sixteen thermometers and two chips fit one reading, whatever they show', () => {
  const sampler = new LoneSampler(fitting([...THERMOMETERS, ...CHIPS]), 1000);
  sampler.start(0);
  assert.ok(sampler.wake(0));
  assert.equal(sampler.quantities.length, 22);
  const outbox = mountFlashOutbox(new VirtualFlash({ blocks: 8, random: { below: () => 0 } }), {
    window: 8,
    payloadBytesMax: READING_BYTES_MAX,
  });
  const { bytes, start } = outbox.draft();
  const end = sampler.write(bytes, start);
  assert.ok(end - start > 512 && end - start <= READING_BYTES_MAX);
  assert.equal(outbox.append(RecordKind.reading, 0, 0, 1, 0, bytes, start, end), 1);
});

test('a sensor beyond what a reading has room for is dead with that reason, the others go on', () => {
  const many = [...THERMOMETERS, ...CHIPS, wordy('extra', ['a_rather_long_name'.repeat(12)])];
  const sampler = new LoneSampler(fitting([...many, wordy('last', ['x'])]), 1000);
  sampler.start(0);
  assert.ok(sampler.wake(0));
  assert.ok(sampler.write(new Uint8Array(0), 0) <= READING_BYTES_MAX);
  const dead = sampler.health.filter(({ ok }) => !ok);
  assert.deepEqual(
    dead.map(({ name, reason }) => `${name}: ${reason}`),
    ['extra: its values find no room in a reading: name fewer sensors'],
  );
  assert.equal(sampler.quantities.length, 23);
});

test('a set of sensors that no reading can hold is refused when it is set', () => {
  const uses = 'b'.repeat(49);
  const board = { model: 'x', sda: 47, scl: 48, ledPin: -1, buttonPin: -1, uses };
  const pulses = (count: number) => Array.from({ length: count }, (_, i) => `pulse-${i}`);
  const problems = (names: readonly string[]) =>
    boardProblems({ ...DEFAULTS, sensors: names.join() }, board);
  assert.deepEqual(problems(pulses(8)), []);
  assert.deepEqual(problems(pulses(30)), [{ field: 'sensors', code: 'too many' }]);
  assert.ok(findRoom(['bme280', 'scd4x', 'ds18b20-4']));
});
