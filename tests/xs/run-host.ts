/** Runs a pack in the XS host and gives back what it said. */

import { execFile } from 'node:child_process';
import { commandOf } from './host-build.ts';
import { mappedLines, type PackModule, withPack } from './pack.ts';

/** The exit codes of tests/xs/host/host.h that a test tells apart. */
export const exitCodes = Object.freeze({ ok: 0, failed: 1, memoryFull: 70 });

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const runMsMax = 200_000;
const outputBytesMax = 8 * 1024 * 1024;

/**
 * @param program as built by `buildHost`.
 * @param modules the P modules, then the D modules in the order in which they are to be imported.
 * @param args options of the host, as `--static`.
 * @returns its output, with line numbers of the TypeScript sources. A hang ends with code -1.
 */
export async function runHost(
  program: string,
  modules: readonly PackModule[],
  args: readonly string[] = [],
): Promise<Outcome> {
  const [command, ...before] = await commandOf(program);
  return withPack(modules, async (path) => {
    const outcome = await new Promise<Outcome>((resolve) => {
      const options = { timeout: runMsMax, maxBuffer: outputBytesMax };
      execFile(command, [...before, ...args, path], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
    });
    const stdout = await mappedLines(outcome.stdout);
    return { code: outcome.code, stdout, stderr: await mappedLines(outcome.stderr) };
  });
}
