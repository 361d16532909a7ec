/**
 * Keeps manifest.json's list of modules true: exactly what `firmware/main.ts` reaches, each named,
 * each preloaded. Moddable finds a module that is missing from it only at run time, and one that
 * nobody uses takes flash.
 *
 * `npm run manifest` writes the list, and the others that follow from the sources
 * (`sensor-lists.ts`).
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine } from '../cli/arguments.ts';
import { sensorLists } from './sensor-lists.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = 'main';
const HELP = `npm run manifest: writes anew what follows from the sources:
  manifest.json                      the modules that main.ts reaches
  firmware/sensors/known-sensors.ts  the imports of its table
  host-sim/chips/models.ts           the chips of simulated boards
  README.md                          the sensors that are found by themselves
`;
/** Whatever is left of an import once types are gone. */
const IMPORT = /^(?:import|export)(?! type\b)[^;]*?from '(\.[^']+)\.ts'|^import '(\.[^']+)\.ts'/gm;

export interface Manifest {
  modules: Record<string, string | string[]>;
  preload: string[];
}

/**
 * Names of the modules that run on the board, `main` apart, in a fixed order.
 * @param leaf a module whose own imports do not count
 */
export function boardModules(root: string = ROOT, leaf = ''): string[] {
  const reached = new Set<string>();
  const open = [MAIN];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    if (name === leaf) continue;
    const text = readFileSync(join(root, 'firmware', `${name}.ts`), 'utf8');
    for (const match of text.matchAll(IMPORT)) {
      open.push(posix.join(posix.dirname(name), match[1] ?? match[2]));
    }
  }
  reached.delete(MAIN);
  return [...reached].sort();
}

/** The manifest with these modules, and all that it says beside them. */
export function withModules<T extends Manifest>(manifest: T, names: readonly string[]): T {
  const isOurs = (source: string | string[]): boolean => String(source).startsWith('./firmware/');
  const others = Object.entries(manifest.modules).filter(
    ([name, source]) => name === '*' || !isOurs(source),
  );
  const ours = names.map((name) => [name, `./firmware/${name}`] as const);
  return { ...manifest, modules: Object.fromEntries([...others, ...ours]), preload: [...names] };
}

/** Reads the project's manifest. */
export function readManifest(root: string = ROOT): Manifest {
  return JSON.parse(readFileSync(join(root, 'manifest.json'), 'utf8')) as Manifest;
}

function writeLists(): void {
  // The table's imports come first: modules are reached through them.
  const lists = sensorLists();
  for (const { path, text } of lists) writeFileSync(join(ROOT, path), text);
  const manifest = withModules(readManifest(), boardModules());
  writeFileSync(join(ROOT, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const sources = lists.map(({ path }) => path).filter((path) => path.endsWith('.ts'));
  const format = ['biome', 'check', '--write', 'manifest.json', ...sources];
  execFileSync('npx', format, { cwd: ROOT, stdio: 'inherit' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  commandLine(HELP, {}, () => {});
  try {
    writeLists();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
