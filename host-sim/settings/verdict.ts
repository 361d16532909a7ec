/** What became of a wish at one board, in words for people. Pure functions. */

import { printable } from '../view/text.ts';
import type { KnownBoard } from './board-book.ts';

/** `took`: all of it. What is not settled may still be. */
export type Outcome = 'took' | 'in part' | 'refused' | 'reverted' | 'moved' | 'away' | 'silent';

export interface Verdict {
  readonly outcome: Outcome;
  readonly words: string;
}

const WORDS_MAX = 300;

/**
 * @param version of the document that was sent; 0: it was sent in pieces
 * @returns undefined while the board has not settled it
 */
export function settledVerdict(board: KnownBoard, version: number): Verdict | undefined {
  const { report, sent, answers, hasLeft } = board;
  if (hasLeft) return { outcome: 'took', words: 'took it, and has left this broker' };
  if (report === undefined || report.state === 'trying') return undefined;
  const isSettled = version > 0 ? report.v >= version : sent.size === 0;
  if (!isSettled) return undefined;
  if (version === 0 && answers === 0) return { outcome: 'took', words: 'has them already' };
  if (version > 0 && report.v > version) {
    return { outcome: 'refused', words: `somebody else sent version ${report.v} meanwhile` };
  }
  return verdictOf(board);
}

function verdictOf({ report }: KnownBoard): Verdict {
  const { state = '', reason = '', problems = {} } = report ?? {};
  const wrong = Object.entries(problems).map(([name, what]) => `${name}: ${what}`);
  const why = [...(reason === '' ? [] : [reason]), ...wrong].join('; ');
  const words = printable(why).slice(0, WORDS_MAX);
  if (state === 'reverted') return { outcome: 'reverted', words: `went back: ${words}` };
  if (state !== 'applied') return { outcome: 'refused', words: `refused: ${words}` };
  if (wrong.length === 0) return { outcome: 'took', words: 'took it' };
  return { outcome: 'in part', words: `took the rest, and refused ${words}` };
}

/**
 * The time is up, or the board is not waited for.
 * @param isCutting whether what was sent may have led it to another broker or network
 */
export function openVerdict(board: KnownBoard, isCutting: boolean): Verdict {
  const { status, report, answers } = board;
  // What it says from before may be years old: it may have gone for good then.
  if (report?.state === 'trying' && answers > 0) {
    if (status === 'online') return { outcome: 'silent', words: 'is still trying it' };
    const words = isCutting
      ? 'left to try it and is not back: where it works, the board is at its new place'
      : 'is still trying it';
    return { outcome: 'moved', words };
  }
  if (status === 'sleeping') return { outcome: 'away', words: 'sleeps: takes it when it wakes' };
  if (status === 'online') {
    return { outcome: 'silent', words: 'gives no answer: does its firmware take settings?' };
  }
  const how = status === 'lost' ? 'lost' : 'offline';
  return { outcome: 'away', words: `is gone (${how}): takes it when it comes back` };
}

/** `5 boards: 3 took it, 1 refused, 1 away`. */
export function summary(outcomes: readonly Outcome[], waiting = 0): string {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const all = outcomes.length + waiting;
  const parts = [...counts].map(([outcome, count]) => `${count} ${PHRASES[outcome as Outcome]}`);
  if (waiting > 0) parts.push(`${waiting} to go`);
  return `${all} ${all === 1 ? 'board' : 'boards'}: ${parts.join(', ')}`;
}

const PHRASES: Readonly<Record<Outcome, string>> = Object.freeze({
  took: 'took it',
  'in part': 'took a part',
  refused: 'refused',
  reverted: 'went back',
  moved: 'left',
  away: 'away',
  silent: 'without an answer',
});
