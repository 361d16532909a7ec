import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from '../../../firmware/base/crc32.ts';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const whole = (bytes: Uint8Array) => crc32(bytes, 0, bytes.length);

/** Bit by bit, from the definition. */
function slowly(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

test('CRC-32 gives the published check value and that of no bytes at all', () => {
  assert.equal(whole(ascii('123456789')), 0xcbf43926);
  assert.equal(whole(new Uint8Array(0)), 0);
});

test('CRC-32 agrees with its definition for every byte value and many lengths', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => (i * 167 + 13) & 0xff);
  for (let end = 0; end <= 256; end += 1) {
    assert.equal(crc32(bytes, 0, end), slowly(bytes.subarray(0, end)));
  }
});

test('CRC-32 covers the range it is given and can be continued', () => {
  const bytes = ascii('xx123456789yy');
  assert.equal(crc32(bytes, 2, 11), 0xcbf43926);
  assert.equal(crc32(bytes, 6, 11, crc32(bytes, 2, 6)), 0xcbf43926);
});
