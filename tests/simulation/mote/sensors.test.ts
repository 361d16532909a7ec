/** A whole board's sensors: found, named, forgotten, and shown by a check. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardBus } from '../../../host-sim/chips/board-sensors.ts';
import { surroundings } from '../../../host-sim/chips/curves.ts';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { Person } from '../../support/person.ts';
import { RIGHT_SETTINGS as SETTINGS, SetUpBoard } from '../../support/set-up-board.ts';
import { answers, BASE, command, restartAs, until, working } from './whole-board.ts';

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
