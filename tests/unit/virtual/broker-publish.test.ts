import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld } from './wire-client.ts';

for (const version of [4, 5] as const) {
  test(`version ${version}: QoS 0, 1 and 2 reach a subscriber once and are in the books`, () => {
    const { broker, connect } = createWorld();
    const seen: string[] = [];
    broker.subscriber('a/+', ({ topic, payload, qos }) => {
      seen.push(`${topic}=${Buffer.from(payload)} qos ${qos}`);
    });
    const client = connect({ version });
    client.publish('a/0', 'zero').publish('a/1', 'one', { qos: 1, messageId: 1 });
    client.publish('a/2', 'two', { qos: 2, messageId: 2 });
    client.send({ cmd: 'pubrel', messageId: 2, reasonCode: 0 });
    assert.deepEqual(seen, ['a/0=zero qos 0', 'a/1=one qos 1', 'a/2=two qos 2']);
    assert.deepEqual(client.received.map(({ cmd, messageId }) => [cmd, messageId]).slice(1), [
      ['puback', 1],
      ['pubrec', 2],
      ['pubcomp', 2],
    ]);
    const [zero, one, two] = broker.books.published;
    assert.equal(zero.acknowledgedAt, undefined);
    assert.equal(one.acknowledgedAt, one.time);
    assert.ok(two.completedAt !== undefined && two.completedAt > two.time);
    assert.deepEqual(broker.books.payloadsOf('a/1'), [Uint8Array.from(Buffer.from('one'))]);
    assert.deepEqual(broker.violations, []);
  });

  test(`version ${version}: a QoS 2 message redelivered before its PUBREL is passed on once`, () => {
    const { broker, connect } = createWorld();
    const session = { version, clean: false, properties: { sessionExpiryInterval: 100 } };
    const first = connect(session);
    broker.misbehave({ answer: () => 'drop' });
    first.publish('a', 'x', { qos: 2, messageId: 9 });
    first.close();
    broker.behave();
    const second = connect(session);
    assert.equal(second.connack.sessionPresent, true);
    second.publish('a', 'x', { qos: 2, messageId: 9, dup: true });
    second.send({ cmd: 'pubrel', messageId: 9, reasonCode: 0 });
    assert.deepEqual(
      broker.books.published.map(({ forwarded }) => forwarded),
      [true, false],
    );
    assert.equal(second.of('pubcomp').length, 1);
    assert.deepEqual(broker.violations, []);
  });

  test(`version ${version}: a retained message is kept, replaced, and removed by an empty one`, () => {
    const { broker, connect, queue } = createWorld();
    const client = connect({ version });
    client.publish('s', 'one', { retain: true }).publish('s', 'two', { retain: true });
    assert.equal(String(Buffer.from(broker.retained('s') as Uint8Array)), 'two');
    const seen: boolean[] = [];
    broker.subscriber('#', ({ isStored, retain }) => seen.push(isStored && retain));
    assert.deepEqual(seen, []);
    queue.runFor(1);
    assert.deepEqual(seen, [true]);
    client.publish('s', '', { retain: true });
    assert.equal(broker.retained('s'), undefined);
  });
}

test('a negative reason refuses a message in PUBACK and PUBREC, with its reason string', () => {
  const { broker, connect } = createWorld({ reasonString: 'no room' });
  broker.misbehave({ publishReason: (topic) => (topic === 'bad' ? 0x97 : 0) });
  const client = connect();
  client
    .publish('bad', 'x', { qos: 1, messageId: 1 })
    .publish('bad', 'y', { qos: 2, messageId: 2 });
  client.publish('good', 'z', { qos: 1, messageId: 2 });
  const [first, last] = client.of('puback');
  assert.equal(first.reasonCode, 0x97);
  assert.equal(first.properties?.reasonString, 'no room');
  assert.equal(client.of('pubrec')[0].reasonCode, 0x97);
  assert.equal(last.reasonCode, 0);
  assert.deepEqual(broker.books.payloadsOf('bad'), []);
  assert.deepEqual(broker.violations, []);
});

test('a client that does not want problem information gets no reason string', () => {
  const { broker, connect } = createWorld({ reasonString: 'no room' });
  broker.misbehave({ publishReason: () => 0x97 });
  const client = connect({ properties: { requestProblemInformation: false } });
  client.publish('a', 'x', { qos: 1, messageId: 1 });
  assert.equal(client.of('puback')[0].properties, undefined);
});

test('a topic alias stands for its topic, and may be set anew', () => {
  const { broker, connect } = createWorld({ topicAliasMaximum: 2 });
  const client = connect();
  assert.equal(client.connack.properties?.topicAliasMaximum, 2);
  const alias = { properties: { topicAlias: 2 } };
  client.publish('long/topic', '1', alias).publish('', '2', alias);
  client.publish('other', '3', alias).publish('', '4', alias);
  assert.deepEqual(
    broker.books.published.map(({ topic }) => topic),
    ['long/topic', 'long/topic', 'other', 'other'],
  );
  assert.deepEqual(broker.violations, []);
});

test('an expired message is not delivered, another one carries the time that is left', () => {
  const { broker, connect, queue } = createWorld();
  const session = { clean: false, properties: { sessionExpiryInterval: 1000 } };
  connect(session).subscribe(1, 't').close();
  broker.publish({ topic: 't', payload: 'short', qos: 1, expiryS: 5 });
  broker.publish({ topic: 't', payload: 'long', qos: 1, expiryS: 60 });
  queue.runFor(20_000);
  const [message, ...more] = connect(session).of('publish');
  assert.equal(String(message.payload), 'long');
  assert.equal(message.properties?.messageExpiryInterval, 40);
  assert.deepEqual(more, []);
  assert.equal(broker.books.dropped.expired, 1);
});

test('request and response properties pass through unchanged', () => {
  const { broker, connect, queue } = createWorld();
  const client = connect();
  client.subscribe(1, 'request');
  const properties = {
    responseTopic: 'answer/1',
    correlationData: Buffer.from([1, 2]),
    contentType: 'application/json',
    userProperties: { source: 'test' },
  };
  broker.publish({ topic: 'request', payload: '{}', properties });
  queue.runFor(10);
  const [message] = client.of('publish');
  assert.equal(message.properties?.responseTopic, 'answer/1');
  assert.deepEqual(message.properties?.correlationData, Buffer.from([1, 2]));
  assert.equal(message.properties?.contentType, 'application/json');
  assert.equal(message.properties?.userProperties?.source, 'test');
});

test('a PUBREL for an identifier that is not known is answered and recorded as information', () => {
  const { broker, connect } = createWorld();
  const client = connect().send({ cmd: 'pubrel', messageId: 77, reasonCode: 0 });
  assert.equal(client.of('pubcomp')[0].reasonCode, 0x92);
  assert.deepEqual(broker.violations, []);
  assert.equal(broker.books.findings[0].level, 'info');
});
