import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld } from './wire-client.ts';

const SESSION = { clean: false, properties: { sessionExpiryInterval: 1000 } };

test('an old broker refuses 5.0 in 3.1.1 form, with 0x84, or by closing, and takes 3.1.1', () => {
  const answers: [('return code' | 'reason code' | 'close') & string, number | undefined][] = [
    ['return code', 1],
    ['reason code', 0x84],
    ['close', undefined],
  ];
  for (const [versionRefusal, code] of answers) {
    const { connect, rules } = createWorld({ versions: [4], versionRefusal });
    const client = connect();
    const connack = client.connack as { returnCode?: number; reasonCode?: number } | undefined;
    assert.equal(connack?.reasonCode, code, versionRefusal);
    assert.equal(client.closedWith, 'closed by peer');
    assert.equal(connect({ version: 4 }).connack.returnCode, 0);
    assert.deepEqual(rules(), []);
  }
});

test('CONNECT can be refused with a code, and a redirect carries its server reference', () => {
  const { broker, connect } = createWorld();
  broker.misbehave({ connect: { refuse: 0x9d, serverReference: 'other.test' } });
  const moved = connect();
  assert.equal(moved.connack.reasonCode, 0x9d);
  assert.equal(moved.connack.properties?.serverReference, 'other.test');
  broker.misbehave({ connect: { refuse: 0x88 } });
  assert.equal(connect({ version: 4 }).connack.returnCode, 3);
  broker.behave();
  const online = connect();
  broker.disconnect('mote', 0x9c, 'third.test');
  assert.equal(online.closedWith, undefined);
  online.send({ cmd: 'pingreq' });
  assert.equal(online.of('disconnect')[0].properties?.serverReference, 'third.test');
});

test('a mute broker never answers CONNECT, others close, reset or send garbage', () => {
  const { broker, connect, queue, rules } = createWorld();
  broker.misbehave({ connect: 'mute' });
  const mute = connect();
  queue.runFor(200_000);
  assert.deepEqual(rules(), []);
  assert.deepEqual(mute.received, []);
  assert.equal(mute.closedWith, undefined);
  broker.misbehave({ connect: 'close' });
  assert.equal(connect().closedWith, 'closed by peer');
  broker.misbehave({ connect: 'reset' });
  assert.equal(connect().closedWith, 'reset');
  broker.misbehave({ connect: 'garbage' });
  assert.equal(connect().closedWith, undefined);
  assert.equal(broker.books.connections.at(-1)?.bytesOut, 32);
});

test('a stalled broker reads nothing and goes on where it stopped', () => {
  const { broker, connect, queue } = createWorld();
  const client = connect({ keepalive: 20 });
  broker.misbehave({ readsNothing: true });
  client.publish('a', '1', { qos: 1, messageId: 1 });
  queue.runFor(60_000);
  assert.equal(broker.books.published.length, 0);
  broker.misbehave({ readsNothing: false });
  queue.runFor(10);
  assert.equal(client.of('puback').length, 1);
});

test('chosen acknowledgements are dropped or come late', () => {
  const { broker, connect, queue } = createWorld();
  const client = connect();
  broker.misbehave({
    answer: ({ packetId }) => (packetId === 1 ? 'drop' : { delayMs: 5000 }),
  });
  client.publish('a', '1', { qos: 1, messageId: 1 }).publish('a', '2', { qos: 1, messageId: 2 });
  queue.runFor(4000);
  assert.deepEqual(client.of('puback'), []);
  queue.runFor(2000);
  assert.deepEqual(
    client.of('puback').map(({ messageId }) => messageId),
    [2],
  );
  const [first, second] = broker.books.published;
  assert.equal(first.acknowledgedAt, undefined);
  assert.equal(second.acknowledgedAt, second.time + 5000);
});

test('a connection can end in the middle of a packet, once', () => {
  const { broker, connect } = createWorld();
  const client = connect();
  broker.misbehave({ cutsNext: 'puback' });
  client.send({ cmd: 'pingreq' }).publish('a', '1', { qos: 1, messageId: 1 });
  assert.equal(client.of('pingresp').length, 1);
  assert.equal(client.of('puback').length, 0);
  assert.equal(client.closedWith, 'closed by peer');
  const again = connect().publish('a', '1', { qos: 1, messageId: 1 });
  assert.equal(again.of('puback').length, 1);
});

test('a broker that lets connections die young does so after each CONNACK', () => {
  const { broker, connect, queue } = createWorld();
  broker.misbehave({ diesAfterMs: 300, diesHow: 'reset' });
  for (let round = 0; round < 3; round += 1) {
    const client = connect();
    assert.equal(client.connack.reasonCode, 0);
    assert.equal(client.closedWith, undefined);
    queue.runFor(400);
    assert.equal(client.closedWith, 'reset');
  }
});

test('a restart with state keeps sessions and retained messages, one without keeps nothing', () => {
  for (const keepsState of [true, false]) {
    const { broker, connect, queue } = createWorld();
    const client = connect(SESSION).publish('r', 'kept', { retain: true });
    broker.restart({ downMs: 1000, keepsState });
    queue.runFor(10);
    assert.equal(client.of('disconnect')[0].reasonCode, 0x8b);
    assert.equal(connect(SESSION).closedWith, 'refused');
    queue.runFor(1000);
    assert.equal(connect(SESSION).connack.sessionPresent, keepsState);
    assert.equal(broker.retained('r') !== undefined, keepsState);
  }
});

test('a killed broker leaves clients without a word, and lost wills come after the restart', () => {
  const { broker, connect, queue } = createWorld();
  const seen: string[] = [];
  broker.subscriber('w/#', ({ topic }) => seen.push(topic));
  const back = { ...SESSION, clientId: 'back', will: { topic: 'w/back', payload: 'x' } };
  const gone = { ...SESSION, clientId: 'gone', will: { topic: 'w/gone', payload: 'x' } };
  const client = connect(back);
  connect(gone);
  broker.restart({ how: 'vanish', downMs: 2000 });
  client.publish('a', 'into the void');
  queue.runFor(3000);
  assert.equal(client.closedWith, undefined);
  assert.deepEqual(broker.books.published, []);
  connect(back);
  assert.deepEqual(seen, []);
  queue.runFor(20_000);
  assert.deepEqual(seen, ['w/gone']);
});

test('lost sessions, a lie about the session, and raw bytes can be ordered', () => {
  const { broker, connect } = createWorld();
  connect(SESSION).close();
  broker.forgetSessions();
  assert.equal(connect(SESSION).connack.sessionPresent, false);
  broker.misbehave({ liesAboutSession: true });
  const client = connect({ clientId: 'other' });
  assert.equal(client.connack.sessionPresent, true);
  broker.send('other', Uint8Array.of(0xd0, 0));
  client.send({ cmd: 'pingreq' });
  assert.equal(client.of('pingresp').length, 2);
});

test('a client that answers what raw bytes happen to ask for breaks no rule', () => {
  const { broker, connect } = createWorld();
  const client = connect({ clientId: 'one', version: 4 });
  // PUBREL 7, then what is no packet.
  broker.send('one', Uint8Array.of(0x62, 2, 0, 7, 0x62, 1));
  client.send({ cmd: 'pubcomp', messageId: 7 });
  assert.deepEqual(broker.violations, []);
  assert.equal(broker.books.findings[0].rule, 'MQTT-2.2.1-5');
  const other = connect({ clientId: 'two', version: 4 });
  other.send({ cmd: 'pubcomp', messageId: 7 });
  assert.equal(broker.violations.length, 1);
});

test('two runs of one seed give the same trace', () => {
  const run = () => {
    const { queue, connect, network } = createWorld({}, { latencyMsMax: 4, fragmentBytesMin: 1 });
    const trace: string[] = [];
    queue.trace = (time, ordinal) => trace.push(`${time} ${ordinal}`);
    network.change({ fragmentBytesMax: 4 });
    const client = connect();
    for (let id = 1; id < 20; id += 1) client.publish('a', 'payload', { qos: 1, messageId: id });
    return trace;
  };
  assert.ok(run().length > 100);
  assert.deepEqual(run(), run());
});
