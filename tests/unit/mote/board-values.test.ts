import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resetReason } from '../../../firmware/mote/reset-reason.ts';
import { transportEnd } from '../../../firmware/network/transport-end.ts';
import { addressBytes } from '../../../firmware/wifi/addresses.ts';

test('addresses become bytes, and anything else none', () => {
  assert.deepEqual([...addressBytes('192.168.4.1')], [192, 168, 4, 1]);
  assert.deepEqual([...addressBytes('0A:1b:00:FF:10:02')], [10, 27, 0, 255, 16, 2]);
  for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.x', '0A:1b:00:FF:10', '1.2.3.4.5']) {
    assert.equal(addressBytes(text).length, 0, text);
  }
});

test('the codes of ESP-IDF become reasons; the reset pin counts as power on', () => {
  const reasons = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(resetReason);
  const watchdog = ['watchdog', 'watchdog', 'watchdog'];
  const first = ['unknown', 'power on', 'power on', 'software', 'panic'];
  assert.deepEqual(reasons, [...first, ...watchdog, 'deep sleep', 'brown-out']);
  assert.equal(resetReason(15), 'unknown');
  assert.equal(resetReason(-1), 'unknown');
});

test('how far a connection had come decides what its end is called', () => {
  assert.equal(transportEnd('connecting'), 'refused');
  assert.equal(transportEnd('securing'), 'tls failed');
  assert.equal(transportEnd('open'), 'closed by peer');
});
