/** The settings' store on any two slots: what it loads it can save, and loads again as the same. */

import assert from 'node:assert/strict';
import { sameBytes } from '../../../firmware/base/bytes.ts';
import { crc32 } from '../../../firmware/base/crc32.ts';
import { BLOB_BYTES_MAX, encodeBlob } from '../../../firmware/config/blob.ts';
import { DEFAULTS, type Settings } from '../../../firmware/config/fields.ts';
import { ConfigStore } from '../../../firmware/config/store.ts';
import type { KeyValue } from '../../../firmware/ports.ts';
import { bytesOf } from '../../support/http-stream.ts';
import { joined } from '../../support/mqtt-bytes.ts';
import type { Target } from '../target.ts';

/** The length of slot a in two bytes, slot a, slot b. */
function slots(a: Uint8Array, b: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(a.length >> 8, a.length), a, b);
}

function parts(input: Uint8Array): [Uint8Array, Uint8Array] {
  const middle = Math.min(2 + (input[0] ?? 0) * 256 + (input[1] ?? 0), input.length);
  return [input.subarray(Math.min(2, input.length), middle), input.subarray(middle)];
}

const FULL: Settings = Object.freeze({
  ...DEFAULTS,
  ssid: bytesOf('home'),
  wifiPassword: '12345678',
  host: 'broker.example',
  port: 8884,
  encryption: 'tls',
  user: 'u',
  password: Uint8Array.of(0, 255),
  name: 'desk',
  sensors: 'bme280,contact-4',
  offsetTemperature: -1.25,
  label: '\u00e4',
});
const PLAIN: Settings = Object.freeze({ ...DEFAULTS, ssid: bytesOf('a'), host: 'h' });

export const target: Target = {
  seeds: [
    slots(encodeBlob(FULL, 1), encodeBlob(PLAIN, 2)),
    slots(encodeBlob(FULL, 0xffff_ffff), encodeBlob(PLAIN, 0)),
    slots(encodeBlob(PLAIN, 5), new Uint8Array(0)),
    slots(new Uint8Array(0), encodeBlob(FULL, 5)),
  ],
  bytesMax: 2048,
  stepsMax: 2_000_000,
  madeMax: 700_000,
  repair(input, dice) {
    for (const blob of parts(input)) {
      const end = blob.length - 4;
      if (end < 10 || dice.below(4) === 0) continue;
      const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
      view.setUint16(0, 0x4d43);
      view.setUint16(8, end - 10);
      view.setUint32(end, crc32(blob, 0, end));
    }
  },
  run(input) {
    const [a, b] = parts(input);
    const kept = new Map<string, Uint8Array>();
    if (a.length > 0) kept.set('cfg-a', a.slice());
    if (b.length > 0) kept.set('cfg-b', b.slice());
    const values: KeyValue = {
      get: (key) => kept.get(key),
      set: (key, value) => kept.set(key, value.slice()),
      remove: (key) => kept.delete(key),
    };
    const store = new ConfigStore(values);
    const loaded = store.load();
    assert.ok(store.damaged <= 2);
    const settings = loaded ?? DEFAULTS;
    const canonical = encodeBlob(settings, 0);
    assert.ok(canonical.length <= BLOB_BYTES_MAX);
    const before = [...kept.values()].map((blob) => blob.slice());
    const changed = store.save(settings);
    if (!changed) assert.deepEqual([...kept.values()], before);
    const again = new ConfigStore(values);
    const reloaded = again.load();
    assert.ok(reloaded !== undefined, 'saved, and not there');
    assert.ok(sameBytes(encodeBlob(reloaded, 0), canonical), 'saved as another');
    assert.equal(again.save(reloaded), false);
    again.erase();
    assert.equal(kept.size, 0);
  },
};
