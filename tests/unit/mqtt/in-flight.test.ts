import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AWAIT_PUBACK, AWAIT_PUBREC, InFlight } from '../../../firmware/mqtt/in-flight.ts';

function filled(windowMax: number, count: number): InFlight {
  const flight = new InFlight(windowMax);
  for (let i = 1; i <= count; i++) flight.add(i, 100 + i, 0, AWAIT_PUBACK, i);
  return flight;
}

function order(flight: InFlight): number[] {
  const ids: number[] = [];
  for (let offset = 0; offset < flight.span; offset++) {
    ids.push(flight.packetIds[flight.at(offset)]);
  }
  return ids;
}

test('the window is full at its own size, also where that is no power of two', () => {
  for (const windowMax of [1, 2, 3, 5, 8]) {
    assert.equal(filled(windowMax, windowMax - 1).full, false);
    assert.equal(filled(windowMax, windowMax).full, true);
  }
});

test('entries are found by identifier with what was added, and keep their order', () => {
  const flight = filled(4, 3);
  flight.add(9, 7, 2, AWAIT_PUBREC, 50);
  const index = flight.find(9);
  const { tokens, sources, states, times } = flight;
  const found = [tokens[index], sources[index], states[index], times[index]];
  assert.deepEqual(found, [7, 2, AWAIT_PUBREC, 50]);
  assert.deepEqual(order(flight), [1, 2, 3, 9]);
  assert.equal(flight.find(4), -1);
});

test('a hole stays until all before it is settled, and is not found', () => {
  const flight = filled(4, 4);
  flight.remove(flight.find(2));
  flight.remove(flight.find(3));
  assert.deepEqual([flight.live, flight.span, flight.full], [2, 4, true]);
  assert.equal(flight.find(2), -1);
  flight.remove(flight.find(1));
  assert.deepEqual([flight.live, flight.span], [1, 1]);
  assert.deepEqual(order(flight), [4]);
});

test('the ring goes round for ever, in order', () => {
  const flight = filled(3, 2);
  for (let id = 3; id < 1_000; id++) {
    flight.add(id, id, 0, AWAIT_PUBACK, 0);
    assert.deepEqual(order(flight), [id - 2, id - 1, id]);
    flight.remove(flight.find(id - 2));
  }
});

test('cleared, nothing is in flight and the same identifiers are free', () => {
  const flight = filled(3, 3);
  flight.remove(flight.find(1));
  flight.clear();
  assert.deepEqual([flight.live, flight.span, flight.find(2)], [0, 0, -1]);
  for (let id = 1; id <= 3; id++) flight.add(id, id, 0, AWAIT_PUBACK, 0);
  assert.deepEqual(order(flight), [1, 2, 3]);
});
