/**
 * What follows from the table of known sensors and is written down in other places: the table's own
 * imports, the simulator's list of chips, README's list. `npm run manifest` writes them, and a test
 * says so when one is not as it should be.
 *
 * Sources are read as text, and not imported, since a new line of the table has no import yet.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TABLE = 'firmware/sensors/known-sensors.ts';
const DRIVERS = 'firmware/sensors/drivers';
const CHIPS = 'host-sim/chips';
const KNOWN = /^export const (\w+) = Object\.freeze<KnownSensor>\(/gm;
const MODEL = /^export const (\w+): ChipModel = /gm;
const README_LIST = /(Found on the I2C bus by themselves: )[^.]*\./;
const MODELS_HEADER = `/**
 * The chips that simulated boards can have on their I2C buses: each \`ChipModel\` that a file of this
 * folder exports. \`npm run manifest\` writes this file.
 */
`;

/** A file of the project: its path from the root, and the text that it should have. */
export interface DueText {
  readonly path: string;
  readonly text: string;
}

/** What a file exports of a kind. */
interface Exports {
  /** Without its folder. */
  readonly file: string;
  readonly names: readonly string[];
  readonly text: string;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function exportsIn(folder: string, pattern: RegExp): Exports[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => {
      const text = read(`${folder}/${file}`);
      return { file, names: [...text.matchAll(pattern)].map((match) => match[1]).sort(), text };
    })
    .filter(({ names }) => names.length > 0);
}

/** The files of `firmware/sensors/drivers` with the names under which they export known sensors. */
export function driverExports(): Exports[] {
  return exportsIn(DRIVERS, KNOWN);
}

/** The names in the table, in its order. */
export function tableNames(): string[] {
  const list = /Object\.freeze\(\[([^\]]*)\]/.exec(read(TABLE))?.[1] ?? '';
  const names = list.replace(/\/\/.*$/gm, '').split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

function importLines(files: readonly Exports[], folder: string): string {
  return files
    .map(({ file, names }) => `import { ${names.join(', ')} } from '${folder}${file}';\n`)
    .join('');
}

/** @throws Error in one sentence for a name that no driver exports */
function table(): DueText {
  const wanted = tableNames();
  const drivers = driverExports();
  const odd = wanted.find((name) => !drivers.some(({ names }) => names.includes(name)));
  if (odd !== undefined) {
    const how = `export const ${odd} = Object.freeze<KnownSensor>({ ... })`;
    throw new Error(`${TABLE} lists ${odd}, and no file of ${DRIVERS} has: ${how}`);
  }
  const used = drivers
    .map((driver) => ({ ...driver, names: driver.names.filter((name) => wanted.includes(name)) }))
    .filter(({ names }) => names.length > 0);
  const bare = read(TABLE).replace(/^import \{[^}]*\} from '\.\/drivers\/[^']+';\n/gm, '');
  const imports = importLines(used, './drivers/');
  return { path: TABLE, text: bare.replace(/^import type /m, () => `${imports}import type `) };
}

function models(): DueText {
  const files = exportsIn(CHIPS, MODEL);
  const names = files.flatMap((file) => file.names);
  const list = names.map((name) => `  ${name},\n`).join('');
  const type = "import type { ChipModel } from './i2c-bus.ts';\n";
  const open = 'export const CHIP_MODELS: readonly ChipModel[] = Object.freeze([\n';
  const text = `${MODELS_HEADER}${importLines(files, './')}${type}\n${open}${list}]);\n`;
  return { path: `${CHIPS}/models.ts`, text };
}

/** `SHT4X` as people write it, with what else the driver serves according to its first sentence. */
function title(name: string): string {
  const { names, text } = driverExports().find((driver) => driver.names.includes(name))!;
  const header = text.slice(0, text.indexOf('*/')).replace(/\s*\n \* ?/g, ' ');
  const also = names.length === 1 ? /\(also [^)]*\)/.exec(header)?.[0] : undefined;
  const own = name.replace(/X$/, 'x');
  return also === undefined ? own : `${own} ${also}`;
}

function readme(): DueText {
  const list = tableNames().map(title).join(', ');
  return { path: 'README.md', text: read('README.md').replace(README_LIST, `$1${list}.`) };
}

/** All of these files. @throws Error in one sentence for a name that no driver exports */
export function sensorLists(): DueText[] {
  return [table(), models(), readme()];
}
