/** The settings of ESP-IDF that a build for a board ends up with. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readIdfSettings, settingProblems } from '../../../host-sim/esp32-tools/idf-settings.ts';

const file = (name: string): string =>
  readFileSync(new URL(`../../../firmware/esp32/sdkconfig/${name}`, import.meta.url), 'utf8');
const ours = `${file('sdkconfig.defaults')}\n${file('sdkconfig.defaults.release')}`;
/** What the SDK sets on every chip, and the line that it has for the plain ESP32 alone. */
const SDK = 'CONFIG_PARTITION_TABLE_CUSTOM=y\n# CONFIG_ESP_TASK_WDT_EN is not set\n';
const SDK_ESP32 = `${SDK}CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=y\n`;

test('the last line of a setting counts; empty and "is not set" are off', () => {
  const text =
    'CONFIG_A=y\nCONFIG_A=\nCONFIG_B=n\nCONFIG_B=5\n# CONFIG_C is not set\n# CONFIG_D=y\n';
  assert.deepEqual(Object.fromEntries(readIdfSettings(text)), { A: 'n', B: '5', C: 'n' });
});

test('a damaged slot is not started: images are checked at boot, but not after deep sleep', () => {
  for (const sdk of [SDK, SDK_ESP32]) {
    assert.deepEqual(settingProblems(readIdfSettings(sdk + ours)), []);
  }
});

test('the settings that the SDK has for the plain ESP32 alone would be told', () => {
  const without = ours.replace(/^CONFIG_BOOTLOADER_SKIP.*$/gm, '');
  assert.deepEqual(settingProblems(readIdfSettings(SDK_ESP32 + without)), [
    'CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS is not n: a damaged image would be started',
    'CONFIG_BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP is not y: each wake would take 200 ms more',
  ]);
});

test('names that end in .local are asked for by mDNS on every board', () => {
  assert.equal(readIdfSettings(SDK_ESP32 + ours).get('LWIP_DNS_SUPPORT_MDNS_QUERIES'), 'y');
});
