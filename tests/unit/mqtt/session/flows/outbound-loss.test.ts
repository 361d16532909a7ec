import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowDevice } from '../../../../support/flow-device.ts';
import type { Qos } from '../../../../support/flow-source.ts';
import { FlowWorld, VERSIONS, type Version } from '../../../../support/flow-world.ts';

/** The packet that never arrives, and with it everything after it. */
type Lost = 'publish' | 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';

/** Three messages are sent, and the connection is lost while the packets of one kind are under way. */
function loseAt(lost: Lost, qos: Qos, version: Version): { world: FlowWorld; device: FlowDevice } {
  const world = new FlowWorld();
  const device = world.online({ version, subscriptions: [{ filter: 'cmd', qos: 1 }] });
  const losesUp = () => device.network.change({ losesUp: true });
  const losesDown = () => device.network.change({ losesDown: true });
  if (lost === 'publish') losesUp();
  else if (lost === 'pubrel') world.before('pubrec', losesUp);
  else world.before(lost, losesDown);
  device.publish('t', ['a', 'b', 'c'], qos);
  world.run(100);
  return { world, device };
}

function reconnect(world: FlowWorld, device: FlowDevice): string[] {
  world.reset(device);
  device.publish('t', ['d'], 1);
  world.untilOnline(device);
  world.run(100);
  assert.equal(device.wire.connections, 2);
  assert.equal(device.source.depth, 0, 'everything is settled');
  world.assertClean();
  return device.wire.up().slice(1);
}

/** Without PUBREL: its place depends on the latency of others. */
function publishes(words: readonly string[]): string[] {
  return words.filter((one) => one.startsWith('publish'));
}

const AGAIN = (qos: number) => [
  `publish 32769 t=a qos${qos} dup`,
  `publish 32770 t=b qos${qos} dup`,
  `publish 32771 t=c qos${qos} dup`,
];
const ANEW = (qos: number) => [
  `publish 32769 t=a qos${qos}`,
  `publish 32770 t=b qos${qos}`,
  `publish 32771 t=c qos${qos}`,
];
const NEW_ONE = 'publish 32772 t=d qos1';

for (const version of VERSIONS) {
  for (const qos of [1, 2] as const) {
    test(`QoS ${qos}, version ${version}: PUBLISH packets that never arrived go again on a session that is present, with DUP, their identifiers and order, before new messages [3.1.1 MQTT-2.3.1-3, 3.1.2-4, 3.3.1-1, 3.3.1-3, 4.1.0-1, 4.4.0-1, 4.6.0-1] [5.0 MQTT-3.1.2-23, 3.3.1-1, 3.3.1-3, 4.4.0-1, 4.6.0-1]`, () => {
      const { world, device } = loseAt('publish', qos, version);
      assert.deepEqual(device.wire.up().slice(2), ANEW(qos));
      assert.deepEqual(world.arrived('t'), []);
      const up = reconnect(world, device);
      assert.deepEqual(publishes(up), [...AGAIN(qos), NEW_ONE]);
      assert.deepEqual(world.arrived('t'), ['a', 'b', 'c', 'd']);
      assert.deepEqual(device.told.slice(-1), ['connected present']);
    });

    test(`QoS ${qos}, version ${version}: with the session gone the same messages are sent anew, without DUP, and the owner subscribes again [3.1.1 MQTT-3.2.2-3, 3.3.1-3] [5.0 MQTT-3.2.2-5, 3.3.1-3]`, () => {
      const { world, device } = loseAt('publish', qos, version);
      world.broker.restart({ how: 'reset', keepsState: false });
      device.network.change({ losesUp: false });
      device.publish('t', ['d'], 1);
      world.until(() => !device.isOnline);
      world.untilOnline(device);
      world.run(100);
      assert.deepEqual(device.told.slice(-2), ['connected absent', 'subscribed']);
      const up = device.wire.up().filter((words) => words !== 'subscribe 32773');
      assert.deepEqual(
        publishes(up).map((words) => words.replace(/publish \d+/, 'publish')),
        ['a qos', 'b qos', 'c qos', 'd qos'].map(
          (words, i) => `publish t=${words}${i === 3 ? 1 : qos}`,
        ),
      );
      assert.deepEqual(world.arrived('t'), ['a', 'b', 'c', 'd']);
      world.assertClean();
    });
  }

  test(`QoS 1, version ${version}: without PUBACK the message goes again, at least once and in order [3.1.1 MQTT-4.3.2-1] [5.0 MQTT-4.3.2-1, 4.3.2-2, 4.3.2-3]`, () => {
    const { world, device } = loseAt('puback', 1, version);
    assert.deepEqual(world.arrived('t'), ['a', 'b', 'c']);
    assert.equal(device.source.depth, 3);
    assert.deepEqual(publishes(reconnect(world, device)), [...AGAIN(1), NEW_ONE]);
    assert.deepEqual(world.arrived('t'), ['a', 'b', 'c', 'a', 'b', 'c', 'd']);
  });

  test(`QoS 2, version ${version}: without PUBREC the PUBLISH goes again and is passed on once [3.1.1 MQTT-4.3.3-1] [5.0 MQTT-4.3.3-1, 4.3.3-2, 4.3.3-3]`, () => {
    const { world, device } = loseAt('pubrec', 2, version);
    assert.deepEqual(world.arrived('t'), ['a', 'b', 'c']);
    assert.equal(device.source.depth, 3);
    assert.deepEqual(publishes(reconnect(world, device)), [...AGAIN(2), NEW_ONE]);
    assert.deepEqual(world.arrived('t'), ['a', 'b', 'c', 'd']);
  });

  for (const lost of ['pubrel', 'pubcomp'] as const) {
    test(`QoS 2, version ${version}: without ${lost}, PUBREL goes again and PUBLISH does not [3.1.1 MQTT-4.3.3-1, 4.4.0-1, 4.6.0-4] [5.0 MQTT-4.3.3-4, 4.3.3-5, 4.3.3-6, 4.4.0-1, 4.6.0-4]`, () => {
      const { world, device } = loseAt(lost, 2, version);
      assert.deepEqual(device.wire.up().slice(-3), [
        'pubrel 32769',
        'pubrel 32770',
        'pubrel 32771',
      ]);
      assert.equal(device.source.depth, 0, 'the broker took them over with PUBREC');
      const up = reconnect(world, device);
      assert.deepEqual(up, ['pubrel 32769', 'pubrel 32770', 'pubrel 32771', NEW_ONE]);
      assert.deepEqual(world.arrived('t'), ['a', 'b', 'c', 'd']);
    });

    test(`QoS 2, version ${version}: without ${lost} and with the session gone, nothing of the exchange is left [3.1.1 MQTT-3.2.2-3] [5.0 MQTT-3.2.2-5]`, () => {
      const { world, device } = loseAt(lost, 2, version);
      world.reset(device);
      world.broker.forgetSessions();
      world.untilOnline(device);
      device.publish('t', ['d'], 2);
      world.run(100);
      assert.deepEqual(device.wire.up().slice(1), [
        'subscribe 32772',
        'publish 32773 t=d qos2',
        'pubrel 32773',
      ]);
      assert.deepEqual(world.arrived('t'), ['a', 'b', 'c', 'd']);
      world.assertClean();
    });
  }

  test(`version ${version}: PUBLISH and PUBREL of an interrupted row keep their orders over several reconnects [3.1.1 MQTT-4.6.0-1, 4.6.0-4] [5.0 MQTT-4.6.0-1, 4.6.0-4]`, () => {
    const world = new FlowWorld();
    const device = world.online({ version });
    // Of six messages the first three get their PUBREC.
    let answers = 0;
    world.broker.misbehave({
      answer: ({ kind }) => (kind === 'pubcomp' || ++answers > 3 ? 'drop' : 'send'),
    });
    device.publish('t', ['a', 'b', 'c', 'd', 'e', 'f'], 2);
    world.run(100);
    for (let round = 0; round < 3; round++) {
      world.reset(device);
      world.untilOnline(device);
      world.run(100);
      const up = device.wire.up().slice(1);
      assert.deepEqual(
        up.filter((words) => words.startsWith('pubrel')),
        ['pubrel 32768', 'pubrel 32769', 'pubrel 32770'],
      );
      assert.deepEqual(publishes(up), [
        'publish 32771 t=d qos2 dup',
        'publish 32772 t=e qos2 dup',
        'publish 32773 t=f qos2 dup',
      ]);
    }
    world.broker.behave();
    world.reset(device);
    world.untilOnline(device);
    world.run(100);
    assert.equal(device.deadline() > device.clock.now() + 30_000, true);
    assert.deepEqual(world.arrived('t'), ['a', 'b', 'c', 'd', 'e', 'f']);
    world.assertClean();
  });

  test(`version ${version}: after Wi-Fi was lost and the broker still believes in the old connection, the session is taken up where it was`, () => {
    const { world, device } = loseAt('puback', 1, version);
    device.network.change({ losesDown: false });
    device.network.dropAll('unreachable');
    world.run(1);
    world.untilOnline(device);
    world.run(100);
    assert.deepEqual(device.wire.up().slice(1), AGAIN(1));
    assert.equal(device.source.depth, 0);
    world.assertClean();
  });
}

test('the broker ends the session when its expiry has passed: messages go anew [5.0 MQTT-3.1.2-23, 3.2.2-5]', () => {
  for (const [downMs, present] of [
    [20_000, true],
    [60_000, false],
  ] as const) {
    const world = new FlowWorld();
    const supervisor = { backoff: { capMs: 2_000 } };
    const device = world.online({ version: 5, session: { sessionExpiryS: 30 }, supervisor });
    world.before('puback', () => device.network.change({ losesDown: true }));
    device.publish('t', 'a', 1);
    world.run(100);
    device.network.change({ connect: 'refused' });
    world.reset(device);
    world.run(downMs);
    device.network.change({ connect: 'accept' });
    world.untilOnline(device);
    world.run(100);
    const again = present ? 'publish 32768 t=a qos1 dup' : 'publish 32769 t=a qos1';
    assert.deepEqual(device.wire.up().slice(1), [again]);
    assert.equal(device.told.at(-1), `connected ${present ? 'present' : 'absent'}`);
    assert.equal(device.source.depth, 0);
    world.assertClean();
  }
});

test('a clean session starts anew on every connection [3.1.1 MQTT-3.1.2-6] [5.0 MQTT-3.1.2-4]', () => {
  for (const version of VERSIONS) {
    const world = new FlowWorld();
    const device = world.online({ version, session: { cleanStart: true } });
    world.before('puback', () => device.network.change({ losesDown: true }));
    device.publish('t', 'a', 1);
    world.run(100);
    world.reset(device);
    world.untilOnline(device);
    world.run(100);
    assert.deepEqual(device.wire.up().slice(1), ['publish 32769 t=a qos1']);
    assert.deepEqual(world.arrived('t'), ['a', 'a']);
    world.assertClean();
  }
});
