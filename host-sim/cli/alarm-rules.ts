/** The rules of `--alarms` and `--on-change`, as the settings have them. */

import { RULES_BYTES_MAX, readRules } from '../../firmware/alarms/rule-reader.ts';
import { readChanges } from '../../firmware/telemetry/on-change.ts';
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

/** As above. */
export function readOnChange(text: string): string {
  const { what, known } = readChanges(text);
  if (what === '') return text.trim();
  throw new Refusal(`--on-change: ${shown(what)} is no quantity and a number, as in ${known}`);
}
