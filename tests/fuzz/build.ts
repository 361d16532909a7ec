/** Compiles a target with counters in the firmware's code, and loads it. */

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { Fuzzer } from './fuzzer.ts';
import { Instrumenter, METER_NAME } from './instrument.ts';
import { Meter } from './meter.ts';
import type { Target } from './target.ts';

/** The project's folder, wherever this was compiled to. */
const root = fileURLToPath(new URL('../..', import.meta.url));

function plugin(instrumenter: Instrumenter, counted: RegExp): Plugin {
  return {
    name: 'counters',
    setup({ onLoad }) {
      onLoad({ filter: counted }, async ({ path }) => {
        const contents = await instrumenter.instrument(readFileSync(path, 'utf8'));
        return { contents, loader: 'js' };
      });
    },
  };
}

/**
 * A fuzzer of the target in `tests/fuzz/targets/NAME.ts`.
 * @param counted paths whose code gets counters
 */
export async function fuzzerOf(
  name: string,
  seed: number,
  counted: RegExp = /\/firmware\/.*\.ts$/,
): Promise<Fuzzer> {
  const instrumenter = new Instrumenter();
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join('tests/fuzz/targets', `${name}.ts`)],
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [plugin(instrumenter, counted)],
  });
  const meter = new Meter(instrumenter.count);
  (globalThis as Record<string, unknown>)[METER_NAME] = meter;
  const folder = join(root, '.cache', 'fuzz');
  mkdirSync(folder, { recursive: true });
  // A module is loaded once under one name.
  const path = join(folder, `${name}-${process.pid}-${randomUUID()}.mjs`);
  try {
    writeFileSync(path, outputFiles[0].contents);
    const { target } = (await import(pathToFileURL(path).href)) as { target: Target };
    // Files are read in any order: the words of all are put into one.
    const words = [...[...instrumenter.words].sort(), ...[...instrumenter.numbers].sort()];
    return new Fuzzer(target, meter, words, seed);
  } finally {
    rmSync(path, { force: true });
  }
}
