/** A device with rules: what it tells, in which order, and what restarts and power cuts leave of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlarmStore } from '../../../firmware/device/ports.ts';
import type { Outbox } from '../../../firmware/outbox/outbox.ts';
import { RecordKind } from '../../../firmware/outbox/outbox.ts';
import {
  textOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
  virtualDevice,
} from '../../support/virtual-device.ts';

const MINUTE = 60_000;

/** A device with one thermometer that shows what it is told, and what it keeps over restarts. */
class Room {
  celsius = 20;
  readonly store: AlarmStore & {
    saves: number;
    readonly learnt: (place: number) => Uint8Array | undefined;
  };
  readonly board: VirtualDevice;

  /** @param options `quantity`: its sensor measures something else */
  constructor(alarms: string, options: VirtualDeviceOptions & { quantity?: string } = {}) {
    const { quantity = 'temperature' } = options;
    this.store = storeOf();
    const collect = (into: Float64Array): boolean => {
      into[0] = this.celsius;
      return true;
    };
    const quantities = [{ name: quantity, unit: '°C', decimals: 1 }];
    const sensor = { quantities, trigger: () => 0, collect, close() {} };
    this.board = virtualDevice({
      ...options,
      sensors: [{ name: 'room', sensor }],
      config: { alarms, ...options.config },
      ports: { alarmStore: this.store, ...options.ports },
    });
  }

  /** What was published of one alarm, redeliveries included. */
  told(name: string): Record<string, unknown>[] {
    return this.board.packets(`alarm/${name}`).map(({ payload }) => JSON.parse(textOf(payload)));
  }

  states(name: string): unknown[] {
    return this.told(name).map(({ state }) => state);
  }

  send(command: string, payload = ''): Record<string, unknown> {
    const { board } = this;
    board.broker.publish({ topic: `${board.base}/command/${command}`, payload, qos: 1 });
    board.runFor(3000);
    return JSON.parse(textOf(board.packets('response').at(-1)!.payload));
  }
}

function storeOf() {
  const states = new Map<number, Uint8Array>();
  let alarms: Uint8Array | undefined;
  const store = {
    saves: 0,
    get alarms(): Uint8Array | undefined {
      return alarms;
    },
    set alarms(bytes: Uint8Array | undefined) {
      store.saves += 1;
      alarms = bytes;
    },
    learnt: (place: number) => states.get(place),
    keepLearnt: (place: number, _quantity: string, state: Uint8Array) => {
      states.set(place, state.slice());
    },
  };
  return store;
}

test('a new rule says where its alarm stands, and each change is told before its reading', () => {
  const room = new Room('temperature > 30; temperature < 5');
  room.board.online().runFor(3000);
  room.celsius = 31.26;
  room.board.runFor(1000);
  assert.deepEqual(room.states('temperature_high'), ['normal', 'active']);
  assert.deepEqual(room.states('temperature_low'), ['normal']);
  const [, { seq, value, limit, since, ts }] = room.told('temperature_high');
  assert.deepEqual([value, limit, since], [31.3, 30, ts]);
  const { published } = room.board.broker.books;
  const at = published.findIndex(({ payload }) => textOf(payload).includes(`"seq":${seq},`));
  assert.match(textOf(published[at + 1].payload), /"temperature":31.3/);
  assert.ok(published[at].retain && published[at].qos === 1);
  room.board.checkBooks();
});

test('an alarm that is raised during an outage of two hours comes before all that waits, once, with its own time', () => {
  const room = new Room('temperature > 30', { config: { intervalMs: 10_000 } });
  const { board } = room;
  board.online().runFor(15_000);
  board.broker.stop('vanish');
  board.runFor(60 * MINUTE);
  room.celsius = 31;
  board.runFor(60 * MINUTE);
  const { length } = board.broker.books.published;
  board.broker.start();
  board.until(() => board.device.state === 'online', 5 * MINUTE).runFor(MINUTE);
  const after = board.broker.books.published.slice(length).filter(({ dup }) => !dup);
  const topics = after.map(({ topic }) => topic.slice(board.base.length + 1));
  assert.ok(topics.indexOf('alarm/temperature_high') < topics.indexOf('history'), topics.join());
  assert.deepEqual(room.states('temperature_high'), ['normal', 'active']);
  assert.ok(Number(room.told('temperature_high')[1].ts) * 1000 < board.clock.wall() - 60 * MINUTE);
  board.checkBooks();
});

test('a restart neither forgets an alarm nor raises it again, and goes on with what follows', () => {
  const room = new Room('temperature > 30 latched');
  const { board } = room;
  board.online().runFor(2000);
  room.celsius = 31;
  board.runFor(5000);
  const { since } = room.told('temperature_high')[1];
  for (let i = 0; i < 3; i += 1) board.reboot().online().runFor(5000);
  assert.deepEqual(room.states('temperature_high'), ['normal', 'active']);
  assert.deepEqual(room.send('acknowledge', '{"alarm":"temperature_high"}').ok, true);
  board.reboot().online().runFor(5000);
  room.celsius = 20;
  board.runFor(5000);
  assert.deepEqual(room.states('temperature_high').slice(2), ['acknowledged', 'normal']);
  assert.equal(room.told('temperature_high')[2].since, since);
  assert.equal(room.store.saves, 4, 'flash is written for a change of state, and for nothing else');
});

test('whatever a power cut leaves of a change, it is told once', () => {
  for (const cut of ['before the message', 'after it'] as const) {
    const room = new Room('temperature > 30');
    const { board } = room;
    board.online().runFor(2000);
    const outbox = board.outbox as { append: Outbox['append'] };
    const { append } = outbox;
    outbox.append = (kind, ...rest) => {
      if (kind !== RecordKind.alarm) return append.call(outbox, kind, ...rest);
      outbox.append = append;
      if (cut === 'after it') append.call(outbox, kind, ...rest);
      throw new Error('the power is gone');
    };
    room.celsius = 31;
    assert.throws(() => board.runFor(2000), /the power is gone/, cut);
    board.reboot().online().runFor(5000);
    assert.deepEqual(room.states('temperature_high'), ['normal', 'active'], cut);
    assert.equal(new Set(room.told('temperature_high').map(({ seq }) => seq)).size, 2, cut);
  }
});

test('commands acknowledge one alarm or all, and shelve one', () => {
  const room = new Room('temperature > 30; temperature > 25');
  room.board.online();
  room.celsius = 31;
  room.board.runFor(3000);
  assert.equal(
    room.send('acknowledge', '{"alarm":"temperature_low"}').error,
    'there is no such alarm',
  );
  assert.ok(room.send('acknowledge').ok);
  assert.equal(room.states('temperature_high').at(-1), 'acknowledged');
  assert.equal(room.states('temperature_high_2').at(-1), 'acknowledged');
  assert.ok(room.send('shelve', '{"alarm":"temperature_high_2","seconds":60}').ok);
  const { state, until, ts } = room.told('temperature_high_2').at(-1)!;
  assert.deepEqual([state, until], ['shelved', Number(ts) + 60]);
  room.board.runFor(2 * MINUTE);
  assert.equal(room.states('temperature_high_2').at(-1), 'active');
  assert.match(String(room.send('shelve').error), /alarm must be/);
});

test('a device without rules refuses the commands about them, and keeps nothing', () => {
  const room = new Room('');
  room.board.online();
  for (const command of ['acknowledge', 'shelve']) {
    const { error } = room.send(command, '{"alarm":"temperature_high"}');
    assert.equal(error, 'there are no rules for alarms');
  }
  assert.equal(room.store.saves, 0);
});

test('an alarm whose rule is taken away says normal once more, and is forgotten', () => {
  const room = new Room('temperature > 30; temperature < -40');
  room.board.online();
  room.celsius = 31;
  room.board.runFor(3000);
  const ports = { alarmStore: room.store, outbox: room.board.outbox };
  const next = new Room('temperature < -40', { ports });
  next.board.online().runFor(3000);
  assert.deepEqual(next.states('temperature_high'), ['normal']);
  assert.deepEqual(next.states('temperature_low'), []);
  new Room('', { ports }).board.online().runFor(3000);
  assert.equal(room.store.alarms, undefined);
});

test('a silence is noticed though no reading comes of it', () => {
  const room = new Room('temperature silent for 10s');
  room.board.online();
  room.celsius = Number.NaN;
  room.board.runFor(15_000);
  assert.deepEqual(room.states('temperature_silent'), ['normal', 'active']);
  const { value, limit } = room.told('temperature_silent')[1];
  assert.deepEqual([value, limit], [undefined, 10]);
});

test('an alarm stays as it was, and can be acknowledged, while no sensor has its quantity', () => {
  const rules = 'temperature > 30; temperature silent for 10s; temperature unusual';
  const room = new Room(rules);
  room.board.online();
  room.celsius = 31;
  room.board.runFor(3000);
  const ports = { alarmStore: room.store, outbox: room.board.outbox };
  const without = new Room(rules, { ports, quantity: 'humidity' });
  without.board.online().runFor(15_000);
  assert.deepEqual(
    without.states('temperature_high'),
    [],
    'nothing is known of it, and nothing told',
  );
  assert.deepEqual(without.states('temperature_silent'), ['active']);
  assert.ok(without.send('acknowledge', '{"alarm":"temperature_high"}').ok);
  assert.deepEqual(without.states('temperature_high'), ['acknowledged']);
  const back = new Room(rules, { ports });
  back.board.online().runFor(5000);
  assert.deepEqual(back.states('temperature_high'), ['normal']);
  assert.deepEqual(back.states('temperature_silent'), ['normal']);
});

test('diagnostics name what still learns, and rules about what no sensor has', () => {
  const room = new Room('temperature unusual; co2 > 1000');
  room.board.online().runFor(2000);
  const { learning, alarms_missing: missing } = room.board.diagnostics().at(-1)!;
  assert.deepEqual([learning, missing], ['temperature_unusual', 'co2_high']);
});

test('what a detector has learnt is kept once an hour, and when the device leaves', () => {
  const room = new Room('temperature unusual', { config: { intervalMs: 60_000 } });
  room.board.online().runFor(59 * MINUTE);
  assert.equal(room.store.learnt(0), undefined);
  room.board.runFor(2 * MINUTE);
  const first = room.store.learnt(0);
  assert.equal(first?.length, 768);
  room.board.runFor(30 * MINUTE);
  assert.equal(room.store.learnt(0), first);
  room.board.stop();
  assert.notEqual(room.store.learnt(0), first);
});

test('an alarm that the broker never takes is given up, so that readings go on', () => {
  const room = new Room('temperature > 30');
  const { board } = room;
  board.broker.misbehave({ poison: (topic) => (topic.includes('/alarm/') ? 'close' : 'none') });
  board.start().runFor(20 * MINUTE);
  assert.equal(board.device.counters.dropped, 1);
  assert.ok(board.arrived().length > 1000);
  board.checkBooks();
});

test('rules are judged on each sample, and a reading is the mean of its interval', () => {
  const config = { intervalMs: MINUTE, sampleMs: 1000, onChange: 'temperature 1' };
  const room = new Room('temperature > 30', { config });
  const { board } = room;
  board.online().runFor(10_000);
  room.celsius = 31;
  board.runFor(1000);
  assert.deepEqual(room.states('temperature_high'), ['normal', 'active']);
  room.celsius = 20;
  board.runFor(4 * MINUTE);
  assert.deepEqual(room.states('temperature_high'), ['normal', 'active', 'normal']);
  const readings = board.readings();
  assert.equal(readings.length, 1, 'a second of 31 °C in a minute moves the mean by 0.2');
  assert.ok(room.send('sample').ok);
  assert.equal(board.readings().length, 2);
  room.send('diagnostics');
  assert.equal(board.diagnostics().at(-1)?.unchanged, 4);
  board.checkBooks();
});

test('the command for the interval changes that of the readings, and leaves the samples', () => {
  const config = { intervalMs: MINUTE, sampleMs: 1000 };
  const owner = { keepInterval: () => '', signedIn() {}, announced() {} } as never;
  const room = new Room('temperature > 30', { config, ports: { owner } });
  const { board } = room;
  board.online().runFor(5000);
  room.send('interval', '{"seconds":10}');
  board.runFor(30_000);
  assert.equal(board.readings().length, 4);
  room.celsius = 31;
  board.runFor(1500);
  assert.equal(room.states('temperature_high').at(-1), 'active');
});
