import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld } from './wire-client.ts';

const SESSION = { clean: false, properties: { sessionExpiryInterval: 1000 } };

/** Bytes from hexadecimal text; blanks are for reading. */
function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

test('anything before CONNECT, and a second CONNECT, is a violation that closes', () => {
  const { connect, dial, rules } = createWorld();
  assert.equal(dial().raw(hex('c000')).closedWith, 'closed by peer');
  const packet = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clientId: 'x',
    clean: true,
  };
  const client = connect().send(packet);
  assert.equal(client.of('disconnect')[0].reasonCode, 0x82);
  assert.deepEqual(rules(), ['MQTT-3.1.0-1', 'MQTT-3.1.0-2']);
});

test('each malformed or illegal packet of a 5.0 client is named, answered and closed', () => {
  const cases: [string, string, string, number][] = [
    ['a reserved flag on PINGREQ', 'c100', 'MQTT-2.1.3-1', 0x81],
    ['a length of five bytes', 'c080808080 01', 'MQTT-1.5.5-1', 0x81],
    ['a length in a longer form', 'c08000', 'MQTT-1.5.5-1', 0x81],
    ['a PINGREQ with a body', 'c00100', 'length', 0x81],
    ['packet type 0', '0000', 'MQTT-2.1.2', 0x82],
    ['a CONNACK from a client', '2003000000', 'MQTT-2.1.2', 0x82],
    ['QoS 3', '3606 0001 61 0001 00', 'MQTT-3.3.1-4', 0x81],
    ['DUP with QoS 0', '3804 0001 61 00', 'MQTT-3.3.1-2', 0x81],
    ['a wildcard in a topic', '3004 0001 23 00', 'MQTT-3.3.2-2', 0x90],
    ['U+0000 in a topic', '3004 0001 00 00', 'MQTT-1.5.4-2', 0x81],
    ['a surrogate in UTF-8', '3006 0003 eda080 00', 'MQTT-1.5.4-1', 0x81],
    ['neither topic nor alias', '3003 0000 00', 'MQTT-3.3.2.1', 0x82],
    ['identifier 0', '3206 0001 61 0000 00', 'MQTT-2.2.1-3', 0x82],
    ['an unknown property', '3006 0001 61 02 7f00', 'MQTT-2.2.2.2', 0x81],
    ['a property twice', '3008 0001 61 04 0100 0100', 'MQTT-2.2.2.2', 0x82],
    ['a property of another packet', '3007 0001 61 03 210001', 'MQTT-2.2.2.2', 0x82],
    ['a flag of 2', '3006 0001 61 02 0102', 'MQTT-2.2.2.2', 0x82],
    ['properties past the end', '3004 0001 61 09', 'length', 0x81],
    ['a response topic with wildcards', '3008 0001 61 04 08000123', 'MQTT-3.3.2-14', 0x82],
    ['a subscription identifier in PUBLISH', '3006 0001 61 02 0b01', 'MQTT-2.2.2.2', 0x82],
    ['a bad reason in PUBACK', '4003 0001 01', 'MQTT-3.4.2-1', 0x81],
    ['a PUBREL with wrong flags', '6002 0001', 'MQTT-2.1.3-1', 0x81],
    ['a SUBSCRIBE without a filter', '8203 0001 00', 'MQTT-3.8.3-2', 0x82],
    ['a filter with # in the middle', '8209 0001 00 0003 232f61 00', 'MQTT-4.7.1-1', 0x8f],
    ['reserved subscription options', '8207 0001 00 0001 61 40', 'MQTT-3.8.3-5', 0x81],
    ['retain handling 3', '8207 0001 00 0001 61 30', 'MQTT-3.8.3.1', 0x82],
    ['subscription identifier 0', '8209 0001 02 0b00 0001 61 00', 'MQTT-2.2.2.2', 0x82],
    ['a DISCONNECT that only a server sends', 'e0018e', 'MQTT-3.14.2-1', 0x82],
    ['an AUTH without a method', 'f00118', 'MQTT-4.12.1-1', 0x82],
  ];
  for (const [name, bytes, rule, reason] of cases) {
    const { connect, rules } = createWorld();
    const client = connect().raw(hex(bytes));
    assert.deepEqual(rules(), [rule], name);
    assert.equal(client.of('disconnect')[0]?.reasonCode, reason, name);
    assert.equal(client.closedWith, 'closed by peer', name);
  }
});

test('a malformed packet of a 3.1.1 client is named and closed without a packet', () => {
  for (const [bytes, rule] of [
    ['f00118', 'MQTT-2.1.2'],
    ['3003 0000 00', 'MQTT-3.3.2-2'],
    ['4003 0001 00', 'length'],
    ['8206 0001 0001 61 04', 'MQTT-3.8.3-5'],
    ['e00100', 'length'],
  ]) {
    const { connect, rules } = createWorld();
    const client = connect({ version: 4 }).raw(hex(bytes));
    assert.deepEqual(rules(), [rule], bytes);
    assert.equal(client.received.length, 1);
    assert.equal(client.closedWith, 'closed by peer');
  }
});

test('a malformed CONNECT is refused with a reason in 5.0', () => {
  for (const [bytes, rule] of [
    ['100d 0004 4d515454 05 03 003c 00 0000', 'MQTT-3.1.2-3'],
    ['100d 0004 4d515454 05 22 003c 00 0000', 'MQTT-3.1.2-11'],
    ['100e 0004 4d515454 05 02 003c 00 0000 00', 'length'],
    ['1010 0004 4d515454 05 02 003c 03 210000 0000', 'MQTT-2.2.2.2'],
  ]) {
    const { dial, rules } = createWorld();
    const client = dial().raw(hex(bytes));
    assert.deepEqual(rules(), [rule], bytes);
    assert.equal(client.connack.reasonCode, bytes.includes('210000') ? 0x82 : 0x81);
    assert.equal(client.closedWith, 'closed by peer');
  }
});

test('what CONNACK ruled out is a violation: QoS, retain, alias, packet size, identifiers', () => {
  const limits = {
    maximumQos: 1,
    retainAvailable: false,
    topicAliasMaximum: 2,
    maximumPacketSize: 60,
    subscriptionIdentifiersAvailable: false,
  } as const;
  const qos2 = { qos: 2, messageId: 1 };
  const cases: [string, object, number][] = [
    ['MQTT-3.2.2-11', qos2, 0x9b],
    ['MQTT-3.2.2-14', { retain: true }, 0x9a],
    ['MQTT-3.3.2-9', { properties: { topicAlias: 3 } }, 0x94],
    ['MQTT-3.3.2-9', { properties: { topicAlias: 0 } }, 0x94],
    ['MQTT-3.3.4', { topic: '', properties: { topicAlias: 2 } }, 0x82],
    ['MQTT-3.2.2-15', { payload: 'x'.repeat(60) }, 0x95],
  ];
  for (const [rule, more, reason] of cases) {
    const { connect, rules } = createWorld(limits);
    const client = connect().publish('a', 'x', more);
    assert.deepEqual(rules(), [rule]);
    assert.equal(client.of('disconnect')[0].reasonCode, reason);
  }
  const { connect, rules } = createWorld(limits);
  connect().subscribe(1, 'a', {}, { subscriptionIdentifier: 1 });
  assert.deepEqual(rules(), ['MQTT-3.2.2.3.12']);
});

test('more than the receive maximum in flight ends the connection with 0x93', () => {
  const { broker, connect, rules } = createWorld({ receiveMaximum: 2 });
  broker.misbehave({ answer: () => 'drop' });
  const client = connect();
  client.publish('a', '1', { qos: 1, messageId: 1 }).publish('a', '2', { qos: 2, messageId: 2 });
  assert.deepEqual(rules(), []);
  client.publish('a', '3', { qos: 1, messageId: 3 });
  assert.equal(client.of('disconnect')[0].reasonCode, 0x93);
  assert.deepEqual(rules(), ['MQTT-3.3.4-9']);
});

test('an acknowledged message leaves the window: 10 messages through a window of 1', () => {
  const { connect, rules } = createWorld({ receiveMaximum: 1 });
  const client = connect();
  for (let id = 1; id <= 10; id += 1) client.publish('a', 'x', { qos: 1, messageId: id });
  assert.deepEqual(rules(), []);
});

test('an identifier that is in flight must not be used again, not even with DUP', () => {
  for (const dup of [false, true]) {
    const { broker, connect, rules } = createWorld();
    broker.misbehave({ answer: () => 'drop' });
    const client = connect().publish('a', '1', { qos: 1, messageId: 1 });
    client.publish('a', '1', { qos: 1, messageId: 1, dup });
    assert.deepEqual(rules(), [dup ? 'MQTT-4.4.0-1' : 'MQTT-2.2.1-3']);
  }
});

test('an identifier of a SUBSCRIBE without its SUBACK must not serve a PUBLISH', () => {
  const { broker, connect, rules } = createWorld();
  broker.misbehave({ answer: () => 'drop' });
  connect().subscribe(4, 'a').publish('a', 'x', { qos: 1, messageId: 4 }).subscribe(4, 'b');
  assert.deepEqual(rules(), ['MQTT-2.2.1-3', 'MQTT-2.2.1-3', 'MQTT-2.2.1-3']);
});

test('a timer that sends an acknowledged message again is caught', () => {
  const { connect, rules } = createWorld();
  const client = connect().publish('a', '1', { qos: 1, messageId: 1 });
  client.publish('a', '1', { qos: 1, messageId: 1, dup: true });
  assert.deepEqual(rules(), ['MQTT-4.4.0-1']);
});

test('DUP on a message in a fresh session is a violation, in a present session it is not', () => {
  const { connect, rules } = createWorld();
  connect(SESSION).publish('a', '1', { qos: 1, messageId: 1, dup: true }).close();
  assert.deepEqual(rules(), ['MQTT-3.3.1-1']);
  connect(SESSION).publish('a', '2', { qos: 1, messageId: 2, dup: true });
  assert.deepEqual(rules(), ['MQTT-3.3.1-1']);
});

/** A session whose three messages 1, 2, 3 were never acknowledged, connected again. */
function unacknowledged() {
  const world = createWorld();
  world.broker.misbehave({ answer: () => 'drop' });
  const first = world.connect(SESSION);
  for (const messageId of [1, 2, 3]) first.publish('a', `${messageId}`, { qos: 1, messageId });
  first.close();
  world.broker.behave();
  const client = world.connect(SESSION);
  const again = (messageId: number, more: object = {}) =>
    client.publish('a', `${messageId}`, { qos: 1, messageId, dup: true, ...more });
  return { ...world, client, again };
}

test('redelivery in the first order, with DUP and the same identifiers, is right', () => {
  const { again, client, rules } = unacknowledged();
  again(1);
  again(2);
  again(3);
  client.publish('a', 'new', { qos: 1, messageId: 4 });
  assert.deepEqual(rules(), []);
  assert.equal(client.of('puback').length, 4);
});

test('redelivery out of order, without DUP, with another message, or too late is caught', () => {
  const order = unacknowledged();
  order.again(2);
  order.again(1);
  assert.deepEqual(order.rules(), ['MQTT-4.6.0-1']);
  const plain = unacknowledged();
  plain.again(1, { dup: false });
  assert.deepEqual(plain.rules(), ['MQTT-2.2.1-3']);
  const other = unacknowledged();
  other.again(1, { payload: 'other' });
  assert.deepEqual(other.rules(), ['MQTT-4.4.0-1']);
  const late = unacknowledged();
  late.again(4, { dup: false });
  assert.deepEqual(late.rules(), ['MQTT-4.4.0-1']);
});

test('a client that was excused after a reboot may have forgotten what was in flight', () => {
  const { again, broker, rules } = unacknowledged();
  broker.excuse('mote');
  again(2, { dup: false, payload: 'other' });
  again(9, { dup: false });
  assert.deepEqual(rules(), []);
});

test('a client that is excused for one message owes the others', () => {
  const { again, broker, rules } = unacknowledged();
  broker.excuseMessage('mote', 1);
  again(2);
  again(4, { dup: false });
  assert.deepEqual(rules(), ['MQTT-4.4.0-1']);
  again(3);
  again(5, { dup: false });
  assert.equal(rules().length, 1);
});

test('acknowledgements of nothing, or of the wrong kind, are violations', () => {
  const { broker, connect, queue, rules } = createWorld();
  const client = connect().subscribe(1, 'a', { qos: 2 });
  client.send({ cmd: 'puback', messageId: 5, reasonCode: 0 });
  assert.deepEqual(rules(), ['MQTT-2.2.1-5']);
  broker.publish({ topic: 'a', payload: 'x', qos: 2 });
  queue.runFor(10);
  client.send({ cmd: 'puback', messageId: client.of('publish')[0].messageId, reasonCode: 0 });
  assert.deepEqual(rules(), ['MQTT-2.2.1-5', 'MQTT-4.3.3-4']);
  assert.equal(client.of('disconnect')[0].reasonCode, 0x82);
});

test('a PUBREL without its PUBREC is a violation', () => {
  const { broker, connect, rules } = createWorld();
  broker.misbehave({ answer: ({ kind }) => (kind === 'pubrec' ? 'drop' : 'send') });
  const client = connect().publish('a', 'x', { qos: 2, messageId: 3 });
  client.send({ cmd: 'pubrel', messageId: 3, reasonCode: 0 });
  assert.deepEqual(rules(), ['MQTT-4.3.3-4']);
});

test('bytes after DISCONNECT are a violation', () => {
  const { connect, rules } = createWorld();
  connect().raw(hex('e000 c000'));
  assert.deepEqual(rules(), ['MQTT-3.14.4-2']);
});
