/** `npm run settings` as a child process. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../compile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const [PROGRAM] = await compile(ROOT, [join(ROOT, 'host-sim', 'settings.ts')]);

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Resolves when it has ended. */
export function settings(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}
