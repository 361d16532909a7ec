/**
 * What an operator may send to a board, and what has to come of it. Data, apart from the drawing of
 * values: each command is made anew from its seeded numbers.
 */

import type { SeededRandom } from '../random.ts';

/** What a board does about a command beside answering it. */
export type Effect = 'restart' | 'interval' | 'sample' | 'none';

/** A command as it is sent. */
export interface Command {
  /** The topic's last level. */
  readonly name: string;
  readonly payload: string;
  /** What comes back in the answer; undefined where there is nothing that could. */
  readonly id: string | number | undefined;
  /** Whether the board can do it; a board without Home Assistant cannot be announced anew. */
  readonly isRight: (hasDiscovery: boolean) => boolean;
  readonly effect: Effect;
  /** Of `interval`. */
  readonly seconds: number;
}

const always = () => true;
const never = () => false;
const INTERVALS_S = Object.freeze([30, 90, 120, 240]);
const NAMES_UNKNOWN = Object.freeze(['teapot', 'REBOOT', 'sample ', 'ünïcode', 'x'.repeat(60)]);
const MALFORMED = Object.freeze([
  '{',
  '[1,2]',
  '"sample"',
  '7',
  '{"id":1,}',
  '{"id":{"deep":{"deep":{"deep":{}}}}}',
  '{"id":null}',
  `{"id":"${'i'.repeat(65)}"}`,
  `{"note":"${'n'.repeat(600)}"}`,
  '\u0000',
]);
const WRONG_SECONDS = Object.freeze(['0', '-1', '86401', '1.5', '"30"', 'null', '1e9']);

type Make = (random: SeededRandom, number: number, plainS: number) => Command;

function plain(name: string, effect: Effect = 'none', isRight = always as Command['isRight']) {
  return (random: SeededRandom, number: number): Command => {
    const id = idOf(random, number);
    return { name, payload: JSON.stringify({ id }), id, isRight, effect, seconds: 0 };
  };
}

function idOf(random: SeededRandom, number: number): string | number {
  return random.chance(0.5) ? number : `c${number}`;
}

/** The least that can be sent: there is nothing to tell its answer by. */
function bare(name: string, effect: Effect): Make {
  return () => ({ name, payload: '', id: undefined, isRight: always, effect, seconds: 0 });
}

function interval(random: SeededRandom, number: number, plainS: number): Command {
  const id = idOf(random, number);
  const seconds = random.chance(0.5) ? plainS : random.pick(INTERVALS_S);
  const payload = JSON.stringify({ seconds, id });
  return { name: 'interval', payload, id, isRight: always, effect: 'interval', seconds };
}

function wrongInterval(random: SeededRandom, number: number): Command {
  const payload = `{"id":${number},"seconds":${random.pick(WRONG_SECONDS)}}`;
  const name = random.pick(['interval', 'identify']);
  return { name, payload, id: number, isRight: never, effect: 'none', seconds: 0 };
}

/** Mostly for a glance: a board that blinks for minutes is busy with nothing else. */
function identify(random: SeededRandom, number: number): Command {
  const seconds = random.chance(0.04) ? random.between(10, 300) : random.between(1, 10);
  const payload = JSON.stringify({ id: number, seconds });
  return { name: 'identify', payload, id: number, isRight: always, effect: 'none', seconds: 0 };
}

function unknown(random: SeededRandom, number: number): Command {
  return { ...plain(random.pick(NAMES_UNKNOWN))(random, number), isRight: never };
}

function malformed(random: SeededRandom): Command {
  const name = random.pick(['sample', 'reboot', 'interval', 'forget', 'setup']);
  const payload = random.pick(MALFORMED);
  return { name, payload, id: undefined, isRight: never, effect: 'none', seconds: 0 };
}

/** Each board with rules has it. */
const ALARM = 'temperature_high';

function acknowledge(random: SeededRandom, number: number): Command {
  const payload = JSON.stringify({ id: number, alarm: random.chance(0.5) ? ALARM : undefined });
  return { ...plain('acknowledge')(random, number), id: number, payload };
}

/** Also again while it is shelved, and for an alarm that is none. */
function shelve(random: SeededRandom, number: number): Command {
  const isRight = random.chance(0.9) ? always : never;
  const alarm = isRight === always ? ALARM : 'tea_high';
  const seconds = random.between(60, 7200);
  const payload = JSON.stringify({ id: number, alarm, seconds });
  return { ...plain('shelve')(random, number), id: number, payload, isRight };
}

/** Each kind of command, and how often it is drawn beside the others. */
const KINDS: readonly (readonly [number, Make])[] = Object.freeze([
  [6, plain('sample', 'sample')],
  [1, bare('sample', 'sample')],
  [6, interval],
  [3, plain('diagnostics')],
  [3, identify],
  [2, plain('rediscover', 'none', (hasDiscovery) => hasDiscovery)],
  [2, plain('reboot', 'restart')],
  [1, bare('reboot', 'restart')],
  [1, plain('probe', 'restart')],
  [1, plain('setup', 'restart')],
  // Without the word that confirms it, the settings stay.
  [1, plain('forget', 'none', never)],
  [2, wrongInterval],
  [2, unknown],
  [3, malformed],
]);

/** What can be asked for many times at once without the board leaving. */
const HARMLESS: readonly Make[] = Object.freeze([
  plain('sample', 'sample'),
  plain('diagnostics'),
  identify,
  unknown,
]);

/**
 * Draws a command.
 * @param number makes its id another one than that of any other command
 * @param plainS the interval that half of all intervals go back to
 */
export function drawCommand(random: SeededRandom, number: number, plainS: number): Command {
  let left = random.below(KINDS.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, make] of KINDS) {
    if (left < weight) return make(random, number, plainS);
    left -= weight;
  }
  return malformed(random);
}

/** One about an alarm, for a board that has rules. */
export function drawAlarmCommand(random: SeededRandom, number: number): Command {
  return random.pick([acknowledge, acknowledge, shelve])(random, number);
}

/** One of a burst. */
export function drawHarmless(random: SeededRandom, number: number): Command {
  return random.pick(HARMLESS)(random, number, 0);
}
