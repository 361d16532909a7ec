/**
 * Builds the XS host of tests/xs/host from XS's sources, once: the result stays in `.cache/xs/`
 * under a name that hashes all that went into it (sources, flags, compiler), so a changed input
 * builds anew and an unchanged one costs a few milliseconds.
 *
 * XS comes with the npm package `@agoric/xsnap`, of which nothing but the C sources is used. They
 * are LGPL: neither they nor what is built from them ever goes into the repository.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const cache = join(here, '../../.cache/xs');
/** C files of the firmware, which are in the host too. */
const native = join(here, '../../firmware/esp32');
const compiler = process.env.CC ?? 'gcc';
const compileMsMax = 120_000;
const buildMsMax = 180_000;
const waitMs = 200;

/**
 * `figures` has the slot size of the board; `release` is for machines that build or run no 32-bit
 * programs; `test` has line numbers in stack traces.
 */
export type HostKind = 'test' | 'release' | 'figures';

const kindFlags: Readonly<Record<HostKind, readonly string[]>> = Object.freeze({
  // Few tests run in it, and not for long: building it at -O2 takes four times as long as at -O0.
  test: ['-O0', '-DmxDebug=1'],
  release: ['-O2'],
  figures: ['-O2', '-m32', '-msse2', '-mfpmath=sse'],
});

const flags = Object.freeze([
  '-std=gnu11',
  '-fno-common',
  '-fno-strict-aliasing',
  '-w',
  '-D__has_builtin(x)=1',
  '-DINCLUDE_XSPLATFORM',
  '-DXSPLATFORM="platform.h"',
  '-DmxParse=1',
  '-DmxRun=1',
  '-DmxSloppy=1',
  '-DmxMetering=1',
  '-DmxInstrument=1',
  '-DmxNoConsole=1',
  '-DmxBoundsCheck=1',
  '-DmxStringNormalize=1',
  '-DmxRegExpUnicodePropertyEscapes=1',
]);

/**
 * Snapshots and hardening belong to the package's own worker; the probe is a program by itself; the
 * defaults are included by a file of the host; lwIP is on boards only.
 */
const leftOut = Object.freeze([
  ...['xsSnapshot.c', 'xsLockdown.c', 'xsDefaults.c'],
  'probe-compiler.c',
  'tcpip.c',
]);

/** @returns the `xs` folder of XS's sources, or undefined when the package is not installed. */
function xsFolder(): string | undefined {
  const given = process.env.XS_SOURCES;
  if (given !== undefined) return given;
  for (const base of createRequire(import.meta.url).resolve.paths('@agoric/xsnap') ?? []) {
    const folder = join(base, '@agoric/xsnap/moddable/xs');
    if (existsSync(join(folder, 'sources/xsAll.h'))) return folder;
  }
  return undefined;
}

/** What runs 32-bit programs under a kernel that does not; the figures are the same. */
const emulator = 'qemu-i386';

const runs = (command: string, args: readonly string[]) =>
  run(command, args).then(
    () => true,
    () => false,
  );

const emulated = new Map<string, Promise<boolean>>();

/** The command line that runs a host: the program itself, or the emulator with it. */
export async function commandOf(program: string): Promise<readonly [string, ...string[]]> {
  // Without arguments a host says how it is used; a shell that reads it as a script does not.
  const needed =
    emulated.get(program) ??
    run(program).then(
      () => false,
      ({ stderr }) => !`${stderr}`.startsWith('mote-xs [--roomy'),
    );
  emulated.set(program, needed);
  return (await needed) ? [emulator, program] : [program];
}

/** Whether this machine runs the programs of the compiler, or why there are none. */
type Ability = 'by itself' | 'emulated' | { readonly problem: string };

const abilities = new Map<HostKind, Promise<Ability>>();

function abilityFor(kind: HostKind): Promise<Ability> {
  const found = abilities.get(kind) ?? tryOut(kind);
  abilities.set(kind, found);
  return found;
}

/** Builds, links and runs a program with the flags of that kind. */
async function tryOut(kind: HostKind): Promise<Ability> {
  const probe = join(cache, `probe-${kind}-${process.pid}`);
  mkdirSync(cache, { recursive: true });
  try {
    const input = join(here, 'host/probe-compiler.c');
    await run(compiler, [...kindFlags[kind], '-o', probe, input], { timeout: compileMsMax });
    if (await runs(probe, [])) return 'by itself';
    if (await runs(emulator, [probe])) return 'emulated';
    return { problem: 'this kernel runs no 32-bit programs (apt-get install qemu-user)' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return { problem: `${compiler} is not installed (apt-get install gcc libc6-dev)` };
    }
    return {
      problem:
        kind === 'figures'
          ? `${compiler} cannot build 32-bit programs (apt-get install gcc-multilib)`
          : `${compiler} cannot build a C program (apt-get install libc6-dev)`,
    };
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * The kind for tests that ask for no figures: the board's too, where this machine runs that by
 * itself. One build then serves them all.
 */
export async function usualKind(): Promise<HostKind> {
  return (await abilityFor('figures')) === 'by itself' ? 'figures' : 'release';
}

/**
 * Why a host cannot be built here.
 * @returns false when it can, else the reason for a test's `skip` option.
 * @throws Error in place of a reason when XS_REQUIRED=1 or MOTE_REQUIRE=1.
 */
export async function missingHost(kind: HostKind): Promise<string | false> {
  const ability = await abilityFor(kind);
  let reason = typeof ability === 'string' ? undefined : ability.problem;
  if (xsFolder() === undefined) reason = 'the XS sources are not installed (npm install)';
  if (reason === undefined) return false;
  if (process.env.XS_REQUIRED === '1' || process.env.MOTE_REQUIRE === '1') {
    throw new Error(`${reason}, and its tests may not be skipped here`);
  }
  return `skipped: ${reason}`;
}

function sourceFiles(folder: string, extension: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension) && !leftOut.includes(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Sixteen hex digits that change with anything the build depends on. */
async function fingerprint(kind: HostKind, xs: string): Promise<string> {
  const { stdout } = await run(compiler, ['--version']);
  const hash = createHash('sha256').update(JSON.stringify([stdout, flags, kindFlags[kind]]));
  const folders = [join(here, 'host'), native, join(xs, 'sources'), join(xs, 'includes')];
  for (const folder of folders) {
    for (const path of [...sourceFiles(folder, '.c'), ...sourceFiles(folder, '.h')]) {
      hash.update(path.slice(folder.length)).update(readFileSync(path));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function compile(kind: HostKind, xs: string, folder: string): Promise<void> {
  const includes = ['includes', 'platforms', 'sources'].map((name) => `-I${join(xs, name)}`);
  const inputs = sourceFiles(join(xs, 'sources'), '.c');
  inputs.push(...sourceFiles(join(here, 'host'), '.c'), ...sourceFiles(native, '.c'));
  const waiting = [...inputs];
  const objectOf = (path: string) => join(folder, `${path.split('/').at(-1)}.o`);
  const worker = async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const search = [...includes, `-I${join(here, 'host')}`];
      const output = ['-c', path, '-o', objectOf(path)];
      await run(compiler, [...flags, ...kindFlags[kind], ...search, ...output], {
        timeout: compileMsMax,
      });
    }
  };
  await Promise.all([worker(), worker()]);
  const libraries = ['-lm', '-ldl', '-lpthread'];
  const output = ['-o', join(folder, 'mote-xs')];
  await run(compiler, [...kindFlags[kind], ...inputs.map(objectOf), ...libraries, ...output]);
}

/** Whether the folder could be made: of two processes that try, one builds and one waits. */
function claimed(folder: string): boolean {
  mkdirSync(cache, { recursive: true });
  try {
    mkdirSync(folder);
    return true;
  } catch {
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    // Whoever made it was ended while it built.
    if (Date.now() - made > buildMsMax) rmSync(folder, { recursive: true, force: true });
    return false;
  }
}

/**
 * Builds the host when the cache does not hold it.
 * @returns the path of the program.
 * @throws Error with the compiler's output when it does not build.
 */
export async function buildHost(kind: HostKind): Promise<string> {
  const xs = xsFolder();
  if (xs === undefined) throw new Error('the XS sources are not installed (npm install)');
  const name = `mote-xs-${kind}-${await fingerprint(kind, xs)}`;
  const program = join(cache, name);
  const folder = join(cache, `build-${name}`);
  while (!existsSync(program)) {
    if (!claimed(folder)) {
      await setTimeout(waitMs);
      continue;
    }
    try {
      await compile(kind, xs, folder);
      renameSync(join(folder, 'mote-xs'), program);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return program;
}

/** The folder for packs, beside the programs. */
export function cacheFolder(): string {
  mkdirSync(cache, { recursive: true });
  return cache;
}

/** The repository's root. */
export const root = dirname(dirname(here.replace(/\/$/, '')));
