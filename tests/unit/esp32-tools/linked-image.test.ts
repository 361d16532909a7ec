import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startedModules, warningsIn } from '../../../host-sim/esp32-tools/image-build.ts';
import { readLinkedImage } from '../../../host-sim/esp32-tools/linked-image.ts';

const slot = (i: number, next: string, id: string, kind: string, value: string) =>
  `/* ${String(i).padStart(4, '0')} */\t{ ${next}, {.ID = ${id}, .flag = 0x8a, .kind = XS_${kind}_KIND}, .value = ${value} },`;
const ref = (i: number) => `(txSlot*)&gxHeap[${i}]`;

/** Two modules: `a` has a function of 4 bytes of code that uses a variable of `b`. */
const SLOTS = [
  slot(0, 'NULL', 'XS_NO_ID', 'REFERENCE', `{ .reference = ${ref(12)} }`),
  slot(1, ref(2), 'XS_NO_ID', 'INSTANCE', '{ .instance = { NULL, NULL } }'),
  slot(2, ref(3), '2000 /* base/a */', 'REFERENCE', `{ .reference = ${ref(4)} }`),
  slot(3, 'NULL', 'xsID_b', 'REFERENCE', `{ .reference = ${ref(5)} }`),
  slot(4, 'NULL', 'XS_NO_ID', 'INSTANCE', '{ .instance = { NULL, NULL } }'),
  slot(5, 'NULL', 'XS_NO_ID', 'INSTANCE', '{ .instance = { NULL, NULL } }'),
  slot(6, ref(7), 'XS_NO_ID', 'INSTANCE', '{ .instance = { NULL, NULL } }'),
  slot(7, ref(8), 'xsID_f', 'CODE_X', `{ .code = { (txByte*)"\\x0c\\x00D\\\\", ${ref(9)} } }`),
  slot(8, 'NULL', '0', 'HOME', `{ .home = { NULL, ${ref(4)} } }`),
  slot(9, ref(10), 'XS_NO_ID', 'INSTANCE', '{ .instance = { NULL, NULL } }'),
  slot(10, 'NULL', 'xsID_v', 'CLOSURE', `{ .closure = ${ref(11)} }`),
  slot(11, 'NULL', 'xsID_v', 'STRING_X', '{ .string = "word" }'),
];
const IMAGE = `#define mxHeapCount 12
#define mxStackCount 1
#define mxKeysCount 2
#define mxScriptsCount 1
static const txU1 gxCode1[30] = {
static const xsHostBuilder gxBuilders[2] = {
static const txSlot gxHeap[mxHeapCount] = {
${SLOTS.join('\n')}
};
static const txSlot gxStack[mxStackCount] = {
/* 0000 */\t{ NULL, {.kind = XS_REFERENCE_KIND}, .value = { .reference = (txSlot*)&gxHeap[1] } },
};
/* key */ .value = { .key = { "name", 0x1 } }
`;

test('slots, code, names, strings and tables are counted as they lie in flash', () => {
  const { parts, total } = readLinkedImage(IMAGE);
  assert.equal(parts.slots, 13 * 16);
  assert.equal(parts.code, 5);
  assert.equal(parts.names, 5 + 2 * 6);
  assert.equal(parts.strings, 5);
  assert.equal(parts.tables, 2 * 8 + 36);
  assert.equal(parts.notPreloaded, 30);
  assert.equal(total, 13 * 16 + 5 + 17 + 5 + 52 + 30);
});

test('a function with its environment, and what it reaches first, is its module’s', () => {
  const { modules } = readLinkedImage(IMAGE);
  const a = modules.find(({ name }) => name === 'base/a');
  // Its own slot, the function with code and home, the environment with one closure, the variable.
  assert.deepEqual(a, { name: 'base/a', slots: 7, code: 5, bytes: 7 * 16 + 5 + 5 });
  assert.deepEqual(
    modules.map(({ name, slots }) => `${name} ${slots}`),
    ['base/a 7', 'b 1'],
  );
});

test('text that the linker did not write is not counted', () => {
  assert.throws(() => readLinkedImage('int main() {}'), /no linked image/);
  assert.throws(() => readLinkedImage(IMAGE.replace('Count 12', 'Count 13')), /no linked image/);
});

test('warnings of the linker count for variables of our modules, not for the SDK’s', () => {
  const output = `# xsl modules
### 3096 instances, 2780 keys, 164 colors, 0 holes
### warning: ssl/cache: default: not frozen
### warning: device: Device() x: no const
### warning: device: Device() Packet.prototype.decode() type: no const
### warning: esp32/board: y: not frozen`;
  const found = warningsIn(output, ['device', 'esp32/board'], ['type']);
  assert.deepEqual(found, ['device: Device() x: no const', 'esp32/board: y: not frozen']);
});

test('a module that the SDK starts by itself, such as the light of a board, is found', () => {
  const makefile = `MODULES =\\
\t$(MODULES_DIR)/device.xsb\\
\t$(MODULES_DIR)/setup/target.xsb
$(MODULES_DIR)/setup/target.xsb: /sdk/targets/esp32c3/setup-target.js
PRELOADS =\\
\t-p setup/target.xsb`;
  assert.deepEqual(startedModules(makefile), ['setup/target']);
  assert.deepEqual(startedModules(makefile.replaceAll('setup/', 'esp32/')), []);
});
