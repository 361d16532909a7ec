/** The embedded broker: two loopback listeners, and an end that leaves nothing behind. */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { startBroker } from '../../../host-sim/live/broker.ts';

test('what is published over TCP arrives over WebSocket, and the other way round', async () => {
  const broker = await startBroker();
  const options = { protocolVersion: 4, reconnectPeriod: 0 } as const;
  const urls = [`mqtt://127.0.0.1:${broker.port}`, `ws://127.0.0.1:${broker.webSocketPort}`];
  const [tcp, ws] = await Promise.all(urls.map((url) => connectAsync(url, options)));
  for (const [from, to] of [
    [tcp, ws],
    [ws, tcp],
  ]) {
    await to.subscribeAsync('mote/#', { qos: 1 });
    const got = new Promise((resolve) => {
      to.once('message', (topic, payload) => resolve(`${topic} ${payload}`));
    });
    await from.publishAsync('mote/a/telemetry', 'hello', { qos: 1 });
    assert.equal(await got, 'mote/a/telemetry hello');
    await to.unsubscribeAsync('mote/#');
  }
  await Promise.all([tcp.endAsync(), ws.endAsync()]);
  await broker.close();
});

test('close ends idle and half-open connections, and the ports are free again', async () => {
  const broker = await startBroker();
  const idle = connectTcp(broker.port, broker.host);
  await new Promise((resolve) => idle.once('connect', resolve));
  const closed = new Promise((resolve) => idle.once('close', resolve).on('error', () => {}));
  await broker.close();
  await closed;
  const code = await new Promise((resolve) => {
    connectTcp(broker.port, broker.host).on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
  });
  assert.equal(code, 'ECONNREFUSED');
});

test('a browser that opens the WebSocket port is told what it is', async () => {
  const broker = await startBroker();
  const status = await new Promise((resolve) => {
    get(`http://127.0.0.1:${broker.webSocketPort}/`, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
  assert.equal(status, 426);
  await broker.close();
});

test('garbage on either port does not end the broker', async () => {
  const broker = await startBroker();
  for (const port of [broker.port, broker.webSocketPort]) {
    const socket = connectTcp(port, broker.host);
    const closed = new Promise((resolve) => socket.once('close', resolve).on('error', () => {}));
    socket.resume().end(Buffer.alloc(100, 0xff));
    await closed;
  }
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });
  await client.endAsync();
  await broker.close();
});

test('with a login nobody else is let in, and the refusal says why', async () => {
  const broker = await startBroker({ user: 'ann', password: 'right' });
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const options = { protocolVersion: 4, reconnectPeriod: 0 } as const;
  const client = await connectAsync(url, { ...options, username: 'ann', password: 'right' });
  await client.endAsync();
  for (const login of [{}, { username: 'ann', password: 'wrong' }, { username: 'bob' }]) {
    await assert.rejects(connectAsync(url, { ...options, ...login }), { code: 4 });
  }
  await broker.close();
});

test('a port that is asked for is used where it is free, and another one where it is not', async () => {
  const first = await startBroker();
  const second = await startBroker(undefined, first.port);
  assert.notEqual(second.port, first.port);
  await first.close();
  const third = await startBroker(undefined, first.port);
  assert.equal(third.port, first.port);
  await Promise.all([second.close(), third.close()]);
});
