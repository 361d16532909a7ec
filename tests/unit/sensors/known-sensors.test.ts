/** What belongs to a sensor that Mote knows is there, or a sentence says what to do. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { KNOWN_SENSORS } from '../../../firmware/sensors/known-sensors.ts';
import { CHIP_MODELS } from '../../../host-sim/chips/models.ts';
import {
  driverExports,
  sensorLists,
  tableNames,
} from '../../../host-sim/esp32-tools/sensor-lists.ts';

const place = (path: string) => new URL(`../../../${path}`, import.meta.url);
const TABLE = 'firmware/sensors/known-sensors.ts';

/** Whatever order a formatter gives its lines. */
function sorted(text: string): string[] {
  return text.split('\n').sort();
}

test('a driver that knows its chip is in the table, under the name of that', () => {
  const names = tableNames();
  for (const { file, names: exported } of driverExports()) {
    for (const name of exported) {
      assert.ok(names.includes(name), `${TABLE} does not list ${name} of drivers/${file}`);
    }
  }
  assert.deepEqual(
    names,
    KNOWN_SENSORS.map(({ name }) => name.toUpperCase()),
    'a known sensor is exported under its own name in capitals',
  );
});

test('a known sensor has a model of its chip, and a chip a driver', () => {
  const modelled = CHIP_MODELS.map(({ name }) => name);
  for (const { name } of KNOWN_SENSORS) {
    const how = `export one of this name from host-sim/chips/${name}-chip.ts, then: npm run manifest`;
    assert.ok(modelled.includes(name), `${name} has no chip model: ${how}`);
  }
  const known = KNOWN_SENSORS.map(({ name }) => name);
  for (const name of modelled) assert.ok(known.includes(name), `${TABLE} does not list ${name}`);
});

test('a driver has a test of its own', () => {
  for (const { file, names } of driverExports()) {
    const path = `tests/unit/sensors/drivers/${file.replace('.ts', '.test.ts')}`;
    assert.ok(existsSync(place(path)), `${names.join()} has no test: write ${path}`);
    const text = readFileSync(place(path), 'utf8');
    assert.ok(text.includes(`/sensors/drivers/${file}'`), `${path} does not test drivers/${file}`);
  }
});

test('imports of the table, chips of the simulator and README follow from the table', () => {
  for (const { path, text } of sensorLists()) {
    const is = readFileSync(place(path), 'utf8');
    assert.deepEqual(
      sorted(is),
      sorted(text),
      `${path} is not as the table has it: npm run manifest`,
    );
  }
});

test('the code in the guide is what stands in the files that it names', () => {
  const guide = readFileSync(place('docs/add-a-sensor.md'), 'utf8');
  let file = '';
  let pieces = 0;
  for (const [, named, code] of guide.matchAll(
    /`([^`\s]+\/[^`\s]+\.ts)`:\n|^```ts\n(.*?)^```$/gms,
  )) {
    if (named !== undefined) file = readFileSync(place(named), 'utf8');
    for (const piece of code?.split('// …\n') ?? []) {
      pieces += 1;
      assert.ok(file.includes(piece), `the guide has code of its own:\n${piece}`);
    }
  }
  assert.ok(pieces >= 5);
});
