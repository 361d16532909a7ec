import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkConditions } from '../../../host-sim/virtual/link.ts';
import { ADDRESS, createWorld } from './two-ends.ts';

test('half-open: bytes vanish without a word in one direction, and for ever', () => {
  for (const direction of ['losesUp', 'losesDown'] as const) {
    const { queue, network, device, server, open } = createWorld();
    const end = open();
    network.change({ [direction]: true });
    device.write(1);
    server.write(2);
    queue.runFor(1000);
    network.change({ [direction]: false });
    device.write(3);
    queue.runFor(1000);
    assert.deepEqual(server.bytes, direction === 'losesUp' ? [] : [1, 3]);
    assert.deepEqual(device.bytes, direction === 'losesUp' ? [2] : []);
    assert.equal(end.inboundIsFaulty, direction === 'losesUp');
    assert.ok(!device.calls.some((call) => call.startsWith('closed')));
  }
});

test('a pause holds bytes back and delivers them afterwards', () => {
  const { queue, network, device, server, open } = createWorld();
  open();
  network.change({ paused: true });
  device.write(1, 2);
  queue.runFor(5000);
  assert.deepEqual(server.bytes, []);
  network.change({ paused: false });
  queue.runFor(10);
  assert.deepEqual(server.bytes, [1, 2]);
});

test('a reset ends both ends; a reset by the server ends the device', () => {
  const first = createWorld();
  first.open();
  first.network.resetAll();
  assert.deepEqual(first.device.calls, ['opened']);
  first.queue.runFor(10);
  assert.deepEqual(first.device.calls, ['opened', 'closed: reset']);
  assert.deepEqual(first.server.calls, ['closed: reset']);
  const second = createWorld();
  second.open().abort();
  second.queue.runFor(10);
  assert.deepEqual(second.device.calls, ['opened', 'closed: reset']);
  assert.deepEqual(second.server.calls, []);
});

test('a power cut and a lost radio leave the peer without a word', () => {
  for (const cut of ['vanishAll', 'dropAll'] as const) {
    const { queue, network, device, server, open } = createWorld();
    open();
    device.write(1);
    queue.runFor(10);
    if (cut === 'vanishAll') network.vanishAll();
    else network.dropAll('unreachable');
    queue.runFor(10_000);
    assert.deepEqual(server.calls, ['readable']);
    const expected = cut === 'vanishAll' ? [] : ['closed: unreachable'];
    assert.deepEqual(device.calls, ['opened', ...expected]);
  }
});

test('each way of failing to connect has its reason, once, from the event loop', () => {
  const cases: [Partial<LinkConditions>, number, string, string][] = [
    [{}, 81, ADDRESS, 'closed: refused'],
    [{}, 80, '10.9.9.9', 'closed: unreachable'],
    [{ connect: 'refused' }, 80, ADDRESS, 'closed: refused'],
    [{ connect: 'certificate expired' }, 80, ADDRESS, 'closed: certificate expired'],
    [{ connect: 'silent', connectTimeoutMs: 75_000 }, 80, ADDRESS, 'closed: timed out'],
  ];
  for (const [conditions, port, address, expected] of cases) {
    const { queue, network, device, dial } = createWorld(conditions);
    dial(port, address);
    assert.deepEqual(device.calls, []);
    queue.runFor(80_000);
    assert.deepEqual(device.calls, [expected]);
    assert.equal(network.attempts, 1);
  }
});

test('a silent connection attempt never answers by itself', () => {
  const { queue, device, dial } = createWorld({ connect: 'silent' });
  dial();
  queue.runFor(10_000_000);
  assert.deepEqual(device.calls, []);
});

test('names resolve after the delay; a missing name, a failing and a dead server differ', () => {
  const { queue, internet, network } = createWorld({ dnsMsMin: 300, dnsMsMax: 300 });
  internet.name('broker.test', ADDRESS);
  const answers: string[] = [];
  const ask = (host: string) => network.resolve(host, (address) => answers.push(address));
  ask('broker.test');
  queue.runFor(299);
  assert.deepEqual(answers, []);
  queue.runFor(1);
  ask('nowhere.test');
  queue.runFor(300);
  network.change({ dns: 'fail' });
  ask('broker.test');
  queue.runFor(300);
  network.change({ dns: 'dead' });
  ask('broker.test');
  ask('192.168.1.9');
  queue.runFor(1_000_000);
  assert.deepEqual(answers, [ADDRESS, '', '', '192.168.1.9']);
});

test('a cancelled look-up is not answered', () => {
  const { queue, network } = createWorld();
  network.resolve('broker.test', () => assert.fail('answered')).cancel();
  queue.runFor(1000);
});

test('conditions that no link can have are refused by name', () => {
  const { network } = createWorld();
  assert.throws(() => network.change({ fragmentBytesMin: 0 }), /fragmentBytesMin/);
  assert.throws(() => network.change({ sendBufferBytes: 0 }), /sendBufferBytes/);
  assert.throws(() => network.change({ latencyMsMin: -1 }), /latencyMsMin/);
  assert.throws(() => network.change({ bytesPerSecond: 0 }), /bytesPerSecond/);
});
