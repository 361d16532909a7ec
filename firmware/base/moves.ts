/**
 * A machine's states as data: from each state, by input, the states that it may lead to. The first
 * state is the initial one. An input is a method of the machine; a row leaves out the inputs that
 * do not change the state.
 *
 * A table costs the board nothing: the machine takes only its types, so that the compiler refuses a
 * move which the table does not have. Whoever runs a machine in a test or in the simulated world
 * has each of its moves looked up.
 */
export type Moves = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The states that any input of one state leads to, and the state itself. */
type Reach<Table extends Moves, From extends keyof Table> =
  | From
  | { [Input in keyof Table[From]]: Table[From][Input][number] }[keyof Table[From]];

/** The states from which any input leads to this one, and the state itself. */
type Origins<Table extends Moves, To> = {
  [From in keyof Table]: To extends Reach<Table, From> ? From : never;
}[keyof Table];

/** The states that may follow; of several, those that may follow each. */
export type After<Table extends Moves, From extends keyof Table> = {
  [To in keyof Table]: [From] extends [Origins<Table, To>] ? To : never;
}[keyof Table];
