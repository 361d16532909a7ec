/** Text for terminals: widths, times, sparklines, and colours that can be left out. */

/** Styles of a terminal, or nothing where colour is not wanted. */
export interface Palette {
  dim(text: string): string;
  bold(text: string): string;
  good(text: string): string;
  warn(text: string): string;
}

const ESC = '\u001b[';
const BARS = '▁▂▃▄▅▆▇█';

/** @param color false: the same text without any escape sequence. */
export function palette(color: boolean): Palette {
  const style = (code: number) => (text: string) =>
    color && text !== '' ? `${ESC}${code}m${text}${ESC}0m` : text;
  return { dim: style(2), bold: style(1), good: style(32), warn: style(33) };
}

/** Cuts a line with escape sequences to a number of visible characters. */
export function cut(line: string, columns: number): string {
  let out = '';
  let used = 0;
  let styled = false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  for (const [piece] of line.matchAll(/\u001b\[[0-9;]*m|./gu)) {
    if (piece.startsWith(ESC)) {
      out += piece;
      styled = piece !== `${ESC}0m`;
      continue;
    }
    if (used === columns) break;
    out += piece;
    used += 1;
  }
  return styled ? `${out}${ESC}0m` : out;
}

/** What came from outside must not move the cursor. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

/** 00:01:23, and days where there are any. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}`;
  return `${days > 0 ? `${days}d ` : ''}${clock}:${two(seconds % 60)}`;
}

/**
 * One bar per value, from the least to the greatest.
 * @param spanMin above 0: what is to fill the height at least, else noise looks like a storm.
 */
export function sparkline(values: readonly number[], spanMin: number): string {
  if (values.length === 0) return '';
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  const spread = greatest - least;
  const span = Math.max(spanMin, spread);
  // A calm line lies within one bar, the fourth, and not on the border of two.
  const floor = spread >= spanMin ? least : (least + greatest) / 2 - (span * 7) / 16;
  return values
    .map((value) => BARS[Math.min(BARS.length - 1, Math.floor(((value - floor) / span) * 8))])
    .join('');
}
