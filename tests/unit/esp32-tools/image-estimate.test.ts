/** The manifest of a release build, and the budget of its image. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { manifestOfBundle } from '../../../host-sim/esp32-tools/bundle.ts';
import { estimateLine, estimateOf } from '../../../host-sim/esp32-tools/image-estimate.ts';
import { readManifest } from '../../../host-sim/esp32-tools/manifest.ts';

test('a release build has the bundle in place of our modules, and all else as it was', () => {
  const manifest = readManifest() as ReturnType<typeof readManifest> & Record<string, unknown>;
  const bundled = manifestOfBundle(manifest);
  assert.deepEqual(bundled.preload, ['firmware']);
  assert.equal(bundled.modules.firmware, './firmware');
  assert.equal(bundled.modules['base/bytes'], undefined);
  assert.deepEqual(bundled.modules['~'], manifest.modules['~']);
  const others = (bundled.modules['*'] as string[]).filter((source) => source !== './main');
  assert.deepEqual(['./firmware/main', ...others], manifest.modules['*']);
  for (const part of ['include', 'defines', 'config']) {
    assert.deepEqual(bundled[part], manifest[part], part);
  }
  const { ffi } = bundled as typeof bundled & { ffi: { sources: string[]; functions: unknown } };
  assert.deepEqual(ffi.functions, (manifest.ffi as typeof ffi).functions);
  assert.ok(ffi.sources.length > 0);
  for (const source of ffi.sources) assert.ok(existsSync(source), source);
  // Its files lie in another folder: nothing may be looked for beside it.
  assert.doesNotMatch(JSON.stringify({ ...bundled, modules: {} }), /"\.\/firmware/);
});

test('an image over 96 % of its slot is over the budget; unmeasured chips are not guessed', () => {
  const slotBytes = 1_900_544;
  const native = (estimateOf('esp32/esp32c3', 0)?.bytes ?? 0) as number;
  assert.ok(native > 1_000_000);
  const at = estimateOf('esp32/esp32c3', 1_824_522 - native);
  assert.deepEqual(at, { bytes: 1_824_522, slotBytes, percent: 96, isOver: false });
  const over = estimateOf('esp32/esp32c3', 1_824_523 - native);
  assert.ok(over?.isOver);
  const line =
    /^esp32\/esp32c3: the image takes about 1,824,523 bytes, 96\.1 % of the slot's 1,900,544/;
  assert.match(estimateLine('esp32/esp32c3', over), line);
  assert.equal(estimateOf('esp32/uno', 1), undefined);
});
