/**
 * Which programs of the operating system a test can use.
 *
 * A test that needs one says so with `{ skip: missing('mosquitto') }`: where the program is not
 * installed the test is skipped with a line that says what to install. With MOTE_REQUIRE=1, as
 * `.ci/run` sets it, nothing may be skipped for that reason: the same call throws instead.
 */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian puts each program; a program that is not listed is named as its own package. */
const packages: Readonly<Record<string, string>> = Object.freeze({
  mosquitto: 'mosquitto',
  mosquitto_passwd: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  mosquitto_sub: 'mosquitto-clients',
  openssl: 'openssl',
  gcc: 'gcc',
  'nats-server': 'nats-server',
  chromium: 'chromium',
});

/** Daemons live outside the PATH of an ordinary user. */
const daemonFolders = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** @returns the full path of a program, or undefined when it is not installed. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...daemonFolders];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** @returns the full path of a program. @throws Error naming the package when it is missing. */
export function requireTool(name: string): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(installHint([name]));
  return path;
}

/**
 * The value for a test's `skip` option.
 * @returns false when all the programs are installed, else the reason for skipping.
 * @throws Error in place of a reason when MOTE_REQUIRE=1.
 */
export function missing(...names: string[]): string | false {
  const absent = names.filter((name) => findTool(name) === undefined);
  if (absent.length === 0) return false;
  if (process.env.MOTE_REQUIRE === '1') {
    throw new Error(`${installHint(absent)}, and MOTE_REQUIRE=1 forbids skipping its tests`);
  }
  return `skipped: ${installHint(absent)}`;
}

function installHint(absent: readonly string[]): string {
  const needed = [...new Set(absent.map((name) => packages[name] ?? name))];
  const verb = absent.length === 1 ? 'is' : 'are';
  return `${absent.join(', ')} ${verb} not installed (apt-get install ${needed.join(' ')})`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
