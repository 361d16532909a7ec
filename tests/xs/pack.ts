/**
 * Turns TypeScript modules into a pack, the one file that the XS host reads: every module that the
 * entries import, directly or not, with its types removed and under its path from the root.
 *
 * Modules are not bundled into one: a bundler turns `const` into `var`, and then nothing would be
 * constant in the shared machine. Nothing is downgraded either: what XS 13.3 lacks must fail.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { cacheFolder, root } from './host-build.ts';

/** A module as written in a pack. */
export interface PackModule {
  readonly name: string;
  readonly source: string;
  /** In the shared, frozen machine; else it runs in the clone. */
  readonly isPreloaded: boolean;
}

/** For each module its imports: paths from the root, or bare specifiers. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** @param entries paths from the root. @returns all modules they reach. */
export async function importGraph(entries: readonly string[]): Promise<Graph> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entries],
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    format: 'esm',
    platform: 'neutral',
    outdir: 'none',
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  return new Map(
    Object.entries(metafile.inputs).map(([path, { imports }]) => [
      path,
      imports.map((found) => found.path),
    ]),
  );
}

/** The modules that `entry` reaches, itself included, each after those it imports. */
export function reached(graph: Graph, entry: string): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const next of graph.get(path) ?? []) visit(next);
    if (graph.has(path)) order.push(path);
  };
  visit(entry);
  return order;
}

interface Stripped {
  readonly code: string;
  readonly map: SourceMap;
}

const known = new Map<string, Promise<Stripped>>();

/** A module's JavaScript, and which of its lines came from where. */
function strip(path: string): Promise<Stripped> {
  const earlier = known.get(path);
  if (earlier !== undefined) return earlier;
  const result = transform(readFileSync(join(root, path), 'utf8'), {
    loader: 'ts',
    target: 'es2022',
    sourcefile: path,
    sourcemap: 'external',
    tsconfigRaw: {
      compilerOptions: {
        verbatimModuleSyntax: true,
        target: 'es2022',
        useDefineForClassFields: false,
      },
    },
  }).then(({ code, map }) => ({ code, map: new SourceMap(JSON.parse(map)) }));
  known.set(path, result);
  return result;
}

/** Rewrites `(path:line)` of a stack trace from the stripped module's lines to the source's. */
export async function mappedLines(text: string): Promise<string> {
  const maps = new Map<string, SourceMap>();
  for (const [path, stripped] of known) maps.set(path, (await stripped).map);
  return text.replace(/\(([^\s():]+):(\d+)\)/g, (whole, path: string, line: string) => {
    const entry = maps.get(path)?.findEntry(Number(line) - 1, 999);
    return entry !== undefined && 'originalLine' in entry
      ? `(${path}:${entry.originalLine + 1})`
      : whole;
  });
}

/** @returns the module at `path` for a pack, under another name when it stands in for one. */
export async function moduleAt(
  path: string,
  isPreloaded: boolean,
  name = path,
): Promise<PackModule> {
  return { name, source: (await strip(path)).code, isPreloaded };
}

/** Writes the pack for as long as `use` runs. */
export async function withPack<T>(
  modules: readonly PackModule[],
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(cacheFolder(), 'pack-'));
  const path = join(folder, 'modules.pack');
  const parts = modules.map(({ name, source, isPreloaded }) => {
    return `${isPreloaded ? 'P' : 'D'} ${Buffer.byteLength(source)} ${name}\n${source}\n`;
  });
  try {
    writeFileSync(path, parts.join(''));
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
