/** Documents of settings from afar as people write them: a file with one JSON object. */

import { readFileSync, statSync } from 'node:fs';
import { readDesired } from '../../firmware/config/desired.ts';
import { Refusal } from '../cli/arguments.ts';
import { describe } from '../cli/describe-problem.ts';

/** Certificates and keys, escaped as JSON, have room. */
const FILE_BYTES_MAX = 65_536;

/** The text of a file that an option names. @throws Refusal with a line that names both */
export function readSmallFile(option: string, path: string): string {
  try {
    if (statSync(path).size <= FILE_BYTES_MAX) return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : String(code);
    throw new Refusal(`${option} '${path}' cannot be read: ${why}`);
  }
  throw new Refusal(`${option} '${path}' is larger than ${FILE_BYTES_MAX} bytes`);
}

/** A document with its version, as it is to be published. @throws Refusal as above */
export function readVersioned(option: string, path: string): string {
  const text = readSmallFile(option, path);
  const { version, problems } = readDesired(Buffer.from(text));
  if (version > 0) return text;
  throw new Refusal(`${option} '${path}': ${describe(problems[0])}`);
}
