/**
 * What the commands share in reading their arguments: flags to texts, times and numbers. What is
 * wrong comes as a Refusal: one line for the person who typed it.
 */

import { parseArgs } from 'node:util';

/** Carries a problem's line out of the functions that find it. */
export class Refusal extends Error {}

/** What cannot hold a password: no @, and behind a colon nothing but slashes and a port. */
const HARMLESS = /^(?:[a-z]+:\/\/)?(?:[^:@]*|\[[0-9a-f:]*\])(?::\d{0,5})?(?:\/[^:@]*)?$/i;

/** An argument in quotation marks, as it may be repeated on a terminal or in a log. */
export function shown(text: string): string {
  return HARMLESS.test(text) ? `'${text}'` : "'...'";
}

/**
 * A command whose reader goes away (`| head`) ends, without a word: 141 as the shell has it for a
 * closed pipe.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(READER_GONE);
    });
  }
}

/** As `node:util` describes an option; an optional value follows behind `=` alone. */
export interface Flag {
  readonly type: 'string' | 'boolean' | 'optional';
  readonly short?: string;
}

/** 128 and SIGPIPE. */
const READER_GONE = 141;

export const UNIT_MS: Readonly<Record<string, number>> = Object.freeze({
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
});

/** Milliseconds of `500ms`, `2s`, `1.5m` or `1h`, rounded; NaN when it is no such time. */
export function timeOf(text: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/.exec(text) ?? [];
  return number === undefined ? Number.NaN : Math.round(Number(number) * UNIT_MS[unit]);
}

/**
 * The flags that were given, as texts; '' for one without a value. The last one counts.
 * @param each is told each of them, for flags that may be given several times
 * @throws Refusal for an unknown flag, a missing value, or one too many
 */
export function readFlags<Name extends string>(
  argv: readonly string[],
  flags: Readonly<Record<Name, Flag>>,
  each: (name: Name, value: string) => void = () => {},
): Partial<Record<Name, string>> {
  const options = Object.fromEntries(
    Object.entries<Flag>(flags).map(([name, { type, short }]) => {
      const plain = type === 'string' ? type : ('boolean' as const);
      return [name, short === undefined ? { type: plain } : { type: plain, short }];
    }),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const isName = (name: string): name is Name => Object.hasOwn(flags, name);
  const values: Partial<Record<Name, string>> = {};
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      throw new Refusal(`${stray(token.value, argv)} is not an option; options start with --`);
    }
    if (!isName(token.name)) throw new Refusal(unknownOption(token.rawName, Object.keys(flags)));
    const { name, value, inlineValue } = token;
    // `--id --json`: the next flag is no value for this one.
    const isFlag = value?.startsWith('--') === true && isName(value.slice(2).split('=')[0]);
    const given = isFlag && inlineValue !== true ? undefined : value;
    const { type } = flags[name];
    const text = type === 'optional' ? (given ?? '') : valueGiven(name, given, type === 'boolean');
    values[name] = text;
    each(name, text);
  }
  return values;
}

/** A whole number of digits. @throws Refusal that names the flag and its range */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Refusal(`--${name} ${shown(text)} is not possible; expected ${min} to ${max}`);
}

/**
 * The command line of a small tool. `--help` prints `help` and ends the process with 0; what is
 * wrong is one line, and ends it with 2.
 * @param read makes the options of the flags that were given; may throw a Refusal
 */
export function commandLine<Name extends string, T>(
  help: string,
  flags: Readonly<Record<Name, Flag>>,
  read: (values: Partial<Record<Name, string>>) => T,
): T {
  endWithReader();
  try {
    const all = { ...flags, help: { type: 'boolean', short: 'h' } } as const;
    const values = readFlags<Name | 'help'>(process.argv.slice(2), all);
    if (values.help === undefined) return read(values);
    process.stdout.write(help);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

/** An argument without an option, which may be the rest of a password with a space in it. */
function stray(text: string, argv: readonly string[]): string {
  if (/^[a-z]+:\/\//i.test(text)) return 'an address without --broker before it';
  return argv.some((one) => one.startsWith('--pass')) ? "'...'" : shown(text);
}

function valueGiven(name: string, value: string | undefined, takesNone: boolean): string {
  if (takesNone && value !== undefined) {
    throw new Refusal(`--${name} takes no value, and ${shown(value)} was given`);
  }
  if (takesNone) return '';
  if (value === undefined) throw new Refusal(`--${name} needs a value`);
  return value;
}

function unknownOption(raw: string, names: readonly string[]): string {
  const name = raw.replace(/^-+/, '');
  const near = names
    .map((known) => ({ known, edits: distance(name, known) }))
    .sort((a, b) => a.edits - b.edits)[0];
  const close = near.edits <= Math.max(1, Math.floor(near.known.length / 2 - 0.5));
  const hint = close ? `did you mean --${near.known}?` : '--help lists the options';
  const told = HARMLESS.test(name) ? raw : '--...';
  return `${told} is not an option; ${hint}`;
}

/** How many letters to insert, remove or replace to make `a` into `b` (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, replaced));
    }
    row = next;
  }
  return row[b.length];
}
