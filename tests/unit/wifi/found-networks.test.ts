import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoundNetwork } from '../../../firmware/ports.ts';
import { addFound, NETWORKS_MAX } from '../../../firmware/wifi/found-networks.ts';

const found = (ssid: string, rssi: number, channel = 1): FoundNetwork => ({
  ssid: Uint8Array.from([...ssid], (letter) => letter.charCodeAt(0)),
  rssi,
  channel,
  secure: true,
});

function listOf(...all: FoundNetwork[]): string[] {
  const list: FoundNetwork[] = [];
  for (const one of all) addFound(list, one);
  return list.map(({ ssid, rssi }) => `${String.fromCharCode(...ssid)} ${rssi}`);
}

test('the strongest comes first, in whatever order they are found', () => {
  const expected = ['a -40', 'b -60', 'c -80'];
  assert.deepEqual(listOf(found('b', -60), found('a', -40), found('c', -80)), expected);
  assert.deepEqual(listOf(found('c', -80), found('b', -60), found('a', -40)), expected);
});

test('a name with several access points is listed once, at its strongest', () => {
  const list = listOf(found('a', -70), found('b', -60), found('a', -50), found('a', -90));
  assert.deepEqual(list, ['a -50', 'b -60']);
});

test('a flood of names keeps the strongest, and no more than there is room for', () => {
  const list: FoundNetwork[] = [];
  for (let i = 0; i < 1000; i += 1) {
    addFound(list, {
      ssid: Uint8Array.of(i >> 8, i),
      rssi: -((i * 7) % 100),
      channel: 1,
      secure: true,
    });
    assert.ok(list.length <= NETWORKS_MAX);
  }
  assert.equal(list.length, NETWORKS_MAX);
  assert.ok(
    list.every(({ rssi }) => rssi >= -4),
    'a weaker one was kept',
  );
});
