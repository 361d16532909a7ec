import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches } from '../../../host-sim/virtual/broker/topics.ts';
import { createWorld, type WireClient } from './wire-client.ts';

const SESSION = { clean: false, properties: { sessionExpiryInterval: 1000 } };

function payloads(client: WireClient): string[] {
  return client.of('publish').map(({ payload }) => String(payload));
}

test('filters match as section 4.7 says', () => {
  const cases: [string, string, boolean][] = [
    ['a/b', 'a/b', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['#', 'a', true],
    ['+', '/a', false],
    ['+/+', '/a', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
  ];
  for (const [filter, topic, expected] of cases) {
    assert.equal(matches(filter, topic), expected, `${filter} ${topic}`);
  }
});

for (const version of [4, 5] as const) {
  test(`version ${version}: QoS 1 and 2 to a client run their whole exchange`, () => {
    const { broker, connect } = createWorld();
    const client = connect({ version });
    client.subscribe(1, 'a/#', { qos: 2 });
    assert.deepEqual(client.of('suback')[0].granted, [2]);
    broker.publish({ topic: 'a/1', payload: 'one', qos: 1 });
    broker.publish({ topic: 'a/2', payload: 'two', qos: 2 });
    client.send({ cmd: 'pingreq' });
    const [one, two] = client.of('publish');
    client.send({ cmd: 'puback', messageId: one.messageId, reasonCode: 0 });
    client.send({ cmd: 'pubrec', messageId: two.messageId, reasonCode: 0 });
    assert.equal(client.of('pubrel')[0].messageId, two.messageId);
    client.send({ cmd: 'pubcomp', messageId: two.messageId, reasonCode: 0 });
    assert.equal(broker.session('mote')?.inFlight.size, 0);
    assert.deepEqual(broker.violations, []);
  });

  test(`version ${version}: an unacknowledged message comes again with DUP and the same id`, () => {
    const { broker, connect, queue } = createWorld();
    const options = { ...SESSION, version };
    const first = connect(options).subscribe(1, 'a', { qos: 2 });
    broker.publish({ topic: 'a', payload: '1', qos: 1 });
    broker.publish({ topic: 'a', payload: '2', qos: 2 });
    queue.runFor(10);
    const ids = first.of('publish').map(({ messageId }) => messageId);
    first.send({ cmd: 'pubrec', messageId: ids[1], reasonCode: 0 });
    first.close();
    broker.publish({ topic: 'a', payload: '3', qos: 1 });
    const second = connect(options);
    assert.equal(second.connack.sessionPresent, true);
    const got = second.received.slice(1).map(({ cmd, messageId, dup }) => [cmd, messageId, dup]);
    assert.deepEqual(got.slice(0, 2), [
      ['publish', ids[0], true],
      ['pubrel', ids[1], false],
    ]);
    assert.equal(got[2][2], false);
    assert.equal(got.length, 3);
  });
}

test('receive maximum of the client and the window of the broker limit what is in flight', () => {
  const { broker, connect, queue } = createWorld({ outgoingWindow: 3 });
  const client = connect({ properties: { receiveMaximum: 2 } }).subscribe(1, 'a');
  for (const payload of ['1', '2', '3']) broker.publish({ topic: 'a', payload, qos: 1 });
  queue.runFor(100);
  assert.deepEqual(payloads(client), ['1', '2']);
  client.send({ cmd: 'puback', messageId: client.of('publish')[0].messageId, reasonCode: 0 });
  assert.deepEqual(payloads(client), ['1', '2', '3']);
});

test('a message over the maximum packet size of the client is left out and counted', () => {
  const { broker, connect, queue } = createWorld();
  const client = connect({ properties: { maximumPacketSize: 40 } }).subscribe(1, 'a');
  broker.publish({ topic: 'a', payload: 'x'.repeat(50), qos: 1 });
  broker.publish({ topic: 'a', payload: 'ok', qos: 1 });
  queue.runFor(10);
  assert.deepEqual(payloads(client), ['ok']);
  assert.equal(broker.books.dropped.tooLarge, 1);
});

test('topic aliases are used up to the maximum of the client', () => {
  const { broker, connect, queue } = createWorld();
  const client = connect({ properties: { topicAliasMaximum: 1 } }).subscribe(1, '#');
  for (const topic of ['a', 'b', 'a']) broker.publish({ topic, payload: topic });
  queue.runFor(10);
  const seen = client.of('publish').map((packet) => [packet.topic, packet.properties?.topicAlias]);
  assert.deepEqual(seen, [
    ['a', 1],
    ['b', undefined],
    ['', 1],
  ]);
});

test('no local keeps a client from hearing itself', () => {
  const { connect } = createWorld();
  const client = connect().subscribe(1, 'a', { nl: true }).publish('a', 'mine');
  assert.deepEqual(payloads(client), []);
});

test('RETAIN is cleared on the way, unless the subscription asks for it as published', () => {
  const { connect } = createWorld();
  const plain = connect({ clientId: 'plain' }).subscribe(1, 'a');
  const kept = connect({ clientId: 'kept' }).subscribe(1, 'a', { rap: true });
  connect({ clientId: 'source' }).publish('a', 'x', { retain: true });
  assert.equal(plain.of('publish')[0].retain, false);
  assert.equal(kept.of('publish')[0].retain, true);
});

test('retain handling 0, 1 and 2 decide when stored messages are sent', () => {
  const { broker, connect } = createWorld();
  broker.publish({ topic: 'a', payload: 'stored', retain: true });
  for (const [handling, first, second] of [
    [0, 1, 2],
    [1, 1, 1],
    [2, 0, 0],
  ]) {
    const client = connect({ clientId: `client ${handling}` });
    client.subscribe(1, 'a', { rh: handling });
    assert.equal(client.of('publish').length, first, `handling ${handling}`);
    client.subscribe(2, 'a', { rh: handling });
    assert.equal(client.of('publish').length, second, `handling ${handling}`);
    for (const { retain } of client.of('publish')) assert.equal(retain, true);
  }
});

test('subscription identifiers of all matching subscriptions come with the message', () => {
  const { broker, connect, queue } = createWorld();
  const client = connect();
  client.subscribe(1, 'a/#', {}, { subscriptionIdentifier: 3 });
  client.subscribe(2, 'a/b', {}, { subscriptionIdentifier: 200 });
  broker.publish({ topic: 'a/b', payload: 'x' });
  queue.runFor(10);
  assert.equal(client.of('publish').length, 1);
  assert.deepEqual(client.of('publish')[0].properties?.subscriptionIdentifier, [3, 200]);
});

test('SUBACK carries a downgrade, a refusal, and 0x80 for any refusal in 3.1.1', () => {
  const grant = (filter: string) => (filter === 'low' ? 0 : 0x87);
  const { connect } = createWorld({ grant });
  const five = connect({ clientId: 'five' }).subscribe(1, 'low').subscribe(2, 'no');
  assert.deepEqual(
    five.of('suback').map(({ granted }) => granted),
    [[0], [0x87]],
  );
  const four = connect({ clientId: 'four', version: 4 }).subscribe(2, 'no');
  assert.deepEqual(four.of('suback')[0].granted, [0x80]);
});

test('shared and, where switched off, wildcard subscriptions are refused', () => {
  const { connect } = createWorld({ wildcardsAvailable: false });
  const client = connect();
  assert.equal(client.connack.properties?.wildcardSubscriptionAvailable, false);
  client.subscribe(1, '$share/g/a').subscribe(2, 'a/#');
  assert.deepEqual(
    client.of('suback').map(({ granted }) => granted),
    [[0x9e], [0xa2]],
  );
});

test('UNSUBSCRIBE ends the delivery and says whether there was a subscription', () => {
  const { broker, connect, queue } = createWorld();
  const client = connect().subscribe(1, 'a');
  client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a', 'b'] });
  assert.deepEqual(client.of('unsuback')[0].granted, [0, 0x11]);
  broker.publish({ topic: 'a', payload: 'x' });
  queue.runFor(10);
  assert.deepEqual(payloads(client), []);
});

test('a queue that is full drops and counts; QoS 0 is not kept for a client that is away', () => {
  const { broker, connect } = createWorld({ queueMax: 2 });
  connect(SESSION).subscribe(1, 'a').close();
  broker.publish({ topic: 'a', payload: 'lost' });
  for (const payload of ['1', '2', '3']) broker.publish({ topic: 'a', payload, qos: 1 });
  assert.deepEqual(payloads(connect(SESSION)), ['1', '2']);
  assert.equal(broker.books.dropped.queueFull, 1);
});
