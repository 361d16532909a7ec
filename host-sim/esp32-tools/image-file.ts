/**
 * The image that ESP-IDF made, and the slot of the partition table that has to hold it.
 *
 * The SDK's makefile goes on when ESP-IDF fails, and takes whatever image an earlier build left: so
 * that one is removed before a build, and an image that is there afterwards is the build's own.
 */

import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const IMAGE = 'xs_esp32.bin';
/** ESP-IDF makes the image anew when this file is gone, and not when the image alone is. */
const STAMP = '.bin_timestamp';
const UNITS: Readonly<Record<string, number>> = Object.freeze({ '': 1, K: 1024, M: 1024 * 1024 });

export interface AppSlot {
  readonly name: string;
  readonly bytes: number;
}

/** The folders in which mcconfig builds for a board, and where it puts what it built. */
function foldersOf(output: string, board: string, debug: boolean): string[] {
  return ['tmp', 'bin'].map((kind) => join(output, kind, board, debug ? 'debug' : 'release'));
}

/** Removes the images of earlier builds. @param output what mcconfig gets as `-o` */
export function removeImages(output: string, board: string, debug: boolean): void {
  for (const folder of foldersOf(output, board, debug)) {
    for (const file of [...filesNamed(folder, IMAGE), ...filesNamed(folder, STAMP)]) rmSync(file);
  }
}

/** @returns the bytes of the image that was built; undefined when there is none */
export function builtImageBytes(output: string, board: string, debug: boolean): number | undefined {
  const [file] = filesNamed(foldersOf(output, board, debug)[1], IMAGE);
  return file === undefined ? undefined : statSync(file).size;
}

function filesNamed(folder: string, name: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name === name)
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

/** The app slots of a partition table in ESP-IDF's CSV format, in its order. */
export function appSlots(file: string): AppSlot[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter(([, type]) => type === 'app')
    .map(([name, , , , size]) => ({ name, bytes: bytesOf(size) }));
}

/** A size as the table writes it: decimal or hexadecimal, with K or M. */
function bytesOf(size: string): number {
  const [, digits, unit] = /^(0x[\da-f]+|\d+)([KM]?)$/i.exec(size) ?? [];
  return Number(digits) * UNITS[(unit ?? '').toUpperCase()];
}

/**
 * What is wrong with an image of so many bytes, as one line; undefined when each slot holds it.
 * An update goes from slot to slot, so the smallest counts.
 */
export function slotProblem(bytes: number, slots: readonly AppSlot[]): string | undefined {
  const room = Math.min(...slots.map((slot) => slot.bytes));
  if (bytes <= room) return undefined;
  const [taken, has, over] = [bytes, room, bytes - room].map(grouped);
  return `the image takes ${taken} bytes, and its slot has ${has}: ${over} too many`;
}

/** One line for people about an image that fits. */
export function slotLine(bytes: number, slots: readonly AppSlot[]): string {
  const room = Math.min(...slots.map((slot) => slot.bytes));
  const free = Math.floor((100 * (room - bytes)) / room);
  return `the image takes ${grouped(bytes)} bytes of the slot's ${grouped(room)}, ${free} % are free`;
}

function grouped(bytes: number): string {
  return bytes.toLocaleString('en-US');
}
