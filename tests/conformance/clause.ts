/**
 * One normative statement of the MQTT standards, as the conformance table holds it.
 *
 * The key is version + identifier: 3.1.1 and 5.0 number differently, and the same number often
 * means something else. Paraphrases are this project's own words; the standards are authoritative.
 */

export type Version = '3.1.1' | '5.0';

/**
 * How the statement reaches a client:
 * - `sends`: it binds the client as the sender of packets,
 * - `receives`: it binds the client as the receiver of packets,
 * - `both`: it binds the client in both directions,
 * - `checks`: it binds the server, and the client has to notice a breach, to act on the outcome or
 *   to keep to it too (its own matching of topics).
 */
export type Bound = 'sends' | 'receives' | 'both' | 'checks';

/** What this project says of a statement: tests prove it, or why there is none. */
export type Claim =
  | 'tested'
  | { readonly application: string }
  | { readonly notApplicable: string };

/** version, identifier without "MQTT-", how it binds, paraphrase, claim. */
export type Clause = readonly [
  version: Version,
  id: string,
  bound: Bound,
  text: string,
  claim: Claim,
];

/** Statements that bind the server alone, with the reason why a client cannot show them. */
export type LeftOut = readonly [version: Version, reason: string, ids: readonly string[]];

export type ClauseOf = (id: string, text: string, claim?: Claim) => Clause;

/** The four makers of table lines for one version. A line claims to be tested unless told else. */
export function clausesOf(version: Version): Readonly<Record<Bound, ClauseOf>> {
  const maker =
    (bound: Bound): ClauseOf =>
    (id, text, claim = 'tested') =>
      Object.freeze<Clause>([version, id, bound, text, claim]);
  return Object.freeze({
    sends: maker('sends'),
    receives: maker('receives'),
    both: maker('both'),
    checks: maker('checks'),
  });
}
