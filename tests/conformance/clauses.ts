/**
 * The conformance table: every normative statement of MQTT 3.1.1 and 5.0 that reaches a client.
 *
 * A test claims a statement by a tag in its title, always with the version: `[5.0 MQTT-3.1.2-20]`
 * or, for several of one version, `[5.0 MQTT-3.4.2-2, 3.5.2-2]`. `conformance.test.ts` fails when
 * a statement that claims to be tested has no such title. `print.ts` writes `clauses.md`.
 */
import type { Clause } from './clause.ts';
import { CLAUSES_V3 } from './clauses-v3.ts';
import { CLAUSES_V5 } from './clauses-v5.ts';

export const CLAUSES: readonly Clause[] = Object.freeze([...CLAUSES_V3, ...CLAUSES_V5]);

/** The key of a statement, as a tag names it: "5.0 MQTT-3.1.2-20". */
export function clauseKey(version: string, id: string): string {
  return `${version} MQTT-${id}`;
}
