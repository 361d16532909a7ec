/** Which pins the settings may name: those that the board has, for what they can do, each once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, type Settings } from '../../../firmware/config/fields.ts';
import { boardProblems } from '../../../firmware/mote/pin-check.ts';
import type { BoardPins } from '../../../firmware/mote/ports.ts';
import { KNOWN_SENSORS } from '../../../firmware/sensors/known-sensors.ts';

/** An ESP32: 6 to 11 carry the flash, 20, 24 and 28 to 31 do not exist, 34 to 39 only read. */
const ESP32: BoardPins = Object.freeze({
  model: 'ESP32',
  sda: 21,
  scl: 22,
  ledPin: 2,
  buttonPin: 0,
  uses: 'bbbbbb------bbbbbbbb-bbb-bbb----bbiiiiii',
});
/** An ESP32-C3, without a light. */
const C3: BoardPins = Object.freeze({
  model: 'ESP32-C3',
  sda: 2,
  scl: 3,
  ledPin: -1,
  buttonPin: 9,
  uses: 'bbbbbbbbbbb-------bbbb',
});

function problems(changes: Partial<Settings>, board = ESP32): string[] {
  const found = boardProblems({ ...DEFAULTS, ...changes }, board);
  return found.map(({ field, code }) => `${field}: ${code}`);
}

test("the board's own pins are right, and so are others that it has", () => {
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({}, C3), []);
  assert.deepEqual(problems({ sda: 33, scl: 32, ledPin: 23, buttonPin: 4 }), []);
});

test('pins of the flash, and pins that do not exist, cannot be used for anything', () => {
  for (const pin of [6, 7, 8, 9, 10, 11, 20, 24, 28, 29, 30, 31, 40, 48]) {
    assert.deepEqual(problems({ sda: pin }), ['sda: pin unusable'], `${pin}`);
    for (const kind of ['analog', 'ntc', 'contact', 'pulse']) {
      assert.deepEqual(problems({ sensors: `${kind}-${pin}` }), ['sensors: pin unusable']);
    }
  }
  for (let pin = 11; pin <= 17; pin += 1) {
    assert.deepEqual(problems({ ledPin: pin }, C3), ['ledPin: pin unusable']);
  }
  assert.deepEqual(problems({ scl: 22 }, C3), ['scl: pin unusable']);
});

test('a pin that only reads drives neither bus nor light, and has no pull-up for a contact', () => {
  for (const field of ['sda', 'scl', 'ledPin', 'buttonPin'] as const) {
    assert.deepEqual(problems({ [field]: 34 }), [`${field}: pin input only`]);
  }
  assert.deepEqual(problems({ sensors: 'contact-36' }), ['sensors: pin input only']);
  assert.deepEqual(problems({ sensors: 'pulse-39' }), ['sensors: pin input only']);
  assert.deepEqual(problems({ sensors: 'analog-34,ntc-35' }), []);
});

test('a board has two one-wire buses', () => {
  assert.deepEqual(problems({ sensors: 'ds18b20-4,ds18b20-16' }), []);
  assert.deepEqual(problems({ sensors: 'ds18b20-4,ds18b20-16,ds18b20-17' }), [
    'sensors: pin unusable',
  ]);
});

test('without a sensor on the bus its pins are free', () => {
  assert.deepEqual(problems({ sensors: 'contact-21,pulse-22' }), []);
  assert.deepEqual(problems({ sensors: 'analog-34', sda: 2 }), []);
  assert.deepEqual(problems({ sensors: 'bme280', sda: 2 }), ['sda: pin taken']);
});

test('a one-wire bus drives its pin, and carries as many sensors as are named', () => {
  const both = 'ds18b20-4-28ff641e83160349,ds18b20-4,ds18b20-16';
  assert.deepEqual(problems({ sensors: both }), []);
  assert.deepEqual(problems({ sensors: 'ds18b20-34' }), ['sensors: pin input only']);
  assert.deepEqual(problems({ sensors: 'ds18b20-6' }), ['sensors: pin unusable']);
  assert.deepEqual(problems({ sensors: 'ds18b20-2' }), ['sensors: pin taken']);
  assert.deepEqual(problems({ sensors: 'ds18b20-4,contact-4' }), ['sensors: pin taken']);
  assert.deepEqual(problems({ sensors: 'ds18b20-4-28ff641e83160340' }), ['sensors: unknown']);
});

test('a pin serves one purpose, and the one who names it is told, not the board', () => {
  assert.deepEqual(problems({ sda: 4, scl: 4, ledPin: 4 }), [
    'scl: pin taken',
    'ledPin: pin taken',
  ]);
  assert.deepEqual(problems({ sda: 22 }), ['sda: pin taken']);
  assert.deepEqual(problems({ sda: 22, scl: 21 }), []);
  assert.deepEqual(problems({ sda: 2 }), ['sda: pin taken']);
  assert.deepEqual(problems({ sda: 2, ledPin: 4 }), []);
  assert.deepEqual(problems({ scl: 9 }, C3), ['scl: pin taken']);
});

test('sensors on pins leave the pins of the bus alone, unless nothing is on it', () => {
  assert.deepEqual(problems({ sensors: 'bme280,contact-21' }), ['sensors: pin taken']);
  assert.deepEqual(problems({ sensors: 'contact-21,pulse-22' }), []);
  assert.deepEqual(problems({ sensors: 'contact-21', sda: 6 }), ['sda: pin unusable']);
  assert.deepEqual(problems({ sensors: 'analog-34,ntc-34' }), ['sensors: pin taken']);
  assert.deepEqual(problems({ sensors: 'contact-0' }), ['sensors: pin taken']);
  assert.deepEqual(problems({ sensors: 'contact-4,contact-4' }), ['sensors: pin taken']);
});

test('a sensor that nobody knows is told once, whatever else is wrong with the list', () => {
  assert.deepEqual(problems({ sensors: 'bme820,contact-6,bme280' }), ['sensors: unknown']);
});

test('a name that no sensor has is named, beside those that there are', () => {
  const [problem] = boardProblems({ ...DEFAULTS, sensors: 'bme280,dht22' }, ESP32);
  assert.deepEqual([problem.field, problem.code, problem.what], ['sensors', 'unknown', 'dht22']);
  const onPins = ['analog-N', 'ntc-N', 'contact-N', 'pulse-N', 'ds18b20-N'];
  const known = [...KNOWN_SENSORS.map(({ name }) => name), ...onPins];
  assert.equal(problem.known, known.join(', '));
});
