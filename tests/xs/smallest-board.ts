/** The heap of the smallest board, as manifest.json has it made, for the XS host. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostKind, missingHost, root } from './host-build.ts';

/** One arena for slots, chunks and stack: the other boards have 64 KB more. */
const SMALLEST = 'esp32/esp32c3';

interface Creation {
  readonly static: number;
  readonly chunk: { readonly initial: number };
  readonly heap: { readonly initial: number };
  /** In slots. */
  readonly stack: number;
}

/**
 * With 32 bits slots have the board's size. Without a compiler for that, the heap of the larger
 * boards stands in: slots of the host take twice the room.
 * @returns the kind of host, and its options
 */
export async function smallestBoard(): Promise<{ kind: HostKind; args: string[] }> {
  const text = readFileSync(join(root, 'manifest.json'), 'utf8');
  const { platforms } = JSON.parse(text) as { platforms: Record<string, { creation: Creation }> };
  const { static: bytes, chunk, heap, stack } = platforms[SMALLEST].creation;
  const args = ['--stack', `${stack}`];
  if ((await missingHost('figures').catch(() => true)) !== false) return { kind: 'release', args };
  args.push('--static', `${bytes}`, '--chunks', `${chunk.initial}`, '--slots', `${heap.initial}`);
  return { kind: 'figures', args };
}
