/**
 * Finds the titles of tests in source text, and the clause tags in titles.
 *
 * A title counts as proof only when its test always runs: `skip` and `todo`, as a method or in the
 * options or in its body, and options that are not written out on the spot, make a test
 * conditional, and so does a suite around it. A tag must be literal: what a template substitutes is not known from the
 * source, so `[${version} MQTT-…]` is reported as malformed instead of being guessed. Not seen:
 * an `if` or an empty loop around a test.
 */
import { type Token, tokensOf, UNKNOWN } from './tokens.ts';

export interface Title {
  readonly text: string;
  /** False when the test may be skipped or is only planned. */
  readonly always: boolean;
}

export interface Tags {
  /** Keys like "5.0 MQTT-3.1.2-20". */
  readonly keys: readonly string[];
  /** What looks like a tag and is none. */
  readonly malformed: readonly string[];
}

const TESTS = Object.freeze(['test', 'it']);
const SUITES = Object.freeze(['describe', 'suite']);
const OFF = Object.freeze(['skip', 'todo']);
const NUMBER = String.raw`\d+\.\d+\.\d+-\d+`;
const TAG = new RegExp(String.raw`\[(3\.1\.1|5\.0) MQTT-(${NUMBER}(?:, ${NUMBER})*)\]`, 'g');
/** A number without its version, a tag with a substitution in it, a version without a number. */
const LOOKS_LIKE_TAG =
  /(?:\[[^\]]{0,12})?MQTT-(?:\d+\.|\uFFFC)[^\s\]]*\]?|\[(?:3\.1\.1|5\.0|\uFFFC) [^\]]*\d-\d[^\]]*\]/g;

/** The titles of all tests and suites in a source text. A suite counts if a test in it does. */
export function titlesOf(source: string): Title[] {
  return titlesBetween(tokensOf(source), 0, Number.POSITIVE_INFINITY, true);
}

/** The clause tags in one title. */
export function tagsOf(title: string): Tags {
  const keys: string[] = [];
  for (const [, version, ids] of title.matchAll(TAG)) {
    for (const id of ids.split(', ')) keys.push(`${version} MQTT-${id}`);
  }
  const rest = title.replace(TAG, '');
  const malformed = [...rest.matchAll(LOOKS_LIKE_TAG)].map(([text]) => readable(text.trim()));
  return { keys, malformed };
}

/** A title as a person reads it: without its tags, and with a mark for what is substituted. */
export function withoutTags(title: string): string {
  return readable(title.replace(TAG, '').replace(/\s+/g, ' ').trim());
}

function readable(text: string): string {
  return text.replaceAll(UNKNOWN, '…');
}

interface Call {
  readonly suite: boolean;
  readonly off: boolean;
  readonly title: string;
  /** The token after the title. */
  readonly next: number;
  /** The token that closes the call. */
  readonly close: number;
}

function titlesBetween(
  tokens: readonly Token[],
  from: number,
  to: number,
  always: boolean,
): Title[] {
  const titles: Title[] = [];
  const end = Math.min(to, tokens.length);
  for (let at = from; at < end; at += 1) {
    const call = callAt(tokens, at);
    if (call === undefined) continue;
    const runs = always && !call.off;
    const inside = titlesBetween(tokens, call.next, call.close, runs);
    const proves = call.suite ? inside.some((title) => title.always) : runs;
    titles.push({ text: call.title, always: proves }, ...inside);
    at = call.close;
  }
  return titles;
}

/** The call of a test function with a title that begins at a token, if there is one. */
function callAt(tokens: readonly Token[], at: number): Call | undefined {
  const name = tokens[at];
  if (name.kind !== 'word') return undefined;
  const suite = SUITES.includes(name.value);
  if (!suite && !TESTS.includes(name.value)) return undefined;
  let open = at + 1;
  let off = false;
  while (isMark(tokens[open], '.') && tokens[open + 1]?.kind === 'word') {
    off ||= OFF.includes(tokens[open + 1].value);
    open += 2;
  }
  if (!isMark(tokens[open], '(') || tokens[open + 1]?.kind !== 'text') return undefined;
  const { title, next } = titleAt(tokens, open + 1);
  const close = closeOf(tokens, open);
  // A call with one argument is no test: it is how a regular expression tries a text.
  if (!isMark(tokens[next], ',')) return undefined;
  off ||= hasCondition(tokens, next + 1) || (!suite && mayGiveUp(tokens, next, close));
  return { suite, off, title, next, close };
}

/** Texts joined by plus signs are one title; anything else in between is unknown. */
function titleAt(tokens: readonly Token[], from: number): { title: string; next: number } {
  let title = '';
  let next = from;
  let depth = 0;
  for (; next < tokens.length; next += 1) {
    const token = tokens[next];
    if (depth === 0 && (isMark(token, ',') || isMark(token, ')'))) break;
    if (token.kind === 'text' && depth === 0) title += token.value;
    else if (!isMark(token, '+') || depth > 0) title += title.endsWith(UNKNOWN) ? '' : UNKNOWN;
    depth += opening(token);
  }
  return { title, next };
}

/** Whether the options, from a token on, may keep the test from running. */
function hasCondition(tokens: readonly Token[], from: number): boolean {
  const first = tokens[from];
  if (isMark(first, '{')) {
    const close = closeOf(tokens, from);
    const isOff = (token: Token, at: number) =>
      OFF.includes(token.value) || isSpread(tokens, from + at);
    return tokens.slice(from, close).some(isOff);
  }
  const written = first?.kind === 'word' && first.value !== 'async' && first.value !== 'function';
  // A name, a comma and more: options kept elsewhere. A name alone is the test's function.
  return written && isMark(tokens[from + 1], ',') && !isMark(tokens[from + 2], ')');
}

function isSpread(tokens: readonly Token[], at: number): boolean {
  return [0, 1, 2].every((offset) => isMark(tokens[at + offset], '.'));
}

/** Whether the body of a test skips itself, as in `t.skip('no broker here')`. */
function mayGiveUp(tokens: readonly Token[], from: number, to: number): boolean {
  for (let at = from + 1; at < to - 1; at += 1) {
    const isOff = tokens[at].kind === 'word' && OFF.includes(tokens[at].value);
    if (isOff && isMark(tokens[at - 1], '.') && isMark(tokens[at + 1], '(')) return true;
  }
  return false;
}

function closeOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    depth += opening(tokens[at]);
    if (depth === 0) return at;
  }
  return tokens.length;
}

function opening(token: Token): number {
  if (token.kind !== 'punctuation') return 0;
  if ('([{'.includes(token.value)) return 1;
  return ')]}'.includes(token.value) ? -1 : 0;
}

function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'punctuation' && token.value === mark;
}
