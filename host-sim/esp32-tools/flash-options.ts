/** The command line of `npm run flash`, as a pure function. A problem is one line. */

import { Refusal, readFlags, shown } from '../cli/arguments.ts';
import { BOARDS, boardNamed } from './boards.ts';

export const FLASH_HELP = `Mote: builds the firmware, flashes a board, and shows its log.

npm run flash -- [options]

  --board NAME       ${BOARDS.map((board) => board.slice('esp32/'.length)).join(', ')}; nodemcu otherwise
  --port PORT        serial port of the board, such as /dev/ttyUSB0; found by itself otherwise
  --debug            a debug build, with the debugger's log on this terminal; one app slot, no updates
  --scram            with sign-in by SCRAM-SHA-256, for some KB of flash; not in a debug build
  --build-only       builds and flashes nothing
  -h, --help         print this

It needs the Moddable SDK and ESP-IDF v6.0: npx xs-dev setup && npx xs-dev setup --device esp32
Ctrl-] ends the log. Exit code: 0 done, 1 failed or something is missing, 2 bad options.
`;

export interface FlashOptions {
  /** As Moddable names it, `esp32/nodemcu`. */
  readonly board: string;
  /** Empty: the SDK finds it. */
  readonly port: string;
  readonly debug: boolean;
  readonly buildOnly: boolean;
  readonly scram: boolean;
}

export type ParsedFlash =
  | { readonly kind: 'run'; readonly options: FlashOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'problem'; readonly line: string };

const FLAGS = Object.freeze({
  board: { type: 'string' },
  port: { type: 'string' },
  debug: { type: 'boolean' },
  'build-only': { type: 'boolean' },
  scram: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const);

/** Reads the arguments after the program's name. Never throws for what a user can write. */
export function parseFlash(argv: readonly string[]): ParsedFlash {
  try {
    const values = readFlags<keyof typeof FLAGS>(argv, FLAGS);
    if (values.help !== undefined) return { kind: 'help' };
    const board = boardNamed(values.board ?? 'nodemcu');
    if (board === undefined) {
      const names = BOARDS.map((name) => name.slice('esp32/'.length)).join(', ');
      throw new Refusal(
        `--board ${shown(String(values.board))} is not known; expected one of ${names}`,
      );
    }
    if (values.port === '') throw new Refusal('--port needs a value');
    const debug = values.debug !== undefined;
    const buildOnly = values['build-only'] !== undefined;
    const scram = values.scram !== undefined;
    if (scram && debug) throw new Refusal('--scram is for release builds: leave --debug out');
    return { kind: 'run', options: { board, port: values.port ?? '', debug, buildOnly, scram } };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'problem', line: error.message };
    throw error;
  }
}

/** What the SDK is asked to do, one after the other; each of them configures anew. */
export type FlashStep = 'build' | 'deploy' | 'xsbug';

/** Where mcconfig reads and writes. */
export interface FlashPaths {
  /** The manifest's path. */
  readonly manifest: string;
  /** The folder that it builds in. */
  readonly output: string;
}

/** What mcconfig is called with for one step; `xsbug` opens the log, of a release build as well. */
export function mcconfigArguments(
  { debug, board }: FlashOptions,
  step: FlashStep,
  { manifest, output }: FlashPaths,
): string[] {
  const kind = debug ? ['-dl'] : [];
  return [...kind, '-m', '-t', step, '-p', board, '-o', output, manifest];
}
