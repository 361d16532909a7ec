/** How large a board's image will be, by its JavaScript as linked and a native part as measured. */

import { fileURLToPath } from 'node:url';
import { appSlots } from './image-file.ts';

const TABLE = fileURLToPath(
  new URL('../../firmware/esp32/sdkconfig/partitions.csv', import.meta.url),
);
/** What an image may take of its slot: the rest is for what comes next. */
const PERCENT_MAX = 96;

/**
 * What is not JavaScript, in bytes: engine, SDK, Wi-Fi, lwIP, resources. Measured as the size of
 * `xs_esp32.bin` of a release build with ESP-IDF v6.0, less the JavaScript that `check:esp32` counts
 * for the same sources. Other chips were not linked yet; the Xtensa ones may be larger.
 */
const NATIVE_BYTES: Readonly<Record<string, number>> = Object.freeze({
  // An image of 1,721,104 bytes, of which its JavaScript took 633,213.
  'esp32/esp32c3': 1_087_900,
});

export interface Estimate {
  readonly bytes: number;
  readonly slotBytes: number;
  /** Of the slot, rounded up to a tenth. */
  readonly percent: number;
  readonly isOver: boolean;
}

/** @param scriptBytes the JavaScript in flash. @returns undefined for a chip that nobody measured */
export function estimateOf(board: string, scriptBytes: number): Estimate | undefined {
  const native = NATIVE_BYTES[board];
  if (native === undefined) return undefined;
  const bytes = native + scriptBytes;
  const slotBytes = Math.min(...appSlots(TABLE).map((slot) => slot.bytes));
  const isOver = bytes > (slotBytes * PERCENT_MAX) / 100;
  return { bytes, slotBytes, percent: Math.ceil((1000 * bytes) / slotBytes) / 10, isOver };
}

/** One line for people. */
export function estimateLine(board: string, { bytes, slotBytes, percent }: Estimate): string {
  const [image, slot] = [bytes, slotBytes].map((each) => each.toLocaleString('en-US'));
  return `${board}: the image takes about ${image} bytes, ${percent} % of the slot's ${slot}; at most ${PERCENT_MAX} %`;
}
