import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowDevice } from '../../../../support/flow-device.ts';
import { FlowWorld, VERSIONS } from '../../../../support/flow-world.ts';

const KEEP_ALIVE_S = 20;
const session = { keepAliveS: KEEP_ALIVE_S };

function pingTimes(device: FlowDevice): number[] {
  return device.wire.all('up', 'pingreq').map(({ at }) => at);
}

/** When CONNACK was read. */
function connackAt(device: FlowDevice): number {
  return device.wire.all('down', 'connack').at(-1)?.at ?? Number.NaN;
}

for (const version of VERSIONS) {
  test(`version ${version}: an idle connection is pinged within its keep-alive, for hours, and the broker never misses a packet [3.1.1 MQTT-3.1.2-23, 3.12.4-1] [5.0 MQTT-3.1.2-20, 3.12.4-1]`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session, link: { latencyMsMax: 800 } });
    world.run(3 * 3_600_000);
    const times = [connackAt(device), ...pingTimes(device)];
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    assert.ok(gaps.length > 500);
    assert.ok(
      gaps.every((gap) => gap >= 17_900 && gap <= 20_000),
      `${Math.max(...gaps)}`,
    );
    assert.equal(device.wire.connections, 1);
    world.assertClean();
  });

  test(`version ${version}: while QoS 0 flows out and nothing comes in, PINGREQ asks for life, and its absence ends the connection`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session });
    const send = () => {
      device.publish('t', 'x', 0);
      world.queue.after(1_000, send);
    };
    send();
    world.run(60_000);
    assert.equal(pingTimes(device).length, 3);
    assert.equal(device.wire.connections, 1);
    const deafAt = world.queue.now;
    device.network.change({ losesDown: true });
    world.until(() => !device.isOnline, 30_000);
    assert.ok(world.queue.now - deafAt <= KEEP_ALIVE_S * 1_500);
    assert.equal(device.figures.lastError.name, 'keep-alive timed out');
    world.assertClean();
  });

  test(`version ${version}: any packet from the broker counts as life, and postpones a PINGREQ only while this side sends too [3.1.1 MQTT-3.1.2-23] [5.0 MQTT-3.1.2-20]`, () => {
    const world = new FlowWorld();
    const subscriptions = [{ filter: 'cmd', qos: 0 }] as const;
    const device = world.online({ version, session, subscriptions });
    world.broker.misbehave({ answer: ({ kind }) => (kind === 'pingresp' ? 'drop' : 'send') });
    for (let second = 1; second <= 120; second++) {
      world.queue.after(second * 1_000, () => world.broker.publish({ topic: 'cmd', payload: '' }));
    }
    world.run(120_000);
    assert.equal(device.wire.connections, 1, 'messages stand for PINGRESP');
    assert.ok(pingTimes(device).length >= 6, 'the broker wants to hear of us all the same');
    world.assertClean();
    const silentAt = world.queue.now;
    world.until(() => !device.isOnline, 30_000);
    assert.ok(world.queue.now - silentAt <= KEEP_ALIVE_S * 1_500);
  });

  test(`version ${version}: QoS 1 traffic both ways needs no PINGREQ at all`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session });
    for (let i = 1; i <= 20; i++) world.queue.after(i * 10_000, () => device.publish('t', 'x', 1));
    world.run(200_000);
    assert.deepEqual(pingTimes(device), []);
    world.assertClean();
  });

  for (const direction of ['losesUp', 'losesDown'] as const) {
    test(`version ${version}: a half-open connection (${direction}) is noticed within one and a half keep-alives and replaced`, () => {
      const world = new FlowWorld();
      const device = world.online({ version, session });
      world.run(30_000);
      const lastHeardAt = device.wire.packets.filter(({ way }) => way === 'down').at(-1)?.at ?? 0;
      device.network.change({ [direction]: true });
      world.until(() => !device.isOnline, 60_000);
      assert.ok(world.queue.now - lastHeardAt <= KEEP_ALIVE_S * 1_500);
      assert.equal(device.figures.lastError.name, 'keep-alive timed out');
      assert.equal(device.figures.failuresOf('silence'), 1);
      device.network.change({ [direction]: false });
      world.untilOnline(device, 5_000);
      world.assertClean();
    });
  }

  test(`version ${version}: the deadline for PINGRESP runs from the end of the write of PINGREQ`, () => {
    const world = new FlowWorld();
    const options = { keepAliveS: 60, pingTimeoutMs: 5_000, transmitBytes: 4_096 };
    // Six bytes a second: what is queued before a PINGREQ holds it up for long.
    const device = world.online({ version, session: options, link: { sendBufferBytes: 1 } });
    world.broker.misbehave({ answer: ({ kind }) => (kind === 'pingresp' ? 'drop' : 'send') });
    const start = connackAt(device);
    world.queue.after(start + 53_900 - world.queue.now, () => {
      device.network.change({ bytesPerSecond: 6 });
      device.publish('t', 'x'.repeat(60), 0);
    });
    world.until(() => pingTimes(device).length === 1, 80_000);
    const pingAt = pingTimes(device)[0];
    assert.ok(pingAt > start + 60_000, `written late: ${pingAt - start}`);
    device.network.change({ bytesPerSecond: 100_000 });
    world.until(() => !device.isOnline, 20_000);
    const waitedMs = world.queue.now - pingAt;
    assert.ok(waitedMs >= 4_999 && waitedMs <= 5_010, `${waitedMs} ms`);
    assert.equal(device.figures.lastError.name, 'keep-alive timed out');
  });

  test(`version ${version}: a PINGRESP that lies in the buffer when the alarm rings late is read before anything is judged`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session });
    world.until(() => pingTimes(device).length === 1, 30_000);
    // The processor is busy: neither the alarm nor the bytes are looked at for long.
    const { connection } = device;
    const readable = connection.readable;
    connection.readable = () => {};
    device.alarm.clear();
    world.run(25_000);
    connection.readable = readable;
    connection.wake();
    assert.equal(device.isOnline, true);
    world.run(100);
    assert.equal(device.wire.connections, 1);
  });

  test(`version ${version}: keep-alive 0 is off: nothing is sent, nothing is judged`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session: { keepAliveS: 0 } });
    world.run(24 * 3_600_000);
    assert.deepEqual(device.wire.up(), ['connect']);
    assert.equal(device.isOnline, true);
    assert.equal(device.deadline(), Number.POSITIVE_INFINITY);
    world.assertClean();
  });

  test(`version ${version}: a PINGREQ that was under way when the connection broke is forgotten by the next one`, () => {
    const world = new FlowWorld();
    const device = world.online({ version, session });
    // Once written and unanswered, once queued behind a transport that takes nothing.
    for (const condition of [{ losesDown: true }, { sendBufferBytes: 1, losesUp: true }]) {
      device.network.change(condition);
      // Longer than the CONNECT that follows: what waits before the PINGREQ must not count there.
      if ('losesUp' in condition) device.publish('t', 'x'.repeat(500), 0);
      world.run(18_500);
      device.network.change({ sendBufferBytes: 5744 });
      world.reset(device);
      world.untilOnline(device);
      const onlineAt = connackAt(device);
      world.run(17_000);
      assert.equal(device.isOnline, true);
      world.until(() => (pingTimes(device).at(-1) ?? 0) > onlineAt, 1_500);
      assert.equal(world.queue.now - onlineAt, 18_000);
      world.run(60_000);
      assert.equal(device.isOnline, true);
    }
    assert.equal(device.wire.connections, 3);
    assert.equal(device.figures.failuresOf('silence'), 0);
    world.assertClean();
  });

  test(`version ${version}: a transport that takes nothing while the answers fill the buffer is given up after one and a half keep-alives, without spinning`, () => {
    const world = new FlowWorld({ outgoingWindow: 100 });
    const device = world.online({
      version,
      session: { keepAliveS: KEEP_ALIVE_S, transmitBytes: 130, receiveMax: 100 },
      subscriptions: [{ filter: 'cmd', qos: 1 }],
      link: { sendBufferBytes: 64 },
    });
    device.network.change({ losesUp: true });
    for (let i = 0; i < 100; i++) world.broker.publish({ topic: 'cmd', payload: 'x', qos: 1 });
    world.run(100);
    const { transmitBuffer } = device.session;
    assert.ok(transmitBuffer.bytes.length - transmitBuffer.end < 5, 'no room for another answer');
    const silentAt = world.queue.now;
    const { executed } = world.queue;
    assert.ok(
      world.queue.runUntil(() => !device.isOnline || world.queue.executed > executed + 10_000),
    );
    assert.equal(device.isOnline, false);
    assert.ok(world.queue.executed - executed < 100, 'the alarm does not ring in vain');
    // In 5.0 the DISCONNECT that cannot be written has two seconds.
    assert.ok(world.queue.now - silentAt <= KEEP_ALIVE_S * 1_500 + (version === 5 ? 2_000 : 0));
    assert.equal(device.figures.lastError.name, 'keep-alive timed out');
  });
}

test('the keep-alive that the broker names in CONNACK is obeyed, longer or shorter or off [5.0 MQTT-3.1.2-21, 3.2.2-21]', () => {
  for (const [serverKeepAliveS, pings] of [
    [5, 13],
    [30, 2],
    [0, 0],
  ] as const) {
    const world = new FlowWorld({ serverKeepAliveS });
    const device = world.online({ version: 5, session });
    assert.equal(device.session.limits.keepAliveS, serverKeepAliveS);
    world.run(60_000);
    assert.equal(pingTimes(device).length, pings);
    world.broker.configure({ serverKeepAliveS: undefined });
    world.reset(device);
    world.untilOnline(device);
    assert.equal(device.session.limits.keepAliveS, KEEP_ALIVE_S, 'it holds for one connection');
    world.assertClean();
  }
});
