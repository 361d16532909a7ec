import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createWorld, End, TARGET } from './two-ends.ts';

test('opened comes from the event loop after a round trip, and bytes flow both ways', () => {
  const { queue, device, server, dial } = createWorld({ latencyMsMin: 5, latencyMsMax: 5 });
  dial();
  assert.deepEqual(device.calls, []);
  assert.equal(device.write(1), 0);
  queue.runUntil(9);
  assert.deepEqual(device.calls, []);
  queue.runUntil(10);
  assert.deepEqual(device.calls, ['opened']);
  assert.equal(device.write(1, 2, 3), 3);
  assert.equal(server.write(9), 1);
  queue.runUntil(20);
  assert.deepEqual(server.bytes, [1, 2, 3]);
  assert.deepEqual(device.bytes, [9]);
});

test('bytes that a server sends while accepting arrive after opened', () => {
  const { queue, internet, network } = createWorld({ latencyMsMin: 1, latencyMsMax: 90 });
  for (let round = 0; round < 50; round += 1) {
    const address = `10.0.1.${round}`;
    internet.listen(address, 80, (end) => end.write(Uint8Array.of(1), 0, 1));
    const device = new End();
    device.transport = network.connect({ ...TARGET, address }, device);
    queue.runFor(500);
    assert.deepEqual(device.calls, ['opened', 'readable']);
  }
});

test('any fragmentation, delay, rate and coalescing keeps all bytes in order', () => {
  const link = fc.record({
    latencyMsMin: fc.nat(20),
    latencyMsMax: fc.integer({ min: 20, max: 90 }),
    fragmentBytesMin: fc.integer({ min: 1, max: 3 }),
    fragmentBytesMax: fc.integer({ min: 3, max: 40 }),
    bytesPerSecond: fc.constantFrom(100, 9600, Number.POSITIVE_INFINITY),
    coalesceMs: fc.constantFrom(0, 40),
    sendBufferBytes: fc.integer({ min: 1, max: 60 }),
    receiveBufferBytes: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(link, fc.uint8Array({ minLength: 1, maxLength: 300 }), (conditions, bytes) => {
      const { queue, device, server, open } = createWorld(conditions);
      open();
      queue.runFor(200);
      let sent = 0;
      const push = () => {
        sent += device.transport.write(bytes, sent, bytes.length);
      };
      device.writable = push;
      push();
      queue.runFor(60_000);
      assert.deepEqual(server.bytes, [...bytes]);
    }),
    { numRuns: 60 },
  );
});

test('fragments of one byte are announced one by one to a reader that reads to 0', () => {
  const { queue, device, server, open } = createWorld({ fragmentBytesMin: 1, fragmentBytesMax: 1 });
  open();
  device.write(1, 2, 3);
  queue.runFor(100);
  assert.deepEqual(server.calls, ['readable', 'readable', 'readable']);
});

test('readable is not called again before a read has returned 0', () => {
  const { queue, device, server, open } = createWorld();
  open();
  server.reads = false;
  device.write(1);
  queue.runFor(10);
  device.write(2);
  queue.runFor(10);
  assert.deepEqual(server.calls, ['readable']);
  server.readAll();
  device.write(3);
  queue.runFor(10);
  assert.deepEqual(server.calls, ['readable', 'readable']);
});

test('a full send buffer takes less, then nothing, and calls writable once there is room', () => {
  const { queue, device, open } = createWorld({ sendBufferBytes: 4 });
  open();
  assert.equal(device.write(1, 2, 3), 3);
  assert.equal(device.write(4, 5, 6), 1);
  assert.equal(device.write(7), 0);
  queue.runFor(10);
  assert.deepEqual(device.calls, ['opened', 'writable']);
  assert.equal(device.write(5), 1);
  queue.runFor(10);
  assert.deepEqual(device.calls, ['opened', 'writable']);
});

test('a receiver that does not read holds the sender back until it does', () => {
  const { queue, device, server, open } = createWorld({
    sendBufferBytes: 3,
    receiveBufferBytes: 2,
  });
  open();
  server.reads = false;
  let taken = 0;
  for (let round = 0; round < 10; round += 1) {
    taken += device.write(1, 1, 1);
    queue.runFor(10);
  }
  assert.equal(taken, 5);
  server.reads = true;
  server.readAll();
  queue.runFor(10);
  assert.equal(server.bytes.length, 5);
  assert.ok(device.calls.includes('writable'));
});

test('bandwidth spreads bytes over time', () => {
  const { queue, device, server, open } = createWorld({
    bytesPerSecond: 10,
    fragmentBytesMin: 1,
    fragmentBytesMax: 1,
  });
  open();
  device.write(1, 2, 3, 4);
  queue.runFor(250);
  assert.equal(server.bytes.length, 2);
  queue.runFor(250);
  assert.equal(server.bytes.length, 4);
});

test('writes within the coalescing time arrive as one', () => {
  const { queue, device, server, open } = createWorld({ coalesceMs: 40 });
  open();
  device.write(1);
  queue.runFor(10);
  device.write(2);
  queue.runFor(100);
  assert.deepEqual(server.calls, ['readable']);
  assert.deepEqual(server.bytes, [1, 2]);
});

test('close delivers what was written, then closed by peer, once, and is silent at home', () => {
  const { queue, device, server, open } = createWorld();
  open();
  server.write(1, 2);
  server.transport.close();
  server.transport.close();
  queue.runFor(100);
  assert.deepEqual(device.bytes, [1, 2]);
  assert.deepEqual(device.calls, ['opened', 'readable', 'closed: closed by peer']);
  assert.deepEqual(server.calls, []);
  assert.equal(device.write(1), 0);
});

test('closed waits until the bytes that came before it were read', () => {
  const { queue, device, server, open } = createWorld();
  open();
  device.reads = false;
  server.write(1);
  server.transport.close();
  queue.runFor(1000);
  assert.deepEqual(device.calls, ['opened', 'readable']);
  device.readAll();
  assert.deepEqual(device.calls, ['opened', 'readable']);
  queue.runFor(1);
  assert.deepEqual(device.calls, ['opened', 'readable', 'closed: closed by peer']);
});

test('nothing is called after close, whatever is on its way', () => {
  const { queue, network, device, server, open } = createWorld();
  open();
  server.write(1);
  server.transport.close();
  device.transport.close();
  network.resetAll();
  queue.runFor(100);
  assert.deepEqual(device.calls, ['opened']);
});

test('closing before opened is silent, and the peer learns of it', () => {
  const { queue, device, server, dial } = createWorld({ latencyMsMin: 5, latencyMsMax: 5 });
  dial();
  queue.runFor(6);
  device.transport.close();
  queue.runFor(100);
  assert.deepEqual(device.calls, []);
  assert.deepEqual(server.calls, ['closed: closed by peer']);
});
