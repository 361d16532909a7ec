import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedInputs } from '../../../host-sim/live/inputs.ts';

test('the simulated pins: a slow curve around the middle, a contact by the minute, some pulses', () => {
  let now = 0;
  const inputs = new SimulatedInputs(() => now);
  const [analog, contact, pulses] = [inputs.analog(), inputs.digital(), inputs.pulses()];
  const read = () => [analog.read().toFixed(2), contact.read(), pulses.read()];
  assert.deepEqual(read(), ['0.40', 1, 0]);
  now = 60_000;
  assert.deepEqual(read(), ['0.42', 0, 200]);
  now = 600_000;
  assert.deepEqual(read(), ['0.60', 1, 2000]);
  now = 1_140_000;
  assert.deepEqual(read(), ['0.42', 0, 3800]);
});
