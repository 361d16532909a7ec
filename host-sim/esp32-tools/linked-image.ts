/**
 * Reads what Moddable's linker wrote, `mc.xs.c`, and counts the flash that its JavaScript takes.
 *
 * A slot is 16 bytes on the ESP32. What counts: slots, bytecode, names of properties, strings, and
 * the tables over them; native code does not. It reads text and builds nothing.
 */

import { type ModuleShare, sharesOf } from './module-shares.ts';
import { SLOT_BYTES, type Slot } from './slot.ts';

/** The parts of the image, in bytes. */
export interface ImageParts {
  readonly slots: number;
  readonly code: number;
  /** Names of properties as text, and the tables over them. */
  readonly names: number;
  readonly strings: number;
  /** Tables of native functions, regular expressions, scripts. */
  readonly tables: number;
  /** Bytecode of modules that are not preloaded: they take RAM as well once they run. */
  readonly notPreloaded: number;
}

export interface LinkedImage {
  readonly total: number;
  readonly parts: ImageParts;
  /** The largest first; built-ins and names are shared, and in none of them. */
  readonly modules: readonly ModuleShare[];
  /** Slots by kind, the most frequent first. */
  readonly kinds: readonly (readonly [kind: string, slots: number])[];
}

const LITERAL = '"((?:[^"\\\\]|\\\\.)*)"';
const ENTRY =
  /^\/\* (\d+) \*\/\t\{ (.*?), \{\.ID = (.*?), \.flag.*?\.kind = XS_(\w+)_KIND\}, (.*)$/;
const TEXT = new RegExp(`\\(txByte\\*\\)${LITERAL}|\\.string = ${LITERAL}`);

/** Counts the image. @throws Error when the text is not the linker's */
export function readLinkedImage(text: string): LinkedImage {
  const count = (what: string) =>
    Number(new RegExp(`#define mx${what}Count (\\d+)`).exec(text)?.[1] ?? 0);
  const heap = heapOf(table(text, 'gxHeap'));
  if (heap.length === 0 || heap.length !== count('Heap')) throw new Error('no linked image');
  const strings = new Set(matches(text, new RegExp(`\\.string = ${LITERAL}`, 'g')));
  const code = matches(text, new RegExp(`\\(txByte\\*\\)${LITERAL}, `, 'g'));
  const names = matches(text, new RegExp(`\\.key = \\{ ${LITERAL}`, 'g'));
  const builders = matches(text, /gxBuilders\d*\[(\d+)\] = /g).map(Number);
  const scripts = matches(text, /gxCode\d+\[(\d+)\] = /g).map(Number);
  const parts: ImageParts = {
    slots: (heap.length + count('Stack')) * SLOT_BYTES,
    code: sum(code.map(literalBytes)),
    names: sum(names.map(literalBytes)) + count('Keys') * 6,
    strings: sum([...strings].map(literalBytes)),
    tables: sum(builders) * 8 + (count('RegExp') + count('BigInt')) * 4 + count('Scripts') * 36,
    notPreloaded: sum(scripts),
  };
  const roots = matches(table(text, 'gxStack'), /gxHeap\[(\d+)\]/g).map(Number);
  const total = sum(Object.values(parts));
  return { total, parts, modules: sharesOf(heap, roots), kinds: kindsOf(heap) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The first group of each match. */
function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), (match) => match[1]);
}

/** Bytes of a C string with its NUL. */
function literalBytes(literal: string): number {
  return literal.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/g, '.').length + 1;
}

/** The entries of one table of slots. */
function table(text: string, name: string): string {
  const start = text.search(new RegExp(`${name}\\[\\w+\\] = \\{`));
  return start < 0 ? '' : text.slice(start, text.indexOf('\n};', start));
}

function heapOf(entries: string): Slot[] {
  const slots: Slot[] = [];
  for (const line of entries.split('\n')) {
    const entry = ENTRY.exec(line);
    if (entry === null) continue;
    const [, , next, id, kind, value] = entry;
    const text = TEXT.exec(value);
    slots.push({
      kind,
      name: /\/\* (.*) \*\/|xsID_(\w+)/.exec(id)?.slice(1).join('') ?? '',
      next: indexIn(next),
      refs: matches(value, /gxHeap\[(\d+)\]/g).map(Number),
      module: kind === 'HOME' ? indexIn(value.slice(value.indexOf(',', value.indexOf('= {')))) : -1,
      items: Number(/\.array = \{ .*, (\d+) \}/.exec(value)?.[1] ?? 0),
      extraBytes: text === null ? 0 : literalBytes(text[1] ?? text[2]),
    });
  }
  return slots;
}

function indexIn(text: string): number {
  return Number(/gxHeap\[(\d+)\]/.exec(text)?.[1] ?? -1);
}

function kindsOf(heap: readonly Slot[]): (readonly [string, number])[] {
  const kinds = new Map<string, number>();
  for (const { kind } of heap) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds].sort((a, b) => b[1] - a[1]);
}
