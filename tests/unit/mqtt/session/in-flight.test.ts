import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AWAIT_PUBACK,
  AWAIT_PUBREC,
  InFlight,
  OUT,
} from '../../../../firmware/mqtt/session/in-flight.ts';

function filled(windowMax: number, count: number): InFlight {
  const flight = new InFlight(windowMax);
  for (let i = 1; i <= count; i++) flight.add((AWAIT_PUBACK << 24) | i, 100 + i, i);
  return flight;
}

function order(flight: InFlight): number[] {
  const ids: number[] = [];
  for (let offset = 0; offset < flight.span; offset++) {
    ids.push(flight.packetIdOf(flight.at(offset)));
  }
  return ids;
}

test('entries are found by identifier with what was added, and keep their order', () => {
  const flight = filled(4, 3);
  flight.add((AWAIT_PUBREC << 24) | (2 << 16) | 9, 7, 50);
  const index = flight.find(9);
  const found = [flight.tokenOf(index), flight.sourceOf(index), flight.stateOf(index)];
  assert.deepEqual(found, [7, 2, AWAIT_PUBREC]);
  assert.equal(flight.oldest, 1);
  assert.deepEqual(order(flight), [1, 2, 3, 9]);
  assert.equal(flight.find(4), -1);
});

test('a hole stays until all before it is settled, and is not found', () => {
  const flight = filled(4, 4);
  flight.remove(flight.find(2));
  flight.remove(flight.find(3));
  assert.deepEqual([flight.outstanding, flight.span, flight.hasHoles], [2, 4, true]);
  assert.equal(flight.find(2), -1);
  flight.remove(flight.find(1));
  assert.deepEqual([flight.outstanding, flight.span], [1, 1]);
  assert.deepEqual(order(flight), [4]);
});

test('holes are closed on demand, wherever the ring stands, and what is in flight stays as it is', () => {
  for (let turn = 0; turn < 16; turn++) {
    const flight = filled(5, 0);
    for (let id = 100; id < 100 + turn; id++) {
      flight.add((AWAIT_PUBACK << 24) | id, id, 0);
      flight.remove(flight.find(id));
    }
    for (let id = 1; id <= 5; id++) flight.add((AWAIT_PUBREC << 24) | (id << 16) | id, 10 * id, id);
    flight.remove(flight.find(2));
    flight.remove(flight.find(4));
    assert.equal(flight.compact(), 3);
    assert.deepEqual([flight.span, flight.outstanding, flight.hasHoles], [3, 3, false]);
    assert.deepEqual(order(flight), [1, 3, 5]);
    const index = flight.find(5);
    assert.deepEqual(
      [flight.tokenOf(index), flight.sourceOf(index), flight.stateOf(index), flight.oldest],
      [50, 5, AWAIT_PUBREC, 1],
    );
    flight.add((AWAIT_PUBACK << 24) | 6, 60, 6);
    flight.remove(flight.find(1));
    assert.deepEqual(order(flight), [3, 5, 6]);
  }
});

test('the ring goes round for ever, in order', () => {
  const flight = filled(3, 2);
  for (let id = 3; id < 1_000; id++) {
    flight.add((AWAIT_PUBACK << 24) | id, id, 0);
    assert.deepEqual(order(flight), [id - 2, id - 1, id]);
    flight.remove(flight.find(id - 2));
  }
});

test('what is to be sent again waits for nothing until it is sent', () => {
  const flight = filled(2, 2);
  flight.unsend();
  assert.deepEqual([flight.oldest, flight.outstanding], [Number.POSITIVE_INFINITY, 0]);
  const index = flight.find(2);
  assert.equal(flight.isDue(index), true);
  flight.send(index, AWAIT_PUBACK, 70);
  assert.deepEqual([flight.isDue(index), flight.oldest, flight.outstanding], [false, 70, 1]);
  flight.remove(index);
  assert.deepEqual([flight.isDue(index), flight.stateOf(index), flight.outstanding], [false, 0, 0]);
});

test('cleared, nothing is in flight and the same identifiers are free', () => {
  const flight = filled(3, 3);
  flight.remove(flight.find(1));
  flight.clear();
  assert.deepEqual([flight.outstanding, flight.span, flight.find(2)], [0, 0, -1]);
  for (let id = 1; id <= 3; id++) flight.add((AWAIT_PUBACK << 24) | id, id, 0);
  assert.deepEqual(order(flight), [1, 2, 3]);
});

test('a QoS 1 message that has gone out is told from others by one number', () => {
  const flight = new InFlight(4);
  const cellOf = (offset: number) => flight.cells[flight.at(offset)];
  flight.add((AWAIT_PUBACK << 24) | 7, 1, 0);
  flight.add((AWAIT_PUBREC << 24) | 8, 2, 0);
  assert.equal(cellOf(0), OUT + 7);
  assert.notEqual(cellOf(1), OUT + 8);
  flight.unsend();
  assert.notEqual(cellOf(0), OUT + 7);
  flight.send(flight.find(7), AWAIT_PUBACK, 0);
  assert.equal(cellOf(0), OUT + 7);
});
