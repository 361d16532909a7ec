/**
 * Has each move of a machine looked up in its table of states, while the machine does its work: the
 * table is then what the machine does, and no drawing of it. One that the table does not have throws
 * where it happens. One that no input led to throws at the machine's next input, or, with an accessor
 * in the state's place, at once: that costs worlds a thirtieth of their speed.
 *
 * A row is judged by its whole input: where the machine stood before, and where it stands when the
 * input has returned. What an input calls belongs to it.
 */

import type { Moves } from '../../firmware/base/moves.ts';

/** A class whose instances are machines. */
export interface MachineClass {
  readonly name: string;
  readonly prototype: object;
}

type Members = Record<PropertyKey, unknown>;
/** No input takes more than this. */
type Method = (this: Members, a: unknown, b: unknown, c: unknown, d: unknown) => unknown;
const PARAMETERS_MAX = 4;

/** The properties that hold a machine's state, read by their names: by a variable is slow. */
const STATE_OF = Object.freeze({
  state: (machine: Members) => machine.state as string,
  phase: (machine: Members) => machine.phase as string,
});
export type StateField = keyof typeof STATE_OF;

/** On a machine: where it stands, as the accessor keeps it, and where its last input left it. */
const STATE = Symbol('state');
const LEFT = Symbol('left');
/** On a class that is watched. */
const WATCH = Symbol('watch');

export class UnknownMove extends Error {}

/** A table's rows with one state each that may follow, as they are told of. */
export function rowsOf(table: Moves): string[] {
  return Object.entries(table).flatMap(([from, inputs]) =>
    Object.entries(inputs).flatMap(([input, next]) => next.map((to) => rowOf(from, input, to))),
  );
}

function rowOf(from: string, input: string, to: string): string {
  return `${from} > ${input} > ${to}`;
}

/** Whether instances of a class are watched. */
export function isWatched({ prototype }: MachineClass): boolean {
  return WATCH in prototype;
}

/** What is known of a class that is watched, and the instance whose input is under way. */
class Watch {
  readonly seen = new Set<string>();
  readonly initial: string;
  inside: object | undefined;
  readonly #name: string;
  readonly #rows: ReadonlySet<string>;

  constructor(name: string, table: Moves) {
    this.initial = Object.keys(table)[0];
    this.#name = name;
    this.#rows = new Set(rowsOf(table));
  }

  moved(from: string, input: string, to: string): void {
    const row = rowOf(from, input, to);
    if (!this.#rows.has(row)) throw new UnknownMove(`${this.#name}: ${row}`);
    this.seen.add(row);
  }

  strayed(from: unknown, to: unknown): never {
    throw new UnknownMove(`${this.#name}: ${from ?? 'new'} > no input > ${to}`);
  }
}

/**
 * Watches all instances that are made from now on; the second time it does nothing.
 * @param field the property that holds the state
 * @param isStrict puts an accessor in its place
 * @returns the rows that any of them has moved by, up to now and from now on
 */
export function watchMoves(
  machine: MachineClass,
  field: StateField,
  table: Moves,
  isStrict = true,
): ReadonlySet<string> {
  const members = machine.prototype as Members;
  if (WATCH in members) return (members[WATCH] as Watch).seen;
  const watch = new Watch(machine.name, table);
  members[WATCH] = watch;
  if (isStrict) watchWrites(members, field, watch);
  for (const input of new Set(Object.values(table).flatMap((inputs) => Object.keys(inputs)))) {
    members[input] = watched(members[input] as Method, input, field, watch);
  }
  return watch.seen;
}

/** The state moves under an input alone, and begins with the table's first. */
function watchWrites(members: Members, field: string, watch: Watch): void {
  Object.defineProperty(members, field, {
    get(this: Members) {
      return this[STATE];
    },
    set(this: Members, next: string) {
      const now = this[STATE];
      if (next !== (now ?? watch.initial) && watch.inside !== this) watch.strayed(now, next);
      this[STATE] = next;
    },
  });
}

/** @throws RangeError for a method with more parameters than an input has */
function watched(method: Method, input: string, field: StateField, watch: Watch): Method {
  if (method.length > PARAMETERS_MAX) throw new RangeError(`${input} takes too many arguments`);
  const stateOf = STATE_OF[field];
  // Arguments one by one: as a list they cost worlds a hundredth of their speed.
  return function (this: Members, a, b, c, d) {
    const { inside } = watch;
    if (inside === this) return method.call(this, a, b, c, d);
    const from = stateOf(this);
    const left = this[LEFT];
    if (from !== (left ?? watch.initial)) watch.strayed(left, from);
    watch.inside = this;
    let result: unknown;
    try {
      result = method.call(this, a, b, c, d);
    } finally {
      watch.inside = inside;
      this[LEFT] = stateOf(this);
    }
    const to = stateOf(this);
    if (to !== from) watch.moved(from, input, to);
    return result;
  };
}
