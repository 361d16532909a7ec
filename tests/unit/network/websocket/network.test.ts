/** The board's WebSocket, over real sockets, against the package `ws`. */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { WebSocketNetwork } from '../../../../firmware/network/websocket/websocket-network.ts';
import type { CloseReason, Transport, TransportHandler } from '../../../../firmware/ports.ts';
import { liveNetworks } from '../../../../host-sim/live/network.ts';
import { LiveRandom } from '../../../../host-sim/live/random.ts';

/** Collects what a transport tells, and lets a test wait for it. */
class Peer implements TransportHandler {
  transport: Transport | undefined;
  readonly bytes: number[] = [];
  reason: CloseReason | undefined;
  isOpen = false;
  private wake: () => void = () => {};

  opened(): void {
    this.isOpen = true;
    this.wake();
  }

  readable(): void {
    const into = new Uint8Array(64);
    for (let n = 1; n > 0; ) {
      n = this.transport!.read(into, 3, 50);
      this.bytes.push(...into.subarray(3, 3 + n));
    }
    this.wake();
  }

  writable(): void {
    this.wake();
  }

  closed(reason: CloseReason): void {
    this.reason = reason;
    this.wake();
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}

function connect(port: number): Peer {
  const network = new WebSocketNetwork(liveNetworks().mqtt, {
    random: new LiveRandom(),
    defaultPort: 80,
    later: setImmediate,
  });
  const peer = new Peer();
  const target = { host: 'localhost', address: '127.0.0.1', port, path: '/mqtt' };
  peer.transport = network.connect(target, peer);
  return peer;
}

async function serve(
  connected: (socket: Socket) => void,
): Promise<{ server: Server; port: number }> {
  const server = createServer(connected);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

async function echo(protocol = 'mqtt') {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: true,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  server.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

test('bytes come back through a real server, in any size, and pings are answered', async () => {
  const { server, port } = await echo();
  let pongs = 0;
  server.on('connection', (socket) => {
    socket.on('pong', () => pongs++);
    socket.ping('are you there');
  });
  const peer = connect(port);
  await peer.until(() => peer.isOpen);
  const sent: number[] = [];
  for (const size of [1, 125, 126, 1000, 2048, 5000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) & 0xff);
    sent.push(...bytes);
    for (let at = 0; at < size; ) {
      const taken = peer.transport!.write(bytes, at, size);
      at += taken;
      if (taken === 0) await peer.until(() => true);
    }
  }
  await peer.until(() => peer.bytes.length === sent.length);
  assert.deepEqual(peer.bytes, sent);
  assert.equal(pongs, 1);
  peer.transport!.close();
  await new Promise((resolve) => server.close(resolve));
  assert.equal(peer.reason, undefined);
});

test('a server that says goodbye is a peer that closed', async () => {
  const { server, port } = await echo();
  server.on('connection', (socket) => socket.close(1000));
  const peer = connect(port);
  await peer.until(() => peer.reason !== undefined);
  assert.equal(peer.reason, 'closed by peer');
  server.close();
});

test('a server without the subprotocol is refused', async () => {
  const { server, port } = await echo('chat');
  const peer = connect(port);
  await peer.until(() => peer.reason !== undefined);
  assert.equal(peer.reason, 'websocket refused');
  assert.equal(peer.isOpen, false);
  server.close();
});

test('an answer that is no WebSocket, and an endless one, are refused', async () => {
  const answers = ['HTTP/1.1 404 Not Found\r\n\r\n', `HTTP/1.1 101 ${'x'.repeat(9000)}`];
  for (const answer of answers) {
    const { server, port } = await serve((socket) => {
      socket.on('error', () => {});
      socket.write(answer);
    });
    const peer = connect(port);
    await peer.until(() => peer.reason !== undefined);
    assert.equal(peer.reason, 'websocket refused', answer.slice(0, 20));
    server.close();
  }
});

test('a port that speaks something else, closes or resets at the request: not WebSocket', async () => {
  const answers: ((socket: Socket) => void)[] = [
    (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
    (socket) => socket.write(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40)),
    (socket) => socket.end(),
    (socket) => socket.once('data', () => socket.resetAndDestroy()),
  ];
  for (const [i, answer] of answers.entries()) {
    const { server, port } = await serve((socket) => {
      socket.on('error', () => {});
      answer(socket);
    });
    const peer = connect(port);
    await peer.until(() => peer.reason !== undefined);
    assert.equal(peer.reason, 'not websocket', `answer ${i}`);
    server.close();
  }
});

test('a port where nothing listens is refused as TCP says', async () => {
  const { server, port } = await serve(() => {});
  await new Promise((resolve) => server.close(resolve));
  const peer = connect(port);
  await peer.until(() => peer.reason !== undefined);
  assert.equal(peer.reason, 'refused');
});
