/**
 * Finds what builds the firmware for a board: the Moddable SDK, its tools, TypeScript and, to flash,
 * ESP-IDF. What is missing comes as one line that says what to run.
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPESCRIPT_MIN = 6;
const IDF_MAJOR = 6;
const TOOLS = Object.freeze({ linux: 'lin', darwin: 'mac', win32: 'win' } as Record<
  string,
  string
>);
const SET_UP = 'npx xs-dev setup';
const SET_UP_ESP32 = 'npx xs-dev setup --device esp32';

type Environment = Readonly<Record<string, string | undefined>>;

/** A machine that can build, as the environment of its tools. */
export interface Sdk {
  readonly moddable: string;
  /** For every tool that is called. */
  readonly environment: Record<string, string | undefined>;
}

/** @returns the SDK, or one line about what is missing and what to run. */
export function findSdk(environment: Environment): Sdk | string {
  const moddable = environment.MODDABLE ?? '';
  if (moddable === '') return `MODDABLE is not set: the Moddable SDK is needed; run: ${SET_UP}`;
  if (!existsSync(join(moddable, 'examples', 'manifest_base.json'))) {
    return `MODDABLE is ${moddable}, and no Moddable SDK is there; run: ${SET_UP}`;
  }
  const built = join(moddable, 'build', 'bin', TOOLS[process.platform] ?? 'lin', 'release');
  // What the shell has set comes first; the project's own TypeScript stands in for a missing one.
  const path = [environment.PATH ?? '', built, join(ROOT, 'node_modules', '.bin')];
  const PATH = path.filter((part) => part !== '').join(delimiter);
  if (toolOn(PATH, 'mcconfig') === undefined) {
    return `mcconfig is not on the PATH, nor in ${built}; run: ${SET_UP}`;
  }
  const version = typescriptOn(PATH);
  if (version < TYPESCRIPT_MIN) {
    const found = version === 0 ? 'there is none' : `version ${version} was found`;
    return `tsc ${TYPESCRIPT_MIN} or newer is needed on the PATH, ${found}; run: npm ci`;
  }
  return { moddable, environment: { ...environment, MODDABLE: moddable, PATH } };
}

/** @returns what ESP-IDF lacks for a real build, as one line; undefined when it is all there. */
export function missingIdf({ environment }: Sdk): string | undefined {
  const path = environment.IDF_PATH ?? '';
  if (path === '') return `IDF_PATH is not set: ESP-IDF v6.0 is needed; run: ${SET_UP_ESP32}`;
  const major = idfMajor(path);
  if (major !== IDF_MAJOR) {
    const found = major === 0 ? 'no ESP-IDF is there' : `that is version ${major}`;
    return `IDF_PATH is ${path}, and ${found}; v6.0 is needed; run: ${SET_UP_ESP32}`;
  }
  if (toolOn(environment.PATH ?? '', 'idf.py') === undefined) {
    return `idf.py is not on the PATH; run: . "${join(path, 'export.sh')}"`;
  }
  return undefined;
}

/** The first executable file of this name. */
function toolOn(path: string, name: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The major version of the first tsc, or 0. */
function typescriptOn(path: string): number {
  const tsc = toolOn(path, 'tsc');
  if (tsc === undefined) return 0;
  const { stdout } = spawnSync(tsc, ['--version'], { encoding: 'utf8', env: { PATH: path } });
  return Number(/Version (\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}

function idfMajor(path: string): number {
  try {
    const text = readFileSync(join(path, 'tools', 'cmake', 'version.cmake'), 'utf8');
    return Number(/IDF_VERSION_MAJOR (\d+)/.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
