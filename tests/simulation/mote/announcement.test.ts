/** A whole board and Home Assistant: told of it, told what is gone, told to forget it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESET } from '../../../host-sim/esp32-tools/reset-codes.ts';
import { Person } from '../../support/person.ts';
import { textOf } from '../../support/virtual-device.ts';
import { command, restartAs, until, working } from './whole-board.ts';

/** The message of the quantities; those of controls and diagnostics follow it. */
const QUANTITIES = /^homeassistant\/device\/mote_[0-9a-f]{12}\/config$/;

test('Home Assistant is told of the board, and told to forget it when that is turned off', () => {
  const board = working({ homeAssistant: 'on' });
  const announced = () =>
    board.broker.books.published
      .filter(({ topic }) => QUANTITIES.test(topic))
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
    const said = board.broker.books.published.filter(({ topic }) => QUANTITIES.test(topic));
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
      ({ topic, payload }) => QUANTITIES.test(topic) && payload.length === 0,
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
