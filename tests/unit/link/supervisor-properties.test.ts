import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EndCause, WiFiCause } from '../../../firmware/link/failures.ts';
import type { LoneSupervisor } from '../../support/lone.ts';
import { greatest, seeded } from './dice.ts';
import { Bench } from './link-bench.ts';

type Input = (bench: Bench) => void;

const CAUSES: EndCause[] = ['closed by peer', 'reset', 'refused', 'unreachable', 'timed out'];
CAUSES.push('tls failed', 'protocol error', 'keep-alive timed out', 'acknowledgement timed out');
const WIFI: WiFiCause[] = ['password refused', 'not found', 'no address', 'lost', 'timed out'];
const CODES = [0, 1, 2, 3, 4, 5, 0x84, 0x86, 0x89, 0x8b, 0x8e, 0x9c, 0x9d, 0xff];
const REFERENCES = ['', 'other', 'third:1', '[::1]:2', 'not a/reference'];

/** What the network and the broker can do to a link, in any order. */
const world: fc.Arbitrary<Input>[] = [
  fc.constant((bench) => bench.link.wifiJoined(bench.now)),
  fc.constantFrom(...WIFI).map((cause) => (bench) => bench.link.wifiFailed(cause, bench.now)),
  fc.constantFrom('', 'a', 'a').map((address) => (bench) => {
    bench.link.resolved(address, bench.now);
  }),
  fc.constant((bench) => bench.link.opened(bench.now)),
  fc.boolean().map((present) => (bench) => bench.link.connected(bench.now, present)),
  fc.tuple(fc.constantFrom(...CODES), fc.constantFrom(4, 5), fc.constantFrom(...REFERENCES)).map(
    ([code, form, text]) =>
      (bench) =>
        bench.link.refused(code, form, bench.now, text),
  ),
  fc.tuple(fc.constantFrom(...CODES), fc.constantFrom(...REFERENCES)).map(
    ([code, text]) =>
      (bench) =>
        bench.link.disconnected(code, bench.now, text),
  ),
  fc.constantFrom(...CAUSES).map((cause) => (bench) => bench.link.ended(cause, bench.now)),
];
/** Whatever the state waits for succeeds: random inputs alone seldom get as far as online. */
const success: fc.Arbitrary<Input> = fc.constant((bench) => succeed(bench));
const time: fc.Arbitrary<Input> = fc.integer({ min: 0, max: 20_000 }).map((ms) => (bench) => {
  bench.link.wake(bench.after(ms));
});
const alarm: fc.Arbitrary<Input> = fc.constant((bench) => {
  if (Number.isFinite(bench.link.deadline())) bench.wake();
});
const owner: fc.Arbitrary<Input> = fc.constantFrom<Input>(
  (bench) => bench.link.start(bench.now),
  (bench) => bench.link.stop(bench.now),
  (bench) => bench.link.ended('clock not set', bench.now),
  (bench) => bench.link.ended('goodbye said', bench.now),
);
const broken = fc.oneof(...world, success, success, success, time, alarm, alarm, alarm);
const anything = fc.oneof(broken, broken, broken, broken, owner);

function succeed(bench: Bench): void {
  const { link, now } = bench;
  link.start(now);
  if (link.state === 'joining') link.wifiJoined(now);
  else if (link.state === 'resolving') link.resolved('a', now);
  else if (link.state === 'connecting') link.opened(now);
  else if (link.state === 'handshaking') link.connected(now, true);
}

/** How many counted failures fit into `ms` when every delay is its upper end. */
function failuresWithin(ms: number): number {
  let count = 0;
  for (let sum = 1_000; sum <= ms; sum += Math.min(120_000, 1_000 * 2 ** count)) count += 1;
  return count;
}

/** Steps a bench through the inputs; `seen` looks at it after each. */
function run(bench: Bench, inputs: Input[], seen: (link: LoneSupervisor) => void): void {
  for (const input of inputs) {
    input(bench);
    bench.actions();
    seen(bench.link);
  }
}

test('no inputs make more attempts than the backoff, one fall-back and the redirects allow', () => {
  const never = { stableMs: 86_400_000 };
  fc.assert(
    fc.property(fc.array(broken, { minLength: 1, maxLength: 400 }), (inputs) => {
      const bench = new Bench({ random: greatest, backoff: never, wifiBackoff: never });
      const startedAt = bench.now;
      bench.link.start(bench.now);
      run(bench, inputs, (link) => {
        const failures = failuresWithin(bench.now - startedAt);
        const soon = 1 + 3 * (failures + 1);
        assert.ok(link.figures.attempts <= 1 + failures + soon, `${link.figures.attempts}`);
      });
    }),
    { numRuns: 400 },
  );
});

test('between the end of an attempt and the next lies at least the floor, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 300 }), fc.integer(), (inputs, seed) => {
      const bench = new Bench({ random: seeded(seed), backoff: { stableMs: 5_000 } });
      let attempts = 0;
      let endedAt = Number.NEGATIVE_INFINITY;
      let wasBusy = false;
      run(bench, inputs, ({ figures, state }) => {
        if (figures.attempts > attempts) {
          assert.equal(figures.attempts, attempts + 1, 'one input starts one attempt at most');
          assert.ok(bench.now - endedAt >= 200, `${bench.now - endedAt} ms`);
        }
        attempts = figures.attempts;
        const isBusy = !['stopped', 'offline', 'joining', 'closing'].includes(state);
        if (wasBusy && !isBusy) endedAt = bench.now;
        wasBusy = isBusy;
      });
    }),
    { numRuns: 400 },
  );
});

test('the machine is never stuck, and waking it at its deadline always moves it on', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 200 }), fc.integer(), (inputs, seed) => {
      const bench = new Bench({ random: seeded(seed) });
      run(bench, inputs, (link) => {
        const isAtRest = link.state === 'stopped' || link.state === 'online';
        assert.equal(Number.isFinite(link.deadline()), !isAtRest, link.state);
        assert.equal(link.nextAction(), 'none');
        if (isAtRest || link.deadline() > bench.now) return;
        const before = `${link.state} ${link.deadline()}`;
        link.wake(bench.now);
        assert.notEqual(`${link.state} ${link.deadline()}`, before);
      });
      for (let i = 0; i < 20 && Number.isFinite(bench.link.deadline()); i += 1) {
        const { state } = bench.link;
        const due = bench.link.deadline();
        bench.wake();
        assert.ok(bench.link.state !== state || bench.link.deadline() > due);
      }
    }),
    { numRuns: 400 },
  );
});

test('after any history, once everything answers, the link is online within six minutes', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 200 }), fc.integer(), (inputs, seed) => {
      const bench = new Bench({ random: seeded(seed) });
      run(bench, inputs, () => {});
      const from = bench.now;
      while (bench.link.state !== 'online') {
        if (bench.link.state === 'offline' || bench.link.state === 'closing') bench.wake();
        else succeed(bench);
        assert.ok(bench.now - from <= 360_000, `${bench.link.state} after ${bench.now - from}`);
      }
    }),
    { numRuns: 300 },
  );
});

test('after any history, a broker that speaks one version only is found within the hour', () => {
  const spoken = fc.constantFrom(4 as const, 5 as const);
  fc.assert(
    fc.property(
      fc.array(anything, { maxLength: 200 }),
      fc.integer(),
      spoken,
      fc.boolean(),
      (inputs, seed, version, isSilent) => {
        const bench = new Bench({ random: seeded(seed) });
        run(bench, inputs, () => {});
        if (bench.link.state === 'online') bench.link.ended('reset', bench.now);
        const from = bench.now;
        while (bench.link.state !== 'online') {
          const { link, now } = bench;
          if (link.state === 'offline' || link.state === 'closing') bench.wake();
          else if (link.state !== 'handshaking' || link.version === version) succeed(bench);
          else if (isSilent) link.ended('closed by peer', now);
          else link.refused(version === 4 ? 1 : 0x84, version, now);
          assert.ok(bench.now - from <= 3_600_000);
        }
        assert.equal(bench.link.preferredVersion, version);
      },
    ),
    { numRuns: 300 },
  );
});
