import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';

test('events run in the order of time, and of insertion where times are equal', () => {
  const queue = new EventQueue();
  const order: string[] = [];
  queue.at(20, () => order.push('late'));
  queue.at(10, () => order.push('first at 10'));
  queue.at(10, () => order.push('second at 10'));
  queue.runUntil(100);
  assert.deepEqual(order, ['first at 10', 'second at 10', 'late']);
  assert.equal(queue.now, 100);
  assert.equal(queue.executed, 3);
});

test('an event in the past runs now, after those already waiting for now', () => {
  const queue = new EventQueue(50);
  const order: number[] = [];
  queue.at(50, () => order.push(1));
  queue.at(3, () => order.push(2));
  assert.equal(queue.step(), true);
  assert.equal(queue.step(), true);
  assert.deepEqual(order, [1, 2]);
  assert.equal(queue.now, 50);
});

test('a cancelled event never runs, and cancelling again changes nothing', () => {
  const queue = new EventQueue();
  const handle = queue.at(5, () => assert.fail('a cancelled event ran'));
  queue.at(6, () => {});
  handle.cancel();
  handle.cancel();
  assert.equal(handle.pending, false);
  assert.equal(queue.waiting, 1);
  queue.runUntil(10);
  assert.equal(queue.executed, 1);
});

test('an event that fills the place of a cancelled one in a later branch keeps its turn', () => {
  const queue = new EventQueue();
  const order: number[] = [];
  const add = (time: number) => queue.at(time, () => order.push(time));
  const handles = [0, 10, 1, 11, 12, 2, 3].map(add);
  handles[3].cancel();
  for (const time of [50, 51, 52]) add(time);
  queue.runUntil(100);
  assert.deepEqual(order, [0, 1, 2, 3, 10, 12, 50, 51, 52]);
});

test('any mix of insertions and cancellations runs like a sorted list', () => {
  const operation = fc.record({ time: fc.nat(50), cancels: fc.option(fc.nat(100)) });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
      const queue = new EventQueue();
      const ran: number[] = [];
      const model = new Map<number, number>();
      const handles = operations.map(({ time }, index) => {
        model.set(index, time);
        return queue.at(time, () => ran.push(index));
      });
      for (const { cancels } of operations) {
        if (cancels !== null && cancels < handles.length) {
          handles[cancels].cancel();
          model.delete(cancels);
        }
      }
      queue.runUntil(1000);
      const expected = [...model].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
      assert.deepEqual(
        ran,
        expected.map(([index]) => index),
      );
    }),
  );
});

test('runUntil with a predicate stops as soon as it holds, and at its limit otherwise', () => {
  const queue = new EventQueue();
  let count = 0;
  for (let time = 1; time <= 10; time += 1) queue.at(time, () => (count += 1));
  assert.equal(
    queue.runUntil(() => count === 4),
    true,
  );
  assert.equal(queue.now, 4);
  assert.equal(
    queue.runUntil(() => count === 99, 7),
    false,
  );
  assert.equal(queue.now, 7);
});

test('the trace hook hears of every event before it runs', () => {
  const queue = new EventQueue();
  const trace: string[] = [];
  queue.trace = (time, ordinal) => trace.push(`${time}:${ordinal}`);
  queue.at(2, () => trace.push('b'));
  queue.at(1, () => trace.push('a'));
  queue.runUntil(2);
  assert.deepEqual(trace, ['1:1', 'a', '2:0', 'b']);
});

test('a time that is not finite is refused, and so is stepping from inside an event', () => {
  const queue = new EventQueue();
  assert.throws(() => queue.at(Number.NaN, () => {}), RangeError);
  assert.throws(() => queue.at(Number.POSITIVE_INFINITY, () => {}), RangeError);
  queue.at(1, () => assert.throws(() => queue.step(), /inside an event/));
  queue.runUntil(1);
});

test('an event that asks for another one at once, for ever, ends the run instead of hanging it', () => {
  const queue = new EventQueue();
  const again = (): void => {
    queue.after(0, again);
  };
  queue.after(5, again);
  assert.throws(() => queue.runFor(10), /time stands still/);
  assert.equal(queue.now, 5);
});
