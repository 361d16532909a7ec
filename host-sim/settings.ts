/**
 * `npm run settings`: tells boards their settings by MQTT, and prints what became of them, or what
 * they have.
 *
 * Exit codes: 0 all took it, 1 some did not or none was found, 2 bad options or files.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { endWithReader, Refusal } from './cli/arguments.ts';
import { CredentialProblem, readCredentials } from './live/credentials.ts';
import { BoardBook } from './settings/board-book.ts';
import { linkTo, NoBroker } from './settings/broker-link.ts';
import { SETTINGS_HELP } from './settings/help.ts';
import { parseSettingsOptions, type SettingsOptions } from './settings/options.ts';
import { settingsTable } from './settings/table.ts';
import { type Telling, tellBoards } from './settings/tell.ts';

const EXIT = Object.freeze({ done: 0, failed: 1, usage: 2 });
/** What is retained comes at once: boards are found when nothing has come for so long. */
const QUIET_MS = 700;
const FIND_MS_MAX = 10_000;
const COLUMNS_DEFAULT = 100;

/** Resolves to the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  endWithReader();
  const parsed = parseSettingsOptions(argv);
  if (parsed.kind === 'help') {
    process.stdout.write(SETTINGS_HELP);
    return EXIT.done;
  }
  if (parsed.kind === 'problem') return complain(parsed.line, EXIT.usage);
  try {
    return await run(parsed.options);
  } catch (error) {
    if (error instanceof CredentialProblem || error instanceof Refusal) {
      return complain(error.message, EXIT.usage);
    }
    if (error instanceof NoBroker) return complain(error.message, EXIT.failed);
    throw error;
  }
}

async function run(options: SettingsOptions): Promise<number> {
  const identity = readCredentials(options);
  const book = new BoardBook();
  let heardAt = performance.now();
  const link = await linkTo(options, identity, (topic, payload, isRetained) => {
    heardAt = performance.now();
    book.take(topic, payload, isRetained);
  });
  try {
    const { to, wish } = options;
    await link.subscribe([`${to}/status`, `${to}/reported`, `${to}/desired/#`]);
    const startedAt = performance.now();
    heardAt = startedAt;
    while (performance.now() - heardAt < QUIET_MS && performance.now() - startedAt < FIND_MS_MAX) {
      await sleep(QUIET_MS / 10);
    }
    const { all } = book;
    if (all.length === 0) return complain(`no board is known at ${to}`, EXIT.failed);
    if (wish === undefined) {
      const lines = settingsTable(all, process.stdout.columns ?? COLUMNS_DEFAULT);
      process.stdout.write(`${lines.join('\n')}\n`);
      return EXIT.done;
    }
    if (all.length > 1 && wish.own.length > 0) {
      const names = wish.own.join(', ');
      return complain(`${names} is for one board, and ${all.length} are at ${to}`, EXIT.usage);
    }
    const isTaken = await tellBoards({ ...options, wish }, book, link, telling());
    return isTaken ? EXIT.done : EXIT.failed;
  } finally {
    await link.close();
  }
}

function telling(): Telling {
  const hasTerminal = process.stderr.isTTY === true && process.stdout.isTTY === true;
  return {
    line: (text) => process.stdout.write(`${text}\n`),
    progress: (text) => {
      if (hasTerminal) process.stderr.write(`\r\u001b[K${text}`);
    },
    now: () => performance.now(),
  };
}

function complain(line: string, code: number): number {
  process.stderr.write(`mote: ${line}\n`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
