/** What boards have, as a table: a row for each setting, a column for each board. */

import { FIELDS } from '../../firmware/config/fields.ts';
import { cut, printable } from '../view/text.ts';
import type { KnownBoard } from './board-book.ts';

const GAP = '  ';
/** Of a column beside others; the values of a single board stay whole. */
const COLUMN_MAX = 28;
const CUT_MARK = '…';

/**
 * @param columns of the terminal; as many boards stand side by side as there is room for, and a
 *   value that is longer than its column ends in `…`
 */
export function settingsTable(boards: readonly KnownBoard[], columns: number): string[] {
  const names = ['status', 'v', 'state', ...FIELDS.map(({ name }) => name)];
  const first = Math.max(...names.map((name) => name.length));
  const side = Math.max(1, Math.floor((columns - first) / (COLUMN_MAX + GAP.length)));
  const fit = boards.length === 1 ? (text: string) => text : fitted;
  const lines: string[] = [];
  for (let i = 0; i < boards.length; i += side) {
    if (i > 0) lines.push('');
    lines.push(...block(boards.slice(i, i + side), names, first, fit));
  }
  return lines;
}

function block(
  boards: readonly KnownBoard[],
  names: readonly string[],
  first: number,
  fit: (text: string) => string,
): string[] {
  const rows = [['', ...boards.map(({ base }) => base)]];
  for (const name of names) {
    const values = boards.map((board) => valueIn(board, name));
    if (values.some((value) => value !== '')) rows.push([name, ...values]);
  }
  return rows.map(([name, ...values]) => {
    const cells = values.map((value) => fit(printable(value)));
    return [name.padEnd(first), ...cells].join(GAP).trimEnd();
  });
}

function fitted(text: string): string {
  if (cut(text, COLUMN_MAX) === text) return text.padEnd(COLUMN_MAX);
  return `${cut(text, COLUMN_MAX - 1)}${CUT_MARK}`;
}

function valueIn({ status, report }: KnownBoard, name: string): string {
  if (name === 'status') return status;
  if (report === undefined) return '';
  if (name === 'v') return String(report.v);
  if (name === 'state') return report.state;
  const value = report.settings?.[name];
  if (value === undefined) return '';
  const isHidden = FIELDS.some((field) => {
    return field.name === name && (field.isSecret || field.kind === 'certificate');
  });
  if (isHidden) return value === true ? '(set)' : '';
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}
