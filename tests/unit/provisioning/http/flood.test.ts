/** Fifty clients that only want to be in the way, and one who wants the page. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, type BenchClient, GET, LONG_PAGE } from '../../../support/http-bench.ts';
import { answerIn } from '../../../support/http-stream.ts';

const FORM =
  'POST / HTTP/1.1\r\nHost: a.b\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
  'Content-Length: 12000\r\n\r\n';

/** How a client is in the way: what it does at first, and every 100 ms from then on. */
const SLOW: Record<string, [first: (c: BenchClient) => void, then: (c: BenchClient) => void]> = {
  'say nothing': [() => {}, () => {}],
  'send a request byte by byte': [(c) => c.send('G'), (c) => c.send('E')],
  'send headers without end': [(c) => c.send(GET.slice(0, -2)), (c) => c.send('X: y\r\n')],
  'send a form byte by byte': [(c) => c.send(FORM), (c) => c.send('a')],
  'ask and take nothing': [(c) => c.send(GET), () => {}],
  'ask and take a byte at a time': [(c) => c.send(GET), (c) => c.take(1)],
  'go on sending after a refusal': [(c) => c.send('BREW / HTTP/1.1\r\n'), (c) => c.send('x')],
};

/**
 * Virtual milliseconds until a newcomer has the whole page. It connects 100 ms after the others, and
 * again when it is turned away.
 * @param comeBackMs how often one of the crowd that was closed comes back
 */
function waitFor(kinds: readonly string[], comeBackMs = Number.POSITIVE_INFINITY): number {
  const bench = new Bench(LONG_PAGE);
  const enter = (i: number) => {
    const client = bench.connect();
    client.stream.room = 3000;
    SLOW[kinds[i % kinds.length]][0](client);
    return client;
  };
  const crowd = Array.from({ length: 50 }, (_, i) => enter(i));
  const act = () => {
    bench.run(100);
    const closed = crowd.findIndex((client) => client.isClosed);
    if (closed >= 0 && bench.now % comeBackMs === 0) crowd[closed] = enter(closed);
    for (const [i, client] of crowd.entries()) SLOW[kinds[i % kinds.length]][1](client);
    assert.ok(bench.server.connections <= 10, 'connections are bounded');
  };
  const ask = () => {
    const phone = bench.connect();
    phone.send(GET);
    return phone;
  };
  act();
  const asked = bench.now;
  let phone = ask();
  while (bench.now < asked + 60_000) {
    act();
    if (phone.isClosed && phone.stream.text !== '') break;
    if (phone.isClosed) phone = ask();
  }
  assert.equal(answerIn(phone.stream.text).body.length, 20_000);
  return bench.now - asked;
}

for (const kind of Object.keys(SLOW)) {
  test(`fifty clients that ${kind} keep nobody from the page for five seconds`, () => {
    assert.ok(waitFor([kind]) < 5000);
  });
}

test('fifty clients of every kind that come back one after another keep nobody from it either', () => {
  for (const comeBackMs of [100, 200, 500, 1000]) {
    const waited = waitFor(Object.keys(SLOW), comeBackMs);
    assert.ok(waited < 5000, `${waited} ms where one comes back every ${comeBackMs} ms`);
  }
});

test('seven phones that ask at the same moment are all answered', () => {
  const bench = new Bench(LONG_PAGE);
  const phones = Array.from({ length: 7 }, () => bench.connect());
  for (const phone of phones) {
    phone.stream.room = 0;
    phone.send(GET);
  }
  for (let i = 0; i < 20; i += 1) {
    bench.run(50);
    for (const phone of phones) phone.take(1500);
  }
  for (const phone of phones) assert.equal(answerIn(phone.stream.text).body.length, 20_000);
});

test('an answer under way keeps its place for three seconds, however many come', () => {
  const bench = new Bench(LONG_PAGE, { connections: 2 });
  const [one, other] = [bench.connect(), bench.connect()];
  for (const client of [one, other]) {
    client.stream.room = 0;
    client.send(GET);
    bench.run(10);
  }
  for (let i = 0; i < 29; i += 1) {
    bench.connect().send(GET);
    bench.run(100);
  }
  assert.ok(!one.isClosed && !other.isClosed);
  bench.run(100);
  assert.ok(one.isClosed, 'the oldest gives way');
});
