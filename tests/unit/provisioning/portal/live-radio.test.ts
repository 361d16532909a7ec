/** The radio that a host pretends to have. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessPointSettings, Radio } from '../../../../firmware/ports.ts';
import { LiveRadio } from '../../../../host-sim/live/radio.ts';
import { ssidBytes } from '../../../../host-sim/virtual/radio.ts';

const MAC = Uint8Array.of(2, 0, 0, 0, 1, 2);

function join(radio: Radio, ssid: string, password: string): Promise<string> {
  const station = radio.station({ ssid: ssidBytes(ssid), password });
  return new Promise((resolve) => {
    station.join({
      joined: () => resolve(`joined on ${station.link()?.channel}`),
      failed: resolve,
    });
  });
}

test('one network works with its password, one is open, one refuses every password', async () => {
  const radio = new LiveRadio({ mac: MAC, delayMs: 1 });
  assert.equal(await join(radio, 'Home', 'mote-demo'), 'joined on 6');
  assert.equal(await join(radio, 'Home', 'mote-demp'), 'password refused');
  assert.equal(await join(radio, 'Guests', ''), 'joined on 11');
  assert.equal(await join(radio, 'Neighbours', 'password'), 'password refused');
  assert.equal(await join(radio, 'Elsewhere', 'password'), 'not found');
});

test('a scan lists the networks, strongest first; cancelled, it says nothing', async () => {
  const radio = new LiveRadio({ mac: MAC, delayMs: 1 });
  radio.scan(() => assert.fail('cancelled')).cancel();
  const found = await new Promise<string[]>((resolve) => {
    radio.scan((networks) => resolve(networks.map(({ ssid }) => Buffer.from(ssid).toString())));
  });
  assert.deepEqual(found, ['Home', 'Guests', 'Neighbours']);
});

test('there is one radio: a station that joins ends what another had joined', async () => {
  const radio = new LiveRadio({ mac: MAC, delayMs: 1 });
  const first = radio.station({ ssid: ssidBytes('Guests'), password: '' });
  await new Promise<void>((resolve) => {
    first.join({ joined: resolve, failed: assert.fail });
  });
  assert.ok(first.link() !== undefined);
  await join(radio, 'Home', 'mote-demo');
  assert.equal(first.link(), undefined);
});

test('a station that leaves is told nothing; the access point is told of once', async () => {
  const seen: (AccessPointSettings | undefined)[] = [];
  const accessPoint = (settings: AccessPointSettings | undefined) => seen.push(settings);
  const radio = new LiveRadio({ mac: MAC, delayMs: 1, accessPoint });
  const station = radio.station({ ssid: ssidBytes('Guests'), password: '' });
  station.join({ joined: assert.fail, failed: assert.fail });
  station.leave();
  const settings = { ssid: 'Mote-0102', password: 'password', channel: 6 };
  radio.openAccessPoint(settings, { opened: assert.fail, stations: () => assert.fail() });
  radio.closeAccessPoint();
  radio.closeAccessPoint();
  assert.deepEqual(seen, [settings, undefined]);
  await join(radio, 'Home', 'mote-demo');
});
