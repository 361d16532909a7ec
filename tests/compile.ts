/**
 * Compiles test files to JavaScript, each with all of ours that it imports in one file: a test
 * process then starts in a tenth of a second, where stripping types as it loads takes one.
 *
 * Each module still knows itself by the place of its source.
 */

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** `import.meta.url` is where the source lies, not where the compiled file does. */
const ownPlace: Plugin = {
  name: 'own place',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const url = JSON.stringify(pathToFileURL(path).href);
      const contents = readFileSync(path, 'utf8').replace(/import\.meta\.url/g, url);
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * @param root the project's folder
 * @param files test files, as absolute paths
 * @returns the compiled files, in the same order
 */
export async function compile(root: string, files: readonly string[]): Promise<string[]> {
  const folder = join(root, '.cache', 'tests', `${process.pid}`);
  mkdirSync(folder, { recursive: true });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: [...files],
    outdir: folder,
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'error',
    plugins: [ownPlace],
  });
  return files.map((file) => join(folder, `${relative(root, file).slice(0, -'.ts'.length)}.mjs`));
}
