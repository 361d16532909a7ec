/**
 * Tells which preloaded module each slot of a linked image belongs to.
 *
 * A function names its module, and a variable that a module exports is its own. What built-ins
 * reach is shared; the rest belongs to the module that reaches it first.
 */

import { SLOT_BYTES, type Slot } from './slot.ts';

/** What one preloaded module takes, in bytes; code is part of them. */
export interface ModuleShare {
  readonly name: string;
  bytes: number;
  slots: number;
  code: number;
}

const NOBODY = -1;
const SHARED = -2;
/** The first slot is the heap's own; the map of modules follows. */
const MODULES = 1;

/** @param roots what the machine's stack refers to. @returns the largest share first */
export function sharesOf(heap: readonly Slot[], roots: readonly number[]): ModuleShare[] {
  const shares = new Map<number, ModuleShare>();
  for (const index of chain(heap, heap[MODULES].next)) {
    const { name, refs } = heap[index];
    if (refs.length === 1) shares.set(refs[0], { name, bytes: 0, slots: 0, code: 0 });
  }
  const owners = new Int32Array(heap.length).fill(NOBODY);
  claim(heap, owners, MODULES, SHARED);
  for (const module of shares.keys()) claim(heap, owners, module, module);
  const claimed = claimFunctions(heap, owners);
  for (const { kind, refs } of heap) {
    if (kind === 'EXPORT' && refs.length === 2) claim(heap, owners, refs[0], refs[1]);
  }
  spread(
    heap,
    owners,
    roots.flatMap((root) => claim(heap, owners, root, SHARED)),
  );
  spread(heap, owners, [...shares.keys(), ...claimed]);
  owners.forEach((owner, index) => {
    const share = shares.get(owner);
    if (share === undefined) return;
    const { kind, extraBytes } = heap[index];
    share.slots++;
    share.bytes += SLOT_BYTES + extraBytes;
    if (kind === 'CODE_X') share.code += extraBytes;
  });
  return [...shares.values()].filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
}

/** The slots of an instance: itself, its inner ones, its properties. */
function* chain(heap: readonly Slot[], start: number): Generator<number> {
  for (let index = start; index >= 0 && index < heap.length; index = heap[index].next) yield index;
}

/** Gives a chain to its owner. @returns what was nobody's before */
function claim(heap: readonly Slot[], owners: Int32Array, start: number, owner: number): number[] {
  const taken: number[] = [];
  for (const index of chain(heap, start)) {
    if (owners[index] !== NOBODY) break;
    owners[index] = owner;
    taken.push(index);
  }
  return taken;
}

/** Functions, and the environments with the variables that they use. */
function claimFunctions(heap: readonly Slot[], owners: Int32Array): number[] {
  const taken: number[] = [];
  heap.forEach((instance, start) => {
    if (instance.kind !== 'INSTANCE') return;
    const slots = Array.from(chain(heap, start), (index) => heap[index]);
    const module = slots.find(({ kind }) => kind === 'HOME')?.module ?? -1;
    if (module < 0) return;
    taken.push(...claim(heap, owners, start, module));
    const environment = slots.find(({ kind }) => kind === 'CODE_X')?.refs[0];
    if (environment !== undefined) taken.push(...claim(heap, owners, environment, module));
  });
  return taken;
}

/** What is reached from slots of an owner becomes its own, unless it is somebody's. */
function spread(heap: readonly Slot[], owners: Int32Array, from: readonly number[]): void {
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const { refs, items } = heap[index];
    const owner = owners[index];
    for (const ref of refs) open.push(...claim(heap, owners, ref, owner));
    for (let i = 1; i < items; i++) open.push(...claim(heap, owners, refs[0] + i, owner));
  }
}
