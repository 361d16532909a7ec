/** A socket of Node as the board's platform would have it: the contract that transports lean on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket as NodeSocket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { SocketEvents } from '../../../firmware/network/socket-transport.ts';
import { type Failure, failureOf } from '../../../host-sim/live/close-reason.ts';
import { Distrusted } from '../../../host-sim/live/guarded-socket.ts';
import { LiveSocket } from '../../../host-sim/live/socket.ts';
import { closedPort, listen } from './transport-harness.ts';

/** Lets pass what is under way on loopback. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 50; turns += 1) await turn();
}

class Ear implements SocketEvents {
  readonly told: string[] = [];
  /** Set while the socket is called: nothing may be told then. */
  isCalling = false;

  onReadable(bytes: number): void {
    this.#tell(`readable ${bytes}`);
  }
  onWritable(bytes: number): void {
    this.#tell(`writable ${bytes}`);
  }
  onError(): void {
    this.#tell('error');
  }
  connected(): void {
    this.#tell('connected');
  }
  failed(reason: string): void {
    this.#tell(`failed ${reason}`);
  }

  #tell(what: string): void {
    assert.ok(!this.isCalling, `${what} inside a call`);
    this.told.push(what);
  }
}

function open(port: number, failed?: (failure: Failure) => void) {
  const ear = new Ear();
  const told = (what: string) => ear.told.includes(what);
  return { ear, told, socket: new LiveSocket(connect(port, '127.0.0.1'), ear, { failed }) };
}

async function pair(t: TestContext) {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const accepted = once(server, 'connection');
  const { ear, socket, told } = open(await listen(server));
  const [peer] = (await accepted) as [NodeSocket];
  peer.on('error', () => {});
  t.after(() => {
    socket.close();
    peer.destroy();
    server.close();
  });
  await settle();
  const call = <T>(work: () => T): T => {
    ear.isCalling = true;
    try {
      return work();
    } finally {
      ear.isCalling = false;
    }
  };
  return { ear, socket, told, peer, call };
}

test('connected is told with the room that there is, and again when bytes have gone out', async (t) => {
  const { ear, socket, peer, call } = await pair(t);
  assert.deepEqual(ear.told, ['writable 65536']);
  const bytes = Uint8Array.of(1, 2, 3);
  assert.ok(call(() => socket.write(bytes)) >= 65_533);
  bytes.fill(0);
  const [got] = await once(peer, 'data');
  assert.deepEqual([...got], [1, 2, 3]);
  assert.deepEqual(ear.told, ['writable 65536', 'writable 65536']);
});

test('a write that is larger than the room throws, and none of it goes out', async (t) => {
  const { socket, peer, call } = await pair(t);
  let received = 0;
  peer.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  assert.throws(() => socket.write(new Uint8Array(65_537)), /would block/);
  peer.pause();
  let room = 65_536;
  let sent = 0;
  while (room > 10_000) {
    sent += 10_000;
    room = call(() => socket.write(new Uint8Array(10_000)));
    assert.ok(sent < 50_000_000, 'the buffer is bounded');
    if (sent % 500_000 === 0) await turn();
  }
  assert.throws(() => socket.write(new Uint8Array(room + 1)), /would block/);
  peer.resume();
  while (received < sent) await once(peer, 'data');
  assert.equal(received, sent);
});

test('each arrival is told with all that can be read, and a read takes just what it is given', async (t) => {
  const { ear, socket, peer, call } = await pair(t);
  peer.write('abc');
  await settle();
  peer.write('de');
  await settle();
  assert.deepEqual(ear.told.slice(1), ['readable 3', 'readable 5']);
  assert.throws(() => socket.read(new Uint8Array(0)), /invalid/);
  assert.throws(() => socket.read(new Uint8Array(6)), /invalid/);
  const into = new Uint8Array(4);
  call(() => socket.read(into));
  assert.equal(String.fromCharCode(...into), 'abcd');
});

test('a peer that closed takes no write, while the end is told when all is read', async (t) => {
  const { ear, socket, peer, told, call } = await pair(t);
  peer.end('xyz');
  await settle();
  assert.throws(() => socket.write(Uint8Array.of(1)), /not ready/);
  call(() => socket.read(new Uint8Array(2)));
  await settle();
  assert.ok(!told('error'));
  call(() => socket.read(new Uint8Array(1)));
  await settle();
  assert.deepEqual(ear.told.slice(-2), ['readable 3', 'error']);
});

test('a reset is told when what had arrived is read, without a reason', async (t) => {
  const { ear, socket, peer, told, call } = await pair(t);
  peer.write('ab');
  await settle();
  peer.resetAndDestroy();
  await settle();
  assert.ok(!told('error'));
  assert.throws(() => socket.write(Uint8Array.of(1)), /not ready/);
  call(() => socket.read(new Uint8Array(2)));
  await settle();
  assert.deepEqual(ear.told.slice(-1), ['error']);
});

test('a connection that cannot be made ends without a reason; people are told one', async () => {
  const failures: Failure[] = [];
  const { ear, socket } = open(await closedPort(createServer()), (f) => failures.push(f));
  while (ear.told.length === 0) await turn();
  assert.deepEqual(ear.told, ['error']);
  assert.equal(failures.length, 1);
  assert.equal(failures[0].reason, 'refused');
  socket.close();
});

test('nothing is told after close', async (t) => {
  const { ear, socket, peer } = await pair(t);
  peer.write('abc');
  socket.close();
  peer.end('de');
  await settle();
  assert.deepEqual(ear.told, ['writable 65536']);
  assert.throws(() => socket.write(Uint8Array.of(1)), /not ready/);
});

test('what Node says is told to people; the port hears of TLS and of sockets that cannot be had', () => {
  const of = (error: object, stage: 'connecting' | 'securing' | 'open') => {
    const { reason, isTcp = false } = failureOf(error, stage);
    return `${reason}${isTcp ? ', tcp' : ''}`;
  };
  assert.equal(of({ code: 'EHOSTUNREACH' }, 'connecting'), 'unreachable, tcp');
  assert.equal(of({ code: 'ETIMEDOUT' }, 'open'), 'timed out, tcp');
  assert.equal(of({ code: 'ECONNRESET' }, 'securing'), 'tls failed, tcp');
  assert.equal(of({ code: 'EMFILE' }, 'connecting'), 'local error');
  assert.equal(of({ code: 'ENOBUFS' }, 'open'), 'local error, tcp');
  assert.equal(of({ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'securing'), 'tls failed');
  assert.equal(of({ code: 'ERR_SSL_BAD_RECORD' }, 'open'), 'reset');
  const expired = new Distrusted('certificate expired');
  assert.equal(of(expired, 'securing'), 'certificate expired');
});
