/** Which test files reach a source, and each of them compiled with the source's mutants. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

/** The folders whose tests need neither another process nor the real engine. */
const FOLDERS = Object.freeze(['unit', 'properties', 'vectors', 'conformance']);
/** Tests of whole boards: a mutant would cost minutes. */
const WHOLE = /^(device|mote|virtual|live|esp32-tools)\//;
/** What a test imports that talks to the machine: slow, and shared by whatever runs beside it. */
const OUTSIDE = /^(node:(net|tls|http|https|dgram|timers\/promises|worker_threads)|ws|aedes|mqtt)$/;

/** `import.meta.url` is where the source lies; the mutated source is what it is told to be. */
function replaced(root: string, target?: { readonly path: string; readonly code: string }): Plugin {
  return {
    name: 'mutated',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (target !== undefined && path === join(root, target.path)) {
          return { contents: target.code, loader: 'js' };
        }
        const url = JSON.stringify(pathToFileURL(path).href);
        const contents = readFileSync(path, 'utf8').replace(/import\.meta\.url/g, url);
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** @returns the sources of a folder of the firmware and of the folders in it, from the root */
export function sourcesOf(root: string, folder: string): string[] {
  return readdirSync(join(root, 'firmware', folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `firmware/${folder}/${path}`)
    .sort();
}

const COMMON = Object.freeze({
  bundle: true,
  write: false,
  metafile: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  logLevel: 'silent',
} as const);

/** What a test file imports, from the root. */
export interface Reach {
  readonly all: ReadonlySet<string>;
  /** Those that it names itself, or that what it has from other tests names. */
  readonly named: ReadonlySet<string>;
}

/**
 * @param root the project's folder
 * @returns by test file, from the root, the sources of ours that it comes to
 */
export async function reachOfTests(root: string): Promise<Map<string, Reach>> {
  const entryPoints = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, 'tests', folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !WHOLE.test(path))
      .map((path) => join('tests', folder, path)),
  ).sort();
  const options = {
    ...COMMON,
    absWorkingDir: root,
    entryPoints,
    outdir: '.',
    format: 'esm' as const,
  };
  const { metafile } = await build({ ...options, plugins: [replaced(root)] });
  const reach = new Map<string, Reach>();
  for (const { entryPoint, inputs, imports } of Object.values(metafile.outputs)) {
    const isOutside = imports.some(({ path }) => OUTSIDE.test(path));
    if (entryPoint === undefined || isOutside) continue;
    const named = namedBy(metafile, entryPoint);
    reach.set(entryPoint, { all: new Set(Object.keys(inputs)), named });
  }
  return reach;
}

function namedBy(metafile: Metafile, entryPoint: string): Set<string> {
  const named = new Set([entryPoint]);
  // A set is walked to what is added meanwhile.
  for (const path of named) {
    if (!path.startsWith('tests/')) continue;
    for (const each of metafile.inputs[path]?.imports ?? []) named.add(each.path);
  }
  return named;
}

/**
 * Compiles tests, each with all of ours that it imports in one script.
 * @param folder where the scripts go
 * @returns the scripts, in the order of the tests; those that cannot be one are left out
 */
export async function compileWith(
  root: string,
  folder: string,
  target: { readonly path: string; readonly code: string },
  tests: readonly string[],
): Promise<string[]> {
  const scripts: string[] = [];
  const { outputFiles, metafile } = await build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints: [...tests],
    outdir: folder,
    outbase: root,
    format: 'cjs',
    plugins: [replaced(root, target)],
  });
  for (const { path, contents } of outputFiles) {
    const script = join(folder, nameOf(metafile, relative(root, path)).replaceAll('/', '+'));
    writeFileSync(script, contents);
    scripts.push(script);
  }
  return scripts;
}

function nameOf(metafile: Metafile, output: string): string {
  return metafile.outputs[output].entryPoint ?? output;
}
