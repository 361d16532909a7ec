/**
 * The last word before the engine gives up, on an exception that nobody caught or out of memory: why
 * goes to flash, and the board restarts.
 */

import { addAbort } from '../boot/abort-log.ts';
import type { KeyValue, Power } from '../ports.ts';

const KEY = 'aborts';

export function installAbortHook(values: KeyValue, power: Power): void {
  const hook = (reason: string, error?: { message?: string }): void => {
    try {
      values.set(KEY, addAbort(values.get(KEY), `${reason}: ${error?.message ?? ''}`));
    } catch {
      // There may be no memory to say why.
    }
    power.restart();
  };
  (globalThis as unknown as { abort: typeof hook }).abort = hook;
}
