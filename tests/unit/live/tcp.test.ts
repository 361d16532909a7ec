/** The TCP transport against real sockets on loopback: the contract of `ports.ts`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { liveNetworks } from '../../../host-sim/live/network.ts';
import { closedPort, connect, listen, type Recorder, target } from './transport-harness.ts';

const { mqtt } = liveNetworks();
const BIG = Buffer.alloc(1000, 'x');

async function pair(t: TestContext, reads = true): Promise<{ client: Recorder; peer: Socket }> {
  const server: Server = createServer({ allowHalfOpen: true });
  const accepted = once(server, 'connection');
  const client = connect(mqtt, target(await listen(server)), reads);
  const [peer] = (await accepted) as [Socket];
  peer.on('error', () => {});
  t.after(() => {
    client.transport?.close();
    peer.destroy();
    server.close();
  });
  await client.until(() => client.has('opened'));
  return { client, peer };
}

test('bytes go both ways unchanged, and opened is told first and once [3.1.1 MQTT-7.1.2-1] [5.0 MQTT-4.2.0-1]', async (t) => {
  const { client, peer } = await pair(t);
  const sent = Buffer.from('..hello..');
  assert.equal(client.transport?.write(sent, 2, 7), 5);
  sent.fill(0);
  const [got] = await once(peer, 'data');
  assert.equal(got.toString(), 'hello');
  peer.write('world');
  await client.until(() => client.text === 'world');
  assert.deepEqual(client.told, ['opened', 'readable']);
});

test('a read takes what fits, across chunks, and 0 says that there is no more', async (t) => {
  const { client, peer } = await pair(t, false);
  peer.write('abc');
  await client.until(() => client.has('readable'));
  const into = Buffer.alloc(6, '.');
  assert.equal(client.transport?.read(into, 1, 3), 2);
  assert.equal(into.toString(), '.ab...');
  assert.equal(client.transport?.read(into, 3, 6), 1);
  assert.equal(client.transport?.read(into, 0, 6), 0);
});

test('a peer that closes is told as closed by peer, once, after everything was readable', async (t) => {
  const { client, peer } = await pair(t, false);
  peer.end('last words');
  await client.until(() => client.has('readable'));
  await once(peer, 'close');
  await turn();
  assert.equal(client.has('closed'), false, 'bytes are still unread');
  client.calling = true;
  client.readAll();
  client.calling = false;
  assert.equal(client.text, 'last words');
  await client.until(() => client.has('closed'));
  assert.deepEqual(client.told.slice(-1), ['closed: closed by peer']);
  assert.equal(client.transport?.write(BIG, 0, 10), 0);
});

test('a peer that only half-closes has closed', async (t) => {
  const { client, peer } = await pair(t);
  peer.end();
  await client.until(() => client.has('closed'));
  assert.deepEqual(client.told, ['opened', 'closed: closed by peer']);
});

test('a reset is told as on the board, whose platform does not tell it from a close', async (t) => {
  const { client, peer } = await pair(t);
  peer.resetAndDestroy();
  await client.until(() => client.has('closed'));
  assert.deepEqual(client.told, ['opened', 'closed: closed by peer']);
});

test('a port on which nothing listens is told as refused, and observed with detail', async () => {
  const failures: string[] = [];
  const observer = {
    unresolved() {},
    failed: (_target: unknown, failure: { reason: string; detail: string }) => {
      failures.push(`${failure.reason} ${failure.detail.includes('ECONNREFUSED')}`);
    },
  };
  const port = await closedPort(createServer());
  const client = connect(liveNetworks({}, { observer }).mqtt, target(port));
  await client.until(() => client.has('closed'));
  assert.deepEqual(client.told, ['closed: refused']);
  assert.deepEqual(failures, ['refused true']);
});

test('a port that cannot exist is a local error that comes later', async () => {
  const client = connect(mqtt, target(70_000));
  await client.until(() => client.has('closed'));
  assert.deepEqual(client.told, ['closed: local error']);
});

test('a full connection takes nothing, and writable follows when the peer reads', async (t) => {
  const { client, peer } = await pair(t);
  peer.pause();
  let taken = 0;
  client.calling = true;
  for (;;) {
    const count = client.transport!.write(BIG, 0, BIG.length);
    taken += count;
    if (count === 0) break;
    if (taken % 100_000 === 0) await turn();
    assert.ok(taken < 50_000_000, 'the buffer is bounded');
  }
  client.calling = false;
  let received = 0;
  peer.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  peer.resume();
  await client.until(() => client.has('writable'));
  assert.equal(client.transport?.write(BIG, 0, 1), 1);
  while (received < taken + 1) await once(peer, 'data');
  assert.equal(received, taken + 1);
});

test('a reader that stops holds the peer back, and gets every byte later', async (t) => {
  const { client, peer } = await pair(t, false);
  const total = 20_000_000;
  peer.end(Buffer.alloc(total, 'y'));
  await client.until(() => client.has('readable'));
  for (let turns = 0; turns < 200; turns += 1) await turn();
  assert.ok(peer.writableLength > 0, 'the peer could not send everything');
  client.reads = true;
  client.readAll();
  await client.until(() => client.has('closed'));
  assert.equal(client.bytes, total);
});

test('close sends what was written, tells nothing, and may be called again', async (t) => {
  const { client, peer } = await pair(t);
  client.transport?.write(Buffer.from('bye'), 0, 3);
  client.calling = true;
  client.transport?.close();
  client.transport?.close();
  const parts: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => parts.push(chunk));
  await once(peer, 'end');
  peer.end('too late');
  await once(peer, 'close');
  await turn();
  assert.equal(Buffer.concat(parts).toString(), 'bye');
  assert.deepEqual(client.told, ['opened']);
  assert.equal(client.transport?.write(BIG, 0, 1), 0);
  assert.equal(client.transport?.read(Buffer.alloc(10), 0, 10), 0);
});

test('close while connecting is silent', async (t) => {
  const server = createServer((socket) => socket.destroy());
  t.after(() => server.close());
  const client = connect(mqtt, target(await listen(server)));
  client.calling = true;
  client.transport?.close();
  for (let turns = 0; turns < 20; turns += 1) await turn();
  assert.deepEqual(client.told, []);
});

test('close from inside readable ends the telling', async (t) => {
  const { client, peer } = await pair(t);
  client.readAll = () => client.transport?.close();
  peer.write('x');
  await client.until(() => client.has('readable'));
  peer.destroy();
  for (let turns = 0; turns < 20; turns += 1) await turn();
  assert.deepEqual(client.told, ['opened', 'readable']);
});

test('an address resolves to itself, later, and a cancelled lookup tells nothing', async () => {
  let answered = '';
  const done = new Promise<void>((resolve) => {
    mqtt.resolve('10.1.2.3', (address) => {
      answered = address;
      resolve();
    });
  });
  assert.equal(answered, '');
  await done;
  assert.equal(answered, '10.1.2.3');
  let called = false;
  mqtt
    .resolve('10.1.2.3', () => {
      called = true;
    })
    .cancel();
  await turn();
  await turn();
  assert.equal(called, false);
});

test('localhost resolves to IPv4 first, as on the board', async () => {
  const address = await new Promise((resolve) => {
    mqtt.resolve('localhost', resolve);
  });
  assert.equal(address, '127.0.0.1');
});

test('a name that does not exist resolves to nothing, and is observed', async () => {
  const seen: string[] = [];
  const observer = { unresolved: (host: string) => seen.push(host), failed() {} };
  const address = await new Promise((resolve) => {
    liveNetworks({}, { observer }).mqtt.resolve('nothing.invalid', resolve);
  });
  assert.equal(address, '');
  assert.deepEqual(seen, ['nothing.invalid']);
});
