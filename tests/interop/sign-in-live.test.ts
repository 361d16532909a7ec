/** `npm start --sign-in scram` on real sockets, against a broker that asks for it. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ScramFault } from '../../host-sim/virtual/broker/scram-server.ts';
import { ScramBroker } from './scram-broker.ts';
import { Started } from './start-process.ts';

function start(t: TestContext, { port }: ScramBroker, password: string): Started {
  const login = ['--user', 'ann', '--password', password, '--sign-in', 'scram'];
  const all = [...login, '--broker', `mqtt://127.0.0.1:${port}`, '--id', 'desk', '--json'];
  const started = new Started(...all, '--duration', '3s', '--interval', '200ms');
  t.after(() => started.child.kill('SIGKILL'));
  return started;
}

test('a board of npm start proves its password and delivers', async (t) => {
  const broker = await new ScramBroker().open(t);
  const run = start(t, broker, 'secret');
  assert.equal(await run.ended, 0, run.err);
  const [connect] = broker.connects;
  assert.ok(connect.cmd === 'connect' && connect.password === undefined);
  assert.equal(broker.scram.proven, 1);
  assert.equal(run.events.find(({ event }) => event === 'connected')?.version, '5.0');
  assert.ok(broker.topics.filter((topic) => topic === 'mote/desk/telemetry').length >= 5);
  assert.ok(!`${run.out}${run.err}`.includes('secret'));
});

test('what a sign-in fails for is said in one line, and ends it', async (t) => {
  const cases: readonly (readonly [ScramFault, string, RegExp])[] = [
    ['none', 'wrong', /the broker does not allow this device to connect; check --user and --passw/],
    ['wrong signature', 'secret', /the broker did not prove that it knows the password/],
    ['one iteration', 'secret', /the sign-in cannot be done: an iteration count below 4096/],
  ];
  for (const [fault, password, words] of cases) {
    const broker = await new ScramBroker().open(t);
    broker.scram.fault = fault;
    const run = start(t, broker, password);
    assert.equal(await run.ended, 1, run.out);
    assert.equal(run.problems.length, 1, run.err);
    assert.match(run.problems[0], words);
  }
});
