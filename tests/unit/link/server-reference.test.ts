import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseServerReference } from '../../../firmware/link/server-reference.ts';

const parse = (text: string) => parseServerReference(text, 1883);

test('a name, an IPv4 address and a bracketed IPv6 address are read, with and without port', () => {
  assert.deepEqual(parse('b.example.org'), { host: 'b.example.org', port: 1883 });
  assert.deepEqual(parse('b.example.org:8883'), { host: 'b.example.org', port: 8883 });
  assert.deepEqual(parse('10.10.151.22:8883'), { host: '10.10.151.22', port: 8883 });
  assert.deepEqual(parse('[fe80::9610:3eff:fe1c]:1'), { host: 'fe80::9610:3eff:fe1c', port: 1 });
  assert.deepEqual(parse('[::1]'), { host: '::1', port: 1883 });
});

test('of a list separated by spaces the first is taken', () => {
  assert.deepEqual(parse('one:1 two:2'), { host: 'one', port: 1 });
  assert.deepEqual(parse('  one:1 two:2'), { host: 'one', port: 1 });
});

test('what is not plainly a host and a port is refused', () => {
  const bad = [
    ...['', ' ', ':', ':1883', 'a:', 'a:0', 'a:65536', 'a:99999', 'a:123456', 'a:-1', 'a:1x'],
    ...['a:1:2', '::1', '[', '[]', '[::1', '[::1]x', '[::1]:', '[::1]:0', '[abc]', '[::g]'],
    ...['mqtt://a', 'a/b', 'u@a', '-a', '.a', 'a\n', 'a\0', 'ä', 'a\u3000b', 'a:1\u0661'],
    ...['a'.repeat(254), `${'a'.repeat(255)}:65535`],
  ];
  for (const text of bad) assert.equal(parse(text), undefined, JSON.stringify(text));
});

test('any text gives a plain host with a port from 1 to 65535, or nothing', () => {
  const alphabet = fc.constantFrom(...'[]:. 0169af-_xZ/@\n');
  const text = fc.oneof(fc.string(), fc.string({ unit: alphabet, maxLength: 20 }));
  fc.assert(
    fc.property(text, (reference) => {
      const found = parse(reference);
      if (found === undefined) return;
      assert.match(found.host, /^[0-9A-Za-z:._-]{1,253}$/);
      assert.ok(Number.isInteger(found.port) && found.port >= 1 && found.port <= 65_535);
    }),
    { numRuns: 2_000 },
  );
});
