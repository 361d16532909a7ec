import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, GET, LONG_PAGE, LongBody } from '../../../support/http-bench.ts';
import { answerIn, EchoRoutes } from '../../../support/http-stream.ts';

const POST =
  'POST / HTTP/1.1\r\nHost: a.b\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
  'Content-Length: ';

test('a whole request is answered and its connection closed, in one go', () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send(GET);
  assert.ok(client.isClosed);
  assert.equal(answerIn(client.stream.text).body, 'GET / host=a.b');
  assert.equal(bench.server.connections, 0);
  assert.equal(bench.server.deadline(), Number.POSITIVE_INFINITY);
});

test('a page larger than any buffer arrives whole through a stream that takes a few bytes', () => {
  const bench = new Bench(LONG_PAGE);
  const client = bench.connect();
  client.stream.room = 0;
  client.send(GET);
  for (let taken = 0; !client.isClosed; taken += 1) {
    assert.ok(taken < 1000);
    client.take(77);
  }
  const { headers, body } = answerIn(client.stream.text);
  assert.equal(headers.get('content-length'), '20000');
  assert.equal(body, 'abcdefghijklmnopqrstuvwxyz'.repeat(770).slice(0, 20_000));
});

test('a page whose length is not known ends with its connection', () => {
  const bench = new Bench({
    handle: () => Object.assign(new LongBody(3000), { byteLength: 3000 }),
  });
  const unknown = new Bench({
    handle: () => {
      const body = new LongBody(3000);
      return {
        byteLength: -1,
        get finished() {
          return body.finished;
        },
        write: (into: Uint8Array, at: number) => body.write(into, at),
      };
    },
  });
  for (const [one, length] of [
    [bench, '3000'],
    [unknown, undefined],
  ] as const) {
    const client = one.connect();
    client.send(GET);
    const { headers, body } = answerIn(client.stream.text);
    assert.equal(headers.get('content-length'), length);
    assert.equal(body.length, 3000);
    assert.ok(client.isClosed);
  }
});

test('HEAD gets the head of GET, its length included, and no body', () => {
  const bench = new Bench(LONG_PAGE);
  const client = bench.connect();
  client.send(GET.replace('GET', 'HEAD'));
  const { headers, body } = answerIn(client.stream.text);
  assert.equal(headers.get('content-length'), '20000');
  assert.equal(body, '');
});

test('a client that says nothing is closed after two seconds', () => {
  const bench = new Bench();
  const client = bench.connect();
  bench.run(1999);
  assert.ok(!client.isClosed);
  bench.run(1);
  assert.ok(client.isClosed);
});

test('a request that trickles in has five seconds in all, whatever it goes on to send', () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send('GET / HTTP/1.1\r\n');
  for (let i = 0; i < 49; i += 1) {
    bench.run(100);
    client.send('X: y\r\n');
  }
  assert.ok(!client.isClosed);
  bench.run(100);
  assert.ok(client.isClosed);
});

test('the five seconds begin with the connection, not with the first byte', () => {
  const bench = new Bench();
  const client = bench.connect();
  bench.run(1900);
  client.send('G');
  bench.run(3099);
  assert.ok(!client.isClosed);
  bench.run(1);
  assert.ok(client.isClosed);
});

test('a form that trickles in has ten seconds in all', () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send(`${POST}200\r\n\r\n`);
  for (let i = 0; i < 99; i += 1) {
    bench.run(100);
    client.send('a');
  }
  assert.ok(!client.isClosed);
  bench.run(100);
  assert.ok(client.isClosed);
});

test('a client that takes nothing of its answer is closed after ten seconds', () => {
  const bench = new Bench(LONG_PAGE);
  const client = bench.connect();
  client.stream.room = 3000;
  client.send(GET);
  bench.run(9000);
  client.take(10);
  bench.run(9999);
  assert.ok(!client.isClosed);
  bench.run(1);
  assert.ok(client.isClosed);
});

test('a client that takes its answer byte by byte is closed after thirty seconds', () => {
  const bench = new Bench(LONG_PAGE);
  const client = bench.connect();
  client.stream.room = 0;
  client.send(GET);
  for (let i = 0; i < 299; i += 1) {
    bench.run(100);
    client.take(1);
  }
  assert.ok(!client.isClosed);
  bench.run(100);
  assert.ok(client.isClosed);
});

test('a second form while one comes in is asked to try again, and a third after it is taken', () => {
  const routes = new EchoRoutes();
  const bench = new Bench(routes);
  const [first, second, third] = [bench.connect(), bench.connect(), bench.connect()];
  first.send(`${POST}3\r\n\r\na=`);
  second.send(`${POST}3\r\n\r\nb=2`);
  const { status, headers } = answerIn(second.stream.text);
  assert.deepEqual([status, headers.get('retry-after')], [503, '2']);
  first.send('1');
  third.send(`${POST}3\r\n\r\nc=3`);
  assert.deepEqual(routes.asked, ['POST / host=a.b a:1', 'POST / host=a.b c:3']);
});

test('a form whose client goes away, is too slow or gives way makes room for another', () => {
  for (const ending of ['hang up', 'time out', 'give way'] as const) {
    const routes = new EchoRoutes();
    const bench = new Bench(routes);
    const lost = bench.connect();
    lost.send(`${POST}3\r\n\r\na=`);
    if (ending === 'hang up') lost.hangUp();
    else if (ending === 'time out') bench.run(10_000);
    else for (let i = 0; i < 6; i += 1) bench.connect();
    bench.run(100);
    bench.connect().send(`${POST}3\r\n\r\nb=2`);
    assert.deepEqual(routes.asked, ['POST / host=a.b b:2'], ending);
  }
});

test('Expect: 100-continue is answered before the form is sent', () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send(`${POST.replace('Host', 'Expect: 100-continue\r\nHost')}3\r\n\r\n`);
  assert.equal(client.stream.text, 'HTTP/1.1 100 \r\n\r\n');
  client.send('a=1');
  assert.match(client.stream.text, /^HTTP\/1\.1 100 \r\n\r\nHTTP\/1\.1 200 \r\n/);
  assert.ok(client.isClosed);
});

test('a form that does not wait for 100 (Continue) is answered just so', () => {
  const bench = new Bench();
  const client = bench.connect();
  client.stream.room = 5;
  client.send(`${POST.replace('Host', 'Expect: 100-continue\r\nHost')}3\r\n\r\na=1`);
  client.take(10_000);
  assert.match(client.stream.text, /^HTTP\/1\.1 100 \r\n\r\nHTTP\/1\.1 200 \r\n/);
});

test('a body of 1 MB is refused at once, read to its end, and then closed', () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send(`${POST}1000000\r\n\r\n`);
  assert.equal(answerIn(client.stream.text).status, 413);
  for (let sent = 0; sent < 1_000_000; sent += 10_000) {
    client.send('x'.repeat(10_000));
    bench.run(20);
  }
  assert.ok(!client.isClosed, 'a reset would overtake the answer');
  assert.equal(client.stream.unread, 0);
  bench.run(500);
  assert.ok(client.isClosed);
});

test('a client that never stops sending is closed five seconds after its answer', () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send('BREW / HTTP/1.1\r\n');
  for (let i = 0; i < 49; i += 1) {
    bench.run(100);
    client.send('x'.repeat(1000));
  }
  assert.ok(!client.isClosed);
  bench.run(100);
  assert.ok(client.isClosed);
});

test('a fast sender is read in turns, so that another is answered between them', () => {
  const bench = new Bench();
  const [fast, other] = [bench.connect(), bench.connect()];
  fast.send(`BREW / HTTP/1.1\r\n${'x'.repeat(100_000)}`);
  assert.ok(fast.stream.unread > 80_000);
  assert.ok(bench.server.deadline() <= bench.now, 'it asks to be woken at once');
  other.send(GET);
  assert.ok(other.isClosed);
  bench.run(1);
  assert.equal(fast.stream.unread, 0);
});

test('a connection that has ended is ignored from then on', () => {
  const bench = new Bench();
  const client = bench.connect();
  client.send('GET / ');
  client.hangUp();
  client.send('HTTP/1.1\r\n\r\n');
  client.hangUp();
  bench.run(60_000);
  assert.equal(client.stream.text, '');
  assert.equal(bench.server.connections, 0);
});

test('stop closes every connection, those that wait too', () => {
  const bench = new Bench(LONG_PAGE);
  const clients = Array.from({ length: 8 }, () => bench.connect());
  for (const client of clients) {
    client.stream.room = 0;
    client.send(GET);
  }
  bench.server.stop();
  assert.ok(clients.every((client) => client.isClosed));
  assert.equal(bench.server.connections, 0);
});

test('a body source that writes nothing is an error, not an endless loop', () => {
  const idle = { byteLength: 5, finished: false, write: (_into: Uint8Array, at: number) => at };
  const client = new Bench({ handle: () => idle }).connect();
  assert.throws(() => client.send(GET), /wrote nothing/);
});
