/** The check of settings for real: every stage's failure by its word, and what a success leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfig } from '../../../../firmware/device/config.ts';
import type { CloseReason, Network } from '../../../../firmware/ports.ts';
import { CheckWorld, HOME } from '../../../support/check-world.ts';

const TLS = { scheme: 'mqtts', host: 'broker.test', port: 1883, path: '/' } as const;

/** The verdict as `stage: failure`. */
function verdict(world: CheckWorld): string {
  const { failure, stage } = world.finish();
  return `${stage}: ${failure ?? 'ok'}`;
}

test('settings that work pass every stage, and end with a goodbye', () => {
  const world = new CheckWorld().begin();
  const { failure, stages, tookMs } = world.finish();
  assert.equal(failure, undefined);
  assert.deepEqual(stages, ['join', 'resolve', 'connect', 'sign in']);
  assert.ok(tookMs < 3000);
  const { connections, published, violations } = world.broker.books;
  assert.equal(connections.length, 1);
  assert.match(connections[0].end, /client: DISCONNECT/);
  assert.deepEqual(published, []);
  assert.deepEqual(violations, []);
});

/** Whoever sees the status sees this. */
function status(world: CheckWorld): string {
  return Buffer.from(world.broker.retained('mote/mote-1/status') ?? []).toString();
}

for (const version of [4, 5] as const) {
  test(`version ${version}: a check replaces the device's connection with its will, and so tells that the device is at its set-up`, () => {
    for (const cancelMs of [undefined, 0, 20, 40, 60, 80, 100]) {
      const world = new CheckWorld();
      // What a connection left behind whose will would be published a little later.
      world.broker.publish({ topic: 'mote/mote-1/status', payload: 'online', retain: true });
      world.network.change({ latencyMsMin: 20, latencyMsMax: 20 });
      world.begin({ version });
      if (cancelMs === undefined) assert.equal(world.finish().failure, undefined);
      else {
        world.queue.runUntil(() => world.broker.isOnline('mote-1'), 60_000);
        world.queue.runFor(cancelMs);
        world.check.cancel();
      }
      world.queue.runFor(120_000);
      assert.equal(status(world), 'offline', `cancelled after ${cancelMs} ms`);
      assert.deepEqual(world.broker.violations, []);
    }
  });

  test(`version ${version}: a check that is refused leaves the status as it is`, () => {
    const world = new CheckWorld();
    world.broker.publish({ topic: 'mote/mote-1/status', payload: 'offline', retain: true });
    world.broker.configure({ authenticate: () => 0x86 });
    world.begin({ version }).finish();
    world.queue.runFor(120_000);
    assert.equal(status(world), 'offline');
  });
}

test('it signs in with the identifier, the session and the will of the device', () => {
  const world = new CheckWorld().begin({ user: 'anna', password: Uint8Array.of(1, 2) });
  let login: unknown;
  world.broker.configure({
    authenticate: (seen) => {
      login = seen;
      return 0;
    },
  });
  world.finish();
  const { clientId, cleanStart, keepAliveS } = world.broker.books.connections[0];
  assert.deepEqual(
    { clientId, cleanStart, keepAliveS },
    {
      clientId: 'mote-1',
      cleanStart: false,
      keepAliveS: 60,
    },
  );
  assert.equal((login as { username: string }).username, 'anna');
  assert.ok(world.broker.session('mote-1') !== undefined, 'the session waits for the device');
});

test('a message that the broker holds for the device is left for it', () => {
  const world = new CheckWorld();
  world.begin().finish();
  world.result = undefined;
  const session = world.broker.session('mote-1')!;
  const plain = { filter: 'set', isPlain: true, qos: 1, noLocal: false, retainAsPublished: false };
  session.subscriptions.set('set', { ...plain, qos: 1, retainHandling: 0, identifier: undefined });
  world.broker.publish({ topic: 'set', payload: 'x', qos: 1 });
  assert.equal(session.waiting.length, 1);
  assert.equal(world.begin().finish().failure, undefined);
  assert.equal(world.broker.session('mote-1'), session);
  assert.equal(session.waiting.length + session.inFlight.size, 1);
  assert.deepEqual(world.broker.violations, []);
});

test('a wrong Wi-Fi password is believed at the second refusal', () => {
  const wrong = { ...HOME, password: 'wrong password' };
  const world = new CheckWorld().begin({}, wrong);
  assert.equal(verdict(world), 'join: wifi password');
  const lying = new CheckWorld();
  lying.home.lies = 1;
  assert.equal(verdict(lying.begin()), 'sign in: ok');
});

test('a network that is not there is looked for twice', () => {
  const world = new CheckWorld();
  world.home.inRange = false;
  assert.equal(verdict(world.begin()), 'join: wifi not found');
  assert.ok(world.result!.tookMs >= 5000);
});

test('a router without DHCP gives no address; fixed addresses need none', () => {
  const world = new CheckWorld();
  world.home.addressMs = Number.POSITIVE_INFINITY;
  assert.equal(verdict(world.begin()), 'address: no address');
  const fixed = { address: '10.0.0.9', netmask: '255.0.0.0', gateway: '10.0.0.1', dns: '10.0.0.1' };
  const by = new CheckWorld();
  by.home.addressMs = Number.POSITIVE_INFINITY;
  assert.equal(verdict(by.begin({}, { ...HOME, fixed })), 'sign in: ok');
});

test('a name that is unknown, and a name server that is silent, are one failure', () => {
  for (const dns of ['fail', 'dead'] as const) {
    const world = new CheckWorld();
    world.network.change({ dns });
    assert.equal(verdict(world.begin()), 'resolve: name not found');
  }
});

test('a name of mDNS that nobody answers to has words of its own', () => {
  const world = new CheckWorld();
  world.network.change({ dns: 'fail' });
  const broker = { scheme: 'mqtt', host: 'homeassistant.Local', port: 1883, path: '/' } as const;
  assert.equal(verdict(world.begin({ broker })), 'resolve: local name not found');
});

test('a broker that is down, silent or out of reach: nothing answers', () => {
  for (const connect of ['refused', 'unreachable', 'timed out', 'silent', 'reset'] as const) {
    const world = new CheckWorld();
    world.network.change({ connect });
    assert.equal(verdict(world.begin()), 'connect: nothing answers', connect);
  }
});

test('TLS that fails is told apart: the certificate, or no secure connection at all', () => {
  const cases: [CloseReason, string][] = [
    ['certificate not trusted', 'certificate'],
    ['certificate name mismatch', 'certificate'],
    ['certificate expired', 'certificate expired'],
    ['certificate has no names', 'certificate names'],
    ['certificate not for servers', 'certificate unusable'],
    ['certificate not understood', 'certificate unusable'],
    ['certificate algorithm', 'certificate unusable'],
    ['certificate malformed', 'certificate unusable'],
    ['tls failed', 'tls'],
    ['closed by peer', 'tls'],
    ['reset', 'tls'],
  ];
  for (const [connect, failure] of cases) {
    const world = new CheckWorld();
    world.network.change({ connect });
    assert.equal(verdict(world.begin({ broker: TLS })), `connect: ${failure}`);
  }
  for (const connect of ['websocket refused', 'not websocket', 'websocket broken'] as const) {
    const world = new CheckWorld();
    world.network.change({ connect });
    assert.equal(verdict(world.begin()), 'connect: not websocket');
  }
});

test('what the broker says in CONNACK becomes the word for it, in both versions', () => {
  const cases: [number, string][] = [
    [0x86, 'sign-in refused'],
    [0x87, 'sign-in refused'],
    [0x8a, 'sign-in refused'],
    [0x80, 'sign-in refused'],
    [0x85, 'name refused'],
    [0x88, 'timed out'],
  ];
  for (const version of [5, 4] as const) {
    for (const [refuse, failure] of cases) {
      // 3.1.1 has fewer codes: the others become 3, unavailable.
      if (version === 4 && refuse === 0x80) continue;
      const world = new CheckWorld();
      world.broker.misbehave({ connect: { refuse } });
      const said = version === 4 && refuse === 0x8a ? 'timed out' : failure;
      assert.equal(verdict(world.begin({ version })), `sign in: ${said}`);
    }
  }
});

test('a broker that takes 3.1.1 only is signed in to with that, unless 5.0 was asked for', () => {
  for (const versionRefusal of ['return code', 'reason code', 'close'] as const) {
    const world = new CheckWorld();
    world.broker.configure({ versions: [4], versionRefusal });
    assert.equal(verdict(world.begin()), 'sign in: ok', versionRefusal);
    const fixed = new CheckWorld();
    fixed.broker.configure({ versions: [4], versionRefusal });
    assert.equal(verdict(fixed.begin({ version: 5 })), 'sign in: not mqtt', versionRefusal);
  }
});

test('what is no MQTT broker is named so: garbage, or a close without an answer', () => {
  for (const connect of ['garbage', 'close', 'reset'] as const) {
    const world = new CheckWorld();
    world.broker.misbehave({ connect });
    assert.equal(verdict(world.begin()), 'sign in: not mqtt', connect);
    assert.equal(world.broker.books.connections.length, 3, 'with either version');
    const secure = new CheckWorld();
    secure.broker.misbehave({ connect });
    const expected = connect === 'garbage' ? 'sign in: not mqtt' : 'connect: tls';
    assert.equal(verdict(secure.begin({ broker: TLS })), expected, 'a certificate may be missed');
  }
});

test('a broker that never answers CONNECT is given up at once', () => {
  const world = new CheckWorld();
  world.broker.misbehave({ connect: 'mute' });
  assert.equal(verdict(world.begin()), 'sign in: silent');
  assert.equal(world.broker.books.connections.length, 1);
});

test('a redirect is followed as the device would; one that leads nowhere fails', () => {
  const world = new CheckWorld();
  world.internet.name('other.test', '10.0.0.2');
  world.broker.misbehave({ connect: { refuse: 0x9c, serverReference: 'other.test' } });
  assert.equal(verdict(world.begin({ followRedirects: true })), 'connect: nothing answers');
  const lost = new CheckWorld();
  lost.broker.misbehave({ connect: { refuse: 0x9d } });
  assert.equal(verdict(lost.begin({ followRedirects: true })), 'sign in: nothing answers');
  const safe = new CheckWorld();
  safe.broker.misbehave({ connect: { refuse: 0x9c, serverReference: 'other.test' } });
  assert.equal(verdict(safe.begin()), 'sign in: nothing answers');
});

test('a network that is lost half-way is joined anew once', () => {
  const world = new CheckWorld();
  world.network.change({ connect: 'silent' });
  world.begin();
  world.queue.runUntil(() => world.stages.includes('connect'));
  world.network.change({ connect: 'accept' });
  world.radio.lose();
  assert.equal(verdict(world), 'sign in: ok');
});

test('whatever happens, a check ends within 45 seconds', () => {
  const world = new CheckWorld();
  world.home.lies = 1;
  world.home.addressMs = 14_000;
  world.network.change({ dnsMsMin: 9_900, dnsMsMax: 9_900 });
  world.broker.misbehave({ connect: 'close' });
  assert.equal(verdict(world.begin()), 'resolve: timed out');
  assert.equal(world.result?.tookMs, 45_000);
});

test('a check that is cancelled goes without a word, at any moment', () => {
  const steps = new CheckWorld().begin();
  steps.finish();
  for (let at = 0; at < steps.result!.tookMs + 20; at += 7) {
    const world = new CheckWorld().begin();
    world.queue.runFor(at);
    const isOver = world.result !== undefined;
    world.check.cancel();
    world.queue.runFor(60_000);
    assert.equal(world.result !== undefined, isOver);
    assert.equal(world.radio.joined, undefined);
    assert.equal(world.check.deadline(), Number.POSITIVE_INFINITY);
    assert.ok(!world.broker.isOnline('mote-1'));
  }
});

test('a goodbye that cannot be written does not undo the sign-in', () => {
  const world = new CheckWorld();
  const stuck: Network = {
    resolve: (host, done) => world.network.resolve(host, done),
    connect: (target, handler) => {
      const transport = world.network.connect(target, handler);
      let written = 0;
      return {
        read: (into, start, end) => transport.read(into, start, end),
        write: (from, start, end) => {
          written += 1;
          return written > 1 ? 0 : transport.write(from, start, end);
        },
        close: () => transport.close(),
      };
    },
  };
  const { failure, tookMs } = world.begin({}, HOME, stuck).finish();
  assert.equal(failure, undefined);
  assert.ok(tookMs < 5000);
});

test('a name that cannot be a topic is refused before anything is tried', () => {
  const { baseTopic } = defaultConfig('mote-1');
  assert.equal(baseTopic, 'mote/mote-1');
  assert.throws(() => new CheckWorld().begin({ baseTopic: 'a/#' }), /will|topic/);
});
