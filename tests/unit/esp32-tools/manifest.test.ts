import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DEFAULTS } from '../../../firmware/config/fields.ts';
import { boardProblems } from '../../../firmware/mote/pin-check.ts';
import type { BoardPins } from '../../../firmware/mote/ports.ts';
import { BOARDS } from '../../../host-sim/esp32-tools/boards.ts';
import { boardModules, readManifest, withModules } from '../../../host-sim/esp32-tools/manifest.ts';

const manifest = readManifest() as ReturnType<typeof readManifest> & {
  platforms: Record<string, { config?: { board?: BoardPins } }>;
  config?: Record<string, unknown>;
  defines: { xs?: { abortHook?: number } };
  ffi: { sources: string[]; functions: Record<string, unknown> };
  typescript: { tsconfig: { compilerOptions: { strict?: boolean } } };
};
const file = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('the manifest names and preloads exactly what main.ts reaches', () => {
  const fix = 'run: npm run manifest';
  assert.deepEqual(manifest, withModules(manifest, boardModules()), fix);
  assert.ok(manifest.preload.includes('device/device') && manifest.preload.includes('esp32/board'));
  assert.equal(manifest.preload.includes('main'), false);
});

test('modules of types alone, and of the simulator, are not on the board', () => {
  assert.equal(manifest.preload.includes('ports'), false);
  assert.equal(JSON.stringify(manifest).includes('host-sim'), false);
});

/** Espressif's GPIO documentation: GPIOs that exist, without those of the flash; those that only read. */
const GPIOS: Readonly<Record<string, readonly [both: string, input: string]>> = {
  'esp32/nodemcu': ['0-5,12-19,21-23,25-27,32-33', '34-39'],
  'esp32/esp32c3': ['0-10,18-21', ''],
  'esp32/esp32s3': ['0-21,33-48', ''],
};

function pinsIn(ranges: string): number[] {
  return ranges.split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number);
    return range === '' ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

test('each board has its pins, and knows what each of its GPIOs can do', () => {
  for (const board of BOARDS) {
    const pins = manifest.platforms[board]?.config?.board as BoardPins;
    assert.deepEqual(
      Object.keys(pins),
      ['sda', 'scl', 'ledPin', 'buttonPin', 'model', 'uses'],
      board,
    );
    const of = (use: string) => [...pins.uses].flatMap((letter, i) => (letter === use ? [i] : []));
    assert.deepEqual([of('b'), of('i')], GPIOS[board].map(pinsIn), board);
    assert.match(pins.uses, /^[bi-]+$/);
    assert.deepEqual(boardProblems(DEFAULTS, pins), [], board);
  }
});

test('the SDK does not connect by itself, the abort hook is on, and types are strict', () => {
  assert.equal(manifest.config?.ssid, undefined);
  assert.equal(manifest.defines.xs?.abortHook, 1);
  assert.equal(manifest.typescript.tsconfig.compilerOptions.strict, true);
});

test('every native function that is declared to TypeScript is in the manifest, and no other', () => {
  const declared = [
    ...file('firmware/esp32/types/platform.d.ts').matchAll(/^ {4}((?:esp|mote)_\w+)\(/gm),
  ];
  const names = declared.map((match) => match[1]);
  assert.deepEqual(names.sort(), Object.keys(manifest.ffi.functions).sort());
});

test('the C files of the firmware are in the manifest, and each function of ours is in one', () => {
  const { sources, functions } = manifest.ffi;
  const files = readdirSync(new URL('../../../firmware/esp32', import.meta.url));
  const inC = files.filter((name) => name.endsWith('.c')).map((name) => `./firmware/esp32/${name}`);
  assert.deepEqual(sources, inC.sort());
  const text = sources.map(file).join('\n');
  const ours = Object.keys(functions).filter((name) => name.startsWith('mote_'));
  for (const name of ours) assert.match(text, new RegExp(`^\\w+ ${name}\\(`, 'm'));
});

interface Partition {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly size: number;
}

const TABLES = ['partitions.csv', 'partitions-debug.csv'];

function partitions(table = TABLES[0]): Partition[] {
  return file(`firmware/esp32/sdkconfig/${table}`)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name, type, , offset, size] = line.split(',').map((cell) => cell.trim());
      return { name, type, offset: Number(offset), size: Number(size) };
    });
}

test('partitions do not overlap, are aligned, and end with 4 MB of flash', () => {
  for (const table of TABLES) {
    let end = 0;
    for (const { name, type, offset, size } of partitions(table)) {
      assert.ok(offset >= end, name);
      assert.equal(offset % (type === 'app' ? 0x10000 : 0x1000), 0, name);
      end = offset + size;
    }
    assert.equal(end, 4 * 1024 * 1024);
  }
});

test('readings, settings and small values lie in the same place in both tables', () => {
  const data = (table: string) => partitions(table).filter(({ type }) => type === 'data');
  assert.deepEqual(data('partitions-debug.csv'), data('partitions.csv'));
});

test('a build takes the table that the command names, and by itself the one with two slots', () => {
  const { build } = manifest as unknown as { build: Record<string, string> };
  assert.equal(build['PARTITIONS_FILE ?='], './firmware/esp32/sdkconfig/partitions.csv');
  assert.equal(build.PARTITIONS_FILE, undefined);
});

test('there are two slots of one size for updates, and the log of readings has 256 KB', () => {
  const apps = partitions().filter(({ type }) => type === 'app');
  assert.equal(apps.length, 2);
  assert.equal(apps[0].size, apps[1].size);
  assert.equal(partitions().find(({ name }) => name === 'outbox')?.size, 256 * 1024);
});
