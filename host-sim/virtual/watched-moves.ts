/**
 * Has each move of a machine looked up in its table of states, while the machine does its work: the
 * table is then what the machine does, and no drawing of it. One that the table does not have, and
 * one that no input led to, throws where it happens.
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
type Method = (this: Members, ...given: unknown[]) => unknown;

/** On a machine: where it stands, and the input under way. */
const STATE = Symbol('state');
const INPUT = Symbol('input');
/** On a class that is watched: the rows that were seen. */
const SEEN = Symbol('seen');

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
  return SEEN in prototype;
}

/**
 * Watches all instances that are made from now on; the second time it does nothing.
 * @param field the property that holds the state
 * @returns the rows that any of them has moved by, up to now and from now on
 */
export function watchMoves(
  machine: MachineClass,
  field: string,
  table: Moves,
): ReadonlySet<string> {
  const members = machine.prototype as Members;
  if (SEEN in members) return members[SEEN] as Set<string>;
  const seen = new Set<string>();
  members[SEEN] = seen;
  watchState(machine, field, Object.keys(table)[0]);
  const rows = new Set(rowsOf(table));
  for (const input of new Set(Object.values(table).flatMap((inputs) => Object.keys(inputs)))) {
    members[input] = watched(members[input] as Method, input, (from, to) => {
      const row = rowOf(from, input, to);
      if (!rows.has(row)) throw new UnknownMove(`${machine.name}: ${row}`);
      seen.add(row);
    });
  }
  return seen;
}

/** The state moves under an input alone, and begins with the table's first. */
function watchState({ name, prototype }: MachineClass, field: string, initial: string): void {
  Object.defineProperty(prototype, field, {
    get(this: Members) {
      return this[STATE];
    },
    set(this: Members, next: string) {
      const now = this[STATE];
      const isMove = now === undefined ? next !== initial : next !== now;
      if (isMove && this[INPUT] === undefined) {
        throw new UnknownMove(`${name}: ${now ?? 'new'} > no input > ${next}`);
      }
      this[STATE] = next;
    },
  });
}

function watched(method: Method, input: string, moved: (from: string, to: string) => void): Method {
  return function (this: Members, ...given) {
    if (this[INPUT] !== undefined) return method.apply(this, given);
    const from = this[STATE] as string;
    this[INPUT] = input;
    let result: unknown;
    try {
      result = method.apply(this, given);
    } finally {
      this[INPUT] = undefined;
    }
    const to = this[STATE] as string;
    if (to !== from) moved(from, to);
    return result;
  };
}
