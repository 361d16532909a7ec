/** The steady state: what a device holds does not grow with what it has sent. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type VirtualDevice, virtualDevice } from '../../support/virtual-device.ts';

/** Objects reachable from the device, and the elements and bytes that they hold. */
function sizeOf(root: object): { objects: number; elements: number; bytes: number } {
  const seen = new Set<object>([root]);
  const found = { objects: 0, elements: 0, bytes: 0 };
  for (const object of seen) {
    found.objects += 1;
    if (ArrayBuffer.isView(object)) {
      found.bytes += object.byteLength;
      continue;
    }
    if (Array.isArray(object)) found.elements += object.length;
    if (object instanceof Map || object instanceof Set) found.elements += object.size;
    for (const value of [...Object.values(object), ...membersOf(object)]) {
      if (typeof value === 'object' && value !== null && !isWorld(value)) seen.add(value);
    }
  }
  return found;
}

function membersOf(object: object): unknown[] {
  if (object instanceof Map) return [...object.keys(), ...object.values()];
  return object instanceof Set ? [...object] : [];
}

/** What stands for hardware and the world grows as it likes. */
function isWorld(value: object): boolean {
  return /^(Virtual|Test|Event|Bme280Chip|Endpoint|Seeded)/.test(value.constructor?.name ?? '');
}

/** Runs until the device has accepted that many readings more. */
function take(board: VirtualDevice, readings: number): void {
  const goal = board.device.counters.accepted + readings;
  const { broker } = board;
  board.until(() => {
    // What the world remembers is not the device's.
    board.events.length = 0;
    broker.books.findings.length = 0;
    return board.device.counters.accepted >= goal;
  }, readings * 2000);
}

test('ten thousand readings leave every structure of the device at its size', () => {
  const board = virtualDevice().online();
  board.broker.books.keepsPublished = false;
  take(board, 200);
  const before = sizeOf(board.device);
  take(board, 10_000);
  board.until(() => board.outbox.depth === 0);
  assert.deepEqual(sizeOf(board.device), before);
  assert.ok(before.objects > 50 && before.bytes > 3000, 'the walk has seen the device');
  assert.deepEqual(board.broker.violations, []);
  const { accepted, acknowledged, published } = board.device.counters;
  assert.equal(acknowledged, accepted);
  assert.equal(published, accepted);
});

test('ten thousand readings leave no garbage that cannot be collected', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const board = virtualDevice().online();
  board.broker.books.keepsPublished = false;
  take(board, 2000);
  // The engine's own needs come and go; a leak would show in most rounds.
  const grown = Array.from({ length: 6 }, () => {
    const before = heap();
    take(board, 2000);
    return heap() - before;
  });
  const [, , , median] = grown.sort((a, b) => a - b);
  // An object with one field and the reference to it take 32 bytes.
  assert.ok(median < 32 * 2000, `${grown} bytes more in each round`);
});

test('two hundred reconnects leave every structure of the device at its size', () => {
  const board = virtualDevice({ config: { intervalMs: 5000 } }).online();
  board.broker.books.keepsPublished = false;
  const reconnect = (times: number) => {
    for (let i = 0; i < times; i += 1) {
      const { connects } = board.device.counters;
      board.broker.drop('mote-1', 'reset');
      board.until(() => board.device.counters.connects > connects, 600_000);
      board.runFor(40_000);
    }
  };
  reconnect(5);
  const before = sizeOf(board.device);
  reconnect(200);
  board.until(() => board.outbox.depth === 0, 600_000);
  assert.deepEqual(sizeOf(board.device), before);
  assert.equal(board.device.counters.reconnects, 205);
  board.checkBooks();
});
