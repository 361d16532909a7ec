/** Certificates of hostile sizes in the smallest board's heap; 10,000 of them are a command. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingHost } from './host-build.ts';
import { runHostile } from './hostile-certificates.ts';

const reason = await missingHost('release');

test('certificates of hostile sizes are refused in words, and the board lives', {
  skip: reason,
}, async (t) => {
  const { code, stdout, stderr } = await runHostile(0, 300);
  assert.equal(stderr, '');
  assert.equal(code, 0, stdout);
  for (const verdict of ['malformed', 'not trusted', 'algorithm', 'not for servers']) {
    assert.match(stdout, new RegExp(`^[1-9]\\d* certificate ${verdict}$`, 'm'), stdout);
  }
  t.diagnostic(stdout.trim().replaceAll('\n', ', '));
});
