/** Why the board had to give up, the last few times: text for people, in one small value. */

import { decodeUtf8, writeUtf8 } from '../base/utf8.ts';

/** The small value that holds it. */
export const ABORTS_KEY = 'aborts';

const LINES_MAX = 4;
const LINE_CHARACTERS_MAX = 80;

/** @param kept what was kept before. @returns what to keep: the newest line first */
export function addAbort(kept: Uint8Array | undefined, reason: string): Uint8Array {
  const before = kept === undefined ? [] : decodeUtf8(kept, 0, kept.length).split('\n');
  // One line is one reason, whatever the engine put into it.
  const line = reason.slice(0, LINE_CHARACTERS_MAX).split('\n').join(' ');
  const text = [line, ...before].slice(0, LINES_MAX).join('\n');
  const bytes = new Uint8Array(text.length * 4);
  return bytes.slice(0, writeUtf8(bytes, 0, text));
}
