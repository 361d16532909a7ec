/** The watch of availability on a connection that lives. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusWatch } from '../../../host-sim/virtual/world/status-watch.ts';
import { createWorld } from './wire-client.ts';

const MINUTE_MS = 60_000;
const TOPIC = 'mote/mote-001/status';

/** A board that is connected, with a broker that has it as lost, while something is disturbed. */
function lostBoard() {
  const { queue, broker, connect } = createWorld();
  const board = {
    id: 'mote-001',
    index: 0,
    statusTopic: TOPIC,
    isLeaving: false,
    onlineSince: 0,
    linkChangedAt: 0,
  };
  const broken: string[] = [];
  const watch = new StatusWatch(broker, 1, (rule, text) => broken.push(`${rule}: ${text}`));
  const client = connect({ clientId: board.id }).publish(TOPIC, 'lost', { retain: true });
  /** The minutes pass, with a packet in each. */
  const pass = (minutes: number, inEach: () => void = () => {}) => {
    for (let i = 0; i < minutes; i += 1) {
      queue.runFor(MINUTE_MS / 2);
      inEach();
      client.send({ cmd: 'pingreq' });
      queue.runFor(MINUTE_MS / 2);
      watch.check([board], queue.now, Number.POSITIVE_INFINITY);
    }
  };
  return { board, broken, client, pass, queue, watch };
}

test('a wrong word that stands on a connection with packets is seen', () => {
  const { broken, pass } = lostBoard();
  pass(2);
  assert.deepEqual(broken, []);
  pass(1);
  assert.match(broken[0], /has been heard for 120 s, and its status is still 'lost'/);
});

test('a wrong word that gives way to the right one is right', () => {
  const { broken, client, pass } = lostBoard();
  pass(2);
  client.publish(TOPIC, 'online', { retain: true });
  pass(5);
  assert.deepEqual(broken, []);
});

test('a board whose word the broker refuses again and again is not to blame', () => {
  const { board, broken, pass, queue, watch } = lostBoard();
  pass(10, () => watch.refused(board, queue.now));
  assert.deepEqual(broken, []);
});

test('a board that says nothing more after a refusal is seen', () => {
  const { board, broken, pass, queue, watch } = lostBoard();
  pass(3, () => watch.refused(board, queue.now));
  pass(1);
  assert.deepEqual(broken, []);
  pass(2);
  assert.match(broken[0], /its status is still 'lost'/);
});
