/** The tables of states: complete, named as the machines are, heeded by the compiler, and drawn. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AfterLink } from '../../firmware/link/link-state.ts';
import { MACHINES } from '../../host-sim/virtual/machines.ts';
import { UnknownMove, watchMoves } from '../../host-sim/virtual/watched-moves.ts';
import { withDiagrams } from './diagrams.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

for (const { title, machine, moves } of MACHINES) {
  const states = Object.keys(moves);
  const followers = (state: string) => Object.values(moves[state]).flat();

  test(`${title}: each state can be reached from the first one`, () => {
    const reached = new Set([states[0]]);
    for (const state of reached) for (const next of followers(state)) reached.add(next);
    assert.deepEqual([...reached].sort(), [...states].sort());
  });

  test(`${title}: each state can be left, and a row tells another state of the table, once`, () => {
    for (const state of states) {
      assert.notEqual(followers(state).length, 0, state);
      for (const [input, next] of Object.entries(moves[state])) {
        assert.notEqual(next.length, 0, `${state} > ${input}`);
        assert.equal(new Set(next).size, next.length, `${state} > ${input}`);
        for (const to of next) assert.ok(to !== state && states.includes(to), `${state} > ${to}`);
      }
    }
  });

  test(`${title}: each input is a method of the machine`, () => {
    const inputs = new Set(states.flatMap((state) => Object.keys(moves[state])));
    const members = machine.prototype as Record<string, unknown>;
    for (const input of inputs) assert.equal(typeof members[input], 'function', input);
  });
}

test('every table of moves in the firmware is one of a machine that is watched', () => {
  const found = readdirSync(join(ROOT, 'firmware'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => /^export const \w+_MOVES\b/m.test(read('firmware', path)));
  assert.equal(found.length, MACHINES.length, found.join());
});

function read(...path: string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}

test('the compiler refuses a move that the table does not have', () => {
  const known: AfterLink<'handshaking'> = 'online';
  // @ts-expect-error no input leads from joining to online
  const unknown: AfterLink<'joining'> = 'online';
  const common: AfterLink<'joining' | 'online'> = 'offline';
  // @ts-expect-error of the two, joining alone leads there
  const uncommon: AfterLink<'joining' | 'online'> = 'resolving';
  assert.deepEqual([known, unknown, common, uncommon].length, 4);
});

test('whatever names the next state of a machine has the compiler look it up', () => {
  const heedless = readdirSync(join(ROOT, 'firmware'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => /import type \{[^}]*\bAfter[A-Z]\w+/.test(read('firmware', path)))
    .flatMap((path) => read('firmware', path).match(/^.*this\.(?:state|phase) = .*$/gm) ?? [])
    .filter((line) => !/ satisfies After\w+<|this\.state = state;$/.test(line));
  assert.deepEqual(heedless, []);
});

/** A machine, anew for each that watches it. */
function lampClass() {
  return class Lamp {
    state: string;
    constructor(state = 'off') {
      this.state = state;
    }
    turn(state: string): void {
      this.state = state;
    }
    again(): void {
      this.turn('on');
    }
  };
}
const table = { off: { turn: ['on'] }, on: { again: ['off'] } };

test('a move that no row has, one without an input, and a wrong beginning throw', () => {
  const Lamp = lampClass();
  const seen = watchMoves(Lamp, 'state', table);
  assert.equal(watchMoves(Lamp, 'state', table), seen);
  const lamp = new Lamp();
  lamp.turn('off');
  lamp.turn('on');
  assert.deepEqual([...seen], ['off > turn > on']);
  lamp.again();
  assert.throws(() => lamp.turn('off'), new UnknownMove('Lamp: on > turn > off'));
  assert.throws(() => {
    lamp.state = 'on';
  }, new UnknownMove('Lamp: off > no input > on'));
  assert.throws(() => new Lamp('on'), new UnknownMove('Lamp: new > no input > on'));
});

test('in a world a move without an input, and a wrong beginning, throw at the next input', () => {
  const Lamp = lampClass();
  watchMoves(Lamp, 'state', table, false);
  const lamp = new Lamp();
  lamp.turn('on');
  lamp.again();
  assert.throws(() => lamp.turn('off'), new UnknownMove('Lamp: on > turn > off'));
  lamp.state = 'on';
  assert.throws(() => lamp.again(), new UnknownMove('Lamp: off > no input > on'));
  assert.throws(() => new Lamp('on').again(), new UnknownMove('Lamp: new > no input > on'));
});

test('the diagrams in ARCHITECTURE.md are what print.ts prints of the tables', () => {
  const document = read('ARCHITECTURE.md').replaceAll('\r', '');
  const isPresent = withDiagrams(document) === document;
  assert.ok(isPresent, 'they are out of date; run: npx tsx tests/states/print.ts');
});
