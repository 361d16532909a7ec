/**
 * The normative statements that are not in the client's table, each with the reason.
 *
 * They bind the server alone, and a client has nothing to do, to refuse or to notice when they are
 * broken. They are listed so that the table can be counted against the whole of Appendix B.
 */
import type { LeftOut } from './clause.ts';

/** How many statements Appendix B of each version has. */
export const STATEMENT_COUNTS = Object.freeze({ '3.1.1': 141, '5.0': 251 } as const);

const STATE = 'the server keeps sessions, wills and their expiry';
const CONNECT = 'the server validates, answers or refuses what it was sent';
const RETAINED = 'the server keeps and hands out retained messages';
const FORWARDING = 'the server forwards messages to subscribers';
const SUBSCRIPTIONS = 'the server manages subscriptions and matches topics';
const CONTENT = 'the server limits what it writes into its own packets';
const ROLE = 'it defines what a conforming server is';

export const LEFT_OUT: readonly LeftOut[] = Object.freeze([
  leftOut('3.1.1', STATE, '3.1.2-5 3.1.2-7 3.1.2-8 3.1.2-10 3.1.2-12 3.1.2-16 3.1.2-17'),
  leftOut('3.1.1', STATE, '3.1.4-3 3.14.4-3 4.5.0-1'),
  leftOut('3.1.1', CONNECT, '3.1.2-24 3.1.3-5 3.1.3-6 3.1.3-8 3.1.3-9 3.1.4-1 3.1.4-2 3.1.4-4'),
  leftOut('3.1.1', CONNECT, '3.1.4-5 3.2.2-6 3.3.5-2'),
  leftOut('3.1.1', RETAINED, '3.3.1-5 3.3.1-6 3.3.1-7 3.3.1-8 3.3.1-9 3.3.1-10 3.3.1-11'),
  leftOut('3.1.1', RETAINED, '3.3.1-12'),
  leftOut('3.1.1', FORWARDING, '3.3.2-3 3.3.5-1 3.8.4-6 4.6.0-5 4.6.0-6'),
  leftOut('3.1.1', SUBSCRIPTIONS, '3.8.3-2 3.8.4-1 3.8.4-3 3.8.4-4 3.10.4-1 3.10.4-2 3.10.4-3'),
  leftOut('3.1.1', SUBSCRIPTIONS, '3.10.4-5 3.10.4-6 4.7.2-1 4.7.3-4'),
  leftOut('3.1.1', ROLE, '7.0.0-1 7.1.1-1'),
  leftOut('5.0', STATE, '3.1.2-5 3.1.2-6 3.1.2-7 3.1.2-8 3.1.2-10 3.1.2-14 3.1.2-15 3.1.3-9'),
  leftOut('5.0', STATE, '3.1.4-4 3.14.4-3 4.1.0-2 4.5.0-1'),
  leftOut('5.0', CONNECT, '3.1.2-22 3.1.3-5 3.1.3-6 3.1.3-7 3.1.3-8 3.1.4-1 3.1.4-2 3.1.4-3'),
  leftOut('5.0', CONNECT, '3.1.4-5 3.1.4-6 3.2.2-9 3.2.2-10 3.2.2-12 3.2.2-13 3.2.2-22'),
  leftOut('5.0', CONNECT, '3.3.2-12 4.12.0-1 4.12.0-4'),
  leftOut('5.0', RETAINED, '3.3.1-5 3.3.1-6 3.3.1-7 3.3.1-8 3.3.1-9 3.3.1-10 3.3.1-11 3.3.1-12'),
  leftOut('5.0', RETAINED, '3.3.1-13'),
  leftOut('5.0', FORWARDING, '3.1.3-10 3.3.2-3 3.3.2-4 3.3.2-5 3.3.2-6 3.3.2-15 3.3.2-16'),
  leftOut('5.0', FORWARDING, '3.3.2-17 3.3.2-18 3.3.2-20 3.3.4-2 3.3.4-3 3.3.4-5 3.3.4-10'),
  leftOut('5.0', FORWARDING, '3.8.3-3 3.8.4-8 4.6.0-5 4.6.0-6 4.8.2-3 4.8.2-4 4.8.2-5 4.8.2-6'),
  leftOut('5.0', SUBSCRIPTIONS, '3.8.4-1 3.8.4-3 3.8.4-4 3.8.4-5 3.10.4-1 3.10.4-2 3.10.4-3'),
  leftOut('5.0', SUBSCRIPTIONS, '3.10.4-4 3.10.4-6 4.7.2-1 4.7.3-4'),
  leftOut('5.0', CONTENT, '3.1.2-25 3.1.2-28 3.2.2-19 3.2.2-20 3.9.2-1 3.9.2-2 3.11.2-1 3.11.2-2'),
]);

function leftOut(version: LeftOut[0], reason: string, ids: string): LeftOut {
  return Object.freeze<LeftOut>([version, reason, Object.freeze(ids.split(' '))]);
}
