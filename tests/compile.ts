/**
 * Compiles test files to JavaScript, each with all of ours that it imports in one file: a test
 * process then starts in a tenth of a second, where stripping types as it loads takes one.
 *
 * Each module still knows itself by the place of its source. Files that use nothing of the system
 * share processes, since a process takes longer to start than most of them to run.
 *
 * Whatever test runs a machine whose states are data has its moves looked up in its table.
 */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

/** What a run of all tests has compiled for them: the folder, for the processes of the tests. */
const COMPILED = 'MOTE_COMPILED';
/** Programs that several test files start: compiled with the tests, once for a run. */
const PROGRAMS = Object.freeze([
  ...['main', 'settings', 'simulate', 'soak'].map((name) => `host-sim/${name}.ts`),
]);

/** Test files in one process. */
const GROUP_FILES = 12;
/** What a test file may import from outside to share its process with others. */
const SHARED = Object.freeze(['node:test', 'node:assert/strict', 'fast-check', 'mqtt-packet']);

/** By source: the machine that it has, the property with its state, its table and where that lies. */
const MACHINES = Object.freeze({
  'firmware/link/supervisor.ts': ['Supervisor', 'state', 'LINK_MOVES', './link-state.ts'],
  'firmware/mqtt/session/session.ts': ['Session', 'state', 'SESSION_MOVES', './session-state.ts'],
  'firmware/device/device.ts': ['Device', 'phase', 'DEVICE_MOVES', './device-state.ts'],
  'firmware/alarms/rule-alarm.ts': ['RuleAlarm', 'state', 'ALARM_MOVES', './alarm-state.ts'],
  'firmware/provisioning/portal/portal.ts': [
    'Portal',
    'state',
    'PORTAL_MOVES',
    './portal-state.ts',
  ],
} as const);

/** What watches the machine that a source has, to be added behind it. */
function watch(root: string, path: string): string {
  const found = Object.entries(MACHINES).find(([source]) => join(root, source) === path);
  if (found === undefined) return '';
  const [machine, field, table, place] = found[1];
  const watcher = JSON.stringify(join(root, 'host-sim', 'virtual', 'watched-moves.ts'));
  return `
import { ${table} } from '${place}';
import { watchMoves } from ${watcher};
watchMoves(${machine}, '${field}', ${table});
`;
}

/** `import.meta.url` is where the source lies, not where the compiled file does. */
function loader(root: string): Plugin {
  return {
    name: 'own place, and machines that are watched',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const url = JSON.stringify(pathToFileURL(path).href);
        const contents = readFileSync(path, 'utf8').replace(/import\.meta\.url/g, url);
        return { contents: contents + watch(root, path), loader: 'ts' };
      });
    },
  };
}

interface Compiled {
  readonly folder: string;
  /** In the order of the sources. */
  readonly paths: readonly string[];
  readonly metafile: Metafile;
}

async function compileAll(root: string, sources: readonly string[]): Promise<Compiled> {
  const folder = join(root, '.cache', 'tests', `${process.pid}`);
  mkdirSync(folder, { recursive: true });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: [...sources],
    outdir: folder,
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'error',
    plugins: [loader(root)],
  });
  return { folder, paths: sources.map((path) => placeOf(root, folder, path)), metafile };
}

/** Where the compiled file of a source lies in a folder of compiled ones. */
function placeOf(root: string, folder: string, source: string): string {
  return join(folder, `${relative(root, source).slice(0, -'.ts'.length)}.mjs`);
}

/**
 * Compiles programs, each for a process of its own; those that a run of all tests has compiled
 * already are taken as they are.
 * @param root the project's folder
 * @param sources as absolute paths
 * @returns the compiled files, in the same order
 */
export async function compile(root: string, sources: readonly string[]): Promise<string[]> {
  const known = process.env[COMPILED] ?? '';
  const places = sources.map((source) => placeOf(root, known, source));
  if (known.startsWith(join(root, '/')) && places.every((place) => existsSync(place)))
    return places;
  return [...(await compileAll(root, sources)).paths];
}

/**
 * Compiles test files, and the programs that they start; what runs them finds those by its
 * environment.
 * @param isLong whether a file takes as long as several of the others together
 * @returns what to run, each in a process: the long ones and others that need one of their own in
 * the order of `sources`, and between them those that share one
 */
export async function compileTests(
  root: string,
  sources: readonly string[],
  isLong: (source: string) => boolean,
): Promise<string[]> {
  const programs = PROGRAMS.map((path) => join(root, path));
  const { folder, paths, metafile } = await compileAll(root, [...sources, ...programs]);
  process.env[COMPILED] = folder;
  const tests = sources.map((source, i) => ({
    path: paths[i],
    isLong: isLong(source),
    isShared: usesNothing(metafile, relative(root, paths[i])),
  }));
  const own = (long: boolean) => {
    return tests.filter((test) => !test.isShared && test.isLong === long).map(({ path }) => path);
  };
  const shared = tests.filter(({ isShared }) => isShared).map(({ path }) => path);
  return [...own(true), ...grouped(folder, shared), ...own(false)];
}

/** Whether a compiled file asks nothing of the system, and sets up nothing for all that it runs. */
function usesNothing(metafile: Metafile, output: string): boolean {
  const { imports, entryPoint } = metafile.outputs[output];
  const isPure = imports.every(({ path, external }) => !external || SHARED.includes(path));
  const text = entryPoint === undefined ? '' : readFileSync(entryPoint, 'utf8');
  return isPure && !/\b(?:before|after)(?:Each)?\(|\bmock\b|\bprocess\b|\bglobalThis\b/.test(text);
}

/** Several to a process, dealt out so that neighbours, which take alike, go to different ones. */
function grouped(folder: string, files: readonly string[]): string[] {
  const count = Math.ceil(files.length / GROUP_FILES);
  return Array.from({ length: count }, (_, group) => {
    const own = files.filter((_, i) => i % count === group);
    const path = join(folder, `group-${group}.mjs`);
    writeFileSync(path, own.map((file) => `import ${JSON.stringify(file)};\n`).join(''));
    return path;
  });
}
