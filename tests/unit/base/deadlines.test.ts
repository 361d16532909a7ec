import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deadlines, Timer } from '../../../firmware/base/deadlines.ts';
import { BoardTimer } from '../../../firmware/mote/timers.ts';
import { SetUpTimer } from '../../../firmware/provisioning/portal/timers.ts';

const NEVER = Number.POSITIVE_INFINITY;
const TIMERS = Object.keys(Timer).length;

test('timers are numbered from 0, without a gap', () => {
  for (const timers of [Timer, BoardTimer, SetUpTimer]) {
    const numbers = Object.values(timers).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i),
    );
  }
  assert.equal(Deadlines.ofDevice().at.length, TIMERS);
});

test('of a new table nothing is due', () => {
  assert.equal(Deadlines.ofDevice().next(0), NEVER);
});

test('a message that is overdue rings no alarm, and anything else rings at once', () => {
  const deadlines = Deadlines.ofDevice();
  deadlines.set(Timer.status, 0);
  deadlines.set(Timer.document, Number.NEGATIVE_INFINITY);
  deadlines.set(Timer.history, 20);
  assert.equal(deadlines.next(10), 20);
  assert.equal(deadlines.next(20), NEVER);
  deadlines.set(Timer.outbox, 5);
  assert.equal(deadlines.next(20), 5);
});

test('a range counts that begins or ends at any timer, or has none', () => {
  const deadlines = Deadlines.ofDevice();
  for (let timer = 0; timer < TIMERS; timer += 1) deadlines.set(timer, 100 + timer);
  deadlines.count(Timer.link, Timer.status);
  assert.equal(deadlines.next(0), 100 + Timer.link);
  deadlines.count(0, 0);
  assert.equal(deadlines.next(0), NEVER);
  deadlines.set(0, 1);
  assert.equal(deadlines.next(0), NEVER);
});

type Step = (deadlines: Deadlines, model: Model) => void;

interface Model {
  readonly at: number[];
  from: number;
  to: number;
  now: number;
}

const timer = fc.nat({ max: TIMERS - 1 });
const time = fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(0, NEVER, Number.NEGATIVE_INFINITY));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(timer, time).map(
    ([which, at]): Step =>
      (deadlines, model) => {
        deadlines.set(which, at);
        model.at[which] = at;
      },
  ),
  fc.tuple(timer, fc.nat({ max: TIMERS })).map(
    ([from, to]): Step =>
      (deadlines, model) => {
        deadlines.count(from, to);
        Object.assign(model, { from, to });
      },
  ),
  fc.nat({ max: 5 }).map(
    (ms): Step =>
      (_, model) => {
        model.now += ms;
      },
  ),
);

test('after any steps the next deadline is the least of those that count', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const deadlines = Deadlines.ofDevice();
      const model = {
        at: Array.from({ length: TIMERS }, () => NEVER),
        from: 0,
        to: TIMERS,
        now: 0,
      };
      for (const take of steps) {
        take(deadlines, model);
        const counted = model.at
          .slice(model.from, Math.max(model.from, model.to))
          .filter((at, i) => at > model.now || model.from + i < Timer.status);
        assert.equal(deadlines.next(model.now), Math.min(NEVER, ...counted));
        assert.deepEqual([...deadlines.at], model.at);
      }
    }),
    { numRuns: 2000 },
  );
});
