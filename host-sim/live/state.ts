/**
 * What boards keep while they are off: a folder for each, with its flash partition and its small
 * values. One process at a time: two writers would tear the log.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { FlashProblem, LiveFlash } from './flash.ts';
import { LiveKeyValue } from './key-value.ts';

const LOCK = 'lock';
const BROKER_PORT = 'broker-port';

export class State {
  readonly folder: string;
  /** Whether what the boards keep is removed at the end. */
  readonly isTemporary: boolean;

  /**
   * @param folder where the state is kept; undefined: a temporary one, removed by `close`
   * @throws FlashProblem when the folder cannot be made, or another process uses it
   */
  constructor(folder: string | undefined) {
    this.isTemporary = folder === undefined;
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'mote-'));
    try {
      makeFolder(this.folder);
      this.#lock();
    } catch (error) {
      if (error instanceof FlashProblem) throw error;
      const { code } = error as NodeJS.ErrnoException;
      throw new FlashProblem(`the folder ${this.folder} cannot be used (${code})`);
    }
  }

  /** Where the embedded broker listened last, so that boards which know it find it again; or 0. */
  get brokerPort(): number {
    try {
      const port = Number(readFileSync(join(this.folder, BROKER_PORT), 'utf8'));
      return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
    } catch {
      return 0;
    }
  }

  set brokerPort(port: number) {
    writeFileSync(join(this.folder, BROKER_PORT), `${port}\n`);
  }

  /** Opens what one board keeps. @throws FlashProblem */
  board(id: string): BoardState {
    const folder = join(this.folder, id);
    mkdirSync(folder, { recursive: true });
    return new BoardState(folder);
  }

  /** Lets go of the folder; a temporary one is removed. */
  close(): void {
    rmSync(this.isTemporary ? this.folder : join(this.folder, LOCK), {
      recursive: true,
      force: true,
    });
  }

  #lock(): void {
    const path = join(this.folder, LOCK);
    const holder = holderOf(path);
    if (holder !== 0) {
      throw new FlashProblem(`the folder ${this.folder} is in use by process ${holder}`);
    }
    writeFileSync(path, `${process.pid}\n`);
  }
}

/** Making parents too only where there are none: below /proc that would try for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(path, { recursive: !existsSync(dirname(resolve(path))) });
}

/** What one board keeps. */
export class BoardState {
  readonly flash: LiveFlash;
  readonly values: LiveKeyValue;

  constructor(folder: string) {
    this.flash = new LiveFlash(join(folder, 'outbox.flash'));
    this.values = new LiveKeyValue(join(folder, 'values'));
  }
}

/** The living process that holds the lock, or 0. A dead one's lock is worth nothing. */
function holderOf(path: string): number {
  let holder: number;
  try {
    holder = Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
  if (!Number.isInteger(holder) || holder <= 0 || holder === process.pid) return 0;
  try {
    process.kill(holder, 0);
    return holder;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? holder : 0;
  }
}
