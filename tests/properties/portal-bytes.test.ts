/**
 * Whatever phones and strangers send to the set-up portal: nothing is thrown, nothing hangs, every
 * connection ends, memory is bounded. `npx tsx tests/soak/portal-bytes.ts` does the same for longer.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Bench, LONG_PAGE } from '../support/http-bench.ts';
import { ask, bytesOf, same } from '../support/http-stream.ts';
import { hostileQueries, hostileRequests } from '../support/portal-hostile.ts';
import { HTTP_VECTORS } from '../vectors/http.ts';

/** Longer vectors are cut at some places only. */
const CUT_EVERYWHERE = 300;

test('it does not matter where the network cuts a request in two', () => {
  for (const { title, text } of HTTP_VECTORS) {
    const bytes = bytesOf(text);
    const whole = ask([bytes]).stream;
    const step = bytes.length > CUT_EVERYWHERE ? 37 : 1;
    for (let at = 1; at < bytes.length; at += step) {
      const cut = ask([bytes.slice(0, at), bytes.slice(at)]).stream;
      assert.ok(same(cut.sent, whole.sent), `${title}, cut at ${at}: ${cut.text}`);
    }
  }
});

test('20,000 hostile requests end in an answer or in silence', () => {
  const answers = hostileRequests(20_313, 20_000);
  const answered = [...answers].reduce((sum, [, times]) => sum + times, 0);
  assert.equal(answered, 20_000);
  for (const status of [0, 200, 400, 405, 411, 413, 415, 417, 501, 503, 505]) {
    assert.ok((answers.get(status) ?? 0) > 20, `too few of status ${status}: ${[...answers]}`);
  }
});

test('80,000 hostile datagrams are answered or dropped', () => {
  const answered = hostileQueries(20_313, 80_000);
  assert.ok(answered > 20_000 && answered < 70_000, `${answered} answered`);
});

/** The sizes of all typed arrays that `run` makes in firmware/provisioning, one by one. */
function arraysMadeBy(run: () => void): number[] {
  const sizes: number[] = [];
  const kept = globalThis.Uint8Array;
  const caller = () => (new Error().stack ?? '').split('\n')[3];
  globalThis.Uint8Array = new Proxy(kept, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget);
      if (/firmware\/provisioning/.test(caller())) sizes.push(made.byteLength);
      return made;
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = kept;
  }
  return sizes;
}

const FORM =
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ';

test('a thousand clients of every size cost six buffers, and forms one at a time', () => {
  let bench = new Bench(LONG_PAGE);
  const sizes = arraysMadeBy(() => {
    bench = new Bench(LONG_PAGE);
    for (let i = 0; i < 1000; i += 1) {
      const client = bench.connect();
      if (i % 3 === 0) client.send(`GET /${'a'.repeat(i * 7)} HTTP/1.1\r\nHost: a\r\n\r\n`);
      if (i % 3 === 1) client.send(`${FORM}${2000 + i * 12}\r\n\r\n${'a'.repeat(i * 20)}`);
      bench.run(i % 7 === 0 ? 500 : 1);
    }
  });
  assert.deepEqual(
    sizes.filter((size) => size >= 512 && size <= 1024).sort((a, b) => a - b),
    [512, 1024, 1024, 1024, 1024, 1024, 1024],
    'the input and a buffer for each place, made once',
  );
  assert.ok(Math.max(...sizes) <= 12_288);
});

test('five thousand hostile clients leave no memory behind', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  hostileRequests(1, 2000);
  collect();
  const before = process.memoryUsage().heapUsed;
  hostileRequests(2, 5000);
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 1_000_000, `${grown} bytes`);
});
