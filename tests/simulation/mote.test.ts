/** The board as a whole: when it works, when it is set up, and how it goes from one to the other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardBus } from '../../host-sim/chips/board-sensors.ts';
import { surroundings } from '../../host-sim/chips/curves.ts';
import { RESET } from '../../host-sim/esp32-tools/reset-codes.ts';
import { Person } from '../support/person.ts';
import { RIGHT_SETTINGS as SETTINGS, SetUpBoard } from '../support/set-up-board.ts';
import { textOf } from '../support/virtual-device.ts';

const BASE = 'mote/mote-0a1b2c';

/** A board that was set up and is at work. */
function working(more: Record<string, string> = {}): SetUpBoard {
  const board = new SetUpBoard();
  new Person(board).getOn().persist({ ...SETTINGS, ...more });
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(500);
  return board;
}

function until(board: SetUpBoard, goal: () => boolean, limitMs = 900_000): void {
  assert.ok(board.queue.runUntil(goal, board.queue.now + limitMs), `not reached: ${goal}`);
}

function command(board: SetUpBoard, name: string, payload = ''): void {
  const bytes = new Uint8Array(Buffer.from(payload));
  board.broker.publish({ topic: `${BASE}/command/${name}`, payload: bytes, qos: 1 });
}

function answers(board: SetUpBoard): Record<string, unknown>[] {
  return board.broker.books.published
    .filter(({ topic }) => topic === `${BASE}/response`)
    .map(({ payload }) => JSON.parse(Buffer.from(payload).toString()));
}

function restartAs(board: SetUpBoard, resetCode: number): void {
  board.cutPower(resetCode);
  until(board, () => board.mote !== undefined);
}

test('the command setup says goodbye, opens the set-up network for ten minutes, and goes on', () => {
  const board = working();
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  assert.deepEqual(answers(board), [{ command: 'setup', ok: true }]);
  assert.equal(Buffer.from(board.broker.retained(`${BASE}/status`)!).toString(), 'offline');
  const openedAt = board.queue.now;
  const boots = board.boots;
  until(board, () => board.boots > boots);
  const openMs = board.queue.now - openedAt;
  assert.ok(openMs > 590_000 && openMs < 620_000, `open for ${openMs} ms`);
  until(board, () => board.device?.state === 'online');
  assert.equal(board.ends.at(-1), 'nobody used the page');
});

test('the command reboot is answered, then the board says goodbye and starts again', () => {
  const board = working();
  const { boots } = board;
  command(board, 'reboot', '{"id":1}');
  until(board, () => board.boots === boots + 1);
  assert.deepEqual(answers(board), [{ command: 'reboot', id: 1, ok: true }]);
  until(board, () => board.device?.state === 'online');
  assert.deepEqual(board.broker.violations, []);
});

test('the command forget leaves a board that has to be set up, and no reading is lost', () => {
  const board = working();
  command(board, 'forget', '{"confirm":"forget"}');
  until(board, () => board.portal?.state === 'open');
  assert.equal(board.saved, undefined);
  assert.equal(board.outbox.depth, 0);
});

test('after a factory reset no reading of the last owner goes to the next one, nor is it uncounted', () => {
  const board = working();
  board.broker.stop('vanish');
  board.queue.runFor(300_000);
  const { headSequence, depth } = board.outbox;
  assert.ok(depth > 3, `${depth} readings wait`);
  board.buttonIsHeld = true;
  board.pressMs = 15_000;
  restartAs(board, RESET.powerOn);
  until(board, () => board.saved === undefined && board.portal?.state === 'open');
  board.buttonIsHeld = false;
  assert.deepEqual([board.outbox.depth, board.outbox.dropped], [0, depth]);
  board.broker.start();
  const before = board.broker.books.published.length;
  new Person(board).getOn().persist(SETTINGS);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(120_000);
  const sent = sentReadings(board, before);
  assert.ok(sent.length > 0);
  assert.ok(sent.every(({ seq }) => seq >= headSequence));
});

/** Readings that were taken and are neither acknowledged nor dropped nor waiting. */
function uncounted(board: SetUpBoard): number {
  const { headSequence, depth, dropped } = board.outbox;
  const settled = board.log.filter((line) => /^acknowledged .*\/(telemetry|history)$/.test(line));
  return headSequence - 1 - depth - dropped - settled.length;
}

function sentReadings(board: SetUpBoard, from: number): { seq: number }[] {
  return board.broker.books.published.slice(from).flatMap(({ topic, payload }) => {
    if (!/telemetry|history/.test(topic)) return [];
    return [JSON.parse(Buffer.from(payload).toString())].flat();
  });
}

/** Cuts the power at a write of the command `forget` while readings wait. */
function forgetAndCut(change: number, isAfter: boolean): SetUpBoard {
  const board = working();
  board.broker.stop('vanish');
  board.queue.runFor(300_000);
  board.broker.start();
  command(board, 'forget', '{"confirm":"forget"}');
  let isCut = false;
  board.values.cutAt(change, isAfter, () => {
    isCut = true;
    board.cutPower();
  });
  until(board, () => isCut || board.saved === undefined);
  // What waits is not sent before the restart either.
  board.broker.stop('vanish');
  until(board, () => isCut);
  board.broker.start();
  until(board, () => board.portal?.state === 'open' || board.device?.state === 'online');
  return board;
}

test('power that goes at any write of forget leaves the old settings, or no reading of theirs', () => {
  const seen = new Set<string>();
  for (let change = 1; change <= 8; change += 1) {
    for (const isAfter of [false, true]) {
      const board = forgetAndCut(change, isAfter);
      seen.add(board.saved === undefined ? 'erased' : 'kept');
      assert.equal(uncounted(board), 0);
      if (board.saved !== undefined) {
        assert.equal(board.saved.host, SETTINGS.host);
        continue;
      }
      const { headSequence, depth, dropped } = board.outbox;
      assert.equal(depth, 0);
      assert.ok(dropped > 3);
      const from = board.broker.books.published.length;
      new Person(board).getOn().persist(SETTINGS);
      until(board, () => board.device?.state === 'online');
      board.queue.runFor(60_000);
      const sent = sentReadings(board, from);
      assert.ok(sent.length > 0 && sent.every(({ seq }) => seq >= headSequence));
    }
  }
  assert.deepEqual([...seen], ['kept', 'erased']);
});

test('an interval that was commanded is kept over a restart', () => {
  const board = working();
  command(board, 'interval', '{"seconds":7}');
  board.queue.runFor(1000);
  assert.equal(board.saved?.intervalS, 7);
});

test('the same interval commanded again is not written again', () => {
  const board = working();
  command(board, 'interval', '{"seconds":7}');
  board.queue.runFor(1000);
  const { changes } = board.values;
  for (let i = 0; i < 5; i += 1) {
    command(board, 'interval', '{"seconds":7}');
    board.queue.runFor(900_000);
  }
  assert.equal(board.values.changes, changes);
});

test('an interval that changes all the time is written every ten minutes at most, then as it is', () => {
  const board = working();
  const { changes } = board.values;
  for (let i = 0; i < 1190; i += 1) {
    command(board, 'interval', `{"seconds":${2 + (i % 2)}}`);
    board.queue.runFor(1000);
  }
  // A slot is emptied before it is written.
  assert.ok(board.values.changes - changes <= 2 * 2, `${board.values.changes - changes} changes`);
  assert.ok(answers(board).every(({ ok }) => ok === true));
  command(board, 'interval', '{"seconds":9}');
  board.queue.runFor(600_000);
  assert.equal(board.saved?.intervalS, 9);
});

test('an interval that is still to be written is kept over an orderly restart, not over a reset', () => {
  for (const [last, kept] of [
    ['reboot', 9],
    ['forget', undefined],
  ] as const) {
    const board = working();
    command(board, 'interval', '{"seconds":8}');
    command(board, 'interval', '{"seconds":9}');
    board.queue.runFor(1000);
    assert.equal(board.saved?.intervalS, 8);
    command(board, last, '{"confirm":"forget"}');
    const { boots } = board;
    until(board, () => board.boots > boots);
    assert.equal(board.saved?.intervalS, kept);
  }
});

test('four crashes in a row lead to safe mode, in which nothing is sampled', () => {
  const board = working();
  for (let i = 0; i < 4; i += 1) restartAs(board, i % 2 === 0 ? RESET.panic : RESET.taskWatchdog);
  until(board, () => board.portal !== undefined);
  assert.equal(board.device, undefined);
});

test('in safe mode the saved Wi-Fi is looked for, and a board that can join it works again', () => {
  const board = working();
  for (let i = 0; i < 4; i += 1) restartAs(board, RESET.panic);
  board.queue.runFor(170_000);
  assert.ok(board.portal !== undefined, 'there is time to set it up');
  until(board, () => board.device?.state === 'online');
  assert.equal(board.ends.at(-1), 'the saved Wi-Fi can be joined again');
  restartAs(board, RESET.panic);
  until(board, () => board.device?.state === 'online', 60_000);
});

test('in safe mode somebody who fills the form in is not cut off when the Wi-Fi is back', () => {
  const board = working();
  for (let i = 0; i < 4; i += 1) restartAs(board, RESET.panic);
  const person = new Person(board).getOn();
  const html = person.page();
  for (let i = 0; i < 10; i += 1) {
    board.queue.runFor(59_000);
    assert.equal(person.ask({ path: '/state' })?.status, 200);
  }
  person.send(html, { intervalS: '5' });
  until(board, () => board.portal?.check.state === 'saved');
});

test('crashes that lie two minutes of work apart never lead to safe mode', () => {
  const board = working();
  for (let i = 0; i < 10; i += 1) {
    restartAs(board, RESET.panic);
    board.queue.runFor(125_000);
    assert.equal(board.portal, undefined);
  }
});

test('power that fails again and again is no crash', () => {
  const board = working();
  for (let i = 0; i < 10; i += 1) {
    restartAs(board, RESET.powerOn);
    board.queue.runFor(2000);
  }
  assert.equal(board.portal, undefined);
});

test('a button pressed at power-up opens the set-up network and keeps the settings', () => {
  const board = working();
  board.buttonIsHeld = true;
  restartAs(board, RESET.powerOn);
  board.buttonIsHeld = false;
  until(board, () => board.portal?.state === 'open');
  board.queue.runFor(60_000);
  assert.equal(board.saved?.host, 'broker.home');
  assert.ok(board.portal !== undefined, 'it stays open although the saved Wi-Fi is there');
});

test('a button held for five seconds at power-up is a factory reset', () => {
  const board = working();
  board.buttonIsHeld = true;
  board.pressMs = 8000;
  restartAs(board, RESET.powerOn);
  const { boots } = board;
  board.queue.runFor(4900);
  assert.notEqual(board.saved, undefined);
  until(board, () => board.boots === boots + 1);
  assert.equal(board.saved, undefined);
  until(board, () => board.portal?.state === 'open');
  assert.equal(board.ends.at(-1), 'the settings are erased');
});

test('the light blinks while the board waits to be set up, and is dark at work', () => {
  const board = new SetUpBoard();
  board.queue.runFor(10_000);
  assert.ok(board.light.length >= 8);
  new Person(board).getOn().persist(SETTINGS);
  until(board, () => board.device?.state === 'online');
  assert.equal(board.light.at(-1), 'off');
  const changes = board.light.length;
  board.queue.runFor(10_000);
  assert.equal(board.light.length, changes);
  command(board, 'identify', '{"seconds":2}');
  board.queue.runFor(5000);
  assert.ok(board.light.length >= changes + 14);
  assert.equal(board.light.at(-1), 'off');
});

test('a board that gets its settings from elsewhere works at once, and refuses to be set up', () => {
  const board = new SetUpBoard();
  board.preset = {
    broker: { scheme: 'mqtt', host: '10.0.0.1', port: 1883, path: '/' },
    user: 'mote',
    password: new Uint8Array(Buffer.from('pass+word%')),
  };
  board.radio.air[0].ssid = '';
  board.radio.air[0].password = '';
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(500);
  command(board, 'setup');
  command(board, 'forget', '{"confirm":"forget"}');
  board.queue.runFor(1000);
  assert.deepEqual(
    answers(board).map(({ ok }) => ok),
    [false, false],
  );
  assert.equal(board.portal, undefined);
});

test('Home Assistant is told of the board, and told to forget it when that is turned off', () => {
  const board = working({ homeAssistant: 'on' });
  const announced = () =>
    board.broker.books.published
      .filter(({ topic }) => topic.startsWith('homeassistant/device/mote_'))
      .map(({ payload }) => payload.length > 0);
  assert.deepEqual(announced(), [true]);
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  new Person(board).getOn().persist({ homeAssistant: 'off' });
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  assert.deepEqual(announced(), [true, false]);
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  assert.deepEqual(announced(), [true, false], 'the broker has it: it is not said again');
});

test('a board that is reset by command takes its announcement back before it leaves', () => {
  const board = working({ homeAssistant: 'on' });
  command(board, 'forget', '{"confirm":"forget"}');
  until(board, () => board.portal?.state === 'open');
  const said = board.broker.books.published.filter(({ retain }) => retain);
  const [last] = said.filter(({ topic }) => topic.startsWith('homeassistant/device/')).slice(-1);
  assert.equal(last.payload.length, 0);
  assert.equal(textOf(said[said.length - 1].payload), 'offline');
});

test('a sensor that is there no more is removed from Home Assistant, once', () => {
  const board = working({ homeAssistant: 'on', sensors: 'bme280,contact-4' });
  const last = () => {
    const said = board.broker.books.published.filter(({ topic }) =>
      topic.startsWith('homeassistant/device/'),
    );
    return JSON.parse(textOf(said[said.length - 1].payload)).cmps;
  };
  assert.equal(last().contact_4.name, 'Contact on GPIO 4');
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  new Person(board).getOn().persist({ sensors: 'bme280' });
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  assert.deepEqual(last().contact_4, { p: 'binary_sensor' });
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  command(board, 'rediscover');
  board.queue.runFor(1000);
  assert.equal(last().contact_4, undefined);
});

test('Home Assistant is told to forget the board until the broker has acknowledged that', () => {
  const board = working({ homeAssistant: 'on' });
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  board.broker.misbehave({ answer: ({ kind }) => (kind === 'puback' ? 'drop' : 'send') });
  new Person(board).getOn().persist({ homeAssistant: 'off' });
  const removals = () =>
    board.broker.books.published.filter(
      ({ topic, payload }) => topic.endsWith('/config') && payload.length === 0,
    ).length;
  until(board, () => removals() === 1);
  restartAs(board, RESET.powerOn);
  board.broker.misbehave({ answer: () => 'send' });
  until(board, () => removals() === 2);
  board.queue.runFor(1000);
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(1000);
  assert.equal(removals(), 2);
});

test('a broker that speaks 3.1.1 only is asked for it at once after a restart', () => {
  const board = new SetUpBoard();
  board.broker.configure({ versions: [4] });
  new Person(board).getOn().persist(SETTINGS);
  until(board, () => board.device?.state === 'online');
  board.refusals.length = 0;
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  assert.deepEqual(board.refusals, []);
});

test('a board that is stopped says so once, at work and while it is set up', () => {
  const board = working();
  board.mote?.stop();
  until(board, () => board.stops === 1);
  assert.equal(board.mote?.state, 'stopped');
  const fresh = new SetUpBoard();
  until(fresh, () => fresh.portal?.state === 'open');
  fresh.mote?.stop();
  assert.equal(fresh.stops, 1);
  fresh.queue.runFor(100);
  assert.equal(fresh.radio.accessPoint, undefined);
});

test('a board whose settings crash it by an exception comes up to be set up', () => {
  const board = working({ ledPin: '23' });
  board.badPin = 23;
  board.aborts = 0;
  restartAs(board, RESET.powerOn);
  until(board, () => board.portal?.state === 'open', 30_000);
  assert.equal(board.aborts, 4);
});

test('restarts on purpose are no crashes, however many', () => {
  const board = working();
  for (let i = 0; i < 6; i += 1) {
    const { boots } = board;
    command(board, 'reboot');
    until(board, () => board.boots === boots + 1 && board.device?.state === 'online');
    board.queue.runFor(2000);
  }
  assert.equal(board.portal, undefined);
});

test('a board whose store takes nothing any more works on, and says what it cannot keep', () => {
  const board = working();
  board.values.isFull = true;
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(500);
  command(board, 'interval', '{"seconds":7}');
  board.queue.runFor(500);
  const [answer] = answers(board).slice(-1);
  assert.equal(answer.ok, false);
  assert.match(String(answer.error), /stored/);
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
});

test('an interval that could not be written when it was due is written later', () => {
  const board = working();
  command(board, 'interval', '{"seconds":20}');
  board.queue.runFor(1000);
  command(board, 'interval', '{"seconds":30}');
  board.queue.runFor(1000);
  board.values.isFull = true;
  board.queue.runFor(700_000);
  assert.equal(board.saved?.intervalS, 20);
  board.values.isFull = false;
  board.queue.runFor(700_000);
  assert.equal(board.saved?.intervalS, 30);
});

test('an interval that comes right behind forget is not kept', () => {
  const board = working();
  command(board, 'forget', '{"confirm":"forget"}');
  command(board, 'interval', '{"seconds":77}');
  until(board, () => board.portal?.state === 'open');
  assert.equal(board.saved, undefined);
});

test('readings that cannot be given up now are given up at a later boot, and the board goes on', () => {
  const board = working();
  let discards = 0;
  board.outbox.discard = () => {
    discards += 1;
    throw new Error('the flash is worn');
  };
  command(board, 'forget', '{"confirm":"forget"}');
  until(board, () => board.portal?.state === 'open');
  restartAs(board, RESET.powerOn);
  until(board, () => board.portal?.state === 'open');
  assert.equal(discards, 2);
});

test('a board without settings whose store takes nothing can still be reached', () => {
  const board = new SetUpBoard();
  board.values.isFull = true;
  new Person(board).getOn().page();
});

test('sensors of earlier settings are forgotten also when the power goes right after the saving', () => {
  const board = working();
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  const person = new Person(board).getOn();
  person.send(person.page(), { ...SETTINGS, sda: '4', scl: '5' });
  until(board, () => board.portal?.check.state === 'saved');
  board.bus = boardBus(['sht4x'], surroundings(3), () => board.queue.now);
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  const names = board.device?.sampler.health.map(({ name }) => name);
  assert.deepEqual(names, ['sht4x']);
});

test('a sensor that was taken off for good is forgotten with the command probe', () => {
  const board = working();
  const named = () => board.device?.sampler.health.map(({ name }) => name);
  board.bus = boardBus(['sht4x'], surroundings(3), () => board.queue.now);
  restartAs(board, RESET.powerOn);
  until(board, () => board.device?.state === 'online');
  assert.deepEqual(named(), ['bme280', 'sht4x'], 'one that is dead at a boot keeps its place');
  command(board, 'probe');
  const { boots } = board;
  until(board, () => board.boots > boots && board.device?.state === 'online');
  assert.deepEqual(answers(board), [{ command: 'probe', ok: true }]);
  assert.deepEqual(named(), ['sht4x']);
  assert.deepEqual(board.broker.violations, []);
});

test('the command probe is refused where the settings name the sensors', () => {
  const board = working({ sensors: 'bme280' });
  const { boots } = board;
  command(board, 'probe');
  board.queue.runFor(10_000);
  const [answer] = answers(board);
  assert.deepEqual([answer.ok, answer.error], [false, 'the settings name the sensors']);
  assert.equal(board.boots, boots);
});

test('a board whose settings name a chip and a pin publishes both, and looks for nothing else', () => {
  const board = working({ sensors: 'bme280, analog-34' });
  assert.equal(board.saved?.sensors, 'bme280,analog-34');
  const [{ payload }] = board.broker.books.published.filter(
    ({ topic }) => topic === `${BASE}/telemetry`,
  );
  const reading = JSON.parse(Buffer.from(payload).toString());
  assert.ok(reading.temperature > 0 && reading.humidity > 0 && reading.pressure > 900);
  assert.ok(reading.analog_34 >= 40 && reading.analog_34 <= 60, String(reading.analog_34));
});

test('a sensor that no board knows is a problem on the page, and changes nothing', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  person.send(person.page(), { ...SETTINGS, sensors: 'bme280,bme820' });
  assert.match(person.page(), /bme820 is no sensor that this board knows/);
  assert.equal(board.values.get('cfg-a'), undefined);
  person.persist({ sensors: 'bme280,contact-4' });
  until(board, () => board.device?.state === 'online');
  assert.equal(board.saved?.sensors, 'bme280,contact-4');
});

test('a pin that carries the flash is a problem on the page, with words, and is not saved', () => {
  const board = new SetUpBoard();
  const person = new Person(board).getOn();
  person.send(person.page(), { ...SETTINGS, sda: '6', sensors: 'contact-34' });
  const html = person.page();
  assert.match(html, /This board cannot use this pin/);
  assert.equal(board.values.get('cfg-a'), undefined);
  person.persist({ sda: '', sensors: 'analog-34' });
  until(board, () => board.device?.state === 'online');
  assert.equal(board.saved?.sda, -1);
});

test('a check shows what the sensors gave, and why one gives nothing', () => {
  const board = working({ sensors: 'bme280' });
  command(board, 'setup');
  until(board, () => board.portal?.state === 'open');
  const person = new Person(board).getOn();
  person.send(person.page(), { sensors: 'bme280,sht4x' });
  const html = person.result();
  assert.match(html, /<dt>bme280<\/dt><dd>-?[\d.]+ °C, [\d.]+ %, [\d.]+ hPa<\/dd>/);
  assert.match(html, /<dt>sht4x<\/dt><dd>[^<]*not found at/);
});

test('a bus that cannot be opened fails no check', () => {
  const board = new SetUpBoard();
  Object.defineProperty(board, 'bus', {
    get(): never {
      throw new Error('there is no bus');
    },
  });
  const person = new Person(board).getOn();
  person.send(person.page(), { ...SETTINGS });
  assert.match(person.result(), /href="\/done"/);
});
