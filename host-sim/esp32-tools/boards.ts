/** The boards that manifest.json knows, by the names that Moddable gives them. */

import { readFileSync } from 'node:fs';
import type { BoardPins } from '../../firmware/mote/ports.ts';

export const BOARDS: readonly string[] = Object.freeze([
  'esp32/nodemcu',
  'esp32/esp32c3',
  'esp32/esp32s3',
]);

/** @returns a board by its name, `esp32/` before it or not; undefined when it is not known */
export function boardNamed(name: string): string | undefined {
  return BOARDS.find((board) => board === name || board === `esp32/${name}`);
}

/** The pins of a board, as its firmware is told. @param board one of BOARDS */
export function pinsOf(board: string): BoardPins {
  const text = readFileSync(new URL('../../manifest.json', import.meta.url), 'utf8');
  const { platforms } = JSON.parse(text) as {
    platforms: Record<string, { config: { board: BoardPins } }>;
  };
  return platforms[board].config.board;
}
