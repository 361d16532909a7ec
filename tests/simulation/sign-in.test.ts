/** A whole device that proves its password, against a broker of another make that may misbehave. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCRAM, type ScramFault, ScramServer } from '../../host-sim/virtual/broker/scram-server.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { CheckWorld } from '../support/check-world.ts';
import { type VirtualDevice, virtualDevice } from '../support/virtual-device.ts';

const PASSWORD = 'sehr geheim';
const CONFIG = Object.freeze({
  user: 'j=rg, k\u00fcche',
  password: Buffer.from(PASSWORD),
  signIn: 'scram',
} as const);

function server(fault: ScramFault = 'none', password = PASSWORD): ScramServer {
  const made = new ScramServer(new SeededRandom(1), { [CONFIG.user]: password });
  made.fault = fault;
  return made;
}

function board(authMethod: ScramServer | undefined, config = {}): VirtualDevice {
  return virtualDevice({ config: { ...CONFIG, ...config }, broker: { authMethod } });
}

/** Why the first connection ended. */
function end(made: VirtualDevice): string {
  made.start().until(() => made.told('disconnected').length > 0);
  return made.told('disconnected')[0].text;
}

test('a device proves its password, delivers, and keeps the key for its next connection', () => {
  const scram = server();
  const made = board(scram).online().runFor(5000);
  assert.equal(scram.proven, 1);
  assert.equal(made.told('connected')[0].text, '5 false');
  made.network.vanishAll();
  made.until(() => made.told('connected').length === 2, 300_000);
  assert.equal(scram.proven, 2);
  made.runFor(5000);
  assert.ok(made.arrived().length >= 10);
  made.checkBooks();
});

test('the key is worked out in slices, and between them the device does everything else', () => {
  const made = board(server()).start();
  made.until(() => made.device.state === 'handshaking');
  let steps = 0;
  while (made.device.state === 'handshaking' && made.queue.step()) steps += 1;
  assert.equal(made.device.state, 'online');
  assert.ok(steps >= 64, `${steps} steps`);
});

test('with a proof, CONNECT has the name and not the password, and 3.1.1 is never spoken', () => {
  let seen: { username?: string; password?: unknown } = {};
  const broker = {
    authMethod: server(),
    authenticate: (login: typeof seen) => {
      seen = login;
      return 0;
    },
  };
  const made = virtualDevice({ config: { ...CONFIG, rememberedVersion: 4 }, broker }).online();
  assert.equal(seen.username, CONFIG.user);
  assert.equal(seen.password, undefined);
  assert.equal(made.told('connected')[0].text, '5 false');
  const old = virtualDevice({ config: CONFIG, broker: { ...broker, versions: [4] } }).start();
  old.runFor(3_600_000);
  assert.deepEqual(old.told('connected'), []);
  assert.equal(seen.password, undefined);
});

test('a wrong password is told as a refused sign-in, as it is without a proof', () => {
  const refused = 'the broker does not allow this device to connect';
  assert.equal(end(board(server('none', 'another'))), refused);
  assert.equal(end(board(server(), { user: 'nobody' })), refused);
  assert.equal(
    end(board(undefined)),
    'the broker wants another authentication',
    'a broker without SCRAM',
  );
});

const UNPROVEN =
  'the broker did not prove that it knows the password: its proof is missing or wrong';
const ENDS: readonly (readonly [ScramFault, string])[] = [
  ['another password', UNPROVEN],
  ['wrong signature', UNPROVEN],
  ['no signature', UNPROVEN],
  ['changed nonce', 'the sign-in cannot be done: a nonce that does not continue ours'],
  ['one iteration', 'the sign-in cannot be done: an iteration count below 4096'],
  ['ten million iterations', 'the sign-in cannot be done: an iteration count above 20000'],
  ['garbage salt', 'the sign-in cannot be done: a salt that is no base64 of 1 to 128 bytes'],
  ['silence after first', 'the broker did not answer CONNECT in time'],
  ['silence after proof', 'the broker did not answer CONNECT in time'],
  [
    'challenge after CONNACK',
    'the broker sent something that MQTT forbids: authentication was not asked for',
  ],
];

for (const [fault, words] of ENDS) {
  test(`${fault}: the connection ends in words, and no reading goes out to who proved nothing`, () => {
    const scram = server(fault);
    const made = board(scram);
    assert.equal(end(made), words);
    if (fault !== 'challenge after CONNACK') assert.deepEqual(made.readings(), []);
    // A broker that has come to its senses is found again.
    scram.fault = 'none';
    made.until(() => made.device.state === 'online', 7_200_000).runFor(2000);
    assert.ok(made.arrived().length > 0);
    made.checkBooks();
  });
}

test('a firmware without SCRAM that is to prove a password sends nothing of it', () => {
  const scram = server();
  const made = virtualDevice({
    config: CONFIG,
    broker: { authMethod: scram },
    ports: { scram: undefined },
  });
  const words = 'the sign-in cannot be done: this firmware was built without SCRAM-SHA-256';
  assert.equal(end(made), words);
  made.runFor(600_000);
  assert.equal(scram.begun, 0);
  assert.deepEqual(
    made.broker.books.connections.filter(({ connectAt }) => connectAt),
    [],
  );
});

test('nothing that a device says or is sent holds its password', () => {
  const scram = server('wrong signature');
  const made = board(scram);
  end(made);
  const said = JSON.stringify([made.events, scram.heard, made.broker.books.findings]);
  assert.ok(scram.heard.length === 2 && !said.includes(PASSWORD));
  assert.ok(!said.includes(Buffer.from(PASSWORD).toString('base64')));
});

test('Check and save tells a wrong password, a broker that proves nothing, and one without SCRAM', () => {
  const verdict = (authMethod: ScramServer | undefined) => {
    const world = new CheckWorld();
    world.broker.configure({ authMethod });
    const { failure, stage } = world.begin(CONFIG).finish();
    return `${stage}: ${failure ?? 'ok'}`;
  };
  assert.equal(verdict(server()), 'sign in: ok');
  assert.equal(verdict(server('none', 'another')), 'sign in: sign-in refused');
  assert.equal(verdict(server('wrong signature')), 'sign in: broker not proven');
  assert.equal(verdict(server('one iteration')), 'sign in: broker not proven');
  assert.equal(verdict(undefined), 'sign in: broker not proven');
  assert.equal(server().method, SCRAM);
});
