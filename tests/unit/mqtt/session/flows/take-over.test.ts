import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowWorld, VERSIONS } from '../../../../support/flow-world.ts';

const HOUR_MS = 3_600_000;

test('a take-over told with 0x8E is named, counted, and answered with a slow return [5.0 MQTT-4.13.2-1, 3.14.4-2]', () => {
  const world = new FlowWorld();
  const device = world.online({ version: 5 });
  world.run(10_000);
  world.broker.takeOver('mote');
  world.until(() => !device.isOnline, 100);
  const { figures } = device;
  assert.deepEqual(
    [figures.lastError.name, figures.lastErrorKind, figures.lastErrorCode],
    ['taken over', 'taken over', 0x8e],
  );
  assert.equal(figures.takeovers, 1);
  const lostAt = world.queue.now;
  world.untilOnline(device);
  const awayMs = world.queue.now - lostAt;
  assert.ok(awayMs >= 15_000 && awayMs <= 31_000, `${awayMs} ms`);
  world.assertClean();
});

test('in 3.1.1, closes right after CONNACK are named a take-over from the second on, and slowed', () => {
  const world = new FlowWorld();
  world.broker.misbehave({ diesAfterMs: 500, diesHow: 'close' });
  const device = world.device({ version: 4 });
  device.connection.start();
  world.until(() => device.figures.failuresOf('lost') === 1);
  assert.equal(device.figures.lastError.name, 'closed by peer');
  const firstAt = world.queue.now;
  world.until(() => device.figures.takeovers === 1);
  assert.ok(world.queue.now - firstAt < 2_000);
  assert.equal(device.figures.lastError.name, 'taken over');
  assert.match(device.figures.lastError.words, /probably/);
  const secondAt = world.queue.now;
  world.until(() => device.figures.takeovers === 2);
  assert.ok(world.queue.now - secondAt >= 15_000);
  world.broker.behave();
  world.untilOnline(device);
  world.run(120_000);
  assert.equal(device.isOnline, true);
  world.assertClean();
});

for (const version of VERSIONS) {
  test(`version ${version}: two boards with one client id do not fight in a storm, and both know why`, () => {
    const world = new FlowWorld();
    const first = world.device({ version });
    // The same identifier under another fork of the random stream.
    const second = world.device({ version, session: { clientId: 'mote' } });
    first.connection.start();
    world.run(333);
    second.connection.start();
    world.run(2 * HOUR_MS);
    const before = world.broker.books.connections.length;
    world.run(HOUR_MS);
    const perHour = world.broker.books.connections.length - before;
    assert.ok(perHour < 150, `${perHour} connections in an hour`);
    assert.ok(first.figures.takeovers + second.figures.takeovers > 0);
    assert.ok(before < 400, `${before} connections in the first two hours`);
    world.assertClean();
  });
}
