/** The settings as they are told to whoever may see them: no secret, and no certificate, is in it. */

import { decodeUtf8 } from '../base/utf8.ts';
import { FIELDS, type Settings } from './fields.ts';
import { isLeftToBoard } from './values.ts';

/**
 * What the board chooses by itself, as a pin of its own, is absent.
 * @param head what stands before the settings @returns JSON
 */
export function settingsReport(head: object, settings: Settings): string {
  const values: Record<string, unknown> = {};
  for (const { name, kind, isSecret } of FIELDS) {
    const value = settings[name];
    const isHidden = isSecret || kind === 'certificate';
    if (isHidden) values[name] = (value as string | Uint8Array).length > 0;
    else if (typeof value === 'object') values[name] = decodeUtf8(value, 0, value.length);
    else if (!isLeftToBoard(name, value)) values[name] = value;
  }
  return JSON.stringify({ ...head, settings: values });
}
