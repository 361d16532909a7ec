/**
 * `npm run flash`: builds the firmware with the Moddable SDK, flashes a connected board, and shows
 * its log. What is missing is said before anything is built, and an image that its slot can't hold
 * before anything is flashed.
 *
 * Exit codes: 0 done, 1 failed or something is missing, 2 bad options.
 */

import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithReader } from '../cli/arguments.ts';
import { writeBundle } from './bundle.ts';
import {
  FLASH_HELP,
  type FlashOptions,
  type FlashStep,
  mcconfigArguments,
  parseFlash,
} from './flash-options.ts';
import { appSlots, builtImageBytes, removeImages, slotLine, slotProblem } from './image-file.ts';
import { findSdk, missingIdf, type Sdk } from './sdk.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUT = join(ROOT, 'build', 'board');
/** The folder's name is the build's. */
const BUNDLED = join(ROOT, 'build', 'mote');
const TABLES = join(ROOT, 'firmware', 'esp32', 'sdkconfig');

/** Resolves to the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  endWithReader();
  const parsed = parseFlash(argv);
  if (parsed.kind === 'help') {
    process.stdout.write(FLASH_HELP);
    return 0;
  }
  if (parsed.kind === 'problem') return complain(parsed.line, 2);
  const sdk = findSdk(process.env);
  if (typeof sdk === 'string') return complain(sdk, 1);
  const missing = missingIdf(sdk);
  if (missing !== undefined) return complain(missing, 1);
  const problem = await buildAndFlash(parsed.options, sdk);
  return problem === undefined ? 0 : complain(problem, 1);
}

/** Resolves to what went wrong, as one line. */
async function buildAndFlash(options: FlashOptions, sdk: Sdk): Promise<string | undefined> {
  const { board, debug, buildOnly, scram } = options;
  const table = join(TABLES, debug ? 'partitions-debug.csv' : 'partitions.csv');
  const manifest = debug ? join(ROOT, 'manifest.json') : await writeBundle(BUNDLED, { scram });
  const paths = { manifest, output: OUTPUT };
  const step = (name: FlashStep): Promise<string | undefined> => {
    const environment = { ...sdk.environment, PARTITIONS_FILE: table };
    return mcconfig(mcconfigArguments(options, name, paths), options, environment);
  };
  // The SDK refuses a folder that is not there.
  mkdirSync(OUTPUT, { recursive: true });
  removeImages(OUTPUT, board, debug);
  const notBuilt = await step('build');
  if (notBuilt !== undefined) return `${board} was not built: ${notBuilt}`;
  const bytes = builtImageBytes(OUTPUT, board, debug);
  if (bytes === undefined) return `${board} was not built: ESP-IDF failed; its output says why`;
  const slots = appSlots(table);
  const tooLarge = slotProblem(bytes, slots);
  if (tooLarge !== undefined) return `${board}: ${tooLarge}; nothing was flashed`;
  process.stdout.write(`mote: ${board}: ${slotLine(bytes, slots)}\n`);
  if (buildOnly) return undefined;
  const notFlashed = await step('deploy');
  if (notFlashed !== undefined) return `${board} was built, but not flashed: ${notFlashed}`;
  const noLog = await step('xsbug');
  return noLog && `${board} was flashed; its log could not be shown: ${noLog}`;
}

/** Runs one step of the SDK on this terminal. Resolves to what went wrong, as one line. */
function mcconfig(
  argv: string[],
  { port }: FlashOptions,
  environment: Sdk['environment'],
): Promise<string | undefined> {
  const env = { ...environment };
  if (port !== '') env.UPLOAD_PORT = port;
  const child = spawn('mcconfig', argv, { cwd: ROOT, env, stdio: 'inherit' });
  // Ctrl-C is for the child, which ends by itself then.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  return new Promise((resolve) => {
    const end = (problem?: string): void => {
      process.off('SIGINT', ignore);
      resolve(problem);
    };
    child.on('error', (error) => end(`mcconfig: ${error.message}`));
    child.on('exit', (code, signal) => {
      if (code === 0) end();
      else end(`mcconfig ended with ${signal ?? `exit code ${code}`}; its output above says why`);
    });
  });
}

function complain(line: string, code: number): number {
  process.stderr.write(`mote: ${line}\n`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
