/** Problems in one line, for logs and for the answer to remote settings. Never a value. */

import { CHOICES, FIELDS, type FieldProblem } from '../../firmware/config/fields.ts';

/** The problem in words: `port: must be a whole number, 1 to 65535`, `host: missing`. */
export function describe(problem: FieldProblem): string {
  const { field, code, min, max } = problem;
  let words = code;
  if (code === 'choice') words = `must be one of ${CHOICES[field].join(', ')}`;
  else if (FIELDS.some(({ kind }) => kind === code)) words = `must be a ${code}`;
  if (max !== undefined) words += min === undefined ? `, over ${max}` : `, ${min} to ${max}`;
  return field === '' ? words : `${field}: ${words}`;
}
