/** The settings in flash: the newest, whole, through power cuts, damage and other versions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from '../../../firmware/base/crc32.ts';
import { BLOB_BYTES_MAX, decodeBlob, encodeBlob } from '../../../firmware/config/blob.ts';
import {
  DEFAULTS,
  type FieldName,
  PEM_BYTES_MAX,
  type Settings,
} from '../../../firmware/config/fields.ts';
import { ConfigStore } from '../../../firmware/config/store.ts';
import { accept, CERTIFICATE, KEY, pem, READY } from './harness.ts';
import { PowerCut, type Tear, TornKeyValue } from './torn-key-value.ts';

const FIRST = READY;
const SECOND = accept({ intervalS: '5', user: 'u', password: 'secret' });
const THIRD = accept({ ssid: 'cafe', wifiPassword: '12345678', name: 'other' });

/** Flash after these were saved. */
function flashWith(...saved: Settings[]): TornKeyValue {
  const flash = new TornKeyValue();
  const store = new ConfigStore(flash);
  for (const settings of saved) store.save(settings);
  return flash;
}

function loaded(flash: TornKeyValue): Settings | undefined {
  return new ConfigStore(flash.reboot()).load();
}

/** A blob whose bytes were changed and whose CRC is right all the same. */
function sealed(blob: Uint8Array): Uint8Array {
  const end = blob.length - 4;
  new DataView(blob.buffer).setUint32(end, crc32(blob, 0, end));
  return blob;
}

test('a board without settings has none, and nothing is damaged', () => {
  const store = new ConfigStore(new TornKeyValue());
  assert.equal(store.load(), undefined);
  assert.equal(store.damaged, 0);
});

test('what was saved last is loaded after a reboot', () => {
  assert.deepEqual(loaded(flashWith(FIRST)), FIRST);
  assert.deepEqual(loaded(flashWith(FIRST, SECOND)), SECOND);
  assert.deepEqual(loaded(flashWith(FIRST, SECOND, THIRD)), THIRD);
  assert.deepEqual(loaded(flashWith(FIRST, SECOND, THIRD, FIRST)), FIRST);
});

test('every field comes back, also one at its default, and a check box that is off', () => {
  const all = accept({
    ...{ ssid: new Uint8Array([0, 255, 128]), wifiPassword: 'a b c d e', host: 'fe80::1' },
    ...{ port: '1', encryption: 'tls-websocket', path: '/x', user: 'J\u00f6rg', password: '\0' },
    ...{ name: 'x', baseTopic: 'a/b', intervalS: '86400', unit: 'F', keepAliveS: '3600' },
    ...{ version: '3.1.1', homeAssistant: 'off', timeServer: '10.0.0.1', ca: CERTIFICATE },
    ...{ certificate: CERTIFICATE, key: KEY, address: '10.0.0.2', netmask: '255.0.0.0' },
    ...{ gateway: '10.9.9.9', dns: '1.1.1.1', sensors: 'a,b', sda: '0', scl: '1', ledPin: '2' },
    ...{ buttonPin: '48', offsetTemperature: '-0.05', offsetHumidity: '50' },
    offsetPressure: '-199.99',
  });
  assert.deepEqual(loaded(flashWith(all)), all);
});

test('the same settings again are not written', () => {
  const flash = flashWith(FIRST);
  const store = new ConfigStore(flash);
  const { changes } = flash;
  assert.equal(store.save({ ...FIRST, ssid: FIRST.ssid.slice() }), false);
  assert.equal(flash.changes, changes);
  assert.equal(store.save(SECOND), true);
});

test('the greatest settings fit into the greatest blob', () => {
  const tls = accept({ encryption: 'tls-websocket' });
  const greatest = accept(
    {
      ...{ ssid: 'x'.repeat(32), wifiPassword: 'f'.repeat(64), host: `${'ab.'.repeat(84)}c` },
      ...{ port: '65535', path: `/${'x'.repeat(127)}`, user: 'x'.repeat(128) },
      ...{ password: new Uint8Array(512), name: 'x'.repeat(32), baseTopic: 'x'.repeat(96) },
      ...{ timeServer: `${'ab.'.repeat(42)}c`, ca: pem('CERTIFICATE', 3600), key: KEY },
      ...{ certificate: pem('CERTIFICATE', 2048), sensors: 'x'.repeat(440), intervalS: '86400' },
      ...{ keepAliveS: '3600', version: '3.1.1', homeAssistant: 'off' },
      ...{ address: '100.100.100.101', netmask: '255.255.255.252', gateway: '100.100.100.102' },
      ...{ dns: '100.100.100.100', sda: '45', scl: '46', ledPin: '47', buttonPin: '48' },
      ...{ label: 'x'.repeat(48) },
      ...{ offsetTemperature: '-19.99', offsetHumidity: '-49.99', offsetPressure: '-199.99' },
    },
    tls,
  );
  const { ca, certificate, key } = greatest;
  const unused = PEM_BYTES_MAX - (ca.length + certificate.length + key.length);
  const { length } = encodeBlob(greatest, 1);
  assert.ok(unused >= 0 && length + unused <= BLOB_BYTES_MAX, `${length} and ${unused}`);
  assert.ok(unused < 128 && length > 7600, `it is nearly the greatest: ${length}, ${unused}`);
  assert.deepEqual(loaded(flashWith(greatest)), greatest);
});

test('a power cut at any change of a save, torn at any byte, leaves the old or the new', () => {
  const length = encodeBlob(THIRD, 2).length;
  for (const before of [[], [FIRST, SECOND]]) {
    const old = before[before.length - 1];
    // Where nothing was, nothing old can be left.
    for (const rest of old ? (['missing', 'old', 'erased'] as const) : (['missing'] as const)) {
      for (let bytes = -1; bytes <= length; bytes += 1) {
        // A removal, which comes first, leaves nothing but a part.
        for (const change of rest === 'missing' ? [0, 1] : [1]) {
          const flash = flashWith(...before);
          flash.cut(change, bytes < 0 ? undefined : { bytes, rest });
          assert.throws(() => new ConfigStore(flash).save(THIRD), PowerCut);
          const found = loaded(flash);
          const isNew = found?.name === 'other';
          assert.deepEqual(found, isNew ? THIRD : old);
          assert.ok(!isNew || (change === 1 && bytes >= length - 4), 'the new one is whole');
        }
      }
    }
  }
});

test('after a power cut in a save, the next one is kept', () => {
  for (const tear of [undefined, { bytes: 9, rest: 'missing' } as Tear]) {
    for (const change of [0, 1]) {
      const flash = flashWith(FIRST, SECOND);
      flash.cut(change, tear);
      assert.throws(() => new ConfigStore(flash).save(THIRD), PowerCut);
      const again = flash.reboot();
      assert.equal(new ConfigStore(again).save(THIRD), true);
      assert.deepEqual(loaded(again), THIRD);
    }
  }
});

test('a factory reset forgets both slots', () => {
  const flash = flashWith(FIRST, SECOND);
  const store = new ConfigStore(flash);
  store.erase();
  assert.equal(store.load(), undefined);
  assert.equal(flash.values.size, 0);
  assert.equal(store.save(FIRST), true);
  assert.deepEqual(loaded(flash), FIRST);
});

test('a power cut in a factory reset leaves the present settings or none, never older ones', () => {
  for (const before of [[FIRST], [FIRST, SECOND], [FIRST, SECOND, THIRD]]) {
    for (const change of [0, 1]) {
      for (let bytes = -1; bytes < 80; bytes += 1) {
        const flash = flashWith(...before);
        flash.cut(change, bytes < 0 ? undefined : { bytes, rest: 'missing' });
        assert.throws(() => new ConfigStore(flash).erase(), PowerCut);
        const found = loaded(flash);
        if (found !== undefined) assert.deepEqual(found, before[before.length - 1]);
        const again = flash.reboot();
        new ConfigStore(again).erase();
        assert.equal(loaded(again), undefined);
      }
    }
  }
});

test('one damaged byte anywhere falls back to the other slot; in both slots, to no settings', () => {
  const sound = flashWith(FIRST, SECOND);
  const length = (sound.get('cfg-b') as Uint8Array).length;
  for (let at = 0; at < length; at += 1) {
    const flash = sound.reboot();
    (flash.values.get('cfg-b') as Uint8Array)[at] ^= 1 << (at % 8);
    const store = new ConfigStore(flash);
    assert.deepEqual(store.load(), FIRST);
    assert.equal(store.damaged, 1);
    const other = flash.values.get('cfg-a') as Uint8Array;
    other[at % other.length] ^= 0x80;
    assert.equal(store.load(), undefined);
    assert.equal(store.damaged, 2);
    assert.equal(store.save(THIRD), true);
    assert.deepEqual(loaded(flash), THIRD);
  }
});

test('values of any length that are no settings are counted and are no crash', () => {
  for (let length = 0; length < 64; length += 1) {
    for (const byte of [0, 0xff, 0x4d]) {
      const flash = new TornKeyValue();
      flash.set('cfg-a', new Uint8Array(length).fill(byte));
      flash.set('cfg-b', sealed(new Uint8Array(Math.max(4, length)).fill(byte)));
      const store = new ConfigStore(flash);
      assert.equal(store.load(), undefined);
      assert.equal(store.damaged, 2);
    }
  }
});

test('the sequence number starts again from 0 without losing the newest', () => {
  const flash = new TornKeyValue();
  flash.set('cfg-a', encodeBlob(FIRST, 0xffff_ffff));
  const store = new ConfigStore(flash);
  store.save(SECOND);
  assert.deepEqual(store.load(), SECOND);
  store.save(THIRD);
  assert.deepEqual(store.load(), THIRD);
});

test('a blob of version 0, and one of a newer version with fields unknown here, keep the known', () => {
  for (const version of [0, 2, 255]) {
    const known = encodeBlob(SECOND, 1);
    const blob = new Uint8Array(known.length + 11);
    // Unknown fields in front, with tags 0, 200 and 255.
    blob.set(known.subarray(0, 10));
    blob.set([200, 0, 2, 7, 7, 255, 0, 0, 0, 0, 0], 10);
    blob.set(known.subarray(10, -4), 21);
    blob[2] = version;
    new DataView(blob.buffer).setUint16(8, blob.length - 14);
    const flash = new TornKeyValue();
    flash.set('cfg-b', sealed(blob));
    const store = new ConfigStore(flash);
    assert.deepEqual(store.load(), SECOND);
    assert.equal(store.damaged, 0);
    assert.equal(store.save(THIRD), true);
    assert.deepEqual(loaded(flash), THIRD);
  }
});

test('a field that today is out of range has its default, and the others stay', () => {
  const blob = encodeBlob({ ...SECOND, keepAliveS: 4 }, 0);
  const flash = new TornKeyValue();
  flash.set('cfg-a', blob);
  assert.deepEqual(loaded(flash), { ...SECOND, keepAliveS: 60 });
});

test('a field that is longer than what is left is passed over', () => {
  const body = [1, 0, 6, 0x68, 0x6f, 0x6d, 0x65];
  const blob = new Uint8Array([0x4d, 0x43, 1, 0, 0, 0, 0, 0, 0, body.length, ...body, 0, 0, 0, 0]);
  const flash = new TornKeyValue();
  flash.set('cfg-a', sealed(blob));
  assert.equal(loaded(flash)?.ssid.length, 0);
  blob[12] = 4;
  flash.set('cfg-a', sealed(blob));
  assert.equal(loaded(flash)?.ssid.length, 4);
});

test('what does not read back is an error, and the settings from before still count', () => {
  const flash = flashWith(FIRST);
  const store = new ConfigStore({
    get: (key) => flash.get(key),
    set: () => {},
    remove: (key) => flash.remove(key),
  });
  assert.throws(() => store.save(SECOND), /could not be stored/);
  assert.deepEqual(store.load(), FIRST);
});

test('a save needs room for two slots at a time, not for three', () => {
  const flash = flashWith(FIRST, SECOND);
  let most = 0;
  const store = new ConfigStore({
    get: (key) => flash.get(key),
    remove: (key) => flash.remove(key),
    set: (key, value) => {
      most = Math.max(most, flash.values.size + 1);
      flash.set(key, value);
    },
  });
  store.save(THIRD);
  assert.equal(most, 2);
});

test('what only a later version understands leaves the rest of the settings as it is', () => {
  const saved = accept({
    host: 'broker',
    user: 'u',
    password: 'p',
    encryption: 'tls',
    port: '8884',
  });
  const later = {
    unit: 'K',
    version: '6',
    sda: 77,
    keepAliveS: 90_000,
    sensors: 'x'.repeat(900),
    timeServer: 'nts://time',
  };
  for (const [name, value] of Object.entries(later)) {
    const blob = encodeBlob({ ...saved, [name]: value } as Settings, 1);
    const expected = { ...saved, [name]: DEFAULTS[name as FieldName] };
    assert.deepEqual(decodeBlob(blob), expected, name);
  }
  const quic = encodeBlob({ ...saved, encryption: 'quic' } as unknown as Settings, 1);
  assert.deepEqual(decodeBlob(quic), { ...saved, encryption: 'tls' });
});
