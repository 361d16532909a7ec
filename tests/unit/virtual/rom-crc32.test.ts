import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from '../../../firmware/base/crc32.ts';
import { romCrc32 } from '../../../host-sim/virtual/rom-crc32.ts';

test('the check value of CRC-32 is that of the nine digits', () => {
  assert.equal(romCrc32(Buffer.from('123456789'), 0, 9), 0xcbf4_3926);
});

test('any part of a buffer has the checksum that the firmware works out', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 73 + (i >> 3)) & 0xff);
  for (let start = 0; start < 300; start += 7) {
    for (let end = start; end <= 300; end += 31) {
      assert.equal(romCrc32(bytes, start, end), crc32(bytes, start, end));
    }
  }
});
