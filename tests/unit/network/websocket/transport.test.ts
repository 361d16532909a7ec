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

test('the owner is asked for more only once it wanted more', () => {
  const bench = Bench.up();
  bench.drained();
  assert.equal(bench.transport.write(new Uint8Array(10), 0, 10), 10);
  bench.drained();
  assert.deepEqual(bench.told, []);
  bench.room = 0;
  assert.equal(bench.transport.write(new Uint8Array(10), 0, 10), 10);
  assert.equal(bench.transport.write(new Uint8Array(10), 0, 10), 0);
  bench.drained().drained();
  assert.deepEqual(bench.told, ['writable']);
});

test('a frame goes on where the network below has left off, and its end is the last byte', () => {
  const bench = Bench.up();
  const bytes = Uint8Array.from({ length: 30 }, (_, i) => i + 1);
  bench.room = 4;
  assert.equal(bench.transport.write(bytes, 5, 30), 25);
  for (let i = 0; i < 40; i += 1) bench.drained(1);
  assert.deepEqual(bench.sent, [0x82, 0x80 + 25, 0, 0, 0, 0, ...bytes.subarray(5)]);
});

test('nothing is written before the answer, nor behind the end', () => {
  const bench = new Bench().connected();
  const { length } = bench.sent;
  assert.equal(bench.transport.write(new Uint8Array(4), 0, 4), 0);
  assert.equal(bench.sent.length, length);
  const over = Bench.up();
  over.quietly(0x88, 0);
  over.readAll();
  assert.equal(over.transport.write(new Uint8Array(4), 0, 4), 0, 'the peer has said goodbye');
  over.turn();
  const sent = over.sent.length;
  assert.equal(over.transport.write(new Uint8Array(4), 0, 4), 0);
  over.quietly(0x82, 1, 7);
  assert.deepEqual(over.readAll(), []);
  over.drained().bytes();
  assert.equal(over.sent.length, sent);
  assert.deepEqual(over.told, ['closed: closed by peer']);
});

test('an owner that closes says goodbye once, and before the answer closes without a word', () => {
  const bench = Bench.up();
  bench.transport.close();
  bench.transport.close();
  assert.deepEqual(bench.sent, [0x88, 0x82, 0, 0, 0, 0, 3, 0xe8]);
  assert.equal(bench.isClosed, true);
  bench.quietly(0x82, 1, 7);
  assert.deepEqual(bench.readAll(), []);
  bench.bytes().drained();
  assert.deepEqual(bench.told, []);
  const early = new Bench().connected();
  const { length } = early.sent;
  early.transport.close();
  assert.deepEqual([early.sent.length, early.isClosed], [length, true]);
});

test('a goodbye waits behind a frame under way, and behind a full one it finds room', () => {
  const bench = Bench.up();
  bench.room = 0;
  assert.equal(bench.transport.write(new Uint8Array(3000), 0, 3000), 2048);
  bench.room = Number.POSITIVE_INFINITY;
  bench.transport.close();
  assert.equal(bench.sent.length, 2048 + 8 + 8);
  assert.deepEqual(bench.sent.slice(-8), [0x88, 0x82, 0, 0, 0, 0, 3, 0xe8]);
});

test('pongs are answered while there is room for them; one too many is left out, and the goodbye fits', () => {
  const bench = Bench.up();
  bench.room = 0;
  bench.transport.write(new Uint8Array(2048), 0, 2048);
  const long = [0x89, 125, ...new Array(125).fill(6)];
  bench.bytes(...long, ...long, 0x8a, 1, 7, 0x82, 1, 8);
  assert.deepEqual(bench.readAll(), [8]);
  bench.drained();
  // The frame, and one pong of 125 bytes.
  assert.equal(bench.sent.length, 2048 + 8 + 125 + 6);
  assert.deepEqual(bench.sent.slice(2056, 2062), [0x8a, 0xfd, 0, 0, 0, 0]);
  assert.ok(bench.sent.slice(2062).every((byte) => byte === 6));
  bench.transport.close();
  assert.equal(bench.sent.length, 2048 + 8 + 125 + 6 + 8);
});

test('a pong that nobody asked for, and an empty ping, are taken between two pieces', () => {
  const bench = Bench.up();
  bench.bytes(0x8a, 2, 1, 1, 0x02, 2, 7, 8, 0x89, 0, 0x80, 1, 9);
  assert.deepEqual(bench.readAll(), [7, 8]);
  assert.deepEqual(bench.readAll(), [9]);
  assert.deepEqual(bench.sent, [0x8a, 0x80, 0, 0, 0, 0]);
});

test('what came with the answer is announced, and read into the part of a buffer that is told', () => {
  const bench = new Bench().connected().text(ANSWER).bytes(0x82, 3, 1, 2, 3, 0x82, 1, 4);
  assert.deepEqual(bench.told, ['opened', 'readable', 'readable']);
  const into = new Uint8Array(6);
  assert.equal(bench.transport.read(into, 2, 4), 2);
  assert.equal(bench.transport.read(into, 4, 6), 1);
  assert.equal(bench.transport.read(into, 5, 6), 1);
  assert.deepEqual([...into], [0, 0, 1, 2, 3, 4]);
  assert.equal(bench.transport.read(into, 0, 6), 0);
});

test('an owner that closes as it is told of the connection is told nothing more', () => {
  const works: (() => void)[] = [];
  const told: string[] = [];
  let above!: TransportHandler;
  const arrived = [...ANSWER].map((letter) => letter.charCodeAt(0));
  const below: Transport = {
    read: (into, start, end) => {
      const taken = arrived.splice(0, end - start);
      into.set(taken, start);
      return taken.length;
    },
    write: (_from, start, end) => end - start,
    close: () => told.push('below is closed'),
  };
  const network = new WebSocketNetwork(
    {
      resolve: () => ({ cancel() {} }),
      connect: (_target, handler) => {
        above = handler;
        return below;
      },
    },
    { random: { below: () => 0 }, defaultPort: 80, later: (work) => works.push(work) },
  );
  const target = { host: 'h', address: '10.0.0.1', port: 80, path: '/mqtt' };
  const transport: Transport = network.connect(target, {
    ...ownerOf(told),
    opened: () => transport.close(),
  });
  above.opened();
  above.readable();
  assert.deepEqual(told, ['below is closed']);
});

/** What a connection to a target asks of the server, and what the owner is told. */
function asked(host: string, port: number, path = '/mqtt', defaultPort = 80) {
  const sent: number[] = [];
  const told: string[] = [];
  const works: (() => void)[] = [];
  let above!: TransportHandler;
  const below: Transport = {
    read: () => 0,
    write: (from, start, end) => {
      sent.push(...from.subarray(start, end));
      return end - start;
    },
    close() {},
  };
  const network = new WebSocketNetwork(
    {
      resolve: () => ({ cancel() {} }),
      connect: (_target, handler) => {
        above = handler;
        return below;
      },
    },
    { random: { below: () => 0 }, defaultPort, later: (work) => works.push(work) },
  );
  network.connect({ host, address: '10.0.0.1', port, path }, ownerOf(told));
  above.opened();
  for (const work of works) work();
  return { text: String.fromCharCode(...sent), told };
}

test('a request names path, host and the port that is not the default one, in the lines of RFC 6455', () => {
  assert.equal(
    asked('broker.example', 8080, '/some/path').text,
    [
      'GET /some/path HTTP/1.1',
      'Host: broker.example:8080',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: mqtt',
      '\r\n',
    ].join('\r\n'),
  );
  const hostOf = (...target: Parameters<typeof asked>) =>
    /^Host: (.*)$/m.exec(asked(...target).text)?.[1];
  assert.equal(hostOf('h', 80), 'h');
  assert.equal(hostOf('h', 443), 'h:443');
  assert.equal(hostOf('h', 443, '/', 443), 'h');
  assert.equal(hostOf('fd00::1', 80), '[fd00::1]');
  assert.equal(hostOf('fd00::1', 81), '[fd00::1]:81');
});

test('a request that no frame’s room is enough for is not sent', () => {
  // 2,200 bytes of room; what is beside the path takes 162.
  const { text } = asked('h', 80, '');
  const fits = 'x'.repeat(2200 - text.length);
  assert.deepEqual(asked('h', 80, fits).told, []);
  assert.equal(asked('h', 80, fits).text.length, 2200);
  const over = asked('h', 80, `${fits}x`);
  assert.deepEqual([over.text, over.told], ['', ['closed: websocket refused']]);
});
