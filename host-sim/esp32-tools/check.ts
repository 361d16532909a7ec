/**
 * `npm run check:esp32`: what a build for the boards would say, without ESP-IDF. With the Moddable
 * SDK ($MODDABLE) it resolves, compiles and links the bundle for each board, and type-checks and
 * links the modules of a debug build. It fails on an import that is not there, on mutable state in
 * our modules, on what ESP-IDF would not link or do, and over the budget of the image.
 *
 * Exit codes: 0 all is well, or skipped; 1 something is wrong, or was skipped although
 * MOTE_REQUIRE=esp32 forbids that; 2 bad options.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithReader, Refusal, readFlags, shown } from '../cli/arguments.ts';
import { BOARDS, boardNamed } from './boards.ts';
import { writeBundle } from './bundle.ts';
import { buildImage } from './image-build.ts';
import { estimateLine, estimateOf } from './image-estimate.ts';
import type { LinkedImage } from './linked-image.ts';
import { findSdk, type Sdk } from './sdk.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUT = join(ROOT, 'build', 'check');
const OUTPUT_LINES = 20;
const MODULES_SHOWN = 12;

const HELP = `Mote: checks the firmware for the boards with the Moddable SDK, without ESP-IDF.

npm run check:esp32 -- [options]

  --board NAME       one of ${BOARDS.map((board) => board.slice('esp32/'.length)).join(', ')}; all of them otherwise
  --scram            with sign-in by SCRAM-SHA-256, as npm run flash -- --scram builds it
  --modules          the share of every module, as a debug build has them
  -h, --help         print this

MODDABLE names the SDK; without it the check is skipped (MOTE_REQUIRE=esp32: fails).
`;

interface Options {
  readonly boards: readonly string[];
  readonly allModules: boolean;
  readonly scram: boolean;
}

async function main(argv: readonly string[]): Promise<number> {
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
    scram: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help !== undefined) return undefined;
  const board = boardNamed(values.board ?? BOARDS[0]);
  if (board === undefined) throw new Refusal(`--board ${shown(String(values.board))} is not known`);
  const boards = values.board === undefined ? BOARDS : [board];
  const scram = values.scram !== undefined;
  return { boards, allModules: values.modules !== undefined, scram };
}

async function check({ boards, allModules, scram }: Options, sdk: Sdk): Promise<number> {
  const problems: string[] = [];
  const built = (board: string, name: string, folder: string, manifest: string) => {
    const { image, warnings, output } = buildImage(sdk, board, join(OUTPUT, folder), manifest);
    problems.push(...warnings.map((warning) => `${name}: ${warning}`));
    if (image !== undefined) say(rowOf(name, image));
    else problems.push(`${name} could not be built:\n${lastLines(output)}`);
    return image;
  };
  say('JavaScript in flash, bytes\n');
  say(row('', ['total', 'slots', 'code', 'names', 'strings', 'tables', 'other']));
  const bundled = await writeBundle(join(OUTPUT, 'mote'), { scram });
  const estimates = boards.flatMap((board) => {
    const image = built(board, board, board, bundled);
    const estimate = image && estimateOf(board, image.total);
    if (estimate === undefined) return [];
    const line = estimateLine(board, estimate);
    if (estimate.isOver) problems.push(line);
    return [line];
  });
  const plain = built(boards[0], `${boards[0]}, debug`, 'modules', join(ROOT, 'manifest.json'));
  say(['', ...estimates].join('\n'));
  if (plain !== undefined) tellModules(plain, allModules);
  for (const problem of problems) say(`\n${problem}`, process.stderr);
  return problems.length === 0 ? 0 : 1;
}

function lastLines(output: string): string {
  return output.split('\n').slice(-OUTPUT_LINES).join('\n');
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

process.exitCode = await main(process.argv.slice(2));
