/** The broker that the interoperability tests stand on does what they take for granted. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { connectAsync } from 'mqtt';
import { missing } from './available.ts';
import { certificates } from './certificates.ts';
import { startMosquitto } from './mosquitto.ts';
import type { MosquittoOptions } from './mosquitto-config.ts';

const skip = missing('mosquitto', 'mosquitto_sub', 'mosquitto_pub', 'mosquitto_passwd', 'openssl');

/** A broker that ends with the test. */
async function broker(t: { after(done: () => Promise<void>): void }, options?: MosquittoOptions) {
  const started = await startMosquitto(options);
  t.after(() => started.remove());
  return started;
}

test('a tool that is not installed gives a reason that says what to install', () => {
  const required = process.env.MOTE_REQUIRE;
  delete process.env.MOTE_REQUIRE;
  assert.equal(missing('sh'), false);
  const reason = missing('no-such-tool', 'sh');
  if (required !== undefined) process.env.MOTE_REQUIRE = required;
  assert.equal(reason, 'skipped: no-such-tool is not installed (apt-get install no-such-tool)');
});

test('with MOTE_REQUIRE=1 a missing tool is an error and not a skip', () => {
  const required = process.env.MOTE_REQUIRE;
  process.env.MOTE_REQUIRE = '1';
  try {
    assert.throws(() => missing('no-such-tool'), /no-such-tool is not installed/);
  } finally {
    if (required === undefined) delete process.env.MOTE_REQUIRE;
    else process.env.MOTE_REQUIRE = required;
  }
});

test('a message arrives with its topic, bytes, QoS and properties', { skip }, async (t) => {
  const mosquitto = await broker(t);
  const subscription = await mosquitto.subscribe('tests/#');
  await mosquitto.publish('tests/a b/é', Buffer.from([0, 10, 0x22, 0xff]));
  const message = await subscription.waitFor(({ topic }) => topic === 'tests/a b/é');
  assert.deepEqual([...message.payload], [0, 10, 0x22, 0xff]);
  assert.equal(message.qos, 1);
  assert.equal(message.retain, false);
});

test('a retained message reaches a later subscriber as retained', { skip }, async (t) => {
  const mosquitto = await broker(t);
  await mosquitto.publish('tests/kept', 'value', { retain: true });
  const subscription = await mosquitto.subscribe('tests/kept');
  const message = await subscription.waitFor(({ text }) => text === 'value');
  assert.equal(message.retain, true);
});

test('a wait that is not satisfied ends with what was seen instead', { skip }, async (t) => {
  const mosquitto = await broker(t);
  const subscription = await mosquitto.subscribe('tests/#');
  await mosquitto.publish('tests/other', 'unexpected');
  await assert.rejects(
    subscription.waitFor(({ text }) => text === 'expected', 300),
    /did not come in 300 ms[\s\S]*tests\/other unexpected[\s\S]*Received PUBLISH/,
  );
});

test('a restart on the same ports keeps the session of a subscriber', { skip }, async (t) => {
  const mosquitto = await broker(t, { persistence: 'on stop' });
  const port = mosquitto.port();
  const away = await mosquitto.subscribe('tests/#', { persistentId: 'witness' });
  await away.stop();
  await mosquitto.publish('tests/kept', 'while away');
  await mosquitto.restart();
  assert.equal(mosquitto.port(), port);
  const back = await mosquitto.subscribe('tests/#', { persistentId: 'witness' });
  await back.waitFor(({ text }) => text === 'while away');
  assert.equal(back.messages.length, 1);
});

test('a killed broker that saves on every change still knows its sessions', { skip }, async (t) => {
  const mosquitto = await broker(t, { persistence: 'on every change' });
  const away = await mosquitto.subscribe('tests/#', { persistentId: 'witness' });
  await away.stop();
  await mosquitto.publish('tests/kept', 'before the kill');
  while (!mosquitto.database().includes('before the kill')) await delay(10);
  await mosquitto.kill();
  await mosquitto.start();
  const back = await mosquitto.subscribe('tests/#', { persistentId: 'witness' });
  await back.waitFor(({ text }) => text === 'before the kill');
});

test('a subscriber finds its way back to a broker that was restarted', { skip }, async (t) => {
  const mosquitto = await broker(t);
  const subscription = await mosquitto.subscribe('tests/#');
  await mosquitto.restart();
  await subscription.subscribed(2);
  await mosquitto.publish('tests/after', 'restart');
  await subscription.waitFor(({ text }) => text === 'restart');
});

test('a paused broker accepts connections and answers only when resumed', { skip }, async (t) => {
  const mosquitto = await broker(t);
  const subscription = await mosquitto.subscribe('tests/#');
  mosquitto.pause();
  const publishing = mosquitto.publish('tests/paused', 'late');
  await assert.rejects(subscription.waitFor(() => true, 300));
  mosquitto.resume();
  await publishing;
  await subscription.waitFor(({ text }) => text === 'late');
});

test('with credentials the wrong password and nobody are refused', { skip }, async (t) => {
  const credentials = { user: 'board', password: 'correct' };
  const mosquitto = await broker(t, { credentials });
  const open = (more: object) =>
    connectAsync(mosquitto.url(), { protocolVersion: 4, reconnectPeriod: 0, ...more }, false);
  const client = await open({ username: 'board', password: 'correct' });
  await client.endAsync();
  await assert.rejects(open({ username: 'board', password: 'wrong' }), /Not authorized/);
  await assert.rejects(open({}), /Not authorized/);
  const subscription = await mosquitto.subscribe('tests/#');
  await mosquitto.publish('tests/own', 'helpers get in');
  await subscription.waitFor(() => true);
});

test('limits are announced in the CONNACK of MQTT 5', { skip }, async (t) => {
  const mosquitto = await broker(t, { maxInflight: 3, maxPacketBytes: 2000 });
  const announced = await new Promise<string>((resolve) => {
    const socket = connectTcp(mosquitto.port(), mosquitto.host, () => {
      socket.write('\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03abc', 'latin1');
    });
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString('hex'));
    });
  });
  assert.match(announced, /210003/, 'receive maximum 3');
  assert.match(announced, /27000007d0/, 'maximum packet size 2000');
});

test('TLS works with the right certificate, and each bad one is told apart', {
  skip,
}, async (t) => {
  const cases = [
    ['server', undefined],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrongName', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const;
  for (const [serverCertificate, code] of cases) {
    const mosquitto = await broker(t, { listeners: ['tls'], serverCertificate });
    assert.equal(await tlsOutcome(mosquitto.port('tls'), certificates().caText), code);
  }
});

test('mutual TLS lets only clients of the tests’ authority in', { skip }, async (t) => {
  const mosquitto = await broker(t, { listeners: ['mutual tls'] });
  const made = certificates();
  const open = (more: object) =>
    connectAsync(
      mosquitto.url('mutual tls'),
      { reconnectPeriod: 0, ca: made.caText, ...more },
      false,
    );
  const files = (pair: { certificate: string; key: string }) => ({
    cert: readFileSync(pair.certificate),
    key: readFileSync(pair.key),
  });
  const client = await open(files(made.client));
  await client.endAsync();
  await assert.rejects(open({}));
  await assert.rejects(open(files(made.stranger)));
});

test('WebSocket works, plain and over TLS, and only on loopback', { skip }, async (t) => {
  const mosquitto = await broker(t, { listeners: ['websocket', 'websocket tls'] });
  const subscription = await mosquitto.subscribe('tests/#');
  for (const listener of ['websocket', 'websocket tls'] as const) {
    const more = { reconnectPeriod: 0, ca: certificates().caText };
    const client = await connectAsync(`${mosquitto.url(listener)}/mqtt`, more, false);
    await client.publishAsync(`tests/${listener}`, listener, { qos: 1 });
    await client.endAsync();
    await subscription.waitFor(({ text }) => text === listener);
  }
});

/** The error code of a TLS handshake, or undefined when it succeeds. */
function tlsOutcome(port: number, ca: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connectTls({ port, host: '127.0.0.1', ca }, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}
