/** A form on its way through "Check and save", with a door and a check that the test plays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines } from '../../../../firmware/base/deadlines.ts';
import type { FormFields } from '../../../../firmware/provisioning/model.ts';
import type { SettingsDoor } from '../../../../firmware/provisioning/portal/doors.ts';
import { PortalForm } from '../../../../firmware/provisioning/portal/form.ts';
import { SetUpTimer } from '../../../../firmware/provisioning/portal/timers.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const fields = (given: Readonly<Record<string, string>>): FormFields =>
  new Map(Object.entries(given).map(([name, value]) => [name, bytes(value)]));

class Bench {
  readonly deeds: string[] = [];
  /** What cannot be done. */
  readonly broken = new Set<'save' | 'erase' | 'begin'>();
  readonly deadlines = new Deadlines(8);
  readonly form: PortalForm<FormFields>;
  private current: FormFields = fields({ host: 'saved', password: 'secret' });

  constructor() {
    this.deadlines.set(SetUpTimer.form, Number.POSITIVE_INFINITY);
    const tell = (deed: 'save' | 'erase' | 'begin') => {
      this.deeds.push(deed);
      if (this.broken.has(deed)) throw new Error(deed);
    };
    const door: Partial<SettingsDoor<FormFields>> = {
      isSecret: (field) => field === 'password',
      shownBytesMax: () => 5,
      value: (settings, field) => settings.get(field) ?? new Uint8Array(0),
      hasSecret: (settings, field) => settings.has(field),
      apart: (form) => form,
      parse: (given, base) => ({
        settings: new Map([...base, ...given]),
        problems: given.has('odd') ? [{ field: 'odd', problem: 'number' } as never] : [],
      }),
      save: (settings) => {
        tell('save');
        this.current = settings;
      },
      erase: () => tell('erase'),
    };
    const whole = Object.defineProperty(door, 'current', { get: () => this.current });
    this.form = new PortalForm(
      whole as SettingsDoor<FormFields>,
      () => {
        tell('begin');
        return {
          deadline: () => 77,
          wake: () => this.deeds.push('wake'),
          cancel: () => this.deeds.push('cancel'),
        } as never;
      },
      this.deadlines,
    );
  }

  shown(field: string): string {
    return String.fromCharCode(...this.form.value(field));
  }

  get stands(): string {
    const { state, stage, failure } = this.form.check;
    return state === 'failed' ? `${state} ${stage} ${failure}` : `${state} ${stage}`;
  }

  checking(): this {
    assert.equal(this.form.submit(fields({ host: 'new' }), false, 1000), 'started');
    this.form.wake(2000);
    return this;
  }
}

test('a check begins a second after its form, and is woken when it is due', () => {
  const bench = new Bench();
  assert.equal(bench.form.checkDue, Number.POSITIVE_INFINITY);
  assert.equal(bench.form.submit(fields({ host: 'new' }), false, 1000), 'started');
  assert.equal(bench.stands, 'running join');
  assert.equal(bench.deadlines.at[SetUpTimer.form], 2000);
  bench.form.wake(1999);
  assert.deepEqual(bench.deeds, []);
  bench.form.wake(2000);
  bench.form.wake(2001);
  assert.deepEqual([bench.deeds, bench.form.checkDue], [['begin', 'wake'], 77]);
  assert.equal(bench.deadlines.at[SetUpTimer.form], Number.POSITIVE_INFINITY);
  assert.equal(bench.form.submit(fields({}), false, 3000), 'busy');
});

test('what signed in is saved, and no other form is taken then', () => {
  const bench = new Bench().checking();
  bench.form.ended(undefined, 'save');
  assert.deepEqual([bench.deeds, bench.stands], [['begin', 'save'], 'saved save']);
  assert.equal(bench.form.checkDue, Number.POSITIVE_INFINITY);
  assert.equal(bench.form.submit(fields({}), true, 3000), 'busy');
  assert.equal(bench.shown('host'), 'new');
});

test('a check that fails, cannot begin or cannot be saved is told with its stage and its word', () => {
  const failed = new Bench().checking();
  failed.form.ended('name not found', 'resolve');
  assert.equal(failed.stands, 'failed resolve name not found');
  const unable = new Bench();
  unable.broken.add('begin');
  unable.checking();
  assert.equal(unable.stands, 'failed join timed out');
  const full = new Bench().checking();
  full.broken.add('save');
  full.form.ended(undefined, 'save');
  assert.equal(full.stands, 'failed save storage');
  assert.equal(failed.form.submit(fields({ host: 'x' }), false, 3000), 'started');
  assert.equal(failed.stands, 'running join');
});

test('whoever insists after a failure saves at once, and nobody else does', () => {
  const bench = new Bench();
  assert.equal(bench.form.submit(fields({ host: 'new' }), true, 1000), 'started');
  assert.deepEqual(bench.deeds, []);
  bench.form.wake(2000);
  bench.form.ended('silent', 'sign in');
  assert.equal(bench.form.submit(fields({ host: 'newer' }), true, 3000), 'started');
  assert.deepEqual([bench.deeds, bench.stands], [['begin', 'save'], 'saved save']);
});

test('a form with problems starts nothing and is shown as it was typed, but for secrets', () => {
  const bench = new Bench();
  const typed = fields({ odd: 'far too long', host: 'typed', password: 'typed' });
  assert.equal(bench.form.submit(typed, false, 1000), 'invalid');
  assert.deepEqual([bench.stands, bench.form.problems.length], ['idle join', 1]);
  assert.deepEqual(
    ['odd', 'host', 'password', 'none'].map((field) => bench.shown(field)),
    ['far t', 'typed', '', ''],
  );
  assert.equal(bench.form.hasSecret('password'), true);
  bench.form.wake(100_000);
  assert.deepEqual(bench.deeds, []);
  assert.equal(bench.form.submit(fields({ host: 'good' }), false, 2000), 'started');
  assert.deepEqual([bench.form.problems.length, bench.shown('odd')], [0, 'far too long']);
});

test('cleared, it is as it was saved, and what was under way has ended', () => {
  const waiting = new Bench();
  waiting.form.submit(fields({ odd: 'x', host: 'typed' }), false, 1000);
  waiting.form.clear();
  assert.equal(waiting.shown('host'), 'saved');
  assert.equal(waiting.shown('odd'), '');
  const begun = new Bench();
  begun.form.submit(fields({ host: 'new' }), false, 1000);
  begun.form.clear();
  begun.form.wake(5000);
  assert.deepEqual(begun.deeds, []);
  const running = new Bench().checking();
  running.form.clear();
  assert.deepEqual([running.deeds, running.form.checkDue], [['begin', 'cancel'], Infinity]);
});

test('a factory reset ends a check and erases; where it cannot, that is a failure', () => {
  const bench = new Bench().checking();
  assert.equal(bench.form.erase(), true);
  assert.deepEqual([bench.deeds, bench.stands], [['begin', 'cancel', 'erase'], 'idle join']);
  const broken = new Bench().checking();
  broken.broken.add('erase');
  assert.equal(broken.form.erase(), false);
  assert.equal(broken.stands, 'failed save storage');
  assert.equal(broken.form.checkDue, Number.POSITIVE_INFINITY);
});
