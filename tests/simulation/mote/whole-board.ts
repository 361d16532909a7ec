/** What the tests of whole boards share: a board at work, its commands and their answers. */

import assert from 'node:assert/strict';
import { Person } from '../../support/person.ts';
import { RIGHT_SETTINGS as SETTINGS, SetUpBoard } from '../../support/set-up-board.ts';

export const BASE = 'mote/mote-0a1b2c';

/** A board that was set up and is at work. */
export function working(more: Record<string, string> = {}): SetUpBoard {
  const board = new SetUpBoard();
  new Person(board).getOn().persist({ ...SETTINGS, ...more });
  until(board, () => board.device?.state === 'online');
  board.queue.runFor(500);
  return board;
}

/** @throws when the goal is not reached in so much of the world's time */
export function until(board: SetUpBoard, goal: () => boolean, limitMs = 900_000): void {
  assert.ok(board.queue.runUntil(goal, board.queue.now + limitMs), `not reached: ${goal}`);
}

/** A command as MQTT brings it. */
export function command(board: SetUpBoard, name: string, payload = ''): void {
  const bytes = new Uint8Array(Buffer.from(payload));
  board.broker.publish({ topic: `${BASE}/command/${name}`, payload: bytes, qos: 1 });
}

/** What the board has answered so far. */
export function answers(board: SetUpBoard): Record<string, unknown>[] {
  return board.broker.books.published
    .filter(({ topic }) => topic === `${BASE}/response`)
    .map(({ payload }) => JSON.parse(Buffer.from(payload).toString()));
}

/** The board comes up again, for a reason of the platform's. */
export function restartAs(board: SetUpBoard, resetCode: number): void {
  board.cutPower(resetCode);
  until(board, () => board.mote !== undefined);
}
