/**
 * A scanner for TypeScript source: words, punctuation, strings and templates; comments vanish.
 *
 * It knows just enough to find test titles: what stands inside a comment, a string, a template or
 * a regular expression never looks like code. It does not parse, and refuses nothing: source that
 * does not compile gives some tokens or other (the type check is there for that).
 */

export interface Token {
  readonly kind: 'word' | 'punctuation' | 'text';
  /** The word, the character, or the text of a string with its escapes resolved. */
  readonly value: string;
}

/** Stands in a template's text for a substitution, whose value is not known from the source. */
export const UNKNOWN = '\uFFFC';

const WORD = /[\w$\u0080-\uFFFF]/;
const ESCAPES: Readonly<Record<string, string>> = Object.freeze({ n: '\n', t: '\t', r: '\r' });
/** After these a slash begins a regular expression; after any other word it divides. */
const BEFORE_EXPRESSION: readonly string[] = Object.freeze(
  'return typeof case in of do else yield await void throw'.split(' '),
);

/** All tokens of a source text, in order. */
export function tokensOf(source: string): Token[] {
  const scan: Scan = { source, at: 0, tokens: [] };
  while (scan.at < source.length) step(scan);
  return scan.tokens;
}

interface Scan {
  readonly source: string;
  at: number;
  readonly tokens: Token[];
}

function step(scan: Scan): void {
  const { source, at } = scan;
  const character = source[at];
  if (/\s/.test(character)) scan.at += 1;
  else if (source.startsWith('//', at)) scan.at = endOf(source, '\n', at);
  else if (source.startsWith('/*', at)) scan.at = endOf(source, '*/', at + 2);
  else if (character === "'" || character === '"') quoted(scan, character);
  else if (character === '`') template(scan);
  else if (character === '/' && expectsExpression(scan.tokens)) regularExpression(scan);
  else if (WORD.test(character)) word(scan);
  else {
    scan.tokens.push({ kind: 'punctuation', value: character });
    scan.at += 1;
  }
}

function endOf(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  return found < 0 ? source.length : found + mark.length;
}

function word(scan: Scan): void {
  let end = scan.at + 1;
  while (end < scan.source.length && WORD.test(scan.source[end])) end += 1;
  scan.tokens.push({ kind: 'word', value: scan.source.slice(scan.at, end) });
  scan.at = end;
}

function quoted(scan: Scan, quote: string): void {
  let value = '';
  scan.at += 1;
  while (scan.at < scan.source.length && scan.source[scan.at] !== quote) value += character(scan);
  scan.at += 1;
  scan.tokens.push({ kind: 'text', value });
}

/** Substitutions are skipped as code, so that quotes and braces inside them do not confuse. */
function template(scan: Scan): void {
  const inner: Scan = { source: scan.source, at: scan.at + 1, tokens: [] };
  let value = '';
  while (inner.at < inner.source.length && inner.source[inner.at] !== '`') {
    if (inner.source.startsWith('${', inner.at)) {
      substitution(inner);
      value += UNKNOWN;
    } else value += character(inner);
  }
  scan.at = inner.at + 1;
  scan.tokens.push({ kind: 'text', value });
}

function substitution(scan: Scan): void {
  scan.at += 2;
  for (let depth = 1; depth > 0 && scan.at < scan.source.length; ) {
    const before = scan.tokens.length;
    step(scan);
    const last = scan.tokens.at(-1);
    if (scan.tokens.length === before || last?.kind !== 'punctuation') continue;
    if (last.value === '{') depth += 1;
    if (last.value === '}') depth -= 1;
  }
}

/** One character of a string; an escape for a line break gives nothing, a code stays as written. */
function character(scan: Scan): string {
  const { source, at } = scan;
  if (source[at] !== '\\') {
    scan.at += 1;
    return source[at];
  }
  const escaped = source[at + 1] ?? '';
  scan.at += 2;
  return escaped === '\n' ? '' : (ESCAPES[escaped] ?? escaped);
}

function regularExpression(scan: Scan): void {
  let inClass = false;
  scan.at += 1;
  for (; scan.at < scan.source.length; scan.at += 1) {
    const current = scan.source[scan.at];
    if (current === '\\') scan.at += 1;
    else if (current === '[') inClass = true;
    else if (current === ']') inClass = false;
    else if (current === '\n' || (current === '/' && !inClass)) break;
  }
  scan.at += 1;
  scan.tokens.push({ kind: 'word', value: '/regular expression/' });
}

function expectsExpression(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined) return true;
  if (last.kind === 'text') return false;
  if (last.kind === 'word') return BEFORE_EXPRESSION.includes(last.value);
  return last.value !== ')' && last.value !== ']' && last.value !== '}';
}
