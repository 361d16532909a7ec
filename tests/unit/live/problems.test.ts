/** Problems on the way to the broker: said once, and final only where trying again cannot help. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../../../host-sim/fleet/problems.ts';

function watched() {
  const notes: string[] = [];
  const finals: string[] = [];
  const time = { ms: 0 };
  const sink = {
    note: (line: string) => notes.push(line),
    final: (line: string) => finals.push(line),
  };
  return { notes, finals, time, problems: new Problems('mqtt://h:1883', sink, () => time.ms) };
}

const REFUSED = { reason: 'refused', detail: 'connect ECONNREFUSED' } as const;
const UNTRUSTED = { reason: 'certificate not trusted', detail: 'self-signed' } as const;

test('a broker that is down is said once, not with every attempt, and is not final', () => {
  const { problems, notes, finals } = watched();
  for (let attempt = 0; attempt < 50; attempt += 1) {
    problems.failed(REFUSED);
    problems.disconnected('nothing listens on the port of the broker', 'again');
  }
  assert.deepEqual(notes, ['mqtt://h:1883: nothing listens on the port of the broker; retrying']);
  assert.deepEqual(finals, []);
});

test('after a connection the same problem is news again, but not within ten seconds', () => {
  const { problems, notes, time } = watched();
  problems.failed(REFUSED);
  problems.connected();
  time.ms = 9_000;
  problems.failed(REFUSED);
  assert.equal(notes.length, 1);
  time.ms = 10_001;
  problems.failed(REFUSED);
  problems.failed(REFUSED);
  assert.equal(notes.length, 2);
});

test('a name is final when it was not found three times for one device', () => {
  const { problems, notes, finals } = watched();
  for (const device of ['a', 'b', 'a', 'b']) problems.unresolved(device, 'h', 'ENOTFOUND');
  problems.disconnected('the name of the broker could not be looked up', 'again');
  assert.deepEqual(finals, []);
  problems.unresolved('a', 'h', 'ENOTFOUND');
  problems.unresolved('b', 'h', 'ENOTFOUND');
  assert.deepEqual(finals, ["mqtt://h:1883: the name 'h' could not be looked up (ENOTFOUND)"]);
  assert.deepEqual(notes, []);
});

test('a certificate that is not trusted is final before the first connection only', () => {
  const first = watched();
  first.problems.failed(UNTRUSTED);
  assert.match(first.finals[0], /not signed by a trusted authority \(self-signed\)/);
  const later = watched();
  later.problems.connected();
  later.problems.failed(UNTRUSTED);
  assert.deepEqual(later.finals, []);
  assert.equal(later.notes.length, 1);
});

test('refused credentials are final, whether named in words or with the reason of the broker', () => {
  for (const reason of [
    'bad credentials',
    'the broker does not accept this user name or password',
    'the broker does not allow this device to connect: not today',
  ]) {
    const { problems, finals } = watched();
    problems.disconnected(reason, 'no way left');
    assert.equal(finals.length, 1, reason);
    assert.match(finals[0], reason.includes('to connect') ? /; check --user/ : /user/);
  }
});

test('a broker that answers garbage is named once, and retried', () => {
  const { problems, notes, finals } = watched();
  const garbage = 'the broker sent something that MQTT forbids: packet type 0';
  for (let attempt = 0; attempt < 5; attempt += 1) problems.disconnected(garbage, 'again');
  assert.deepEqual(notes, [`mqtt://h:1883: ${garbage}; retrying`]);
  assert.deepEqual(finals, []);
});

test('a session that only the broker remembers is not called its fault', () => {
  const { problems, notes } = watched();
  const present = 'session present for a client that has none';
  problems.disconnected(`the broker sent something that MQTT forbids: ${present}`, 'again');
  const words = 'the broker still has a session of an earlier run, which starts anew';
  assert.deepEqual(notes, [`mqtt://h:1883: ${words}; retrying`]);
});

test('after a final problem nothing more is said', () => {
  const { problems, notes, finals } = watched();
  problems.failed(UNTRUSTED);
  problems.failed(UNTRUSTED);
  problems.failed(REFUSED);
  assert.equal(finals.length, 1);
  assert.deepEqual(notes, []);
});

test('what the board has another way for is neither told nor final', () => {
  const { problems, notes, finals } = watched();
  problems.disconnected('the broker does not speak this MQTT version', 'another way');
  assert.deepEqual([notes, finals, problems.last], [[], [], '']);
  problems.disconnected('the broker does not speak this MQTT version', 'no way left');
  assert.deepEqual(finals, ['mqtt://h:1883: the broker does not speak this MQTT version']);
});

test('a refusal that leaves no way is retried once there was a connection', () => {
  const { problems, notes, finals } = watched();
  problems.connected();
  problems.disconnected('the broker does not allow this device to connect', 'no way left');
  assert.deepEqual(finals, []);
  assert.match(notes[0], /; retrying$/);
});
