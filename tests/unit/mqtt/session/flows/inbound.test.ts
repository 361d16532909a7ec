import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowWorld, VERSIONS } from '../../../../support/flow-world.ts';

const SUBSCRIPTIONS = [{ filter: 'cmd', qos: 2 }] as const;
/** What the broker gives its first message, whatever the version. */
const FIRST = 1;

for (const version of VERSIONS) {
  const online = (world: FlowWorld) => world.online({ version, subscriptions: SUBSCRIPTIONS });

  test(`version ${version}: messages of each QoS are delivered in order and acknowledged as their QoS asks [3.1.1 MQTT-2.3.1-6, 3.3.4-1, 4.6.0-2, 4.6.0-3] [5.0 MQTT-2.2.1-5, 3.3.4-1, 4.6.0-2, 4.6.0-3]`, () => {
    const world = new FlowWorld();
    const device = online(world);
    for (const [i, qos] of ([0, 1, 2, 0, 1, 2] as const).entries()) {
      world.broker.publish({ topic: 'cmd', payload: `${i}`, qos });
    }
    world.run(100);
    const expected = ['0 qos0', '1 qos1', '2 qos2', '3 qos0', '4 qos1', '5 qos2'];
    assert.deepEqual(
      device.messages,
      expected.map((words) => `cmd=${words}`),
    );
    assert.deepEqual(device.wire.up().slice(2), [
      `puback ${FIRST}`,
      `pubrec ${FIRST + 1}`,
      `puback ${FIRST + 2}`,
      `pubrec ${FIRST + 3}`,
      `pubcomp ${FIRST + 1}`,
      `pubcomp ${FIRST + 3}`,
    ]);
    assert.equal(world.broker.session('mote')?.inFlight.size, 0);
    world.assertClean();
  });

  test(`version ${version}: a QoS 1 message whose PUBACK was lost comes again and is delivered again [3.1.1 MQTT-4.3.2-2] [5.0 MQTT-4.3.2-4, 4.3.2-5]`, () => {
    const world = new FlowWorld();
    const device = online(world);
    device.network.change({ losesUp: true });
    world.broker.publish({ topic: 'cmd', payload: 'a', qos: 1 });
    world.run(100);
    world.reset(device);
    world.untilOnline(device);
    world.run(100);
    assert.deepEqual(device.messages, ['cmd=a qos1', 'cmd=a qos1']);
    assert.deepEqual(device.wire.down().slice(1), [`publish ${FIRST} cmd=a qos1 dup`]);
    assert.deepEqual(device.wire.up().slice(1), [`puback ${FIRST}`]);
    world.assertClean();
  });

  test(`version ${version}: a QoS 2 message whose PUBREC was lost comes again and is delivered once [3.1.1 MQTT-3.1.2-4, 4.3.3-2] [5.0 MQTT-3.1.2-23, 4.3.3-8, 4.3.3-10]`, () => {
    const world = new FlowWorld();
    const device = online(world);
    device.network.change({ losesUp: true });
    world.broker.publish({ topic: 'cmd', payload: 'a', qos: 2 });
    world.run(100);
    for (let round = 0; round < 3; round++) {
      world.reset(device);
      if (round < 2) device.network.change({ losesUp: false });
      world.untilOnline(device);
      // Twice more the PUBREC is lost: it leaves in the same moment in which the PUBLISH comes.
      if (round < 2) device.network.change({ losesUp: true });
      world.run(100);
    }
    assert.deepEqual(device.messages, ['cmd=a qos2']);
    assert.deepEqual(device.wire.up().slice(1), [`pubrec ${FIRST}`, `pubcomp ${FIRST}`]);
    assert.equal(world.broker.session('mote')?.inFlight.size, 0);
    world.assertClean();
  });

  test(`version ${version}: a QoS 2 message is delivered once when PUBREL or PUBCOMP was lost, and its identifier is free afterwards [3.1.1 MQTT-4.3.3-2] [5.0 MQTT-4.3.3-11, 4.3.3-12]`, () => {
    for (const lost of ['pubrel', 'pubcomp'] as const) {
      const world = new FlowWorld();
      const device = online(world);
      // PUBCOMP leaves after PUBREL came; before it, the way up is closed.
      const condition = lost === 'pubrel' ? { losesDown: true } : { losesUp: true };
      world.before('pubrel', () => device.network.change(condition));
      world.broker.publish({ topic: 'cmd', payload: 'a', qos: 2 });
      world.run(100);
      assert.equal(device.wire.all('up', 'pubcomp').length, lost === 'pubrel' ? 0 : 1);
      world.reset(device);
      world.untilOnline(device);
      world.run(100);
      assert.deepEqual(device.messages, ['cmd=a qos2'], lost);
      // 5.0 says that it does not know the identifier any more when it had released it.
      const reason = lost === 'pubcomp' && version === 5 ? ' 0x92' : '';
      assert.deepEqual(device.wire.up().slice(1), [`pubcomp ${FIRST}${reason}`]);
      assert.equal(world.broker.session('mote')?.inFlight.size, 0);
      world.broker.publish({ topic: 'cmd', payload: 'b', qos: 2 });
      world.run(100);
      assert.deepEqual(device.messages, ['cmd=a qos2', 'cmd=b qos2']);
      world.assertClean();
    }
  });

  test(`version ${version}: PUBREL for an identifier that nobody knows is answered with PUBCOMP, again and again [3.1.1 MQTT-4.3.3-2] [5.0 MQTT-3.7.2-1, 4.3.3-11]`, () => {
    const world = new FlowWorld();
    const device = online(world);
    const before = device.wire.up().length;
    for (let round = 0; round < 3; round++) {
      world.broker.send('mote', Uint8Array.of(0x62, 2, 0x12, 0x34));
      world.run(10);
    }
    const reason = version === 5 ? ' 0x92' : '';
    assert.deepEqual(
      device.wire.up().slice(before),
      Array.from({ length: 3 }, () => `pubcomp 4660${reason}`),
    );
    assert.equal(device.isOnline, true);
  });

  test(`version ${version}: once the broker lost the session, an identifier that was held is a new message [3.1.1 MQTT-3.2.2-3] [5.0 MQTT-3.2.2-5, 4.3.3-12]`, () => {
    const world = new FlowWorld();
    const device = online(world);
    device.network.change({ losesUp: true });
    world.broker.publish({ topic: 'cmd', payload: 'a', qos: 2 });
    world.run(100);
    world.reset(device);
    world.broker.forgetSessions();
    world.untilOnline(device);
    world.run(100);
    world.broker.publish({ topic: 'cmd', payload: 'b', qos: 2 });
    world.run(100);
    assert.deepEqual(device.wire.down().slice(-2), [`publish ${FIRST} cmd=b qos2`, 'pubrel 1']);
    assert.deepEqual(device.messages, ['cmd=a qos2', 'cmd=b qos2']);
    world.assertClean();
  });

  test(`version ${version}: what the broker kept while the device was away arrives on its return, in order [3.1.1 MQTT-3.1.2-4] [5.0 MQTT-3.1.2-23]`, () => {
    const world = new FlowWorld();
    const device = online(world);
    device.network.change({ connect: 'refused' });
    world.reset(device);
    for (const payload of ['a', 'b', 'c']) {
      world.broker.publish({ topic: 'cmd', payload, qos: payload === 'b' ? 1 : 2 });
    }
    device.network.change({ connect: 'accept' });
    world.untilOnline(device);
    world.run(100);
    assert.deepEqual(device.messages, ['cmd=a qos2', 'cmd=b qos1', 'cmd=c qos2']);
    world.assertClean();
  });

  test(`version ${version}: more QoS 2 messages at once than the client holds never come in 5.0, and are a protocol error in 3.1.1 [5.0 MQTT-3.3.4-9]`, () => {
    const world = new FlowWorld();
    const session = { receiveMax: 3 };
    const device = world.online({ version, subscriptions: SUBSCRIPTIONS, session });
    world.broker.misbehave({ answer: ({ kind }) => (kind === 'pubrel' ? 'drop' : 'send') });
    for (const payload of ['a', 'b', 'c', 'd', 'e']) {
      world.broker.publish({ topic: 'cmd', payload, qos: 2 });
    }
    world.run(100);
    assert.deepEqual(device.messages, ['cmd=a qos2', 'cmd=b qos2', 'cmd=c qos2']);
    if (version === 4) {
      assert.equal(device.told.at(-1), 'ended: protocol error');
      assert.match(device.details.at(-1) ?? '', /more QoS 2 messages at once/);
      world.broker.behave();
      world.untilOnline(device);
    }
    world.broker.behave();
    world.reset(device);
    world.untilOnline(device);
    world.run(200);
    const all = ['a', 'b', 'c', 'd', 'e'].map((payload) => `cmd=${payload} qos2`);
    assert.deepEqual([...new Set(device.messages)], all);
    assert.equal(device.messages.length, 5, 'each was delivered once');
    assert.equal(world.broker.session('mote')?.inFlight.size, 0);
  });

  test(`version ${version}: a flood of QoS 1 messages over a link that takes few bytes back is delivered whole and acknowledged in order [3.1.1 MQTT-4.6.0-2, 4.5.0-2] [5.0 MQTT-4.6.0-2, 4.5.0-2]`, () => {
    const world = new FlowWorld({ outgoingWindow: 500 });
    const device = world.online({
      version,
      subscriptions: SUBSCRIPTIONS,
      session: { receiveMax: 1000, transmitBytes: 128, receiveBytes: 128 },
      link: { sendBufferBytes: 7, bytesPerSecond: 2000 },
    });
    const payloads = Array.from({ length: 300 }, (_, i) => `${i}`);
    for (const payload of payloads) world.broker.publish({ topic: 'cmd', payload, qos: 1 });
    world.run(20_000);
    assert.deepEqual(
      device.messages,
      payloads.map((payload) => `cmd=${payload} qos1`),
    );
    assert.deepEqual(
      device.wire.all('up', 'puback').map(({ packet }) => packet.messageId),
      payloads.map((_, i) => FIRST + i),
    );
    assert.equal(device.wire.connections, 1);
    world.assertClean();
  });
}
