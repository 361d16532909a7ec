/**
 * The last word before the engine gives up, on an exception that nobody caught or out of memory: why
 * goes to flash, and the board restarts.
 */

import { ABORTS_KEY, addAbort } from '../mote/abort-log.ts';
import type { KeyValue, Power } from '../ports.ts';

export function installAbortHook(values: KeyValue, power: Power): void {
  const hook = (reason: string, error?: { message?: string }): void => {
    try {
      values.set(
        ABORTS_KEY,
        addAbort(values.get(ABORTS_KEY), `${reason}: ${error?.message ?? ''}`),
      );
    } catch {
      // There may be no memory to say why.
    }
    power.restart();
  };
  (globalThis as unknown as { abort: typeof hook }).abort = hook;
}
