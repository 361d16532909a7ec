/** How long each phase of a request may take, to the millisecond, and who waits for whom. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, type BenchClient, GET, LONG_PAGE } from '../../../support/http-bench.ts';
import { answerIn } from '../../../support/http-stream.ts';

const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n';
const post = (bytes: number) =>
  `POST / HTTP/1.1\r\nHost: a.b\r\n${FORM}Content-Length: ${bytes}\r\n\r\n`;

/** Open until this many milliseconds from now, and not for one more. */
function assertClosesIn(bench: Bench, client: BenchClient, ms: number): void {
  bench.run(ms - 1);
  assert.ok(!client.isClosed, `closed before ${ms} ms`);
  bench.run(1);
  assert.ok(client.isClosed, `open after ${ms} ms`);
  assert.equal(bench.server.connections, 0);
  assert.equal(bench.server.deadline(), Number.POSITIVE_INFINITY);
}

/** A request that is refused with more of it to come. */
function refused(): [Bench, BenchClient] {
  const bench = new Bench();
  const client = bench.connect();
  client.send('BREW / HTTP/1.1\r\n');
  assert.equal(answerIn(client.stream.text).status, 501);
  return [bench, client];
}

test('a refused client that sends no more is closed half a second after its answer', () => {
  const [bench, client] = refused();
  assertClosesIn(bench, client, 500);
});

test('a refused client is closed half a second after the last that it sent', () => {
  const [bench, client] = refused();
  for (let i = 0; i < 5; i += 1) {
    bench.run(499);
    client.send('x');
  }
  assertClosesIn(bench, client, 500);
});

test('a refused client that goes on sending is closed five seconds after its answer', () => {
  const [bench, client] = refused();
  for (let i = 0; i < 12; i += 1) {
    bench.run(400);
    client.send('x');
  }
  assertClosesIn(bench, client, 200);
});

test('a form has ten seconds from the end of its head', () => {
  const bench = new Bench();
  const client = bench.connect();
  bench.run(1500);
  client.send(post(5));
  bench.run(9000);
  client.send('a=1');
  assertClosesIn(bench, client, 1000);
});

test('an answer that nobody takes has ten seconds, and ten more from each byte that is taken', () => {
  const bench = new Bench(LONG_PAGE);
  const client = bench.connect();
  client.stream.room = 0;
  client.send(GET);
  bench.run(9999);
  client.take(1);
  assertClosesIn(bench, client, 10_000);
});

test('an answer has thirty seconds in all', () => {
  const bench = new Bench(LONG_PAGE);
  const client = bench.connect();
  client.stream.room = 0;
  client.send(GET);
  for (let i = 0; i < 5; i += 1) {
    bench.run(5500);
    client.take(1);
  }
  assertClosesIn(bench, client, 2500);
});

test('what is refused leaves unread what was announced, and an answer to a whole request nothing', () => {
  const whole = new Bench().connect();
  whole.send(`${post(5)}a=%zz`);
  assert.equal(answerIn(whole.stream.text).status, 400);
  assert.ok(whole.isClosed, 'the form has been read');
  const bench = new Bench();
  const other = bench.connect();
  other.send('GET / HTTP/1.1\r\nHost: a.b\r\nContent-Length: 4\r\n\r\n');
  assert.equal(answerIn(other.stream.text).status, 200);
  assertClosesIn(bench, other, 500);
});

test('an answer whose head finds no room is an error of its own', () => {
  const bench = new Bench({
    handle: (_request, head) => {
      head.location = `/${'x'.repeat(2000)}`;
      return { byteLength: 0, finished: true, write: (_into, at) => at };
    },
  });
  const client = bench.connect();
  client.send(GET);
  const { status, body, headers } = answerIn(client.stream.text);
  assert.deepEqual([status, body, headers.get('content-length')], [500, 'Error 500\n', '10']);
});

test('a request line of 1,024 bytes is whole, and a form of 12,288', () => {
  const ask = (text: string) => {
    const bench = new Bench();
    const client = bench.connect();
    client.send(text);
    bench.run(0);
    return answerIn(client.stream.text);
  };
  const line = (bytes: number) =>
    `GET /${'x'.repeat(bytes - 'GET / HTTP/1.1'.length)} HTTP/1.1\r\nHost: a.b\r\n\r\n`;
  assert.ok(ask(line(1024)).body.includes('/xxx'));
  assert.ok(!ask(line(1025)).body.includes('/xxx'));
  assert.equal(ask(`${post(12_288)}a=${'b'.repeat(12_286)}`).status, 200);
  assert.equal(ask(post(12_289)).status, 413);
});

test('six are served and four wait; of those that wait the first gives way to a newer one', () => {
  const bench = new Bench();
  const clients = Array.from({ length: 11 }, () => bench.connect());
  assert.equal(bench.server.connections, 10);
  assert.deepEqual(
    clients.map(({ isClosed }) => isClosed),
    clients.map((_, i) => i === 6),
  );
});

test('one that waits is served a tenth of a second after another was, or at once where one leaves', () => {
  const bench = new Bench({ handle: () => assert.fail() }, { connections: 1 });
  const first = bench.connect();
  bench.run(50);
  const second = bench.connect();
  const third = bench.connect();
  assert.equal(bench.server.deadline() - bench.now, 50);
  bench.run(49);
  assert.ok(!first.isClosed);
  bench.run(1);
  assert.deepEqual([first.isClosed, second.isClosed, third.isClosed], [true, false, false]);
  second.hangUp();
  assert.equal(bench.server.connections, 1);
  bench.run(0);
  third.send('BREW / HTTP/1.1\r\n');
  assert.equal(answerIn(third.stream.text).status, 501);
});

test('one that hangs up while it waits is forgotten, and nobody else is', () => {
  const bench = new Bench(undefined, { connections: 1 });
  const [served, waiting, next] = [bench.connect(), bench.connect(), bench.connect()];
  waiting.hangUp();
  waiting.hangUp();
  assert.equal(bench.server.connections, 2);
  served.send(GET);
  bench.run(0);
  next.send(GET);
  assert.ok(served.isClosed && next.isClosed && !waiting.isClosed);
  assert.equal(bench.server.connections, 0);
});

test('the one whose time has been up for longest gives way, be it slow to ask or slow to take', () => {
  const bench = new Bench(LONG_PAGE, { connections: 2 });
  const taking = bench.connect();
  taking.stream.room = 0;
  taking.send(GET);
  bench.run(2800);
  const asking = bench.connect();
  asking.send('GET');
  bench.run(150);
  // Its tenth of a second is up; the answer has fifty milliseconds left.
  bench.connect();
  assert.deepEqual([taking.isClosed, asking.isClosed], [false, true]);
  bench.run(49);
  bench.connect();
  assert.equal(taking.isClosed, false);
  bench.run(1);
  assert.equal(taking.isClosed, true);
});

test('what comes behind a form is read for a while, and is none of it', () => {
  for (const more of ['x', 'GET / HTTP/1.1\r\n']) {
    const bench = new Bench();
    const client = bench.connect();
    client.send(`${post(3)}a=1${more}`);
    assert.ok(answerIn(client.stream.text).body.endsWith('a:1'));
    assertClosesIn(bench, client, 500);
  }
});

test('one that is only read to its end gives way at once', () => {
  const bench = new Bench(undefined, { connections: 1 });
  const client = bench.connect();
  client.send('BREW / HTTP/1.1\r\n');
  const next = bench.connect();
  assert.deepEqual([client.isClosed, next.isClosed], [true, false]);
  next.send(GET);
  assert.ok(next.isClosed);
});
