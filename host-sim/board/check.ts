/**
 * `npm run check:esp32`: what a build for the boards would say, without ESP-IDF. With the Moddable
 * SDK ($MODDABLE) it resolves, type-checks, compiles and links the firmware for each board, and
 * fails on an import that is not there, on mutable state in our modules, and over the budget.
 *
 * Exit codes: 0 all is well, or skipped; 1 something is wrong, or was skipped although
 * MOTE_REQUIRE=esp32 forbids that; 2 bad options.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithReader, Refusal, readFlags, shown } from '../arguments.ts';
import { BOARDS, boardNamed } from './boards.ts';
import { type BuiltImage, buildImage, manifestWithoutTls } from './image-build.ts';
import type { LinkedImage } from './linked-image.ts';
import { findSdk, type Sdk } from './sdk.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUT = join(ROOT, 'build', 'check');
/**
 * Flash that the firmware's JavaScript may take without TLS, the platform's own part included: what
 * it takes today, and a little. The aim of 180 KB is far off; the room is an app slot of 1.9 MB.
 */
const ROM_BYTES_MAX = 540_000;
const OUTPUT_LINES = 20;
const MODULES_SHOWN = 12;

const HELP = `Mote: checks the firmware for the boards with the Moddable SDK, without ESP-IDF.

npm run check:esp32 -- [options]

  --board NAME       one of ${BOARDS.map((board) => board.slice('esp32/'.length)).join(', ')}; all of them otherwise
  --modules          the share of every module
  -h, --help         print this

MODDABLE names the SDK; without it the check is skipped (MOTE_REQUIRE=esp32: fails).
`;

interface Options {
  readonly boards: readonly string[];
  readonly allModules: boolean;
}

function main(argv: readonly string[]): number {
  endWithReader();
  let options: Options | undefined;
  try {
    options = readOptions(argv);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(`mote: ${error.message}`, process.stderr);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const sdk = findSdk(process.env);
  if (typeof sdk !== 'string') return check(options, sdk);
  const isRequired = (process.env.MOTE_REQUIRE ?? '').split(',').includes('esp32');
  say(`check:esp32 ${isRequired ? 'failed' : 'skipped'}: ${sdk}`);
  return isRequired ? 1 : 0;
}

/** @returns undefined when help is asked for. @throws Refusal */
function readOptions(argv: readonly string[]): Options | undefined {
  const values = readFlags(argv, {
    board: { type: 'string' },
    modules: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help !== undefined) return undefined;
  const board = boardNamed(values.board ?? BOARDS[0]);
  if (board === undefined) throw new Refusal(`--board ${shown(String(values.board))} is not known`);
  const boards = values.board === undefined ? BOARDS : [board];
  return { boards, allModules: values.modules !== undefined };
}

function check({ boards, allModules }: Options, sdk: Sdk): number {
  const problems: string[] = [];
  const built = (name: string, result: BuiltImage): LinkedImage | undefined => {
    const { image, warnings, output } = result;
    problems.push(...warnings.map((warning) => `${name}: ${warning}`));
    if (image !== undefined) return image;
    problems.push(
      `${name} could not be built:\n${output.split('\n').slice(-OUTPUT_LINES).join('\n')}`,
    );
    return undefined;
  };
  say('JavaScript in flash, bytes\n');
  say(row('', ['total', 'slots', 'code', 'names', 'strings', 'tables', 'other']));
  for (const board of boards) {
    const image = built(board, buildImage(sdk, board, join(OUTPUT, board), manifest()));
    if (image !== undefined) say(rowOf(board, image));
  }
  const plainManifest = manifestWithoutTls(join(OUTPUT, 'manifest-without-tls'));
  const name = `${boards[0]}, no TLS`;
  const plain = built(name, buildImage(sdk, boards[0], join(OUTPUT, 'without-tls'), plainManifest));
  if (plain !== undefined) {
    say(rowOf(name, plain));
    tellModules(plain, allModules);
    if (plain.total > ROM_BYTES_MAX) {
      problems.push(`${name}: ${plain.total} bytes are over the budget of ${ROM_BYTES_MAX}`);
    }
  }
  for (const problem of problems) say(`\n${problem}`, process.stderr);
  return problems.length === 0 ? 0 : 1;
}

function manifest(): string {
  return join(ROOT, 'manifest.json');
}

function rowOf(name: string, { total, parts }: LinkedImage): string {
  const { slots, code, names, strings, tables, notPreloaded } = parts;
  return row(name, [total, slots, code, names, strings, tables, notPreloaded].map(String));
}

function row(name: string, cells: readonly string[]): string {
  return `${name.padEnd(24)}${cells.map((cell) => cell.padStart(9)).join('')}`;
}

function tellModules({ modules }: LinkedImage, all: boolean): void {
  say(`\n${row('module', ['total', 'slots', 'code'])}`);
  for (const { name, bytes, slots, code } of modules.slice(0, all ? undefined : MODULES_SHOWN)) {
    say(row(name, [bytes, slots, code].map(String)));
  }
}

function say(line: string, to: NodeJS.WriteStream = process.stdout): void {
  to.write(`${line}\n`);
}

process.exitCode = main(process.argv.slice(2));
