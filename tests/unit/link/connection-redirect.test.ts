import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualBroker } from '../../../host-sim/virtual/broker/broker.ts';
import { BROKER_ADDRESS, FlowWorld } from '../../support/flow-world.ts';

const OTHER_ADDRESS = '10.0.0.2';
const OTHER_PORT = 2883;
const OTHER = `other.test:${OTHER_PORT}`;

function createTwo() {
  const world = new FlowWorld();
  const other = new VirtualBroker(world.queue, world.random.fork('other'));
  world.internet.name('other.test', OTHER_ADDRESS);
  other.listen(world.internet, OTHER_ADDRESS, OTHER_PORT);
  return { world, other };
}

for (const [code, kind] of [
  [0x9c, 'temporary'],
  [0x9d, 'permanent'],
] as const) {
  test(`a CONNACK that sends the board elsewhere (${kind}) is followed soon, and counted [5.0 MQTT-4.13.2-1]`, () => {
    const { world, other } = createTwo();
    world.broker.misbehave({ connect: { refuse: code, serverReference: OTHER } });
    const device = world.online({ version: 5 });
    assert.equal(other.isOnline('mote'), true);
    assert.ok(world.queue.now < 2_000);
    const { figures, supervisor } = device;
    assert.deepEqual([supervisor.host, supervisor.port], ['other.test', OTHER_PORT]);
    assert.deepEqual([supervisor.redirected, figures.redirects], [kind, 1]);
    assert.equal(figures.lastErrorCode, code);
    assert.equal(figures.failuresOf('redirected'), 1);
    world.assertClean();
  });

  test(`a DISCONNECT that sends the board elsewhere (${kind}) takes its messages along [5.0 MQTT-4.13.2-1]`, () => {
    const { world, other } = createTwo();
    const device = world.online({ version: 5 });
    world.broker.misbehave({ answer: () => 'drop' });
    device.publish('t', ['a', 'b'], 1);
    world.run(100);
    world.broker.disconnect('mote', code, OTHER);
    world.until(() => other.isOnline('mote'), 5_000);
    world.run(100);
    assert.equal(device.supervisor.redirected, kind);
    assert.equal(device.told.at(-1), 'connected absent');
    assert.deepEqual(
      other.books.payloadsOf('t').map((payload) => Buffer.from(payload).toString()),
      ['a', 'b'],
    );
    assert.equal(device.source.depth, 0);
    world.assertClean();
    assert.deepEqual(other.violations, []);
  });
}

test('two brokers that send the board to each other get no storm', () => {
  const { world, other } = createTwo();
  const back = `${BROKER_ADDRESS}:1883`;
  world.broker.misbehave({ connect: { refuse: 0x9c, serverReference: OTHER } });
  other.misbehave({ connect: { refuse: 0x9c, serverReference: back } });
  const device = world.device({ version: 5 });
  device.connection.start();
  world.run(3_600_000);
  assert.ok(device.wire.connections < 300, `${device.wire.connections} attempts in an hour`);
  world.broker.behave();
  other.behave();
  world.untilOnline(device);
});

test('a board that is sent to a server that does not answer comes back to its own', () => {
  const { world, other } = createTwo();
  other.stop();
  world.broker.misbehave({ connect: { refuse: 0x9c, serverReference: OTHER } });
  const device = world.device({ version: 5 });
  device.connection.start();
  world.until(() => device.figures.failuresOf('connect') > 0);
  world.broker.behave();
  world.untilOnline(device);
  assert.equal(device.supervisor.host, 'broker.test');
  assert.equal(device.supervisor.redirected, 'no');
  world.assertClean();
});
