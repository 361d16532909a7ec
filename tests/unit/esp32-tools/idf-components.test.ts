/** The comparison of what the boards' C sources need of ESP-IDF with what the manifests declare. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  declaredIn,
  linkedSources,
  needsOf,
  needsOfFunctions,
  undeclared,
} from '../../../host-sim/esp32-tools/idf-components.ts';
import { readManifest } from '../../../host-sim/esp32-tools/manifest.ts';

const folder = mkdtempSync(join(tmpdir(), 'mote-idf-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SOURCES: Readonly<Record<string, string>> = Object.freeze({
  '/sdk/io/i2c/_i2c.c': '#include "xsmc.h"\n#include "driver/i2c_master.h" // the new driver\n',
  '/sdk/io/update.c': '#include "app_update/include/esp_ota_ops.h"\n#include "esp_partition.h"\n',
  '/sdk/io/flash.c': '  #  include <esp_partition.h>\n// #include "esp_wifi.h"\n',
  '/sdk/base.c': '#include <string.h>\n#include "freertos/task.h"\n#include "mc.xs.h"\n',
});
const needs = needsOf(Object.keys(SOURCES), (path) => SOURCES[path]);

test('each component that an include names is needed, with the sources that need it', () => {
  assert.deepEqual(needs, [
    { component: 'app_update', by: ['update.c'] },
    { component: 'esp_driver_i2c', by: ['_i2c.c'] },
    { component: 'esp_partition', by: ['flash.c', 'update.c'] },
  ]);
});

test('an I2C driver that is taken by hand, without its manifest’s dependency, is found', () => {
  const declared = declaredIn('set(ESP_COMPONENTS esp_partition app_update esp_wifi efuse )\n');
  const missing = undeclared({ sources: [], declared }, needs);
  assert.deepEqual(missing, [{ component: 'esp_driver_i2c', by: ['_i2c.c'] }]);
  const all = declaredIn('set(ESP_COMPONENTS esp_driver_i2c esp_partition app_update efuse )\n');
  assert.deepEqual(undeclared({ sources: [], declared: all }, needs), []);
});

test('functions that the manifest calls need components too, and none is unknown', () => {
  assert.deepEqual(needsOfFunctions(['esp_restart', 'esp_ota_x', 'esp_netif_y', 'esp_netif_z']), [
    { component: 'app_update', by: ['esp_ota_x()'] },
    { component: 'esp_netif', by: ['esp_netif_y()', 'esp_netif_z()'] },
  ]);
  assert.throws(() => needsOfFunctions(['sparkle']), /which component of ESP-IDF has sparkle\?/);
  const { ffi } = readManifest() as unknown as { ffi: { functions: Record<string, unknown> } };
  assert.doesNotThrow(() => needsOfFunctions(Object.keys(ffi.functions)));
});

test('sources and components are read where mcconfig writes them', () => {
  const target = join(folder, 'tmp');
  mkdirSync(target, { recursive: true });
  const makefile = join(target, 'makefile');
  writeFileSync(
    makefile,
    '$(TMP_DIR)/_i2c.c.o: /sdk/io/i2c/_i2c.c $(HEADERS) | $(TMP_DIR)/mc.xs.c\n\t@echo\n' +
      '$(LIB_DIR)/xs%.c.o: xs%.c\n$(TMP_DIR)/mc.%.c.o: $(TMP_DIR)/mc.%.c\n' +
      '$(MODULES_DIR)/device.xsb: /mote/firmware/device.ts\n',
  );
  writeFileSync(join(target, 'xs_idf_deps.txt'), 'set(ESP_COMPONENTS esp_wifi efuse )\n');
  const { sources, declared } = linkedSources(makefile, '/sdk');
  assert.deepEqual(declared, ['esp_wifi', 'efuse']);
  const platform = ['esp/xsHost.c', 'esp/xsPlatform.c', 'mc/xsHosts.c'];
  const expected = platform.map((name) => `/sdk/xs/platforms/${name}`);
  assert.deepEqual(sources, ['/sdk/io/i2c/_i2c.c', ...expected]);
});

test('each board’s entry declares the components of the files that are taken by hand', () => {
  const manifest = readManifest() as unknown as {
    ffi: { functions: Record<string, unknown> };
    platforms: Record<string, { dependency?: readonly { idf: string }[] }>;
  };
  const byHand = ['esp_driver_i2c', 'lwip', 'esp_wifi'];
  const byFunctions = needsOfFunctions(Object.keys(manifest.ffi.functions));
  for (const [board, { dependency }] of Object.entries(manifest.platforms)) {
    if (board === '...') continue;
    const declared = (dependency ?? []).map(({ idf }) => idf);
    for (const component of [...byHand, ...byFunctions.map((need) => need.component)]) {
      assert.ok(declared.includes(component), `${board}: ${component}`);
    }
  }
});
