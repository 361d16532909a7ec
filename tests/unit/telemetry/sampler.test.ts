import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { NamedSensor } from '../../../firmware/sensors/probe.ts';
import type { Sensor } from '../../../firmware/sensors/sensor.ts';
import { LoneSampler } from '../../support/lone.ts';

const NEVER = Number.POSITIVE_INFINITY;
const decoder = new TextDecoder();

/** A sensor of one quantity that does as it is told. */
class Scripted implements Sensor {
  readonly quantities;
  readonly close = () => {};
  value = 1;
  announcedMs = 10;
  /** How often `collect` says not yet after the announced time. */
  notYet = 0;
  triggerFault = '';
  collectFault = '';
  triggers = 0;
  private left = 0;

  constructor(quantity: string) {
    this.quantities = [{ name: quantity, unit: '°C', decimals: 1 }];
  }

  trigger(): number {
    this.triggers += 1;
    this.left = this.notYet;
    if (this.triggerFault !== '') throw new Error(this.triggerFault);
    return this.announcedMs;
  }

  collect(into: Float64Array): boolean {
    if (this.collectFault !== '') {
      into.fill(999);
      throw new Error(this.collectFault);
    }
    this.left -= 1;
    if (this.left >= 0) return false;
    into[0] = this.value;
    return true;
  }
}

interface Taken {
  readonly at: number;
  readonly sampledAt: number;
  readonly text: string;
}

/** Wakes the sampler at each of its deadlines up to `until`; time never goes back. */
function run(sampler: LoneSampler, until: number): Taken[] {
  const taken: Taken[] = [];
  let at = 0;
  for (let steps = 0; Math.max(at, sampler.deadline()) <= until; steps += 1) {
    assert.ok(steps < 100_000, 'the sampler asks to be woken without end');
    at = Math.max(at, sampler.deadline());
    if (sampler.wake(at)) taken.push({ at, sampledAt: sampler.sampledAt, text: text(sampler) });
  }
  return taken;
}

function text(sampler: LoneSampler): string {
  const into = new Uint8Array(200);
  return decoder.decode(into.subarray(0, sampler.write(into, 0)));
}

function rig(intervalMs = 1000) {
  const inner = new Scripted('temperature');
  const light = new Scripted('light');
  const sensors: NamedSensor[] = [
    { name: 'inner', sensor: inner },
    { name: 'light', sensor: light },
  ];
  return { inner, light, sampler: new LoneSampler(sensors, intervalMs) };
}

function started(intervalMs = 1000) {
  const parts = rig(intervalMs);
  parts.sampler.start(0);
  return parts;
}

describe('the rhythm of sampling', () => {
  test('nothing is due before the start', () => {
    const { sampler, inner } = rig();
    assert.equal(sampler.deadline(), NEVER);
    assert.equal(sampler.wake(5000), false);
    assert.equal(inner.triggers, 0);
  });

  test('the first sample is taken right after the start, then one per interval', () => {
    const { sampler } = rig();
    sampler.start(500);
    const taken = run(sampler, 3600);
    assert.deepEqual(
      taken.map(({ sampledAt }) => sampledAt),
      [500, 1500, 2500, 3500],
    );
    assert.deepEqual(taken[0], { at: 510, sampledAt: 500, text: '"temperature":1,"light":1' });
  });

  test('the grid does not drift with the time that measuring and waking take', () => {
    const { sampler, inner } = started();
    inner.announcedMs = 333;
    const times: number[] = [];
    let now = 0;
    while (now < 100_000) {
      now = Math.max(now, sampler.deadline()) + 7;
      if (sampler.wake(now)) times.push(sampler.sampledAt);
    }
    assert.deepEqual(
      times,
      times.map((_, i) => i * 1000 + 7),
    );
    assert.equal(sampler.missedTicks, 0);
  });

  test('a late wake takes one sample, counts what it missed, and returns to the grid', () => {
    const { sampler, inner } = started();
    run(sampler, 500);
    assert.equal(sampler.wake(4700), false);
    assert.equal(inner.triggers, 2);
    assert.equal(sampler.wake(4710), true);
    assert.equal(sampler.sampledAt, 4700);
    assert.equal(sampler.missedTicks, 3);
    assert.equal(sampler.deadline(), 5000);
  });

  test('a round that outlasts the interval is not overlapped by another', () => {
    const { sampler, inner } = started(100);
    inner.announcedMs = 250;
    const taken = run(sampler, 1000);
    assert.deepEqual(
      taken.map(({ sampledAt }) => sampledAt),
      [0, 250, 500, 750],
    );
    assert.equal(inner.triggers, 5);
    assert.equal(inner.triggers + sampler.missedTicks, 11);
  });

  test('waking early changes nothing', () => {
    const { sampler, inner } = started();
    sampler.wake(0);
    for (let now = 0; now < 10; now += 1) assert.equal(sampler.wake(now), false);
    assert.equal(sampler.wake(10), true);
    assert.equal(sampler.wake(999), false);
    assert.equal(inner.triggers, 1);
  });

  test('samples and missed ticks add up to the grid, however wakes come', () => {
    const delays = fc.array(fc.double({ min: 0, max: 3500, noNaN: true }), { maxLength: 40 });
    const begin = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(delays, begin, fc.integer({ min: 1, max: 900 }), (waits, start, intervalMs) => {
        const { sampler, inner, light } = rig(intervalMs);
        inner.announcedMs = 0;
        light.announcedMs = 0;
        sampler.start(start);
        let now = start;
        let samples = 0;
        for (const wait of waits) {
          now += wait;
          if (sampler.wake(now)) samples += 1;
          const grid = waits.length === 0 ? 0 : Math.floor((now - start) / intervalMs) + 1;
          assert.ok(Math.abs(samples + sampler.missedTicks - grid) <= 1);
          assert.ok(sampler.deadline() > now && sampler.deadline() <= now + intervalMs + 1e-6);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

describe('changing the rhythm', () => {
  test('a shorter interval counts from the last grid time', () => {
    const { sampler } = started(60_000);
    run(sampler, 5000);
    sampler.changeInterval(10_000, 5000);
    assert.equal(sampler.deadline(), 10_000);
    assert.equal(run(sampler, 35_000).length, 3);
  });

  test('sensors are told of it between two rounds', () => {
    const told: number[] = [];
    let isMeasuring = false;
    const sensor = {
      quantities: [{ name: 'x', unit: '', decimals: 0 }],
      trigger() {
        isMeasuring = true;
        return 50;
      },
      collect(into: Float64Array) {
        isMeasuring = false;
        into[0] = 1;
        return true;
      },
      changeInterval(ms: number) {
        assert.ok(!isMeasuring);
        told.push(ms);
      },
      close() {},
    };
    const sampler = new LoneSampler([{ name: 'x', sensor }], 1000);
    sampler.start(0);
    sampler.changeInterval(2000, 0);
    sampler.wake(0);
    sampler.changeInterval(3000, 10);
    assert.deepEqual(told, [2000]);
    assert.ok(sampler.wake(50));
    assert.deepEqual(told, [2000, 3000]);
  });

  test('a shorter interval that has passed already samples at once', () => {
    const { sampler } = started(60_000);
    run(sampler, 25_000);
    sampler.changeInterval(10_000, 25_000);
    assert.deepEqual(
      run(sampler, 46_000).map(({ sampledAt }) => sampledAt),
      [25_000, 35_000, 45_000],
    );
    assert.equal(sampler.missedTicks, 0);
  });

  test('changing to and fro neither starves the board of samples nor adds any', () => {
    const { sampler } = started(10_000);
    run(sampler, 1000);
    for (let now = 1000; now < 9000; now += 100) {
      sampler.changeInterval(60_000, now);
      sampler.changeInterval(10_000, now);
    }
    assert.equal(sampler.deadline(), 10_000);
  });

  test('the same interval again changes nothing', () => {
    const { sampler } = started(10_000);
    run(sampler, 1000);
    sampler.changeInterval(10_000, 7000);
    assert.equal(sampler.deadline(), 10_000);
  });

  test('an interval set before the first sample keeps that sample where it was', () => {
    const { sampler } = rig();
    sampler.changeInterval(5000, 0);
    assert.equal(sampler.deadline(), NEVER);
    sampler.start(200);
    sampler.changeInterval(2000, 200);
    assert.equal(sampler.deadline(), 200);
    assert.equal(run(sampler, 2500).length, 2);
  });

  test('an interval set during a round lets the round finish', () => {
    const { sampler } = started(10_000);
    sampler.wake(0);
    sampler.changeInterval(3000, 5);
    assert.equal(sampler.wake(10), true);
    assert.equal(sampler.deadline(), 3000);
  });

  test('an interval that is no time is refused and changes nothing', () => {
    const { sampler } = started();
    for (const wrong of [0, -5, Number.NaN, NEVER]) {
      assert.throws(() => sampler.changeInterval(wrong, 0), /interval must be 1 ms or more/);
      assert.throws(() => new LoneSampler([], wrong), RangeError);
    }
    assert.equal(run(sampler, 1500).length, 2);
  });

  test('a sample asked for out of turn leaves the grid alone', () => {
    const { sampler } = started();
    run(sampler, 300);
    sampler.sampleNow(400);
    assert.equal(sampler.deadline(), 400);
    assert.deepEqual(
      run(sampler, 1100).map(({ sampledAt }) => sampledAt),
      [400, 1000],
    );
    assert.equal(sampler.missedTicks, 0);
  });

  test('a sample asked for during a round is answered by that round', () => {
    const { sampler, inner } = started();
    sampler.wake(0);
    sampler.sampleNow(3);
    assert.equal(run(sampler, 900).length, 1);
    assert.equal(inner.triggers, 1);
  });

  test('a sample asked for when the grid is due, too, is one sample', () => {
    const { sampler, inner } = started();
    run(sampler, 900);
    sampler.sampleNow(1000);
    sampler.sampleNow(1000);
    run(sampler, 1900);
    assert.equal(inner.triggers, 2);
  });
});

describe('a sensor that fails', () => {
  test('that cannot be triggered is named with its reason and stops nobody', () => {
    const { sampler, light } = started();
    light.triggerFault = 'no light here';
    assert.equal(run(sampler, 500)[0].text, '"temperature":1');
    const { name, ok, reason, failures } = sampler.health[1];
    const seen = { name, ok, reason, failures };
    assert.deepEqual(seen, { name: 'light', ok: false, reason: 'no light here', failures: 1 });
    assert.equal(sampler.health[0].ok, true);
  });

  test('that fails half-way leaves no half value behind', () => {
    const { sampler, inner } = started();
    inner.collectFault = 'torn off';
    assert.equal(run(sampler, 500)[0].text, '"light":1');
    assert.ok(Number.isNaN(sampler.values[0]));
    assert.equal(sampler.health[0].reason, 'torn off');
  });

  test('is tried again at the next interval and recovers', () => {
    const { sampler, inner } = started();
    inner.triggerFault = 'loose wire';
    run(sampler, 500);
    inner.triggerFault = '';
    assert.equal(run(sampler, 1500)[0].text, '"temperature":1,"light":1');
    const { ok, reason, failures } = sampler.health[0];
    assert.deepEqual({ ok, reason, failures }, { ok: true, reason: '', failures: 1 });
  });

  test('that is slow is waited for, and the reading keeps the time of its start', () => {
    const { sampler, inner } = started();
    inner.notYet = 4;
    const [reading] = run(sampler, 900);
    // Asked at 10 ms as announced, then at 15, 20, 30 and 50.
    assert.deepEqual(reading, { at: 50, sampledAt: 0, text: '"temperature":1,"light":1' });
  });

  test('that never becomes ready is given up after its time and a second', () => {
    const { sampler, inner } = started(5000);
    inner.notYet = NEVER;
    let asked = 0;
    const collect = inner.collect.bind(inner);
    inner.collect = (into) => {
      asked += 1;
      return collect(into);
    };
    const [reading] = run(sampler, 4000);
    assert.ok(asked <= 10, `the board wakes rarely for it: ${asked} times`);
    assert.deepEqual(reading, { at: 1010, sampledAt: 0, text: '"light":1' });
    assert.equal(sampler.health[0].reason, 'did not finish its measurement in time');
  });

  test('that is ready when it is asked too late still counts', () => {
    const { sampler } = started(60_000);
    sampler.wake(0);
    assert.equal(sampler.wake(30_000), true);
    assert.equal(text(sampler), '"temperature":1,"light":1');
  });

  test('that announces an impossible time is dead, not waited for', () => {
    for (const impossible of [Number.NaN, -1, NEVER, 1e9]) {
      const { sampler, inner } = started();
      inner.announcedMs = impossible;
      assert.equal(run(sampler, 500)[0].text, '"light":1');
      assert.match(sampler.health[0].reason, /impossible measuring time/);
    }
  });

  test('gives a bounded reason, whatever it throws', () => {
    const { sampler, inner, light } = started();
    inner.triggerFault = 'x'.repeat(5000);
    light.trigger = () => {
      throw undefined;
    };
    run(sampler, 500);
    assert.equal(sampler.health[0].reason.length, 160);
    assert.equal(sampler.health[1].reason, 'failed without a reason');
  });

  test('when all are dead no reading is made, it is counted, and all are tried again', () => {
    const { sampler, inner, light } = started();
    inner.triggerFault = 'gone';
    light.collectFault = 'gone';
    assert.deepEqual(run(sampler, 2500), []);
    assert.equal(sampler.emptyRounds, 3);
    light.collectFault = '';
    assert.equal(run(sampler, 3500)[0].text, '"light":1');
    assert.equal(sampler.emptyRounds, 3);
  });

  test('values of an earlier round never show in a later one', () => {
    const { sampler, inner } = started();
    inner.value = 33;
    run(sampler, 500);
    inner.value = Number.NaN;
    assert.equal(run(sampler, 1500)[0].text, '"light":1');
  });
});

describe('names', () => {
  const of = (...names: string[]) =>
    new LoneSampler(
      names.map((name) => ({ name: 'chip', sensor: new Scripted(name) })),
      1000,
    );

  test('a second sensor of the same quantity is published with a suffix', () => {
    const sampler = of('temperature', 'temperature', 'temperature');
    sampler.start(0);
    const [reading] = run(sampler, 500);
    assert.equal(reading.text, '"temperature":1,"temperature_2":1,"temperature_3":1');
    const { name, unit, decimals } = sampler.quantities[1];
    assert.deepEqual([name, unit, decimals], ['temperature_2', '°C', 1]);
  });

  test('a suffix never meets a name that is taken', () => {
    const sampler = of('light', 'light_2', 'light');
    const names = sampler.quantities.map(({ name }) => name);
    assert.deepEqual(names, ['light', 'light_2', 'light_3']);
  });

  test('a quantity that cannot be published is refused when the sampler is made', () => {
    assert.throws(() => of('Größe'), RangeError);
  });

  test('a board without sensors makes no readings and does not fail', () => {
    const sampler = of();
    sampler.start(0);
    assert.deepEqual(run(sampler, 3500), []);
    assert.equal(sampler.emptyRounds, 4);
  });
});
