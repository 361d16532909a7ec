/**
 * `npm run flash`: builds the firmware with the Moddable SDK, flashes a connected board, and shows
 * its log. What is missing is said before anything is built.
 *
 * Exit codes: 0 done, 1 failed or something is missing, 2 bad options.
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FLASH_HELP, type FlashOptions, mcconfigArguments, parseFlash } from './flash-options.ts';
import { findSdk, missingIdf, type Sdk } from './sdk.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Resolves to the exit code. */
async function main(argv: readonly string[]): Promise<number> {
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
  return build(parsed.options, sdk);
}

function build(options: FlashOptions, sdk: Sdk): Promise<number> {
  const env = { ...sdk.environment };
  if (options.port !== '') env.UPLOAD_PORT = options.port;
  const argv = mcconfigArguments(options, join(ROOT, 'build', 'board'));
  const child = spawn('mcconfig', argv, { cwd: ROOT, env, stdio: 'inherit' });
  // Ctrl-C is for the log below, which ends by itself then.
  process.on('SIGINT', () => {});
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(complain(`mcconfig: ${error.message}`, 1)));
    child.on('exit', (code) => {
      if (code === 0) resolve(0);
      else resolve(complain(`mcconfig failed for ${options.board}; its output above says why`, 1));
    });
  });
}

function complain(line: string, code: number): number {
  process.stderr.write(`mote: ${line}\n`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
