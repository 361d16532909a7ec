/** The live listener and datagrams on loopback, as a board's portal uses them. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, connect as dial } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Listening } from '../../../firmware/ports.ts';
import { HttpServer } from '../../../firmware/provisioning/http/server.ts';
import { LiveDatagrams } from '../../../host-sim/live/datagrams.ts';
import { LiveListener } from '../../../host-sim/live/listener.ts';
import { LONG_PAGE } from '../../support/http-bench.ts';
import { answerIn, EchoRoutes } from '../../support/http-stream.ts';
import { listen, Recorder } from './transport-harness.ts';

/** Listens on a free port with an accept that records. */
async function listening(t: TestContext, recorder: Recorder): Promise<[Listening, number]> {
  const { promise, resolve } = withResolver<number>();
  const listener = new LiveListener({ port: 0, bound: resolve });
  const handle = listener.listen(80, (transport) => {
    recorder.transport = transport;
    return recorder;
  });
  t.after(() => handle.close());
  return [handle, await promise];
}

function withResolver<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('a connection is taken, read and answered, and told when it ends', async (t) => {
  const board = new Recorder();
  const [handle, port] = await listening(t, board);
  assert.equal(handle.port, port);
  const phone = dial(port, '127.0.0.1');
  t.after(() => phone.destroy());
  phone.write('hello');
  await board.until(() => board.text === 'hello');
  assert.ok(!board.has('opened'), 'an accepted connection is open already');
  assert.equal(board.transport?.write(Buffer.from('yes'), 0, 3), 3);
  const [answer] = await once(phone, 'data');
  assert.equal(String(answer), 'yes');
  phone.end();
  await board.until(() => board.has('closed'));
  assert.equal(board.told.at(-1), 'closed: closed by peer');
});

test('what accept does not want is closed', async (t) => {
  const { promise, resolve } = withResolver<number>();
  const handle = new LiveListener({ port: 0, bound: resolve }).listen(80, () => undefined);
  t.after(() => handle.close());
  const phone = dial(await promise, '127.0.0.1');
  phone.resume();
  await once(phone, 'close');
});

test('after close nobody is taken any more, and those that were live on', async (t) => {
  const board = new Recorder();
  const [handle, port] = await listening(t, board);
  const phone = dial(port, '127.0.0.1');
  t.after(() => phone.destroy());
  phone.write('a');
  await board.until(() => board.text === 'a');
  handle.close();
  const [error] = (await once(dial(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
  phone.write('b');
  await board.until(() => board.text === 'ab');
});

test('a port that is taken is told to whoever asked', async (t) => {
  const other = createServer();
  t.after(() => other.close());
  const port = await listen(other);
  const { promise, resolve } = withResolver<Error>();
  new LiveListener({ failed: resolve }).listen(port, () => undefined);
  assert.match((await promise).message, /EADDRINUSE/);
});

/** The server over a live listener; it is woken all the time instead of at its deadlines. */
async function serve(t: TestContext, server: HttpServer): Promise<number> {
  const { promise, resolve } = withResolver<number>();
  const handle = new LiveListener({ port: 0, bound: resolve }).listen(80, (transport) => {
    const connection = server.accept(transport, performance.now());
    const pump = () => server.pump(connection, performance.now());
    const closed = () => server.closed(connection, performance.now());
    return { opened() {}, readable: pump, writable: pump, closed };
  });
  const wakes = setInterval(() => server.wake(performance.now()), 5);
  t.after(() => {
    clearInterval(wakes);
    handle.close();
  });
  return promise;
}

test('the page reaches fetch whole, and a form reaches the routes', async (t) => {
  const page = await serve(t, new HttpServer(LONG_PAGE));
  assert.equal((await (await fetch(`http://127.0.0.1:${page}/`)).text()).length, 20_000);
  const routes = new EchoRoutes();
  const port = await serve(t, new HttpServer(routes));
  const body = new URLSearchParams({ ssid: 'a+b &=%', key: 'k'.repeat(9000) });
  const response = await fetch(`http://127.0.0.1:${port}/save`, { method: 'POST', body });
  assert.equal(response.status, 200);
  await response.text();
  const [asked] = routes.asked;
  assert.match(asked, /^POST \/save host=127\.0\.0\.1:\d+ .*ssid:a\+b<20>&=% key:k{9000}$/);
});

test('whoever sends a megabyte too much still reads why it was refused', async (t) => {
  const port = await serve(t, new HttpServer(new EchoRoutes()));
  const phone = dial(port, '127.0.0.1');
  t.after(() => phone.destroy());
  let text = '';
  phone.on('data', (chunk) => {
    text += chunk;
  });
  phone.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n');
  phone.write(`Content-Length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`);
  await once(phone, 'end');
  assert.equal(answerIn(text).status, 413);
});

test('a datagram is received with its sender, and answered', async (t) => {
  const { promise, resolve } = withResolver<number>();
  const board = new LiveDatagrams({ port: 0, bound: resolve }).bind(
    53,
    (bytes, length, ...from) => {
      const [address, port] = from;
      assert.equal(address, '127.0.0.1');
      const reply = Uint8Array.from([...bytes.subarray(0, length), 0x21, 0xff]);
      board.send(reply, length + 1, address, port);
    },
  );
  board.send(new Uint8Array(1), 1, '127.0.0.1', 9);
  const port = await promise;
  assert.equal(board.port, port);
  const phone = createSocket('udp4');
  t.after(() => phone.close());
  phone.send('hi', port, '127.0.0.1');
  const [reply] = await once(phone, 'message');
  assert.equal(String(reply), 'hi!');
  board.send(new Uint8Array(1), 1, '127.0.0.1', 0);
  board.close();
  board.close();
  board.send(new Uint8Array(1), 1, '127.0.0.1', port);
});
