/** The set-up network's two servers, on sockets that the test plays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport, TransportHandler } from '../../../../firmware/ports.ts';
import { PortalServers } from '../../../../firmware/provisioning/portal/servers.ts';
import { GET } from '../../../support/http-bench.ts';
import { bytesOf, EchoRoutes, ScriptedStream } from '../../../support/http-stream.ts';

/** A question for the address of a.b (RFC 1035, 4.1). */
const QUESTION = Uint8Array.of(
  ...[7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0],
  ...[1, 0x61, 1, 0x62, 0, 0, 1, 0, 1],
);

class Bench {
  now = 1000;
  changes = 0;
  readonly deeds: string[] = [];
  accept: ((transport: Transport) => TransportHandler | undefined) | undefined;
  ask: (bytes: Uint8Array, length: number, address: string, port: number) => void = () =>
    assert.fail();
  readonly replies: (readonly [bytes: number[], address: string, port: number])[] = [];
  readonly servers: PortalServers;

  constructor() {
    const { deeds } = this;
    this.servers = new PortalServers(
      { now: () => this.now, wall: () => 0, quality: () => 'none' },
      {
        listen: (port, accept) => {
          deeds.push(`listen ${port}`);
          this.accept = accept;
          return { port, close: () => void deeds.push('close page') };
        },
      },
      {
        bind: (port, received) => {
          deeds.push(`bind ${port}`);
          this.ask = received;
          return {
            port,
            send: (bytes, length, address, to) =>
              void this.replies.push([[...bytes.subarray(0, length)], address, to]),
            close: () => void deeds.push('close names'),
          };
        },
      },
      new EchoRoutes(),
      () => {
        this.changes += 1;
      },
    );
  }

  connect(): { stream: ScriptedStream; handler: TransportHandler } {
    const stream = new ScriptedStream();
    return { stream, handler: this.accept!(stream as unknown as Transport)! };
  }
}

test('pages are on TCP 80 and names on UDP 53, once however often it is opened', () => {
  const bench = new Bench();
  bench.servers.open();
  bench.servers.open();
  assert.deepEqual(bench.deeds, ['listen 80', 'bind 53']);
  bench.servers.close();
  bench.servers.close();
  assert.deepEqual(bench.deeds.splice(0), ['listen 80', 'bind 53', 'close page', 'close names']);
  bench.servers.open();
  assert.deepEqual(bench.deeds, ['listen 80', 'bind 53']);
});

test('each name has the address 192.168.4.1, told to whoever asked; what is no question has no answer', () => {
  const bench = new Bench();
  bench.servers.open();
  bench.ask(QUESTION, QUESTION.length, '192.168.4.2', 4321);
  bench.ask(QUESTION, 5, '192.168.4.3', 4321);
  assert.equal(bench.replies.length, 1);
  const [reply, address, port] = bench.replies[0];
  assert.deepEqual(
    [reply.slice(0, 2), reply.slice(-4)],
    [
      [7, 9],
      [192, 168, 4, 1],
    ],
  );
  assert.deepEqual([address, port], ['192.168.4.2', 4321]);
});

test('a request is answered as it is read, and the owner looks at the deadline anew', () => {
  const bench = new Bench();
  bench.servers.open();
  const { stream, handler } = bench.connect();
  assert.equal(bench.changes, 1);
  // It looks at a newcomer at once: bytes may have come before it was accepted.
  assert.ok(bench.servers.deadline() <= bench.now);
  bench.servers.wake(bench.now);
  assert.equal(bench.servers.deadline(), 3000);
  stream.push(bytesOf(GET));
  stream.room = 10;
  handler.readable();
  assert.equal(bench.changes, 2);
  assert.equal(stream.sent.length, 10);
  stream.room = 10_000;
  handler.writable();
  assert.equal(bench.changes, 3);
  assert.ok(stream.text.endsWith('GET / host=a.b'));
  assert.ok(stream.isClosed);
  assert.equal(bench.servers.deadline(), Number.POSITIVE_INFINITY);
});

test('one that hangs up is forgotten; the others end when their time is up, or with the servers', () => {
  const bench = new Bench();
  bench.servers.open();
  const [gone, late, last] = [bench.connect(), bench.connect(), bench.connect()];
  gone.handler.closed('closed by peer');
  assert.equal(bench.changes, 4);
  last.stream.push(bytesOf('GET'));
  last.handler.readable();
  bench.servers.wake(3000);
  assert.deepEqual(
    [gone, late, last].map(({ stream }) => stream.isClosed),
    [false, true, false],
  );
  bench.servers.close();
  assert.ok(last.stream.isClosed);
});
