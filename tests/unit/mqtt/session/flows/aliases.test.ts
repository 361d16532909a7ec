import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowWorld, VERSIONS } from '../../../../support/flow-world.ts';

test('topic aliases are set once per connection, stay within the maximum, and never outlive a connection [5.0 MQTT-3.2.2-17, 3.3.2-7, 3.3.2-8, 3.3.2-9]', () => {
  const world = new FlowWorld({ topicAliasMaximum: 2 });
  const device = world.online({ version: 5 });
  const round = () => {
    for (const topic of ['long/a', 'long/b', 'long/c']) {
      device.publish(topic, 'x', 1, { repeats: true });
    }
    world.run(100);
  };
  const topics = () =>
    device.wire
      .up()
      .filter((words) => words.startsWith('publish'))
      .map((words) => words.split(' ')[2]);
  round();
  round();
  const first = ['long/a@1=x', 'long/b@2=x', 'long/c=x', '@1=x', '@2=x', 'long/c=x'];
  assert.deepEqual(topics(), first);
  // A redelivery sets the alias anew: the first that comes there defines it.
  world.broker.misbehave({ answer: () => 'drop' });
  device.publish('long/b', 'y', 1, { repeats: true });
  world.run(100);
  world.broker.behave();
  world.broker.configure({ topicAliasMaximum: 1 });
  world.reset(device);
  world.untilOnline(device);
  round();
  assert.deepEqual(topics(), ['long/b@1=y', 'long/a=x', '@1=x', 'long/c=x']);
  assert.deepEqual(world.arrived('long/b'), ['x', 'x', 'y', 'y', 'x']);
  world.assertClean();
});

test('without a topic alias maximum no alias is sent [5.0 MQTT-3.2.2-18]', () => {
  for (const version of VERSIONS) {
    const world = new FlowWorld({ topicAliasMaximum: version === 4 ? 10 : 0 });
    const device = world.online({ version });
    device.publish('long/a', ['x', 'y'], 1, { repeats: true });
    world.run(100);
    const topics = device.wire.all('up', 'publish').map(({ packet }) => {
      return packet.cmd === 'publish' ? packet.topic : '';
    });
    assert.deepEqual(topics, ['long/a', 'long/a']);
    world.assertClean();
  }
});

test('aliases of the broker are forgotten with the connection they came on [5.0 MQTT-3.3.2-7, 3.3.2-10]', () => {
  const world = new FlowWorld();
  const device = world.online({
    version: 5,
    session: { aliasesIn: 2 },
    subscriptions: [{ filter: '#', qos: 1 }],
  });
  const round = () => {
    for (const topic of ['a', 'b', 'a', 'b', 'c']) {
      world.broker.publish({ topic, payload: 'x', qos: 1 });
    }
    world.run(100);
  };
  const expected = ['a=x qos1', 'b=x qos1', 'a=x qos1', 'b=x qos1', 'c=x qos1'];
  round();
  assert.deepEqual(device.messages, expected);
  assert.ok(device.wire.down().some((words) => words.includes(' @2=x')));
  world.reset(device);
  world.untilOnline(device);
  round();
  assert.deepEqual(device.messages, [...expected, ...expected]);
  // One that was set before, and not on this connection, is an error.
  world.reset(device);
  world.untilOnline(device);
  world.broker.send('mote', Uint8Array.of(0x30, 6, 0, 0, 3, 0x23, 0, 1));
  world.until(() => !device.isOnline, 100);
  assert.equal(device.figures.lastError.name, 'protocol error');
  assert.match(device.details.at(-1) ?? '', /never set/);
  world.assertClean();
});
