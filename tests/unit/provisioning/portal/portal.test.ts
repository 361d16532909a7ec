/** The portal's own decisions, with a check that a test ends as it likes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setUpPassword } from '../../../../firmware/provisioning/portal/portal.ts';
import { VirtualKeyValue } from '../../../../host-sim/virtual/key-value.ts';
import { SeededRandom } from '../../../../host-sim/virtual/random.ts';
import { form, PortalWorld, text } from '../../../support/portal-world.ts';

const HOME = Object.freeze({ ssid: 'home', wifiPassword: 'secret 1' });
const MINUTE = 60_000;

test('it scans before the set-up network opens, and shows what it found, strongest first', () => {
  const air = [
    { ssid: 'far', rssi: -80 },
    { ssid: 'near', rssi: -40 },
    { ssid: 'shy', hidden: true },
    { ssid: '' },
  ];
  const world = new PortalWorld({ air });
  world.portal.start();
  assert.equal(world.radio.accessPoint, undefined);
  world.open();
  assert.equal(world.radio.scans, 1);
  const names = world.portal.networks.map(({ ssid }) => text(ssid));
  assert.deepEqual(names, ['near', 'far']);
});

test('a scan that never answers holds nothing up', () => {
  const world = new PortalWorld();
  world.radio.scan = () => ({ cancel() {} });
  world.open();
  assert.equal(world.queue.now, 8000);
  assert.deepEqual(world.portal.networks, []);
});

test('the set-up network is named after the MAC; its password is readable, and the board keeps it', () => {
  const values = new VirtualKeyValue();
  const { portal, radio } = new PortalWorld({ values }).open();
  assert.equal(portal.title, 'Mote-1B2C');
  assert.match(portal.password, /^[abcdefghjkmnpqrstuvwxyz2-9]{10}$/);
  assert.equal(portal.qr, `WIFI:T:WPA;S:Mote-1B2C;P:${portal.password};;`);
  assert.deepEqual(radio.accessPoint, {
    ssid: 'Mote-1B2C',
    password: portal.password,
    channel: 6,
  });
  const again = new PortalWorld({ values }).portal;
  assert.equal(again.password, portal.password);
  const mac = Uint8Array.of(0x24, 0x6f, 0x28, 0x0a, 0x1b, 0x2d);
  const cloned = setUpPassword(values, new SeededRandom(1), mac);
  assert.notEqual(cloned, portal.password, 'a copied flash image has another password elsewhere');
  const other = setUpPassword(new VirtualKeyValue(), new SeededRandom(2), radio.mac);
  assert.notEqual(other, portal.password, 'the MAC alone does not give it away');
});

test('the token is another one at each boot', () => {
  const values = new VirtualKeyValue();
  const { portal } = new PortalWorld({ values });
  const { token } = new PortalWorld({ values }).portal;
  assert.match(token, /^[a-z2-9]{16}$/);
  assert.notEqual(token, portal.token);
});

test('a form with problems is shown as it was sent, and starts nothing', () => {
  const world = new PortalWorld().open();
  const long = 'x'.repeat(33);
  const sent = form({ ssid: long, wifiPassword: 'secret 2' });
  assert.equal(world.portal.submit(sent, false), 'invalid');
  assert.deepEqual(world.portal.problems, [{ field: 'ssid', code: 'bytes', min: 1, max: 32 }]);
  assert.equal(text(world.portal.value('ssid')), long);
  assert.equal(world.portal.value('wifiPassword').length, 0, 'but for the secret');
  assert.ok(world.portal.hasSecret('wifiPassword'));
  world.run(5000);
  assert.equal(world.checks, 0);
  assert.equal(world.portal.check.state, 'idle');
});

test('of a value that no field can need only a part is shown', () => {
  const world = new PortalWorld().open();
  assert.equal(world.portal.submit(form({ ssid: 'x'.repeat(8192) }), false), 'invalid');
  assert.equal(text(world.portal.value('ssid')), 'x'.repeat(100));
});

test('a check begins once the answer had time to leave, on the channel of the chosen network', () => {
  const world = new PortalWorld().open();
  const from = world.queue.now;
  world.submit(HOME);
  assert.ok(world.queue.now - from >= 1000);
  assert.equal(world.radio.accessPoint?.channel, 11);
  assert.deepEqual(world.checking, HOME);
  assert.equal(world.portal.check.state, 'running');
});

test('what signed in is saved; the network stays for half a minute, and the end is told', () => {
  const world = new PortalWorld().open().submit(HOME);
  assert.equal(world.door.saves, 0, 'nothing before the sign-in');
  world.result(undefined);
  const from = world.queue.now;
  assert.equal(world.portal.check.state, 'saved');
  assert.deepEqual(world.door.saved, HOME);
  assert.equal(world.portal.submit(form(HOME), false), 'busy');
  world.until(() => world.end !== undefined);
  assert.equal(world.end, 'saved');
  assert.equal(world.endedAt - from, 30_000);
  assert.equal(world.radio.accessPoint, undefined);
  assert.equal(world.portal.deadline(), Number.POSITIVE_INFINITY);
});

test('the last page ends it sooner; asked for again and again it does not put the end off', () => {
  const world = new PortalWorld().open().submit(HOME).result(undefined);
  const from = world.queue.now;
  for (let i = 0; i < 4; i += 1) {
    world.portal.done();
    world.alarm.set(world.portal.deadline());
    world.run(1000);
  }
  world.until(() => world.end !== undefined);
  assert.equal(world.endedAt - from, 5000);
  const early = new PortalWorld().open();
  early.portal.done();
  early.run(10 * MINUTE);
  assert.equal(early.end, undefined, 'before a success the last page is nothing');
});

test('a failure keeps its stage and its word until the next form, and saves nothing', () => {
  const world = new PortalWorld().open().submit(HOME);
  world.observer?.stage('connect');
  assert.equal(world.portal.check.stage, 'connect');
  world.result('nothing answers', 'connect');
  world.run(5 * MINUTE);
  const { state, stage, failure } = world.portal.check;
  assert.deepEqual([state, stage, failure], ['failed', 'connect', 'nothing answers']);
  assert.equal(world.door.saves, 0);
  world.submit({ ssid: 'home' });
  assert.deepEqual(world.checking, HOME, 'an empty secret is the one that was sent before');
});

test('"Save anyway" saves without a check, but only after a failed one', () => {
  const world = new PortalWorld().open();
  assert.equal(world.portal.submit(form(HOME), true), 'started');
  assert.equal(world.portal.check.state, 'running', 'the first form is checked all the same');
  world.alarm.set(world.portal.deadline());
  world.until(() => world.checking !== undefined).result('name not found', 'resolve');
  assert.equal(world.portal.submit(form({ ssid: 'home' }), true), 'started');
  assert.equal(world.portal.check.state, 'saved');
  assert.deepEqual(world.door.saved, HOME);
  assert.equal(world.checks, 1);
});

test('storage that fails is a failure of its own', () => {
  const world = new PortalWorld().open().submit(HOME);
  world.door.isBroken = true;
  world.result(undefined);
  const { state, stage, failure } = world.portal.check;
  assert.deepEqual([state, stage, failure], ['failed', 'save', 'storage']);
  world.portal.reset();
  world.run(MINUTE);
  assert.equal(world.end, undefined);
});

test('one check at a time', () => {
  const world = new PortalWorld().open().submit(HOME);
  const other = form({ ssid: 'other', wifiPassword: 'secret 3' });
  assert.equal(world.portal.submit(other, false), 'busy');
  assert.equal(world.portal.submit(other, true), 'busy');
  world.result(undefined);
  assert.deepEqual(world.door.saved, HOME);
});

test('factory reset erases, cancels a check, and is told to the owner', () => {
  const world = new PortalWorld({ saved: HOME }).open().submit(HOME);
  world.portal.reset();
  world.alarm.set(world.portal.deadline());
  assert.equal(world.door.saved, undefined);
  assert.equal(world.cancelled, 1);
  assert.ok(!world.portal.hasSecret('wifiPassword'));
  world.until(() => world.end !== undefined);
  assert.equal(world.end, 'reset');
});

test('an idle portal closes after ten minutes where there are settings, and never where not', () => {
  const world = new PortalWorld({ saved: HOME }).open();
  const from = world.queue.now;
  world.until(() => world.end !== undefined);
  assert.equal(world.end, 'idle');
  assert.equal(world.endedAt - from, 10 * MINUTE);
  const empty = new PortalWorld().open().run(200 * MINUTE);
  assert.equal(empty.end, undefined);
});

test('a result is news: the ten minutes count from it; a check under way is not cut off', () => {
  const world = new PortalWorld({ saved: HOME })
    .open()
    .run(9 * MINUTE + 50_000)
    .submit(HOME);
  world.run(5 * MINUTE);
  assert.equal(world.end, undefined);
  world.result('timed out');
  const from = world.queue.now;
  world.until(() => world.end !== undefined);
  assert.equal(world.endedAt - from, 10 * MINUTE);
});

test('while nobody is there the list is renewed each minute; a phone that is on ends that', () => {
  const world = new PortalWorld().open().run(5 * MINUTE + 30_000);
  assert.equal(world.radio.scans, 6);
  world.radio.add({ ssid: 'late' });
  world.run(MINUTE + 5000);
  assert.equal(world.portal.networks.length, 2);
  const phone = { thrownOff: () => assert.fail('thrown off') };
  const { title, password } = world.portal;
  assert.equal(world.radio.associate(phone, title, password), undefined);
  const { scans } = world.radio;
  world.run(5 * MINUTE);
  assert.equal(world.portal.phones, 1);
  assert.equal(world.radio.scans, scans);
});

test('saved Wi-Fi that comes back ends the portal, however late the router is', () => {
  const air = [{ ssid: 'home', password: 'secret 1', inRange: false }];
  const world = new PortalWorld({ saved: HOME, retries: true, air }).open().run(3 * MINUTE);
  assert.equal(world.end, undefined);
  world.radio.air[0].inRange = true;
  const from = world.queue.now;
  world.until(() => world.end !== undefined);
  assert.equal(world.end, 'wifi is back');
  assert.ok(world.endedAt - from < 65_000);
});

test('a join that never ends is given up and tried again', () => {
  let joins = 0;
  const station = { join: () => void joins++, leave() {}, link: () => undefined };
  const world = new PortalWorld({ saved: HOME, station });
  world.open().run(2 * MINUTE);
  assert.ok(joins >= 2 && joins <= 5, `${joins}`);
});

test('nobody joins in the background while the page is in use or a check runs', () => {
  const air = [{ ssid: 'home', password: 'secret 1', inRange: false }];
  const world = new PortalWorld({ saved: HOME, retries: true, air }).open();
  // The page is opened; then its script asks, while the form is filled in.
  const use = (path = '/state') => {
    const request = { method: 'GET', path } as never;
    world.portal.handle(request, {} as never, world.queue.now);
    world.alarm.set(world.portal.deadline());
  };
  use('/');
  world.radio.air[0].inRange = true;
  for (let i = 0; i < 5; i += 1) {
    world.run(MINUTE);
    use();
  }
  assert.equal(world.end, undefined);
  world.submit(HOME).run(119_000).result('nothing answers', 'connect').run(119_000);
  assert.equal(world.end, undefined);
  world.until(() => world.end !== undefined);
  assert.equal(world.end, 'wifi is back');
});

test('a portal in use closes after an hour all the same, if the board could work', () => {
  const world = new PortalWorld({ saved: HOME }).open();
  const from = world.queue.now;
  while (world.end === undefined && world.queue.now < 70 * MINUTE) {
    world.portal.handle({ method: 'POST', path: '/x' } as never, {} as never, world.queue.now);
    world.run(MINUTE);
  }
  assert.equal(world.endedAt - from, 60 * MINUTE);
});

test('stop closes everything at any moment, and nothing is heard after it', () => {
  for (let at = 0; at < 8000; at += 400) {
    const world = new PortalWorld({ saved: HOME, retries: true, air: [] });
    world.portal.start();
    world.run(at);
    if (at === 4000) world.submit(HOME);
    world.portal.stop();
    world.alarm.clear();
    world.run(5 * MINUTE);
    assert.equal(world.end, undefined);
    assert.equal(world.radio.accessPoint, undefined);
    assert.equal(world.portal.deadline(), Number.POSITIVE_INFINITY);
  }
});
