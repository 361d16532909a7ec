/**
 * Resolves, type-checks, compiles and links the firmware's JavaScript for one board, with the
 * Moddable SDK and without ESP-IDF: up to the file that a C compiler would take next.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE } from './bundle.ts';
import { linkedSources, needsOf, needsOfFunctions, undeclared } from './idf-components.ts';
import { readIdfSettings, settingProblems } from './idf-settings.ts';
import { type LinkedImage, readLinkedImage } from './linked-image.ts';
import { boardModules, type Manifest, readManifest } from './manifest.ts';
import type { Sdk } from './sdk.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMAGE = 'mc.xs.c';

export interface BuiltImage {
  /** Undefined when it could not be built. */
  readonly image: LinkedImage | undefined;
  /** What would fail on a board, and what of our modules stays in RAM; a line each. */
  readonly warnings: readonly string[];
  /** The end of what the tools printed. */
  readonly output: string;
}

/**
 * @param board as Moddable names it
 * @param folder what an earlier build left there is used; it is linked anew
 */
export function buildImage(sdk: Sdk, board: string, folder: string, manifest: string): BuiltImage {
  mkdirSync(folder, { recursive: true });
  const before = findFile(folder, IMAGE);
  if (before !== undefined) rmSync(before);
  const configured = run(sdk, 'mcconfig', ['-p', board, '-o', folder, manifest], dirname(manifest));
  const makefile = configured.ok ? findFile(join(folder, 'tmp'), 'makefile') : undefined;
  if (makefile === undefined) return { image: undefined, warnings: [], output: configured.output };
  const made = run(sdk, 'make', makeArguments(makefile), dirname(makefile));
  const image = made.ok ? imageIn(dirname(makefile)) : undefined;
  const warnings = [...warningsIn(made.output), ...configurationProblems(makefile, sdk)];
  return { image, warnings, output: made.output };
}

/** What is wrong with the build that mcconfig prepared, before a C compiler sees it. */
function configurationProblems(makefile: string, sdk: Sdk): string[] {
  const linked = linkedSources(makefile, sdk.moddable);
  const { ffi } = readManifest() as Manifest & { ffi: { functions: Record<string, unknown> } };
  const needs = [...needsOf(linked.sources), ...needsOfFunctions(Object.keys(ffi.functions))];
  const project = findFile(dirname(makefile), 'sdkconfig.mc');
  return [
    ...undeclared(linked, needs).map(
      ({ component, by }) => `${by.join(', ')}: needs ESP-IDF's ${component}, not a dependency`,
    ),
    ...startedModules(readFileSync(makefile, 'utf8')).map(
      (name) => `${name} would be started by the SDK, before main`,
    ),
    ...settingProblems(readIdfSettings(readFileSync(project ?? '', 'utf8'))),
  ];
}

/** Modules that the platform runs before `main`, for ever as far as it is concerned. */
export function startedModules(makefile: string): string[] {
  const names = makefile.matchAll(/\$\(MODULES_DIR\)\/(setup\/[^.\s]+)\.xsb/g);
  return [...new Set(Array.from(names, (match) => match[1]))];
}

/** ESP-IDF would make the header of its own settings: an empty one stands for it. */
function makeArguments(makefile: string): string[] {
  const target = dirname(makefile);
  const old = readdirSync(target)
    .filter((name) => name.startsWith('xsProj-'))
    .flatMap((project) => {
      const header = join(target, project, 'build', 'config', 'sdkconfig.h');
      mkdirSync(dirname(header), { recursive: true });
      writeFileSync(header, '');
      return ['-o', header];
    });
  const idf = ['IDF_PATH=/nonexistent', 'IDF_VERSION=v6.0'];
  return ['-j2', '-f', makefile, ...old, ...idf, join(target, IMAGE)];
}

function imageIn(folder: string): LinkedImage | undefined {
  const path = findFile(folder, IMAGE);
  return path === undefined ? undefined : readLinkedImage(readFileSync(path, 'utf8'));
}

/**
 * What the linker found in our modules, not in the SDK's own. It takes the name of an
 * `import * as name` for a variable, which it is not: that is left out.
 */
export function warningsIn(
  output: string,
  modules: readonly string[] = ['main', BUNDLE, ...boardModules()],
  namespaces: readonly string[] = boardModules().flatMap(namespacesOf),
): string[] {
  return output
    .split('\n')
    .filter((line) => /^### (warning|error): /.test(line))
    .map((line) => line.replace(/^### \w+: /, ''))
    .filter((line) => modules.includes(line.split(': ')[0]))
    .filter((line) => !namespaces.includes(/(\w+): no const$/.exec(line)?.[1] ?? ''));
}

function namespacesOf(module: string): string[] {
  const text = readFileSync(join(ROOT, 'firmware', `${module}.ts`), 'utf8');
  return Array.from(text.matchAll(/^import \* as (\w+) from/gm), (match) => match[1]);
}

function findFile(folder: string, name: string): string | undefined {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && entry.name === name,
  );
  return found && join(found.parentPath, found.name);
}

function run(sdk: Sdk, tool: string, argv: string[], cwd: string): { ok: boolean; output: string } {
  const options = { cwd, env: sdk.environment, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const { status, stdout, stderr, error } = spawnSync(tool, argv, options);
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
}
