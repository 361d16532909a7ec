import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthStep } from '../../../host-sim/virtual/broker/settings.ts';
import { createWorld } from './wire-client.ts';

const SESSION = { clean: false, properties: { sessionExpiryInterval: 100 } };

test('a 3.1.1 session lives until a clean one, a 5.0 session until its expiry', () => {
  const { connect, queue } = createWorld();
  connect({ version: 4, clean: false }).close();
  queue.runFor(10_000_000);
  assert.equal(connect({ version: 4, clean: false }).connack.sessionPresent, true);
  assert.equal(connect({ version: 4, clean: true }).connack.sessionPresent, false);
  assert.equal(connect({ version: 4, clean: false }).connack.sessionPresent, false);
  connect({ ...SESSION, clientId: 'five' }).close();
  queue.runFor(99_000);
  const again = connect({ ...SESSION, clientId: 'five' });
  assert.equal(again.connack.sessionPresent, true);
  again.close();
  queue.runFor(101_000);
  assert.equal(connect({ ...SESSION, clientId: 'five' }).connack.sessionPresent, false);
});

test('DISCONNECT may change the session expiry, but not from none to some', () => {
  const { connect, rules } = createWorld();
  const properties = { sessionExpiryInterval: 0 };
  connect(SESSION).send({ cmd: 'disconnect', reasonCode: 0, properties });
  assert.equal(connect(SESSION).connack.sessionPresent, false);
  const none = connect({ clientId: 'none' });
  none.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 9 } });
  assert.equal(none.of('disconnect')[0].reasonCode, 0x82);
  assert.deepEqual(rules(), ['MQTT-3.1.2-23']);
});

test('the limits of the broker are in CONNACK, and only those that differ', () => {
  const limits = {
    receiveMaximum: 8,
    maximumPacketSize: 2048,
    topicAliasMaximum: 5,
    maximumQos: 1,
    retainAvailable: false,
    subscriptionIdentifiersAvailable: false,
    serverKeepAliveS: 33,
    sessionExpirySMax: 60,
    responseInformation: 'answers/',
    reasonString: 'welcome',
    userProperties: { region: 'eu' },
  } as const;
  const { connect } = createWorld(limits);
  const asked = { sessionExpiryInterval: 90, requestResponseInformation: true };
  const told = { ...connect({ properties: asked }).connack.properties };
  assert.deepEqual(
    { ...told, userProperties: { ...told.userProperties } },
    {
      receiveMaximum: 8,
      maximumPacketSize: 2048,
      topicAliasMaximum: 5,
      maximumQoS: 1,
      retainAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
      serverKeepAlive: 33,
      sessionExpiryInterval: 60,
      responseInformation: 'answers/',
      reasonString: 'welcome',
      userProperties: { region: 'eu' },
    },
  );
});

test('an empty client identifier is assigned in 5.0, and refused for a kept 3.1.1 session', () => {
  const { connect, dial, rules } = createWorld();
  assert.equal(
    connect({ clientId: '' }).connack.properties?.assignedClientIdentifier,
    'assigned-1',
  );
  const raw = Uint8Array.of(0x10, 12, 0, 4, 77, 81, 84, 84, 4, 0, 0, 60, 0, 0);
  const refused = dial(4).raw(raw);
  assert.equal(refused.connack.returnCode, 2);
  assert.equal(refused.closedWith, 'closed by peer');
  assert.deepEqual(rules(), ['MQTT-3.1.3-7']);
});

test('a second connection takes the session over: 0x8E in 5.0, a close in 3.1.1', () => {
  for (const version of [4, 5] as const) {
    const { connect, broker } = createWorld();
    const first = connect({ ...SESSION, version });
    const second = connect({ ...SESSION, version });
    assert.deepEqual(
      first.of('disconnect').map(({ reasonCode }) => reasonCode),
      version === 5 ? [0x8e] : [],
    );
    assert.equal(first.closedWith, 'closed by peer');
    assert.equal(second.connack.sessionPresent, true);
    assert.equal(broker.isOnline('mote'), true);
    broker.takeOver('mote');
    assert.equal(broker.isOnline('mote'), false);
  }
});

test('a will is published on a lost connection and not after a DISCONNECT with reason 0', () => {
  const { broker, connect } = createWorld();
  const seen: string[] = [];
  broker.subscriber('w', ({ payload, retain }) => seen.push(`${Buffer.from(payload)} ${retain}`));
  const will = { topic: 'w', payload: 'gone', qos: 1, retain: true };
  connect({ will }).send({ cmd: 'disconnect', reasonCode: 0 });
  assert.deepEqual(seen, []);
  connect({ will }).close();
  assert.deepEqual(seen, ['gone true']);
  connect({ will }).send({ cmd: 'disconnect', reasonCode: 4 });
  assert.equal(seen.length, 2);
  connect({ will, version: 4 }).close();
  assert.equal(seen.length, 3);
});

test('a delayed will waits, is cancelled by a return, and comes early when the session ends', () => {
  const { broker, connect, queue } = createWorld();
  const seen: number[] = [];
  broker.subscriber('w', () => seen.push(queue.now));
  const will = { topic: 'w', payload: 'gone', properties: { willDelayInterval: 30 } };
  connect({ ...SESSION, will }).close();
  queue.runFor(20_000);
  assert.equal(connect({ ...SESSION, will }).connack.sessionPresent, true);
  queue.runFor(60_000);
  assert.deepEqual(seen, []);
  broker.drop('mote', 'reset');
  queue.runFor(29_900);
  assert.deepEqual(seen, []);
  queue.runFor(200);
  assert.equal(seen.length, 1);
  const short = { clean: true, properties: { sessionExpiryInterval: 5 } };
  connect({ ...short, will }).close();
  queue.runFor(5_100);
  assert.equal(seen.length, 2);
});

test('a client that is silent for 1.5 keep-alives is disconnected with 0x8D, and not before', () => {
  const { connect, queue, rules } = createWorld();
  const client = connect({ keepalive: 10 });
  queue.runFor(14_900);
  client.send({ cmd: 'pingreq' });
  assert.equal(client.of('pingresp').length, 1);
  queue.runFor(14_900);
  assert.equal(client.closedWith, undefined);
  queue.runFor(200);
  assert.equal(client.of('disconnect')[0].reasonCode, 0x8d);
  assert.deepEqual(rules(), ['keep-alive']);
});

test('silence on a half-open link is no violation of the client', () => {
  const { broker, connect, network, queue, rules } = createWorld({ serverKeepAliveS: 20 });
  const client = connect({ keepalive: 10 });
  network.change({ losesUp: true });
  client.send({ cmd: 'pingreq' });
  queue.runFor(29_800);
  assert.equal(broker.isOnline('mote'), true);
  queue.runFor(400);
  assert.equal(broker.isOnline('mote'), false);
  assert.deepEqual(rules(), []);
  assert.equal(broker.books.findings[0].rule, 'keep-alive');
});

test('user and password are checked, and the return code fits the version', () => {
  const authenticate = ({ username, password }: { username?: string; password?: Uint8Array }) =>
    username === 'u' && String(Buffer.from(password ?? [])) === 'p' ? 0 : 0x86;
  const { broker, connect } = createWorld({ authenticate });
  assert.equal(connect({ username: 'u', password: Buffer.from('p') }).connack.reasonCode, 0);
  assert.equal(connect({ username: 'u' }).connack.reasonCode, 0x86);
  const four = connect({ version: 4 });
  assert.equal(four.connack.returnCode, 4);
  assert.equal(four.closedWith, 'closed by peer');
  assert.deepEqual(
    broker.books.connections.map(({ reason }) => reason),
    [0, 0x86, 0x86],
  );
});

test('enhanced authentication runs its rounds, at CONNECT and again later', () => {
  const step = (round: number, data: Uint8Array | undefined): AuthStep => {
    if (round === 0) return { result: 'continue', data: Uint8Array.of(1) };
    if (data?.[0] === 42) return { result: 'success', data: Uint8Array.of(9) };
    return { result: 'refuse', reason: 0x87 };
  };
  const { connect, rules } = createWorld({ authMethod: { method: 'PUZZLE', step } });
  const authenticationMethod = 'PUZZLE';
  const answer = (byte: number) => ({
    cmd: 'auth',
    reasonCode: 0x18,
    properties: { authenticationMethod, authenticationData: Buffer.from([byte]) },
  });
  const client = connect({ properties: { authenticationMethod } });
  assert.equal(client.of('auth')[0].reasonCode, 0x18);
  client.send(answer(42));
  assert.deepEqual(client.connack.properties?.authenticationData, Buffer.from([9]));
  client.send({ cmd: 'auth', reasonCode: 0x19, properties: { authenticationMethod } });
  client.send(answer(42));
  assert.deepEqual(
    client.of('auth').map(({ reasonCode }) => reasonCode),
    [0x18, 0x18, 0],
  );
  const wrong = connect({ clientId: 'b', properties: { authenticationMethod } }).send(answer(1));
  assert.equal(wrong.connack.reasonCode, 0x87);
  const other = connect({ clientId: 'c', properties: { authenticationMethod: 'OTHER' } });
  assert.equal(other.connack.reasonCode, 0x8c);
  assert.deepEqual(rules(), []);
});

test('a connection without a CONNECT is closed after the time for it', () => {
  const { broker, dial, queue, rules } = createWorld({ connectWaitMs: 5000 });
  const client = dial();
  queue.runFor(4900);
  assert.equal(client.closedWith, undefined);
  queue.runFor(200);
  assert.equal(client.closedWith, 'closed by peer');
  assert.deepEqual(rules(), []);
  assert.equal(broker.books.connections[0].connectAt, undefined);
});
