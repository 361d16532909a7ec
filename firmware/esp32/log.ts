/** The serial log of a debug build; release builds drop it. */

export function log(line: string): void {
  trace(`${line}\n`);
}
