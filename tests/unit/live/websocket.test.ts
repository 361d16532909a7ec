/** The firmware's WebSocket over the host's sockets, against servers of the package `ws`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { liveNetworks } from '../../../host-sim/live/network.ts';
import { missing } from '../../support/available.ts';
import { certificates } from '../../support/certificates.ts';
import { closedPort, connect, listen, type Recorder, target } from './transport-harness.ts';

const networks = liveNetworks();

interface Pair {
  client: Recorder;
  peer: WebSocket;
  request: IncomingMessage;
}

async function start(t: TestContext, options: ServerOptions = {}, http: Server = createServer()) {
  const sockets: Socket[] = [];
  http.on('connection', (socket: Socket) => sockets.push(socket));
  const server = new WebSocketServer({ server: http, ...options });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    http.close();
  });
  return { server, port: await listen(http) };
}

async function pair(t: TestContext, reads = true): Promise<Pair> {
  const { server, port } = await start(t);
  const accepted = once(server, 'connection');
  const client = connect(networks.ws, target(port, 'localhost', '/mqtt?x=1'), reads);
  const [peer, request] = (await accepted) as [WebSocket, IncomingMessage];
  await client.until(() => client.has('opened'));
  return { client, peer, request };
}

/** `readable` is a hint, and comes once with the answer whether or not frames came with it. */
function toldOf({ told }: Recorder): string[] {
  return told.filter((what) => what !== 'readable');
}

test('the subprotocol is mqtt, the path and host are the target’s, nothing is compressed [3.1.1 MQTT-6.0.0-3] [5.0 MQTT-6.0.0-3]', async (t) => {
  const { client, peer, request } = await pair(t);
  assert.equal(peer.protocol, 'mqtt');
  assert.equal(peer.extensions, '');
  assert.equal(request.url, '/mqtt?x=1');
  assert.match(request.headers.host ?? '', /^localhost:\d+$/);
  client.transport?.close();
});

test('each write is one binary frame, and frames are read as one stream [3.1.1 MQTT-6.0.0-1, 6.0.0-2] [5.0 MQTT-6.0.0-1, 6.0.0-2]', async (t) => {
  const { client, peer } = await pair(t);
  const sent = Buffer.from('..hello..');
  assert.equal(client.transport?.write(sent, 2, 7), 5);
  sent.fill(0);
  const [got, binary] = await once(peer, 'message');
  assert.equal(got.toString(), 'hello');
  assert.equal(binary, true);
  for (const part of ['one ', 'two ', '', 'three']) peer.send(Buffer.from(part));
  await client.until(() => client.text === 'one two three');
  client.transport?.close();
});

test('a text frame ends the connection [3.1.1 MQTT-6.0.0-1] [5.0 MQTT-6.0.0-1]', async (t) => {
  const { client, peer } = await pair(t);
  peer.send('text');
  await client.until(() => client.has('closed'));
  assert.deepEqual(toldOf(client), ['opened', 'closed: websocket broken']);
});

test('a server that closes is told as closed by peer, after everything was readable', async (t) => {
  const { client, peer } = await pair(t, false);
  peer.send(Buffer.from('last words'));
  peer.close();
  await client.until(() => client.has('readable'));
  await once(peer, 'close');
  await turn();
  assert.equal(client.has('closed'), false);
  client.readAll();
  await client.until(() => client.has('closed'));
  assert.equal(client.text, 'last words');
  assert.equal(client.told.at(-1), 'closed: closed by peer');
});

test('a reset is told as on the board, whose platform does not tell it from a close', async (t) => {
  const { client, request } = await pair(t);
  request.socket.resetAndDestroy();
  await client.until(() => client.has('closed'));
  assert.deepEqual(toldOf(client), ['opened', 'closed: closed by peer']);
});

test('close says goodbye after what was written, and tells nothing', async (t) => {
  const { client, peer } = await pair(t);
  const messages: string[] = [];
  peer.on('message', (data) => messages.push(data.toString()));
  client.transport?.write(Buffer.from('bye'), 0, 3);
  client.calling = true;
  client.transport?.close();
  client.transport?.close();
  const [code] = await once(peer, 'close');
  assert.equal(code, 1000);
  assert.deepEqual(messages, ['bye']);
  assert.deepEqual(toldOf(client), ['opened']);
});

test('close while connecting is silent', async (t) => {
  const { port } = await start(t);
  const client = connect(networks.ws, target(port));
  client.calling = true;
  client.transport?.close();
  for (let turns = 0; turns < 50; turns += 1) await turn();
  assert.deepEqual(client.told, []);
});

test('a full connection takes nothing, and writable follows when the peer reads', async (t) => {
  const { client, peer, request } = await pair(t);
  const part = Buffer.alloc(1000, 'x');
  request.socket.pause();
  let taken = 0;
  for (;;) {
    const count = client.transport!.write(part, 0, part.length);
    taken += count;
    if (count === 0) break;
    if (taken % 100_000 === 0) await turn();
    assert.ok(taken < 50_000_000, 'the buffer is bounded');
  }
  let received = 0;
  peer.on('message', (data: Buffer) => {
    received += data.length;
  });
  request.socket.resume();
  await client.until(() => client.has('writable'));
  while (received < taken) await once(peer, 'message');
  assert.equal(received, taken);
  client.transport?.close();
});

test('a reader that stops holds the server back, and gets every byte later', async (t) => {
  const { client, peer } = await pair(t, false);
  const part = Buffer.alloc(50_000, 'y');
  for (let index = 0; index < 400; index += 1) peer.send(part);
  await client.until(() => client.has('readable'));
  for (let turns = 0; turns < 200; turns += 1) await turn();
  assert.ok(peer.bufferedAmount > 0, 'the server could not send everything');
  client.reads = true;
  client.readAll();
  await client.until(() => client.bytes === 400 * part.length);
  client.transport?.close();
});

test('a server that refuses the upgrade or the subprotocol: websocket refused [3.1.1 MQTT-6.0.0-4] [5.0 MQTT-6.0.0-4]', async (t) => {
  const http = createServer((_request, response) => response.writeHead(404).end());
  t.after(() => http.close());
  const plain = connect(networks.ws, target(await listen(http)));
  await plain.until(() => plain.has('closed'));
  assert.deepEqual(plain.told, ['closed: websocket refused']);
  const { port } = await start(t, { handleProtocols: () => false });
  const other = connect(networks.ws, target(port));
  await other.until(() => other.has('closed'));
  assert.deepEqual(other.told, ['closed: websocket refused']);
});

test('a port on which nothing listens is told as refused', async () => {
  const port = await closedPort(createTcpServer());
  for (const scheme of ['ws', 'wss'] as const) {
    const client = connect(networks[scheme], target(port));
    await client.until(() => client.has('closed'));
    assert.deepEqual(client.told, ['closed: refused']);
  }
});

test('over TLS the certificate is checked before the upgrade', {
  skip: missing('openssl'),
}, async (t) => {
  const { server: files, caText } = certificates();
  const cert = readFileSync(files.certificate);
  const key = readFileSync(files.key);
  const { server, port } = await start(t, {}, createSecureServer({ cert, key }));
  server.on('connection', (peer) => peer.send(Buffer.from('hello')));
  const stranger = connect(networks.wss, target(port, 'localhost'));
  await stranger.until(() => stranger.has('closed'));
  assert.deepEqual(stranger.told, ['closed: certificate not trusted']);
  const client = connect(liveNetworks({ ca: caText }).wss, target(port, 'localhost'));
  await client.until(() => client.text === 'hello');
  client.transport?.close();
});
