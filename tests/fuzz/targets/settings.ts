/**
 * Settings out of forms: whatever was typed, what is taken over can be stored, shown and read again
 * as the same; and its problems name fields.
 */

import assert from 'node:assert/strict';
import { sameBytes } from '../../../firmware/base/bytes.ts';
import { decodeBlob, encodeBlob } from '../../../firmware/config/blob.ts';
import { DEFAULTS, FIELDS, type Settings } from '../../../firmware/config/fields.ts';
import { parseSettings } from '../../../firmware/config/settings.ts';
import { formatValue } from '../../../firmware/config/values.ts';
import { decodeForm } from '../../../firmware/provisioning/http/form-decoder.ts';
import { bytesOf } from '../../support/http-stream.ts';
import type { Target } from '../target.ts';

const PEM = `-----BEGIN CERTIFICATE-----%0a${'MIIB'.repeat(20)}%0a-----END CERTIFICATE-----%0a`;
const KEY = PEM.replace(/CERTIFICATE/g, 'PRIVATE KEY');

const SEEDS: readonly string[] = [
  'ssid=home&wifiPassword=12345678&host=broker.example&port=1883&user=u&password=p&name=desk',
  'ssid=home&host=mqtts://u:p%20w@10.0.0.1:8884/a?b&baseTopic=a/b&intervalS=60&unit=F&version=5',
  `ssid=a&host=[fe80::1:2]&encryption=tls&ca=${PEM}&certificate=${PEM}&key=${KEY}`,
  'ssid=a&host=h&address=10.0.0.2&netmask=255.255.255.0&gateway=10.0.0.1&dns=1.1.1.1',
  'flags=homeAssistant,followRedirects&sensors=BME280, contact-4&sda=1&scl=2&ledPin=&buttonPin=9',
  'ssid=a&host=ws://h:80/mqtt&offsetTemperature=-1,25&offsetHumidity=+3.5&offsetPressure=1e2',
  'label=%C3%A4&keepAliveS=5&homeAssistant=on&followRedirects=yes&timeServer=pool.ntp.org&path=/m',
];

/** Fields whose saved values go with what is typed for others: they make the second form differ. */
function isStable(before: Settings, after: Settings): boolean {
  return FIELDS.every(({ name }) => sameBytes(formatValue(before, name), formatValue(after, name)));
}

export const target: Target = {
  seeds: SEEDS.map(bytesOf),
  bytesMax: 1500,
  stepsMax: 1_500_000,
  madeMax: 600_000,
  dictionary: FIELDS.map(({ name }) => bytesOf(`&${name}=`)),
  run(input) {
    const form = decodeForm(input);
    if (form === undefined) return;
    const { settings, problems } = parseSettings(form, DEFAULTS);
    for (const { field, code } of problems) {
      assert.ok(FIELDS.some(({ name }) => name === field) && code !== '', `${field} ${code}`);
    }
    assert.ok(problems.length <= 2 * FIELDS.length);
    const given = new Map(FIELDS.map(({ name }) => [name as string, formatValue(settings, name)]));
    const again = parseSettings(given, settings);
    assert.ok(isStable(settings, again.settings), 'what was taken over reads back as another');
    assert.ok(isStable(settings, decodeBlob(encodeBlob(settings, 7))), 'the store changes it');
  },
};
