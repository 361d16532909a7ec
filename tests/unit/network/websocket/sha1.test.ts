import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha1 } from '../../../../firmware/network/websocket/sha1.ts';

test('SHA-1 gives Node’s digest of each length that it takes', () => {
  for (let length = 0; length <= 119; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 0xff);
    const expected = createHash('sha1').update(bytes).digest('hex');
    assert.equal(Buffer.from(sha1(bytes)).toString('hex'), expected, `${length} bytes`);
  }
});
