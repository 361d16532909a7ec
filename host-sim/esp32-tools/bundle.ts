/**
 * The firmware as one module with short names: what a release build flashes.
 *
 * A module, an export, and each distinct name of a variable take slots of the image, and a function
 * that is called in one place takes 64 bytes more than its code would there. Names of properties
 * stay as they are: settings, ports and the SDK meet in them. A debug build takes the modules as
 * they are written, and a map leads from the bundle's lines to theirs.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, transform } from 'esbuild';
import { type MinifyOptions, minify } from 'terser';
import { withArrows } from './arrows.ts';
import { type Manifest, readManifest } from './manifest.ts';

const FIRMWARE = fileURLToPath(new URL('../../firmware', import.meta.url));
/** The name of the module that the bundle is. */
export const BUNDLE = 'firmware';
const TARGET = 'es2022';
/** Names the joined modules that the bundle was made of. */
const STAMP = `${BUNDLE}.sha256`;
/** As the SDK's TypeScript has it: fields are assigned, imports of types are gone. */
const COMPILER_OPTIONS = Object.freeze({
  target: TARGET,
  useDefineForClassFields: false,
  verbatimModuleSyntax: true,
});
/** Lines are kept, since a trace has no columns. */
const SHORTENING = Object.freeze({
  module: true,
  ecma: 2020,
  compress: { passes: 2, ecma: 2020, keep_fargs: true },
  format: { beautify: true, indent_level: 0 },
} satisfies MinifyOptions);
/** An import of values in main.ts, from a module of ours. */
const IMPORT = /^import (\{[^}]+\}) from '(\.[^']+)';$/gm;

/** What a build may have that costs more flash than most boards want to give. */
export interface Extras {
  /** Passwords proven by SCRAM-SHA-256. */
  readonly scram: boolean;
}

const PLAIN: Extras = Object.freeze({ scram: false });

/** Takes what the board signs in with from the other file. */
const WITH_SCRAM: Plugin = Object.freeze({
  name: 'scram',
  setup: ({ onResolve }) => {
    const path = join(FIRMWARE, 'esp32', 'sign-in-scram.ts');
    onResolve({ filter: /^\.\/sign-in\.ts$/ }, ({ importer }) => {
      return importer === join(FIRMWARE, 'esp32', 'board.ts') ? { path } : undefined;
    });
  },
} satisfies Plugin);

export interface Bundle {
  /** A statement a line, for traces that have lines only. */
  readonly code: string;
  /** A source map from `code` to the files of `firmware/`. */
  readonly map: string;
}

/** The firmware with short names. */
export async function bundleFirmware(extras = PLAIN): Promise<Bundle> {
  return shortened(await joined(extras));
}

/** What main.ts imports, as one module; modules of the SDK are left to be imported. */
async function joined({ scram }: Extras): Promise<Bundle> {
  const main = readFileSync(join(FIRMWARE, 'main.ts'), 'utf8');
  const exports = Array.from(main.matchAll(IMPORT), ([, names, from]) => {
    return `export ${names} from '${from}';`;
  });
  const { outputFiles } = await build({
    stdin: { contents: exports.join('\n'), resolveDir: FIRMWARE, loader: 'ts' },
    absWorkingDir: FIRMWARE,
    bundle: true,
    plugins: scram ? [WITH_SCRAM] : [],
    write: false,
    format: 'esm',
    platform: 'neutral',
    packages: 'external',
    target: TARGET,
    sourcemap: 'external',
    outfile: join(FIRMWARE, `${BUNDLE}.js`),
    tsconfigRaw: { compilerOptions: COMPILER_OPTIONS },
  });
  const textOf = (ending: string): string =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { code: withArrows(constantsOf(textOf('.js'))), map: textOf('.map') };
}

/** The bundler makes variables of constants; in the image only what is constant lies in flash. */
function constantsOf(code: string): string {
  return code.replace(/^var (?=[\w$]+ = )/gm, 'const ');
}

async function shortened({ code, map }: Bundle): Promise<Bundle> {
  const result = await minify(code, {
    ...SHORTENING,
    sourceMap: { content: map, filename: `${BUNDLE}.js`, includeSources: false },
  });
  return { code: readableToXs(result.code ?? ''), map: String(result.map ?? '') };
}

/** XS takes no statement that begins with a regular expression; nothing of ours is written so. */
function readableToXs(code: string): string {
  return code.replace(/(?<=[;{}:]\n)(?=\/[^/*])/g, '0,');
}

/** main.ts as a module that imports the bundle. */
export async function mainOfBundle(): Promise<string> {
  const main = readFileSync(join(FIRMWARE, 'main.ts'), 'utf8');
  const { code } = await transform(main, {
    loader: 'ts',
    target: TARGET,
    tsconfigRaw: { compilerOptions: COMPILER_OPTIONS },
  });
  return code.replace(/from "\.[^"]+"/g, `from "${BUNDLE}"`);
}

/** A manifest of the same firmware with the bundle for its modules, which lie beside it. */
export function manifestOfBundle<T extends Manifest>(manifest: T): T {
  const text = JSON.stringify(manifest).replaceAll('"./firmware/', `"${FIRMWARE}/`);
  const absolute = JSON.parse(text) as T;
  const isOurs = (source: unknown): boolean => String(source).startsWith(FIRMWARE);
  const modules = Object.entries(absolute.modules).flatMap(([name, source]) => {
    if (name === '*')
      return [[name, ['./main', ...[source].flat().filter((each) => !isOurs(each))]]];
    return isOurs(source) ? [] : [[name, source]];
  });
  modules.push([BUNDLE, `./${BUNDLE}`]);
  return { ...absolute, modules: Object.fromEntries(modules), preload: [BUNDLE] };
}

/**
 * Writes what a release build is made of: bundle, map, main and manifest.
 * @param folder gives the build its name, as the SDK names builds by their folder
 * @returns the manifest's path
 */
export async function writeBundle(folder: string, extras = PLAIN): Promise<string> {
  const long = await joined(extras);
  mkdirSync(folder, { recursive: true });
  const pathOf = (name: string): string => join(folder, name);
  // Shortening takes seconds, and is left out when nothing has changed.
  const stamp = createHash('sha256')
    .update(JSON.stringify(SHORTENING) + long.code)
    .digest('hex');
  if (!existsSync(pathOf(STAMP)) || readFileSync(pathOf(STAMP), 'utf8') !== stamp) {
    const { code, map } = await shortened(long);
    writeFileSync(pathOf(`${BUNDLE}.js`), code);
    writeFileSync(pathOf(`${BUNDLE}.js.map`), map);
    writeFileSync(pathOf(STAMP), stamp);
  }
  writeFileSync(pathOf('main.js'), await mainOfBundle());
  writeFileSync(pathOf('manifest.json'), JSON.stringify(manifestOfBundle(readManifest())));
  return pathOf('manifest.json');
}
