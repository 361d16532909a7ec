/** The keys of a terminal, each as it is pressed. */

/** The part of `process.stdin` that is used. */
export interface Keyboard {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
  off(event: 'data', listener: (text: string) => void): unknown;
}

/** In raw mode the terminal makes no signal of it. */
export const CTRL_C = '\u0003';

/**
 * @param pressed told of each key; never of any where the input is no terminal
 * @returns what gives the terminal back as it was
 */
export function listenToKeys(keyboard: Keyboard, pressed: (key: string) => void): () => void {
  if (keyboard.isTTY !== true || keyboard.setRawMode === undefined) return () => {};
  const listener = (text: string): void => {
    for (const key of text) pressed(key);
  };
  keyboard.setEncoding('utf8');
  keyboard.setRawMode(true);
  keyboard.on('data', listener);
  keyboard.resume();
  const release = (): void => {
    keyboard.off('data', listener);
    keyboard.setRawMode?.(false);
    keyboard.pause();
    process.off('exit', release);
  };
  process.once('exit', release);
  return release;
}
