/** WebSocket over a scripted network: what reaches the owner, and when, byte by byte. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocketNetwork } from '../../../../firmware/network/websocket/websocket-network.ts';
import type { CloseReason, Transport, TransportHandler } from '../../../../firmware/ports.ts';

/** All masks and the nonce are zero: then frames can be read as they are. */
const KEY_ACCEPT = 'ICX+Yqv66kxgM0FcWaLWlFLwTAI=';
const ANSWER =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${KEY_ACCEPT}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`;

/** The network below and the owner above, in one. */
class Bench implements TransportHandler, Transport {
  readonly told: string[] = [];
  readonly refusals: string[] = [];
  readonly sent: number[] = [];
  /** How many bytes the network below still takes. */
  room = Number.POSITIVE_INFINITY;
  isClosed = false;
  readonly transport: Transport;
  private readonly above: TransportHandler;
  private readonly arrived: number[] = [];
  private readonly works: (() => void)[] = [];

  constructor() {
    let above: TransportHandler | undefined;
    const below = {
      resolve: () => ({ cancel() {} }),
      connect: (_target: unknown, handler: TransportHandler) => {
        above = handler;
        return this;
      },
    };
    const network = new WebSocketNetwork(below, {
      random: { below: () => 0 },
      defaultPort: 80,
      later: (work) => this.works.push(work),
      refused: (_target, status) => this.refusals.push(status),
    });
    const target = { host: 'h', address: '10.0.0.1', port: 80, path: '/mqtt' };
    this.transport = network.connect(target, { ...ownerOf(this.told) });
    this.above = above!;
  }

  /** The transport is up, with nothing told and nothing sent. */
  static up(): Bench {
    const bench = new Bench();
    bench.above.opened();
    bench.text(ANSWER);
    assert.deepEqual(bench.told, ['opened', 'readable']);
    bench.told.length = 0;
    bench.sent.length = 0;
    return bench;
  }

  connected(): this {
    this.above.opened();
    return this;
  }

  /** Bytes come, and the network below says so. */
  text(text: string): this {
    return this.bytes(...[...text].map((letter) => letter.charCodeAt(0)));
  }

  bytes(...bytes: number[]): this {
    this.arrived.push(...bytes);
    this.above.readable();
    return this;
  }

  /** Bytes come, and nobody says so. */
  quietly(...bytes: number[]): this {
    this.arrived.push(...bytes);
    return this;
  }

  /** What was put off to the event loop is done. */
  turn(): this {
    for (const work of this.works.splice(0)) work();
    return this;
  }

  drained(room = Number.POSITIVE_INFINITY): this {
    this.room = room;
    this.above.writable();
    return this;
  }

  ended(reason: CloseReason): this {
    this.above.closed(reason);
    return this;
  }

  readAll(): number[] {
    const into = new Uint8Array(64);
    return [...into.subarray(0, this.transport.read(into, 0, 64))];
  }

  opened(): void {}

  readable(): void {}

  writable(): void {}

  closed(): void {}

  read(into: Uint8Array, start: number, end: number): number {
    const taken = this.arrived.splice(0, end - start);
    into.set(taken, start);
    return taken.length;
  }

  write(from: Uint8Array, start: number, end: number): number {
    const count = Math.min(this.room, end - start);
    this.room -= count;
    for (let i = start; i < start + count; i++) this.sent.push(from[i]);
    return count;
  }

  close(): void {
    this.isClosed = true;
  }
}

function ownerOf(told: string[]): TransportHandler {
  return {
    opened: () => told.push('opened'),
    readable: () => told.push('readable'),
    writable: () => told.push('writable'),
    closed: (reason) => told.push(`closed: ${reason}`),
  };
}

test('a close frame that is read without having been announced ends the connection at once', () => {
  const bench = Bench.up();
  bench.quietly(0x82, 1, 7, 0x88, 2, 3, 0xe8);
  assert.deepEqual(bench.readAll(), [7]);
  assert.deepEqual(bench.readAll(), []);
  assert.deepEqual(bench.told, [], 'not from inside a call of the owner');
  bench.turn();
  assert.deepEqual(bench.told, ['closed: closed by peer']);
  assert.deepEqual(bench.sent, [0x88, 0x82, 0, 0, 0, 0, 3, 0xe8]);
  assert.equal(bench.isClosed, true);
  bench.turn().ended('reset');
  assert.equal(bench.told.length, 1);
});

test('a frame that breaks the rules is answered with 1002, and told as what it is', () => {
  const bench = Bench.up();
  bench.quietly(0x81, 1, 0x41);
  assert.deepEqual(bench.readAll(), []);
  bench.turn();
  assert.deepEqual(bench.told, ['closed: websocket broken']);
  assert.deepEqual(bench.sent, [0x88, 0x82, 0, 0, 0, 0, 3, 0xea]);
});

test('an owner that closes first is told nothing of what it had read', () => {
  const bench = Bench.up();
  bench.quietly(0x88, 0);
  bench.readAll();
  bench.transport.close();
  bench.turn().ended('closed by peer');
  assert.deepEqual(bench.told, []);
});

test('the end of the connection below comes before what was put off: one end is told', () => {
  const bench = Bench.up();
  bench.quietly(0x88, 0);
  bench.readAll();
  bench.ended('reset').turn();
  assert.deepEqual(bench.told, ['closed: closed by peer']);
});

test('a write larger than a frame is taken whole, as several frames', () => {
  const bench = Bench.up();
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff);
  assert.equal(bench.transport.write(bytes, 0, 5000), 5000);
  assert.equal(bench.sent.length, 5000 + 3 * 8);
  assert.deepEqual(bench.sent.slice(0, 4), [0x82, 0xfe, 8, 0]);
});

test('what is not taken is asked for again: writable follows once the frame under way is gone', () => {
  const bench = Bench.up();
  bench.room = 100;
  const bytes = new Uint8Array(5000);
  assert.equal(bench.transport.write(bytes, 0, 5000), 2048);
  assert.equal(bench.transport.write(bytes, 0, 10), 0);
  bench.drained(500);
  assert.deepEqual(bench.told, []);
  bench.drained();
  assert.deepEqual(bench.told, ['writable']);
  assert.equal(bench.sent.length, 2048 + 8);
});

test('a ping is answered behind a frame that is still under way', () => {
  const bench = Bench.up();
  bench.room = 3;
  assert.equal(bench.transport.write(Uint8Array.of(9), 0, 1), 1);
  bench.bytes(0x89, 1, 5);
  assert.deepEqual(bench.readAll(), []);
  bench.drained();
  assert.deepEqual(bench.sent, [0x82, 0x81, 0, 0, 0, 0, 9, 0x8a, 0x81, 0, 0, 0, 0, 5]);
});

test('what answers a request without HTTP is told apart from a server that refuses, with its words', () => {
  const foreign = new Bench().connected().bytes(0x20, 2, 0, 1).turn();
  assert.deepEqual(foreign.told, ['closed: not websocket']);
  assert.deepEqual(foreign.refusals, []);
  const refused = new Bench().connected().text('HTTP/1.1 404 Not Found\r\n').turn();
  assert.deepEqual(refused.told, ['closed: websocket refused']);
  assert.deepEqual(refused.refusals, ['HTTP/1.1 404 Not Found']);
});

test('a close in place of an answer says what was there; before the connection it is a close', () => {
  for (const reason of ['closed by peer', 'reset'] as const) {
    assert.deepEqual(new Bench().connected().ended(reason).told, ['closed: not websocket']);
    assert.deepEqual(new Bench().ended(reason).told, [`closed: ${reason}`]);
  }
  assert.deepEqual(new Bench().connected().ended('timed out').told, ['closed: timed out']);
  const half = new Bench()
    .connected()
    .text(`${ANSWER.slice(0, 60)}`)
    .ended('closed by peer');
  assert.deepEqual(half.told, ['closed: websocket refused']);
  const refusal: CloseReason = 'refused';
  assert.deepEqual(new Bench().ended(refusal).told, ['closed: refused']);
});
