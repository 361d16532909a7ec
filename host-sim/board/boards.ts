/** The boards that manifest.json knows, by the names that Moddable gives them. */

export const BOARDS: readonly string[] = Object.freeze([
  'esp32/nodemcu',
  'esp32/esp32c3',
  'esp32/esp32s3',
]);

/** @returns a board by its name, `esp32/` before it or not; undefined when it is not known */
export function boardNamed(name: string): string | undefined {
  return BOARDS.find((board) => board === name || board === `esp32/${name}`);
}
