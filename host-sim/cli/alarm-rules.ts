/** The rules of `--alarms`, as the setting has them. */

import { RULES_BYTES_MAX, readRules } from '../../firmware/alarms/rule-reader.ts';
import { Refusal, shown } from './arguments.ts';

/**
 * @returns the text as it is
 * @throws Refusal that names the rule, the word, and what could stand there
 */
export function readAlarms(text: string): string {
  if (Buffer.byteLength(text) > RULES_BYTES_MAX) {
    throw new Refusal(`--alarms takes ${RULES_BYTES_MAX} bytes at most`);
  }
  const { problem } = readRules(text);
  if (problem === undefined) return text.trim();
  const { rule, word, known } = problem;
  const what = word === '' ? 'ends too soon' : `has ${shown(word)}`;
  throw new Refusal(`--alarms: rule ${rule} ${what}; there could stand ${known}`);
}
